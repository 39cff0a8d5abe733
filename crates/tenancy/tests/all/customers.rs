//! Customers and what is theirs.

use crate::store::{Store, customer, owned};
use tenancy::{Asker, CustomerId, Error, KeyOwner, NewCustomer, Page, Right, Role};

pub(crate) async fn a_domain_has_one_owner(store: Store) {
    let (tenancy, console) = (&store.tenancy, store.console());
    let acme = store
        .customer("Acme", &["acme.example", "Büro.example"], &[])
        .await;
    let taken = customer("Other", &["other.example", "BÜRO.example."], &[]);
    match tenancy.add_customer(&console, &taken).await {
        Err(Error::DomainTaken { domain, customer }) => {
            assert_eq!((&*domain, &*customer), ("xn--bro-hoa.example", "Acme"));
        }
        other => panic!("{other:?}"),
    }
    // Nothing is half done: the name and the other domain are free.
    let other = store.customer("Other", &["other.example"], &[]).await;
    let named = tenancy
        .add_customer(&console, &customer("Acme", &[], &[]))
        .await;
    assert!(matches!(
        named,
        Err(Error::Taken {
            what: "customer",
            ..
        })
    ));
    let moved = customer("Other", &["acme.example"], &[]);
    let refused = tenancy.set_customer(&console, other, &moved).await;
    assert!(matches!(refused, Err(Error::DomainTaken { .. })));
    tenancy
        .set_customer(&console, acme, &customer("Acme", &[], &[]))
        .await
        .unwrap();
    tenancy.set_customer(&console, other, &moved).await.unwrap();
    let owner = tenancy
        .owner_of(&console, "anna@Acme.example")
        .await
        .unwrap();
    assert_eq!(owner, Some(other));
}

pub(crate) async fn an_address_is_its_domains(store: Store) {
    let (tenancy, console) = (&store.tenancy, store.console());
    store
        .customer("Acme", &["acme.example"], &["Solo@Shared.example"])
        .await;
    let refusals = [
        customer("One", &[], &["anna@acme.example"]),
        customer("Two", &["shared.example"], &[]),
        customer("Three", &[], &["solo@shared.example"]),
    ];
    for new in refusals {
        match tenancy.add_customer(&console, &new).await {
            Err(Error::DomainTaken { customer, .. }) => assert_eq!(customer, "Acme"),
            other => panic!("{}: {other:?}", new.name),
        }
    }
    let next = store.customer("Next", &[], &["next@shared.example"]).await;
    let owner = tenancy
        .owner_of(&console, "next@shared.example")
        .await
        .unwrap();
    assert_eq!(owner, Some(next));
    assert_eq!(
        tenancy.owner_of(&console, "shared.example").await.unwrap(),
        None
    );
}

pub(crate) async fn lists_are_made_as_told(store: Store) {
    let (tenancy, console) = (&store.tenancy, store.console());
    let id = store
        .customer("Acme", &["a.example", "b.example"], &["x@a.example"])
        .await;
    let changed = NewCustomer {
        class: Some("year".to_owned()),
        ..customer(
            " Acme Ltd ",
            &["c.example", "B.example", "b.example"],
            &["y@a.example"],
        )
    };
    tenancy.set_customer(&console, id, &changed).await.unwrap();
    assert_eq!(
        tenancy.domains(&console, id).await.unwrap(),
        ["b.example", "c.example"]
    );
    let accounts = tenancy
        .accounts(&console, id, &Page::default())
        .await
        .unwrap();
    assert_eq!(accounts, ["y@a.example"]);
    let acme = tenancy.customer(&console, id).await.unwrap();
    assert_eq!(
        (&*acme.name, acme.class.as_deref()),
        ("Acme Ltd", Some("year"))
    );
    assert_eq!((acme.domains, acme.accounts, acme.disabled), (2, 1, false));
    let nobody = tenancy
        .set_customer(&console, CustomerId(999), &changed)
        .await;
    assert!(matches!(nobody, Err(Error::NotFound("customer"))));
    let nameless = tenancy
        .set_customer(&console, id, &customer(" ", &[], &[]))
        .await;
    assert!(matches!(nameless, Err(Error::Invalid { .. })));
}

pub(crate) async fn pages_go_on_where_the_last_ended(store: Store) {
    let (tenancy, console) = (&store.tenancy, store.console());
    for it in 0..25 {
        store
            .customer(
                &format!("Customer {it:02}"),
                &[&format!("d{it}.example")],
                &[],
            )
            .await;
    }
    store.customer("100% _odd_", &[], &[]).await;
    let mut names = Vec::new();
    loop {
        let after = names.last().cloned().unwrap_or_default();
        let page = Page {
            text: "CUSTOMER".to_owned(),
            after,
            limit: 10,
        };
        let found = tenancy.customers(&console, &page).await.unwrap();
        if found.is_empty() {
            break;
        }
        names.extend(found.into_iter().map(|it| it.name));
    }
    assert_eq!(names.len(), 25);
    assert!(names.is_sorted());
    for (text, count) in [("% _", 1), ("_", 1), ("\\", 0), ("", 26), ("r 1", 10)] {
        let page = Page {
            text: text.to_owned(),
            ..Page::default()
        };
        let found = tenancy.customers(&console, &page).await.unwrap();
        assert_eq!(found.len(), count, "{text}");
    }
}

pub(crate) async fn retention_knows_the_class_of_each_domain(store: Store) {
    let new = NewCustomer {
        class: Some("week".to_owned()),
        ..customer("Short", &["s.example", "t.example"], &[])
    };
    store
        .tenancy
        .add_customer(&store.console(), &new)
        .await
        .unwrap();
    store.customer("Long", &["l.example"], &[]).await;
    let classes = store.tenancy.classes().await.unwrap();
    let pair = |domain: &str| (domain.to_owned(), "week".to_owned());
    assert_eq!(classes, [pair("s.example"), pair("t.example")]);
}

pub(crate) async fn who_is_removed_takes_his_users_with_him(store: Store) {
    let (tenancy, console, now) = (&store.tenancy, store.console(), store.now);
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let boss = store.user("boss", Role::CustomerAdmin, Some(acme)).await;
    let of_user = store.key(KeyOwner::User(boss), &[Right::ReadMail]).await;
    let of_customer = store
        .key(KeyOwner::Customer(acme), &[Right::ReadMail])
        .await;
    for key in [&of_user, &of_customer] {
        tenancy.principal(key, now).await.unwrap();
    }
    let refused = async |key| matches!(tenancy.principal(key, now).await, Err(Error::Refused));
    tenancy
        .set_customer_disabled(&console, acme, true)
        .await
        .unwrap();
    assert!(refused(&of_user).await && refused(&of_customer).await);
    tenancy
        .set_customer_disabled(&console, acme, false)
        .await
        .unwrap();
    assert!(!refused(&of_user).await && !refused(&of_customer).await);
    tenancy.remove_customer(&console, acme).await.unwrap();
    assert!(refused(&of_user).await && refused(&of_customer).await);
    assert!(matches!(
        tenancy.user(&console, boss).await,
        Err(Error::NotFound("user"))
    ));
    // The number is not given again, so nothing of the old one can come to a new one.
    let next = store.customer("Acme", &["acme.example"], &[]).await;
    assert!(next > acme);
    let asker = Asker { now, ..console };
    assert_eq!(
        tenancy.domains(&asker, next).await.unwrap(),
        owned(&["acme.example"])
    );
}
