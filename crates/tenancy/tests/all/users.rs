//! Users and who may change them.

use crate::store::{Store, customer, user};
use tenancy::{
    CustomerId, Error, NewCustomer, NewSearch, NewUser, Page, Preferences, Reach, Right, Role,
    UserId,
};

pub(crate) async fn an_administrator_sees_his_customer_alone(store: Store) {
    let tenancy = &store.tenancy;
    let domains = ["acme.example", "Büro.example"];
    let acme = store
        .customer("Acme", &domains, &["solo@shared.example"])
        .await;
    let other = store.customer("Other", &["other.example"], &[]).await;
    let boss = store
        .logged_in("Boss@acme.example", Role::CustomerAdmin, Some(acme))
        .await;
    for (account, is_his) in [
        ("anna@acme.example", true),
        ("anna@xn--bro-hoa.example", true),
        ("solo@shared.example", true),
        ("anna@shared.example", false),
        ("anna@sub.acme.example", false),
        ("anna@other.example", false),
        ("acme.example", false),
        ("", false),
    ] {
        assert_eq!(boss.principal.reach.covers(account), is_his, "{account}");
    }
    let refused = tenancy.add_customer(&boss, &NewCustomer::default()).await;
    assert!(matches!(
        refused,
        Err(Error::Forbidden(Right::ManageCustomers))
    ));
    let listed = tenancy.customers(&boss, &Page::default()).await.unwrap();
    assert_eq!(listed.iter().map(|it| it.id).collect::<Vec<_>>(), [acme]);
    // What is another's cannot be told from what is not there.
    for id in [other, CustomerId(999)] {
        let page = Page::default();
        assert!(matches!(
            tenancy.customer(&boss, id).await,
            Err(Error::NotFound("customer"))
        ));
        assert!(matches!(
            tenancy.domains(&boss, id).await,
            Err(Error::NotFound("customer"))
        ));
        assert!(matches!(
            tenancy.accounts(&boss, id, &page).await,
            Err(Error::NotFound("customer"))
        ));
    }
    assert!(matches!(
        tenancy.owner_of(&boss, "other.example").await,
        Err(Error::NotFound(_))
    ));
}

pub(crate) async fn nobody_makes_users_above_himself(store: Store) {
    let tenancy = &store.tenancy;
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let mut made = 0;
    for role in Role::ALL {
        let of = (role == Role::CustomerAdmin || role == Role::MailboxUser).then_some(acme);
        let asker = store
            .logged_in(&format!("{role}@acme.example"), role, of)
            .await;
        for other in Role::ALL {
            let of = (!other.reaches_everything()).then_some(acme);
            let new = user(&format!("{role}-{other}@acme.example"), other, of);
            let may = role.may(Right::ManageUsers) && role.may_manage(other);
            let added = tenancy.add_user(&asker, &new).await;
            assert_eq!(added.is_ok(), may, "{role} adds {other}: {added:?}");
            made += usize::from(may);
            // Nor does he change, shut out or remove those that are there.
            let there = user(&format!("{other}-there-{role}@acme.example"), other, of);
            let there = tenancy.add_user(&store.console(), &there).await.unwrap();
            assert_eq!(
                tenancy.set_user_disabled(&asker, there, true).await.is_ok(),
                may
            );
            assert_eq!(tenancy.reset_link(&asker, there).await.is_ok(), may);
            assert_eq!(tenancy.set_user(&asker, there, &new).await.is_ok(), may);
            assert_eq!(tenancy.remove_user(&asker, there).await.is_ok(), may);
        }
    }
    assert_eq!(made, 6 + 3 + 2);
}

pub(crate) async fn a_user_of_another_customer_is_not_found(store: Store) {
    let tenancy = &store.tenancy;
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let other = store.customer("Other", &["other.example"], &[]).await;
    let boss = store
        .logged_in("boss", Role::CustomerAdmin, Some(acme))
        .await;
    let theirs = store
        .user("theirs@other.example", Role::MailboxUser, Some(other))
        .await;
    let operator = store.user("operator", Role::Operator, None).await;
    let own = store
        .user("own@acme.example", Role::MailboxUser, Some(acme))
        .await;
    for id in [theirs, operator, UserId(999)] {
        let not_found = |error| matches!(error, Error::NotFound("user"));
        assert!(not_found(tenancy.user(&boss, id).await.unwrap_err()));
        assert!(not_found(
            tenancy
                .set_user_disabled(&boss, id, true)
                .await
                .unwrap_err()
        ));
        assert!(not_found(tenancy.remove_user(&boss, id).await.unwrap_err()));
        assert!(not_found(tenancy.reset_link(&boss, id).await.unwrap_err()));
        assert!(not_found(tenancy.sessions(&boss, id).await.unwrap_err()));
        assert!(not_found(
            tenancy.end_sessions(&boss, id, None).await.unwrap_err()
        ));
        assert!(not_found(
            tenancy
                .remove_second_factor(&boss, id, None)
                .await
                .unwrap_err()
        ));
    }
    let listed = tenancy.users(&boss, None, &Page::default()).await.unwrap();
    let logins: Vec<&str> = listed.iter().map(|it| it.login.as_str()).collect();
    assert_eq!(logins, ["boss", "own@acme.example"]);
    assert!(
        tenancy
            .users(&boss, Some(other), &Page::default())
            .await
            .unwrap()
            .is_empty()
    );
    // He cannot put one of his own into another's house, nor give him another's mailbox.
    let moved = user("own@acme.example", Role::MailboxUser, Some(other));
    assert!(matches!(
        tenancy.set_user(&boss, own, &moved).await,
        Err(Error::NotFound("customer"))
    ));
    let nobodys = user("own@acme.example", Role::MailboxUser, None);
    assert!(matches!(
        tenancy.set_user(&boss, own, &nobodys).await,
        Err(Error::NotFound("customer"))
    ));
    let greedy = user("theirs@other.example", Role::MailboxUser, Some(acme));
    assert!(matches!(
        tenancy.set_user(&boss, own, &greedy).await,
        Err(Error::Invalid {
            what: "mailboxes",
            ..
        })
    ));
}

