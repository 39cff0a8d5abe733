//! Keys of programs.

use crate::store::{Store, key, user};
use tenancy::{Asker, Error, KeyOwner, NewKey, Reach, Right, Role, Tenancy, Who};

pub(crate) async fn a_key_may_what_it_was_given(store: Store) {
    let (tenancy, console) = (&store.tenancy, store.console());
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let new = key(
        "shop",
        KeyOwner::Customer(acme),
        &[Right::ReadEvents, Right::SendEvents],
    );
    let (id, secret) = tenancy.add_key(&console, &new).await.unwrap();
    let shop = store.asker(&secret).await;
    assert_eq!(shop.principal.who, Who::Key(id));
    assert_eq!(
        (&*shop.principal.name, shop.principal.customer),
        ("shop", Some(acme))
    );
    assert_eq!(shop.principal.rights, new.rights);
    assert!(!shop.principal.may(Right::ReadMail));
    assert!(shop.principal.reach.covers("anna@acme.example"));
    assert!(!shop.principal.reach.covers("anna@other.example"));
    let listed = tenancy
        .keys(&console, KeyOwner::Customer(acme))
        .await
        .unwrap();
    assert_eq!(listed.len(), 1);
    assert!(secret.expose().starts_with(&listed[0].begins));
    assert_eq!(
        (listed[0].last_used, listed[0].revoked),
        (Some(store.now), None)
    );

    // A user's key loses what its owner loses.
    let operator = store.logged_in("operator", Role::Operator, None).await;
    let owner = KeyOwner::User(operator.principal.user.unwrap());
    let own = key("own", owner, &[Right::ReadMail, Right::RunUpkeep]);
    let (_, secret) = tenancy.add_key(&operator, &own).await.unwrap();
    assert_eq!(
        store.asker(&secret).await.principal.reach,
        Reach::Everything
    );
    let support = user("operator", Role::Support, None);
    tenancy
        .set_user(&console, operator.principal.user.unwrap(), &support)
        .await
        .unwrap();
    let principal = store.asker(&secret).await.principal;
    assert!(principal.may(Right::ReadMail) && !principal.may(Right::RunUpkeep));
}

pub(crate) async fn a_key_cannot_give_more_than_it_has(store: Store) {
    let tenancy = &store.tenancy;
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let other = store.customer("Other", &["other.example"], &[]).await;
    let owner = store.logged_in("root", Role::Owner, None).await;
    let id = owner.principal.user.unwrap();
    let rights = [Right::ManageKeys, Right::ManageUsers, Right::ReadEvents];
    let (_, secret) = tenancy
        .add_key(&owner, &key("provision", KeyOwner::User(id), &rights))
        .await
        .unwrap();
    let program = store.asker(&secret).await;
    let more = key("more", KeyOwner::User(id), &[Right::ReadMail]);
    let refused = tenancy.add_key(&program, &more).await;
    assert!(
        matches!(refused, Err(Error::Forbidden(Right::ReadMail))),
        "{refused:?}"
    );
    let made = tenancy
        .add_user(&program, &user("new", Role::Owner, None))
        .await;
    assert!(
        matches!(made, Err(Error::RoleForbidden(Role::Owner))),
        "{made:?}"
    );
    let own = tenancy
        .set_user(&program, id, &user("root", Role::Owner, None))
        .await;
    assert!(
        matches!(own, Err(Error::RoleForbidden(Role::Owner))),
        "{own:?}"
    );
    tenancy
        .add_user(&program, &user("boss", Role::CustomerAdmin, Some(acme)))
        .await
        .unwrap();
    // Nor does it change how its owner logs in.
    assert!(tenancy.enrol_second_factor(&program).await.is_err());
    assert!(
        tenancy
            .change_password(&program, &"".into(), &"something quite else".into())
            .await
            .is_err()
    );
    assert!(tenancy.end_sessions(&program, id, None).await.is_err());

    // A customer's administrator makes none for others, or for what his role may not.
    let boss = store
        .logged_in("second", Role::CustomerAdmin, Some(acme))
        .await;
    let theirs = key("theirs", KeyOwner::Customer(other), &[Right::ReadMail]);
    assert!(matches!(
        tenancy.add_key(&boss, &theirs).await,
        Err(Error::NotFound("customer"))
    ));
    let high = key("high", KeyOwner::Customer(acme), &[Right::ReadAudit]);
    assert!(matches!(
        tenancy.add_key(&boss, &high).await,
        Err(Error::Forbidden(Right::ReadAudit))
    ));
    let of_owner = key("of owner", KeyOwner::User(id), &[Right::ReadMail]);
    assert!(matches!(
        tenancy.add_key(&boss, &of_owner).await,
        Err(Error::NotFound("user"))
    ));
    let none = key("none", KeyOwner::Customer(acme), &[]);
    assert!(matches!(
        tenancy.add_key(&boss, &none).await,
        Err(Error::Invalid { .. })
    ));
    let (their_key, _) = tenancy.add_key(&store.console(), &theirs).await.unwrap();
    assert!(matches!(
        tenancy.revoke_key(&boss, their_key).await,
        Err(Error::NotFound("key"))
    ));
}

pub(crate) async fn a_key_ends(store: Store) {
    let (tenancy, console, now) = (&store.tenancy, store.console(), store.now);
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let new = NewKey {
        expires: Some(store.after(100)),
        ..key("short", KeyOwner::Customer(acme), &[Right::ReadMail])
    };
    let (_, short) = tenancy.add_key(&console, &new).await.unwrap();
    tenancy.principal(&short, store.after(99)).await.unwrap();
    assert!(matches!(
        tenancy.principal(&short, store.after(100)).await,
        Err(Error::Refused)
    ));
    let past = NewKey {
        expires: Some(now),
        ..new.clone()
    };
    assert!(matches!(
        tenancy.add_key(&console, &past).await,
        Err(Error::Invalid { .. })
    ));

    let (id, secret) = tenancy
        .add_key(
            &console,
            &NewKey {
                expires: None,
                ..new
            },
        )
        .await
        .unwrap();
    tenancy.principal(&secret, now).await.unwrap();
    tenancy.revoke_key(&console, id).await.unwrap();
    assert!(matches!(
        tenancy.principal(&secret, now).await,
        Err(Error::Refused)
    ));

    // A text that is nearly a key is none, whatever is in memory.
    let good = store
        .key(KeyOwner::Customer(acme), &[Right::ReadMail])
        .await;
    tenancy.principal(&good, now).await.unwrap();
    let mut text = good.expose().to_owned();
    let last = text.pop().unwrap();
    text.push(if last == '0' { '1' } else { '0' });
    for other in [
        text.as_str(),
        "",
        "wb_key_",
        &good.expose().replace("key", "session"),
    ] {
        assert!(matches!(
            tenancy.principal(&other.into(), now).await,
            Err(Error::Refused)
        ));
    }
}

pub(crate) async fn a_change_elsewhere_is_seen_within_seconds(store: Store) {
    let elsewhere = Tenancy::open(&store.url).await.unwrap();
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let secret = store
        .key(KeyOwner::Customer(acme), &[Right::ReadMail])
        .await;
    elsewhere.principal(&secret, store.now).await.unwrap();
    let id = store
        .tenancy
        .keys(&store.console(), KeyOwner::Customer(acme))
        .await
        .unwrap()[0]
        .id;
    store
        .tenancy
        .revoke_key(&store.console(), id)
        .await
        .unwrap();
    let later = Asker {
        now: store.after(10),
        ..store.console()
    };
    assert!(matches!(
        elsewhere.principal(&secret, later.now).await,
        Err(Error::Refused)
    ));
}
