//! Reports on a schedule, of customers and of the whole installation.

use crate::store::Store;
use tenancy::{Error, NewRun, NewSchedule, Role, Schedule, ScheduleId};

fn schedule(store: &Store) -> NewSchedule {
    NewSchedule {
        name: "Monday".to_owned(),
        every: "week".to_owned(),
        day: 1,
        minute: 420,
        zone: "Europe/Rome".to_owned(),
        language: "it".to_owned(),
        receivers: vec![
            "Boss@Acme.example".to_owned(),
            "boss@acme.example".to_owned(),
        ],
        disabled: false,
        next_due: store.after(3_600),
    }
}

fn run(store: &Store, due: i64) -> NewRun {
    NewRun {
        due: store.after(due),
        missed: 0,
        before_from: store.after(-20),
        from: store.after(-10),
        until: store.now,
    }
}

pub(crate) async fn a_schedule_is_its_customers(store: Store) {
    let tenancy = &store.tenancy;
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let other = store.customer("Other", &["other.example"], &[]).await;
    let admin = Role::CustomerAdmin;
    let boss = store.logged_in("boss", admin, Some(acme)).await;
    let theirs = store.logged_in("theirs", admin, Some(other)).await;
    let operator = store.logged_in("operator", Role::Operator, None).await;
    let support = store.logged_in("support", Role::Support, None).await;
    let new = schedule(&store);
    let id = tenancy.add_schedule(&boss, Some(acme), &new).await.unwrap();
    for customer in [Some(acme), None] {
        let stranger = tenancy.add_schedule(&theirs, customer, &new).await;
        assert!(matches!(stranger, Err(Error::NotFound("customer"))));
        let stranger = tenancy.schedules(&theirs, customer).await;
        assert!(matches!(stranger, Err(Error::NotFound("customer"))));
        let unable = tenancy.add_schedule(&support, customer, &new).await;
        assert!(matches!(unable, Err(Error::Forbidden(_))));
    }
    let whole = tenancy.add_schedule(&operator, None, &new).await.unwrap();
    let it = tenancy.schedule(&boss, id).await.unwrap();
    assert_eq!(
        it.said.receivers,
        ["boss@acme.example"],
        "one is named twice"
    );
    assert_eq!(it.customer_name.as_deref(), Some("Acme"));
    for id in [id, whole, ScheduleId(999)] {
        let gone = Error::NotFound("schedule").to_string();
        let told = [
            tenancy.set_schedule(&theirs, id, &new).await.map(drop),
            tenancy.remove_schedule(&theirs, id).await.map(drop),
            tenancy.show_schedule(&theirs, id).await.map(drop),
            tenancy.schedule_runs(&theirs, id, 0).await.map(drop),
            tenancy
                .send_schedule(&theirs, &Schedule { id, ..it.clone() }, &run(&store, 0))
                .await
                .map(drop),
        ];
        for told in told {
            assert_eq!(told.unwrap_err().to_string(), gone);
        }
    }
    for odd in [
        "boss",
        "a b@acme.example",
        "a@acme.example\r\nBcc: eve@b.example",
        "",
    ] {
        let receivers = vec![odd.to_owned()];
        let odd_one = NewSchedule {
            receivers,
            ..new.clone()
        };
        let wrong = tenancy.add_schedule(&boss, Some(acme), &odd_one).await;
        assert!(matches!(wrong, Err(Error::Invalid { .. })), "{odd}");
    }
    assert_eq!(
        tenancy
            .schedules(&operator, Some(acme))
            .await
            .unwrap()
            .len(),
        1
    );
    tenancy.remove_schedule(&operator, id).await.unwrap();
    assert!(tenancy.schedule(&boss, id).await.is_err());
}