pub(crate) async fn the_last_owner_stays(store: Store) {
    let tenancy = &store.tenancy;
    let owner = store.logged_in("root", Role::Owner, None).await;
    let id = owner.principal.user.unwrap();
    let second = store.user("second", Role::Owner, None).await;
    let lesser = user("root", Role::Support, None);
    tenancy
        .set_user_disabled(&owner, second, true)
        .await
        .unwrap();
    assert!(matches!(
        tenancy.set_user_disabled(&owner, id, true).await,
        Err(Error::LastOwner)
    ));
    assert!(matches!(
        tenancy.set_user(&owner, id, &lesser).await,
        Err(Error::LastOwner)
    ));
    assert!(matches!(
        tenancy.remove_user(&owner, id).await,
        Err(Error::LastOwner)
    ));
    assert!(!tenancy.user(&owner, id).await.unwrap().disabled);
    tenancy
        .set_user_disabled(&owner, second, false)
        .await
        .unwrap();
    tenancy.set_user(&owner, id, &lesser).await.unwrap();
    assert_eq!(
        tenancy.user(&store.console(), id).await.unwrap().role,
        Role::Support
    );
}

pub(crate) async fn each_role_has_what_it_needs(store: Store) {
    let (tenancy, console) = (&store.tenancy, store.console());
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let box_of = |login: &str| user(login, Role::MailboxUser, Some(acme)).mailboxes;
    for new in [
        user("a", Role::Support, Some(acme)),
        user("b", Role::CustomerAdmin, None),
        NewUser {
            mailboxes: Vec::new(),
            ..user("c@acme.example", Role::MailboxUser, Some(acme))
        },
        NewUser {
            mailboxes: box_of("d@acme.example"),
            ..user("d", Role::Operator, None)
        },
        user("e@other.example", Role::MailboxUser, Some(acme)),
        user("with space", Role::Support, None),
        user("with:colon", Role::Support, None),
        user("", Role::Support, None),
    ] {
        let added = tenancy.add_user(&console, &new).await;
        assert!(
            matches!(added, Err(Error::Invalid { .. })),
            "{}: {added:?}",
            new.login
        );
    }
    let nowhere = user("f", Role::CustomerAdmin, Some(CustomerId(999)));
    assert!(matches!(
        tenancy.add_user(&console, &nowhere).await,
        Err(Error::NotFound("customer"))
    ));
    store.user("Anna", Role::Support, None).await;
    let twice = tenancy
        .add_user(&console, &user("aNNa", Role::Support, None))
        .await;
    assert!(matches!(twice, Err(Error::Taken { what: "login", .. })));

    let mailbox = store
        .logged_in("g@acme.example", Role::MailboxUser, Some(acme))
        .await;
    assert_eq!(
        mailbox.principal.reach,
        Reach::Mailboxes(box_of("g@acme.example").into())
    );
    // A domain that the customer loses is lost to his mailbox users too.
    tenancy
        .set_customer(&console, acme, &customer("Acme", &[], &[]))
        .await
        .unwrap();
    let session = store.login("g@acme.example", store.now).await.unwrap();
    let principal = store.asker(&session.token).await.principal;
    assert_eq!(principal.reach, Reach::Mailboxes(Vec::new().into()));
    assert!(!principal.reach.covers("g@acme.example"));
}

pub(crate) async fn who_changes_customer_takes_no_shared_search_along(store: Store) {
    let (tenancy, console) = (&store.tenancy, store.console());
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let other = store.customer("Other", &["other.example"], &[]).await;
    let anna = store
        .logged_in("anna", Role::CustomerAdmin, Some(acme))
        .await;
    let berta = store
        .logged_in("berta", Role::CustomerAdmin, Some(other))
        .await;
    let search = NewSearch {
        name: "late".to_owned(),
        question: "from:secret@acme.example".to_owned(),
        is_shared: true,
    };
    tenancy.add_search(&anna, &search).await.unwrap();
    let id = anna.principal.user.unwrap();
    let moved = user("anna", Role::CustomerAdmin, Some(other));
    tenancy.set_user(&console, id, &moved).await.unwrap();
    assert!(tenancy.searches(&berta).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_user_says_how_he_likes_it() {
    let store = Store::sqlite().await;
    let anna = store.logged_in("anna", Role::Support, None).await;
    let id = anna.principal.user.unwrap();
    let likes = Preferences {
        language: Some("it".to_owned()),
        time_zone: Some("Europe/Rome".to_owned()),
    };
    store.tenancy.set_preferences(&anna, &likes).await.unwrap();
    let user = store.tenancy.user(&anna, id).await.unwrap();
    assert_eq!(user.preferences, likes);
    assert!(user.has_password && !user.has_second_factor);
    assert_eq!(user.last_login, Some(store.now));
    let odd = Preferences {
        language: None,
        time_zone: Some("Mars/Olympus".to_owned()),
    };
    assert!(store.tenancy.set_preferences(&anna, &odd).await.is_err());
    let other = store.logged_in("carla", Role::Support, None).await;
    assert!(matches!(
        store.tenancy.user(&other, id).await,
        Err(Error::NotFound("user"))
    ));
}
