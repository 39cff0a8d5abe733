//! How long it takes to know who asks, with ten thousand customers.
//!
//! Not how long a question takes, and not how a network is.

use crate::store::{Store, key};
use std::time::{Duration, Instant};
use tenancy::{Asker, CustomerId, KeyOwner, NewCustomer, Page, Reach, Right, Role};

/// Ten thousand customers of a domain and ten accounts each, as one would never add them.
const FILL: &str = "
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
    INSERT INTO customers (id, name, class, disabled, created) SELECT i + 100, 'Customer ' || i, NULL, 0, 0 FROM n;
    INSERT INTO domains (domain, customer) SELECT 'd' || id || '.example', id FROM customers WHERE id > 100;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
    INSERT INTO accounts (address, domain, customer)
        SELECT 'user' || i || '@' || domain, domain, customer FROM domains, n WHERE customer > 100;
";

#[expect(clippy::disallowed_methods, reason = "it is measured")]
async fn timed<T>(what: &str, times: u32, mut work: impl AsyncFnMut() -> T) -> Duration {
    let mut took = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        work().await;
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    let (middle, worst) = (took[took.len() / 2], took[took.len() - 1]);
    eprintln!("{what}: p50 {middle:?}, max {worst:?} of {times}");
    middle
}

/// A key and a session of a customer with a thousand domains, in memory and not.
pub(crate) async fn who_asks_is_known_at_once(store: Store) {
    let (tenancy, console) = (&store.tenancy, store.console());
    let large = NewCustomer {
        name: "Large".to_owned(),
        domains: (0..1000).map(|it| format!("large{it}.example")).collect(),
        ..NewCustomer::default()
    };
    let large = tenancy.add_customer(&console, &large).await.unwrap();
    store.force(FILL.trim()).await.unwrap();
    let boss = store
        .logged_in("boss", Role::CustomerAdmin, Some(large))
        .await;
    let session = store.login("boss", store.now).await.unwrap().token;
    let of_large = store
        .key(KeyOwner::Customer(large), &[Right::ReadMail])
        .await;
    let of_small = store
        .key(KeyOwner::Customer(CustomerId(5000)), &[Right::ReadMail])
        .await;
    let Reach::Domains { domains, .. } = &boss.principal.reach else {
        panic!("{:?}", boss.principal.reach)
    };
    assert_eq!(domains.len(), 1000);

    let mut now = 0;
    for (what, token) in [
        ("key", &of_large),
        ("session", &session),
        ("key of a small one", &of_small),
    ] {
        tenancy.principal(token, store.now).await.unwrap();
        let known = async || tenancy.principal(token, store.now).await.unwrap();
        let middle = timed(&format!("{what}, in memory"), 1000, known).await;
        assert!(middle < Duration::from_millis(1), "{what}: {middle:?}");
        let read = async || {
            now += 10;
            tenancy.principal(token, store.after(now)).await.unwrap()
        };
        timed(&format!("{what}, read again with its reach"), 100, read).await;
    }
    let page = Page {
        text: "customer 99".to_owned(),
        ..Page::default()
    };
    timed("a page of customers", 10, async || {
        tenancy.customers(&console, &page).await.unwrap()
    })
    .await;
    let owner = async || {
        tenancy
            .owner_of(&console, "user7@d5000.example")
            .await
            .unwrap()
    };
    assert_eq!(owner().await, Some(CustomerId(5000)));
    timed("whose an address is", 100, owner).await;
    timed("a key is made", 20, async || {
        let new = key("one more", KeyOwner::Customer(large), &[Right::ReadMail]);
        tenancy.add_key(&console, &new).await.unwrap()
    })
    .await;
    let auditor = Asker { ..console.clone() };
    let noted = async || {
        let detail = serde_json::json!({ "question": "to:anna@large7.example status:bounced" });
        tenancy
            .record(&auditor, tenancy::Action::Search, Some(large), detail)
            .await
            .unwrap();
    };
    timed("a search is noted", 200, noted).await;
}