pub(crate) async fn a_report_is_begun_once_and_its_mails_are_noted(store: Store) {
    let tenancy = &store.tenancy;
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let boss = store
        .logged_in("boss", Role::CustomerAdmin, Some(acme))
        .await;
    let receivers = vec!["a@acme.example".to_owned(), "b@acme.example".to_owned()];
    let new = NewSchedule {
        receivers,
        ..schedule(&store)
    };
    let id = tenancy.add_schedule(&boss, Some(acme), &new).await.unwrap();
    assert!(
        tenancy
            .due_schedules(store.after(3_599), 9)
            .await
            .unwrap()
            .is_empty()
    );
    let now = store.after(3_600);
    let due = tenancy.due_schedules(now, 9).await.unwrap().remove(0);
    let begun = NewRun {
        due: now,
        ..run(&store, 0)
    };
    let begin = |next| tenancy.begin_run(&due, &begun, store.after(next), now);
    assert!(begin(7_200).await.unwrap());
    assert!(!begin(9_000).await.unwrap(), "another one has begun it");
    assert_eq!(
        tenancy.schedule(&boss, id).await.unwrap().said.next_due,
        store.after(7_200)
    );

    // No mail goes before it is counted.
    assert!(tenancy.due_schedule_mails(now, 9).await.unwrap().is_empty());
    let counted = tenancy.due_runs(now, 9).await.unwrap().remove(0);
    assert_eq!(
        (counted.schedule.id, counted.by_hand, counted.tries),
        (id, false, 0)
    );
    tenancy
        .run_failed(counted.id, "busy", Some(store.after(3_700)), now)
        .await
        .unwrap();
    assert!(tenancy.due_runs(now, 9).await.unwrap().is_empty());
    assert_eq!(
        tenancy.due_runs(store.after(3_700), 9).await.unwrap()[0].tries,
        1
    );
    tenancy.run_is_counted(counted.id, "hello").await.unwrap();
    let mails = tenancy.due_schedule_mails(now, 9).await.unwrap();
    assert_eq!((mails.len(), mails[0].message.as_str()), (2, "hello"));
    assert!(tenancy.begin_mail(&mails[0]).await.unwrap());
    assert!(
        !tenancy.begin_mail(&mails[0]).await.unwrap(),
        "another one sends it"
    );
    // Nobody knows how it ended.
    let again = tenancy.due_schedule_mails(now, 9).await.unwrap();
    assert_eq!((again[0].tries, again[0].unclear), (1, 1));
    assert!(tenancy.begin_mail(&again[0]).await.unwrap());
    tenancy
        .mail_failed(
            &again[0],
            ("450 busy", false),
            Some(store.after(3_800)),
            now,
        )
        .await
        .unwrap();
    let again = tenancy
        .due_schedule_mails(store.after(3_800), 9)
        .await
        .unwrap();
    let first = again.iter().find(|it| it.id == mails[0].id).unwrap();
    assert_eq!((first.tries, first.unclear), (2, 1), "the second is clear");
    tenancy.mail_is_sent(first, "250 taken", now).await.unwrap();
    let runs = tenancy.schedule_runs(&boss, id, 9).await.unwrap();
    assert_eq!(
        (runs[0].ended, runs[0].mails[0].state.as_str()),
        (None, "sent")
    );

    // What is changed sends no more of what it was.
    tenancy.set_schedule(&boss, id, &new).await.unwrap();
    assert!(
        tenancy
            .due_schedule_mails(store.after(9_999), 9)
            .await
            .unwrap()
            .is_empty()
    );
    let runs = tenancy.schedule_runs(&boss, id, 9).await.unwrap();
    assert!(runs[0].ended.is_some());
    assert_eq!(
        runs[0].mails[1].reply.as_deref(),
        Some("the report was changed")
    );

    // By hand it is sent at once, but not to annoy.
    let it = tenancy.schedule(&boss, id).await.unwrap();
    for due in 0..10 {
        tenancy
            .send_schedule(&boss, &it, &run(&store, due))
            .await
            .unwrap();
    }
    let more = tenancy.send_schedule(&boss, &it, &run(&store, 99)).await;
    assert!(
        matches!(more, Err(Error::TooManyTries { wait_secs: 3_600 })),
        "{more:?}"
    );
    assert!(
        tenancy
            .due_runs(store.now, 99)
            .await
            .unwrap()
            .iter()
            .all(|it| it.by_hand)
    );

    // Nobody who is shut out gets anything.
    tenancy
        .set_customer_disabled(&store.console(), acme, true)
        .await
        .unwrap();
    assert!(
        tenancy
            .due_runs(store.after(9_999), 99)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        tenancy
            .due_schedules(store.after(9_999), 99)
            .await
            .unwrap()
            .is_empty()
    );
}
