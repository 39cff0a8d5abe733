//! The record of who did what.

use crate::store::{Store, password, try_with};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::json;
use tenancy::{Action, Asker, AuditFilter, CustomerId, Error, Right, Role};

pub(crate) async fn each_change_is_told(store: Store) {
    let (tenancy, console) = (&store.tenancy, store.console());
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let support = store.logged_in("support", Role::Support, None).await;
    let wrong = try_with("support", "not that one".into());
    assert!(tenancy.login(&wrong, store.now).await.is_err());
    let asker = Asker {
        address: "192.0.2.1".parse().ok(),
        ..support
    };
    let detail = json!({ "question": "to:anna@acme.example \"ünï\u{1F4E8}\"" });
    tenancy
        .record(&asker, Action::Search, Some(acme), detail.clone())
        .await
        .unwrap();
    // What fails leaves nothing.
    assert!(
        tenancy
            .remove_customer(&console, CustomerId(999))
            .await
            .is_err()
    );

    let entries = tenancy
        .audit(&console, &AuditFilter::default())
        .await
        .unwrap();
    let actions: Vec<&str> = entries.iter().map(|it| it.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "search",
            "login.failed",
            "login",
            "user.add",
            "customer.add"
        ]
    );
    assert_eq!(
        entries.iter().map(|it| it.entry).collect::<Vec<_>>(),
        [5, 4, 3, 2, 1]
    );
    let newest = &entries[0];
    assert_eq!((&*newest.name, &*newest.role), ("support", "support"));
    assert_eq!(newest.who, asker.principal.who.to_string());
    assert_eq!((newest.customer, &newest.detail), (Some(acme), &detail));
    assert_eq!(newest.address.as_deref(), Some("192.0.2.1"));
    assert_eq!((newest.at, &*entries[1].who), (store.now, "nobody"));
    assert!(!format!("{entries:?}").contains(password().expose()));
    let refused = tenancy.audit(&asker, &AuditFilter::default()).await;
    assert!(matches!(refused, Err(Error::Forbidden(Right::ReadAudit))));
    assert!(tenancy.verify_audit(&asker).await.is_err());
    let chain = tenancy.verify_audit(&console).await.unwrap();
    assert_eq!((chain.entries, chain.broken), (5, None));

    let huge = json!({ "question": "\u{1F4E8}\"".repeat(1 << 16) });
    tenancy
        .record(&asker, Action::Search, None, huge)
        .await
        .unwrap();
    let entries = tenancy
        .audit(
            &console,
            &AuditFilter {
                limit: 1,
                ..AuditFilter::default()
            },
        )
        .await
        .unwrap();
    assert!(entries[0].detail["cut"].is_string());
    assert!(entries[0].detail.to_string().len() <= 64 << 10);
}

pub(crate) async fn the_log_cannot_be_changed(store: Store) {
    fill(&store, 3).await;
    let mut changes = vec![
        "UPDATE audit SET name = 'somebody else'",
        "DELETE FROM audit WHERE entry = 3",
    ];
    if !store.is_sqlite() {
        changes.push("TRUNCATE audit");
    }
    for sql in changes {
        let error = store.force(sql).await.unwrap_err().to_string();
        assert!(error.contains("the audit log is not changed"), "{error}");
    }
    let chain = store.tenancy.verify_audit(&store.console()).await.unwrap();
    assert_eq!((chain.entries, chain.broken), (3, None));
}

pub(crate) async fn pages_are_the_newest_first(store: Store) {
    let tenancy = &store.tenancy;
    let anna = store.logged_in("anna", Role::Support, None).await;
    for it in 0..30 {
        let asker = if it % 3 == 0 {
            anna.clone()
        } else {
            store.console()
        };
        let asker = Asker {
            now: store.after(it),
            ..asker
        };
        let action = if it % 2 == 0 {
            Action::Search
        } else {
            Action::Trace
        };
        tenancy
            .record(
                &asker,
                action,
                Some(CustomerId(it % 5)),
                json!({ "it": it }),
            )
            .await
            .unwrap();
    }
    let read = async |filter: AuditFilter| {
        let entries = tenancy.audit(&store.console(), &filter).await.unwrap();
        entries
            .into_iter()
            .filter_map(|it| it.detail["it"].as_i64())
            .collect::<Vec<_>>()
    };
    let all = AuditFilter::default();
    let who = Some(anna.principal.who);
    assert_eq!(
        read(AuditFilter { who, ..all.clone() }).await,
        [27, 24, 21, 18, 15, 12, 9, 6, 3, 0]
    );
    let searches = AuditFilter {
        action: Some(Action::Search),
        customer: Some(CustomerId(2)),
        ..all.clone()
    };
    assert_eq!(read(searches).await, [22, 12, 2]);
    let (from, to) = (Some(store.after(10)), Some(store.after(13)));
    assert_eq!(
        read(AuditFilter {
            from,
            to,
            ..all.clone()
        })
        .await,
        [12, 11, 10]
    );
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let filter = AuditFilter {
            before,
            limit: 7,
            ..all.clone()
        };
        let page = tenancy.audit(&store.console(), &filter).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.entry);
        seen.extend(page.iter().map(|it| it.entry));
    }
    assert_eq!(seen, (1..=32).rev().collect::<Vec<_>>());
}

