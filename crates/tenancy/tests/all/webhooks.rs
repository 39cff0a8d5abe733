//! Webhooks of customers.

use crate::store::Store;
use jiff::Timestamp;
use tenancy::{DeadEventId, Due, Error, NewWebhook, Place, Role, WEBHOOK_EVENTS, WebhookId};

fn webhook(url: &str) -> NewWebhook {
    NewWebhook {
        url: url.to_owned(),
        events: vec!["delivered".to_owned()],
        disabled: false,
    }
}

async fn due(store: &Store, now: Timestamp) -> Vec<Due> {
    store.tenancy.due_webhooks(now).await.unwrap()
}

pub(crate) async fn a_webhook_is_its_customers(store: Store) {
    let tenancy = &store.tenancy;
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let other = store.customer("Other", &["other.example"], &[]).await;
    let boss = store
        .logged_in("boss", Role::CustomerAdmin, Some(acme))
        .await;
    let theirs = store
        .logged_in("theirs", Role::CustomerAdmin, Some(other))
        .await;
    let support = store.logged_in("support", Role::Support, None).await;
    let new = webhook("https://acme.example/events");
    let (id, key) = tenancy.add_webhook(&boss, acme, &new).await.unwrap();
    assert_eq!(key.expose().len(), 64);
    let stranger = tenancy.add_webhook(&theirs, acme, &new).await;
    assert!(matches!(stranger, Err(Error::NotFound("customer"))));
    let unable = tenancy.add_webhook(&support, acme, &new).await;
    assert!(matches!(unable, Err(Error::Forbidden(_))));
    for id in [id, WebhookId(999)] {
        let gone = Error::NotFound("webhook").to_string();
        let set = tenancy.set_webhook(&theirs, id, &new).await;
        assert_eq!(set.unwrap_err().to_string(), gone);
        let removed = tenancy.remove_webhook(&theirs, id).await;
        assert_eq!(removed.unwrap_err().to_string(), gone);
        let replayed = tenancy.replay_webhook(&theirs, id, store.now).await;
        assert_eq!(replayed.unwrap_err().to_string(), gone);
        let dead = tenancy.dead_events(&theirs, id, DeadEventId(0), 0).await;
        assert_eq!(dead.unwrap_err().to_string(), gone);
        let again = tenancy.replay_dead_events(&theirs, id, None).await;
        assert_eq!(again.unwrap_err().to_string(), gone);
    }
    let listed = tenancy.webhooks(&boss, acme).await.unwrap();
    assert_eq!(listed[0].url, "https://acme.example/events");
    assert_eq!(listed[0].events, ["delivered"]);
    let all = NewWebhook {
        events: Vec::new(),
        disabled: true,
        ..new
    };
    tenancy.set_webhook(&boss, id, &all).await.unwrap();
    let listed = tenancy.webhooks(&boss, acme).await.unwrap();
    assert_eq!(listed[0].events, WEBHOOK_EVENTS);
    assert!(due(&store, store.now).await.is_empty(), "it is disabled");
    tenancy.remove_webhook(&boss, id).await.unwrap();
    assert!(tenancy.webhooks(&boss, acme).await.unwrap().is_empty());
    for url in [
        "ftp://acme.example/",
        "acme.example",
        "https://user@acme.example/",
        "",
    ] {
        let made = tenancy.add_webhook(&boss, acme, &webhook(url)).await;
        assert!(matches!(made, Err(Error::Invalid { .. })), "{url}");
    }
}

pub(crate) async fn who_sends_notes_how_far_a_receiver_is(store: Store) {
    let tenancy = &store.tenancy;
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let boss = store
        .logged_in("boss", Role::CustomerAdmin, Some(acme))
        .await;
    let new = webhook("https://acme.example/events");
    let (id, key) = tenancy.add_webhook(&boss, acme, &new).await.unwrap();
    let now = store.now;
    let first = due(&store, now).await.remove(0);
    assert_eq!((first.id, first.key.expose()), (id, key.expose()));
    let place = Place {
        moment: now.as_microsecond() + 5,
        row: u64::MAX - 1,
    };
    assert!(tenancy.webhook_has(&first, place).await.unwrap());
    assert_eq!(due(&store, now).await[0].place, place);

    let later = store.after(300);
    let failed = tenancy.webhook_failed(&first, place, (1, later), "answered 500");
    failed.await.unwrap();
    assert!(due(&store, now).await.is_empty(), "it waits");
    assert_eq!(due(&store, later).await[0].tries, 1);
    let listed = tenancy.webhooks(&boss, acme).await.unwrap().remove(0);
    assert_eq!(listed.failure.as_deref(), Some("answered 500"));
    assert_eq!(listed.next_try, Some(later));

    // Who still sends by the old place does not set the new one back.
    tenancy.replay_webhook(&boss, id, now).await.unwrap();
    assert!(!tenancy.webhook_has(&first, place).await.unwrap());
    let again = due(&store, now).await.remove(0);
    assert_eq!(again.place.moment, now.as_microsecond() - 1);

    for event in ["one", "two"] {
        let kept = tenancy.keep_dead_event(&again, event, "{}", ("answered 500", now));
        kept.await.unwrap();
    }
    assert!(tenancy.wanted_dead_event(&again).await.unwrap().is_none());
    let dead = tenancy
        .dead_events(&boss, id, DeadEventId(0), 0)
        .await
        .unwrap();
    let second = tenancy
        .replay_dead_events(&boss, id, Some(dead[1].id))
        .await;
    assert_eq!(second.unwrap(), 1);
    let wanted = tenancy.wanted_dead_event(&again).await.unwrap().unwrap();
    assert_eq!(wanted.event, "two");
    tenancy
        .dead_event_was_sent(wanted.id, Some("answered 502"))
        .await
        .unwrap();
    assert!(tenancy.wanted_dead_event(&again).await.unwrap().is_none());
    assert_eq!(
        tenancy.replay_dead_events(&boss, id, None).await.unwrap(),
        2
    );
    tenancy.dead_event_was_sent(wanted.id, None).await.unwrap();
    let dead = tenancy
        .dead_events(&boss, id, DeadEventId(0), 0)
        .await
        .unwrap();
    assert_eq!(dead.len(), 1);

    tenancy
        .set_customer_disabled(&store.console(), acme, true)
        .await
        .unwrap();
    assert!(
        due(&store, later).await.is_empty(),
        "the customer is shut out"
    );
}
