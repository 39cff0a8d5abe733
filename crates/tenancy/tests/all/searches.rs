//! Searches that are kept.

use crate::store::Store;
use tenancy::{Asker, Error, NewSearch, Role, SearchId};

fn search(name: &str, is_shared: bool) -> NewSearch {
    NewSearch {
        name: name.to_owned(),
        question: "status:bounced after:yesterday".to_owned(),
        is_shared,
    }
}

async fn names(store: &Store, asker: &Asker) -> Vec<String> {
    let found = store.tenancy.searches(asker).await.unwrap();
    found.into_iter().map(|it| it.name).collect()
}

pub(crate) async fn a_search_is_its_owners(store: Store) {
    let tenancy = &store.tenancy;
    let anna = store.logged_in("anna", Role::Support, None).await;
    let berta = store.logged_in("berta", Role::Support, None).await;
    let id = tenancy
        .add_search(&anna, &search("mine", false))
        .await
        .unwrap();
    let twice = tenancy.add_search(&anna, &search("mine", false)).await;
    assert!(matches!(twice, Err(Error::Taken { what: "search", .. })));
    tenancy
        .add_search(&berta, &search("mine", false))
        .await
        .unwrap();
    for id in [id, SearchId(999)] {
        let set = tenancy
            .set_search(&berta, id, &search("taken over", false))
            .await;
        assert!(matches!(set, Err(Error::NotFound("search"))));
        let removed = tenancy.remove_search(&berta, id).await;
        assert!(matches!(removed, Err(Error::NotFound("search"))));
    }
    tenancy
        .set_search(&anna, id, &search("renamed", false))
        .await
        .unwrap();
    assert_eq!(names(&store, &anna).await, ["renamed"]);
    assert_eq!(names(&store, &berta).await, ["mine"]);
    tenancy.remove_search(&anna, id).await.unwrap();
    assert!(names(&store, &anna).await.is_empty());
    let auditor = store.logged_in("auditor", Role::Auditor, None).await;
    assert!(matches!(
        tenancy.add_search(&auditor, &search("x", false)).await,
        Err(Error::Forbidden(_))
    ));
}

pub(crate) async fn a_search_is_shared_with_the_customer(store: Store) {
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let other = store.customer("Other", &["other.example"], &[]).await;
    let boss = store
        .logged_in("boss", Role::CustomerAdmin, Some(acme))
        .await;
    let user = store
        .logged_in("user@acme.example", Role::MailboxUser, Some(acme))
        .await;
    let theirs = store
        .logged_in("theirs", Role::CustomerAdmin, Some(other))
        .await;
    let support = store.logged_in("support", Role::Support, None).await;
    let operator = store.logged_in("operator", Role::Operator, None).await;
    let lone = store
        .logged_in("lone@x.example", Role::MailboxUser, None)
        .await;
    let lone2 = store
        .logged_in("lone2@x.example", Role::MailboxUser, None)
        .await;
    for (asker, name) in [
        (&boss, "of boss"),
        (&support, "of support"),
        (&lone, "of lone"),
    ] {
        store
            .tenancy
            .add_search(asker, &search(name, true))
            .await
            .unwrap();
    }
    assert_eq!(names(&store, &user).await, ["of boss"]);
    assert!(names(&store, &theirs).await.is_empty());
    assert_eq!(names(&store, &operator).await, ["of support"]);
    assert_eq!(names(&store, &lone).await, ["of lone"]);
    assert!(names(&store, &lone2).await.is_empty());
}