async fn fill(store: &Store, entries: i64) {
    for it in 0..entries {
        let asker = Asker {
            now: store.after(it),
            ..store.console()
        };
        store
            .tenancy
            .record(
                &asker,
                Action::Search,
                Some(CustomerId(it)),
                json!({ "it": it }),
            )
            .await
            .unwrap();
    }
}

/// Whoever has the database can take the triggers away; what he then changes is found.
pub(crate) async fn what_is_changed_by_force_is_found(store: Store) {
    const ENTRIES: i64 = 12;
    fill(&store, ENTRIES).await;
    let triggers = match store.is_sqlite() {
        true => "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_deleted",
        false => "DROP FUNCTION audit_is_not_changed CASCADE",
    };
    store.force(triggers).await.unwrap();
    store
        .force("CREATE TABLE kept AS SELECT * FROM audit")
        .await
        .unwrap();
    let verify = async || {
        store
            .tenancy
            .verify_audit(&store.console())
            .await
            .unwrap()
            .broken
    };
    assert_eq!(verify().await, None);
    for (at, change) in changes(ENTRIES) {
        store.force(&change).await.unwrap();
        assert_eq!(verify().await, Some(at), "{change}");
        store
            .force("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept")
            .await
            .unwrap();
        assert_eq!(verify().await, None, "put back after: {change}");
    }
    // The end is cut off and the count with it: the hash of the end is another's.
    let cut = format!(
        "DELETE FROM audit WHERE entry = {ENTRIES}; UPDATE audit_end SET entries = entries - 1"
    );
    store.force(&cut).await.unwrap();
    assert_eq!(verify().await, Some(ENTRIES));
}

/// Some changes of any entry, each with the first entry that it breaks.
fn changes(entries: i64) -> Vec<(i64, String)> {
    let columns = [
        "at", "who", "name", "role", "action", "customer", "detail", "address", "hash",
    ];
    let change = (1..=entries, 0..columns.len() + 2).prop_map(move |(at, which)| {
        let sql = match columns.get(which) {
            Some(&number @ ("at" | "customer")) => format!("UPDATE audit SET {number} = {number} + 1 WHERE entry = {at}"),
            Some(&"address") => format!("UPDATE audit SET address = '' WHERE entry = {at}"),
            Some(text) => format!("UPDATE audit SET {text} = {text} || 'x' WHERE entry = {at}"),
            None if which == columns.len() => format!("DELETE FROM audit WHERE entry = {at}"),
            // Fields that read the same, one after the other.
            None => format!("UPDATE audit SET who = who || substr(name, 1, 1), name = substr(name, 2) WHERE entry = {at}"),
        };
        (at, sql)
    });
    let mut runner = TestRunner::deterministic();
    let mut tree = || change.new_tree(&mut runner).unwrap().current();
    (0..40).map(|_| tree()).collect()
}

pub(crate) async fn many_at_once_make_one_chain(store: Store) {
    const AT_ONCE: i64 = 8;
    let store = std::sync::Arc::new(store);
    let mut tasks = tokio::task::JoinSet::new();
    for it in 0..AT_ONCE {
        let store = store.clone();
        tasks.spawn(async move {
            for _ in 0..10 {
                let detail = json!({ "task": it });
                store
                    .tenancy
                    .record(&store.console(), Action::Tail, None, detail)
                    .await
                    .unwrap();
            }
        });
    }
    tasks.join_all().await;
    let chain = store.tenancy.verify_audit(&store.console()).await.unwrap();
    assert_eq!((chain.entries, chain.broken), (10 * AT_ONCE, None));
}
