//! Alerts of customers and of the whole installation.

use crate::store::Store;
use tenancy::{AlertId, Error, Finding, NewAlert, Role, Watched};

fn alert(name: &str) -> NewAlert {
    NewAlert {
        name: name.to_owned(),
        kind: "search".to_owned(),
        question: "kind:bounced".to_owned(),
        by: Some("account".to_owned()),
        threshold: 5,
        percent: 0,
        window_secs: 3_600,
        quiet_secs: 14_400,
        receivers: vec![
            "https://acme.example/told".to_owned(),
            "mailto:boss@acme.example".to_owned(),
        ],
        disabled: false,
    }
}

async fn watched(store: &Store) -> Vec<Watched> {
    let now = store.after(86_400);
    store.tenancy.due_alerts((now, now), 10).await.unwrap()
}

pub(crate) async fn an_alert_is_its_customers(store: Store) {
    let tenancy = &store.tenancy;
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let other = store.customer("Other", &["other.example"], &[]).await;
    let admin = Role::CustomerAdmin;
    let boss = store.logged_in("boss", admin, Some(acme)).await;
    let theirs = store.logged_in("theirs", admin, Some(other)).await;
    let operator = store.logged_in("operator", Role::Operator, None).await;
    let support = store.logged_in("support", Role::Support, None).await;
    let new = alert("bounces");
    let (id, key) = tenancy.add_alert(&boss, Some(acme), &new).await.unwrap();
    assert_eq!(key.expose().len(), 64);
    for customer in [Some(acme), None] {
        let stranger = tenancy.add_alert(&theirs, customer, &new).await;
        assert!(matches!(stranger, Err(Error::NotFound("customer"))));
        let stranger = tenancy.alerts(&theirs, customer).await;
        assert!(matches!(stranger, Err(Error::NotFound("customer"))));
        let unable = tenancy.add_alert(&support, customer, &new).await;
        assert!(matches!(unable, Err(Error::Forbidden(_))));
    }
    let whole = tenancy.add_alert(&operator, None, &new).await.unwrap().0;
    for id in [id, whole, AlertId(999)] {
        let gone = Error::NotFound("alert").to_string();
        let set = tenancy.set_alert(&theirs, id, &new).await;
        assert_eq!(set.unwrap_err().to_string(), gone);
        let removed = tenancy.remove_alert(&theirs, id).await;
        assert_eq!(removed.unwrap_err().to_string(), gone);
        let tested = tenancy.test_alert(&theirs, id).await;
        assert_eq!(tested.unwrap_err().to_string(), gone);
        let told = tenancy.firings(&theirs, id, 0).await;
        assert_eq!(told.unwrap_err().to_string(), gone);
    }
    let listed = tenancy.alerts(&boss, Some(acme)).await.unwrap();
    assert_eq!((listed.len(), listed[0].customer), (1, Some(acme)));
    assert_eq!(listed[0].rule, new);
    assert_eq!(tenancy.alerts(&operator, None).await.unwrap()[0].id, whole);
    assert_eq!(
        tenancy.test_alert(&boss, id).await.unwrap().1.expose(),
        key.expose()
    );
    assert_eq!(watched(&store).await.len(), 2);

    let console = store.console();
    let shut_out = tenancy.set_customer_disabled(&console, acme, true).await;
    shut_out.unwrap();
    assert_eq!(watched(&store).await[0].alert.id, whole);
    let disabled = NewAlert {
        disabled: true,
        ..alert("bounces")
    };
    let set = tenancy.set_alert(&operator, whole, &disabled).await;
    set.unwrap();
    assert!(watched(&store).await.is_empty());
    tenancy.remove_customer(&console, acme).await.unwrap();
    let removed = tenancy.remove_alert(&operator, id).await;
    assert!(matches!(removed, Err(Error::NotFound("alert"))));

    let none = Vec::new();
    let many = vec!["mailto:a@b.example".to_owned(); 11];
    let odd = vec!["mailto:a@b.example\r\nBcc: c@d.example".to_owned()];
    for receivers in [none, many, odd] {
        let new = NewAlert {
            receivers,
            ..alert("bounces")
        };
        let made = tenancy.add_alert(&operator, None, &new).await;
        assert!(matches!(made, Err(Error::Invalid { .. })));
    }
}

pub(crate) async fn what_was_found_is_kept_with_what_is_to_be_told(store: Store) {
    let tenancy = &store.tenancy;
    let console = store.console();
    let (id, key) = tenancy
        .add_alert(&console, None, &alert("bounces"))
        .await
        .unwrap();
    let now = store.now;
    let first = watched(&store).await.remove(0);
    let message = |receiver: &str| (receiver.to_owned(), "{}".to_owned());
    let (hook, mail) = ("https://acme.example/told", "mailto:boss@acme.example");
    let firing = Finding {
        state: "one".to_owned(),
        firing_since: Some(now),
        evidence: Some("{\"count\":5}".to_owned()),
        trouble: None,
        messages: vec![message(hook), message(mail), message(hook)],
    };
    assert!(tenancy.note_finding(&first, &firing, now).await.unwrap());
    let since = now.checked_sub(jiff::SignedDuration::from_secs(1)).unwrap();
    assert!(
        tenancy
            .due_alerts((since, now), 10)
            .await
            .unwrap()
            .is_empty()
    );
    let put_back = tenancy.due_alerts((since, since), 10).await.unwrap();
    assert_eq!(put_back.len(), 1, "the clock was put back");
    let second = watched(&store).await.remove(0);
    assert_eq!(second.state, "one");
    assert_eq!(second.alert.firing_since, Some(now));
    assert_eq!(second.alert.evidence, firing.evidence);
    let due = tenancy.due_alert_messages(now, 10).await.unwrap();
    assert_eq!((due.len(), due[0].key.expose()), (2, key.expose()));

    let later = store.after(300);
    let failed = tenancy.alert_message_failed(&due[0], "answered 500", later);
    failed.await.unwrap();
    tenancy.alert_message_is_done(&due[1], None).await.unwrap();
    assert!(
        tenancy
            .due_alert_messages(now, 10)
            .await
            .unwrap()
            .is_empty()
    );
    let again = tenancy.due_alert_messages(later, 10).await.unwrap();
    assert_eq!((again.len(), again[0].tries), (1, 1), "one after the other");
    let done = tenancy.alert_message_is_done(&again[0], Some("answered 500"));
    done.await.unwrap();
    let next = tenancy.due_alert_messages(later, 10).await.unwrap();
    assert_eq!((next.len(), next[0].tries), (1, 0));
    let listed = tenancy.alert(&console, id).await.unwrap();
    assert_eq!(listed.failure.as_deref(), Some("answered 500"));

    let over = Finding::default();
    assert!(tenancy.note_finding(&second, &over, later).await.unwrap());
    let told = tenancy.firings(&console, id, 10).await.unwrap();
    assert_eq!((told[0].began, told[0].ended), (now, Some(later)));
    assert_eq!(told[0].evidence, "{\"count\":5}");

    // What was found by a rule that has changed meanwhile is nobody's.
    let stale = watched(&store).await.remove(0);
    tenancy
        .set_alert(&console, id, &alert("other"))
        .await
        .unwrap();
    assert!(!tenancy.note_finding(&stale, &firing, later).await.unwrap());
    assert!(
        tenancy
            .due_alert_messages(later, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(tenancy.firings(&console, id, 10).await.unwrap().len(), 1);
}
