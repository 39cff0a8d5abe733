//! Setting a password by a link, and changing it.

use crate::store::{Store, password, try_with};
use tenancy::{Error, Role};

pub(crate) async fn a_link_sets_a_password_once(store: Store) {
    let (tenancy, console, now) = (&store.tenancy, store.console(), store.now);
    let id = store.user("anna", Role::Support, None).await;
    let user = tenancy.user(&console, id).await.unwrap();
    assert!(!user.has_password);
    let stale = tenancy.reset_link(&console, id).await.unwrap();
    let link = tenancy.reset_link(&console, id).await.unwrap();
    let refused = tenancy.use_reset_link(&stale, &password(), None, now).await;
    assert!(matches!(refused, Err(Error::Refused)));
    let late = tenancy
        .use_reset_link(&link, &password(), None, store.after(24 * 3600))
        .await;
    assert!(matches!(late, Err(Error::Refused)));
    let weak = tenancy
        .use_reset_link(&link, &"anna12345678".into(), None, now)
        .await;
    assert!(matches!(weak, Err(Error::WeakPassword(_))));
    assert_eq!(
        tenancy
            .use_reset_link(&link, &password(), None, now)
            .await
            .unwrap(),
        id
    );
    let twice = tenancy.use_reset_link(&link, &password(), None, now).await;
    assert!(matches!(twice, Err(Error::Refused)));
    assert!(tenancy.principal(&link, now).await.is_err());

    // A link ends the sessions that somebody else may have.
    let session = store.login("anna", now).await.unwrap();
    store.asker(&session.token).await;
    let link = tenancy.reset_link(&console, id).await.unwrap();
    tenancy
        .use_reset_link(&link, &"a different one now".into(), None, now)
        .await
        .unwrap();
    assert!(tenancy.principal(&session.token, now).await.is_err());
    assert!(store.login("anna", now).await.is_err());

    let link = tenancy.reset_link(&console, id).await.unwrap();
    tenancy.set_user_disabled(&console, id, true).await.unwrap();
    let shut_out = tenancy.use_reset_link(&link, &password(), None, now).await;
    assert!(matches!(shut_out, Err(Error::Refused)));
}

pub(crate) async fn a_password_is_changed_by_who_knows_it(store: Store) {
    let (tenancy, now) = (&store.tenancy, store.now);
    let anna = store.logged_in("anna", Role::Support, None).await;
    let id = anna.principal.user.unwrap();
    let other = store.login("anna", now).await.unwrap();
    let link = tenancy.reset_link(&store.console(), id).await.unwrap();
    let new = || "a better one, surely".into();
    for it in 0..5 {
        let wrong = tenancy
            .change_password(&anna, &"not the old one".into(), &new())
            .await;
        assert!(matches!(wrong, Err(Error::LoginRefused)), "{it}: {wrong:?}");
    }
    let slowed = tenancy.change_password(&anna, &password(), &new()).await;
    assert!(
        matches!(slowed, Err(Error::TooManyTries { .. })),
        "{slowed:?}"
    );
    let anna = tenancy::Asker {
        now: store.after(60),
        ..anna
    };
    tenancy
        .change_password(&anna, &password(), &new())
        .await
        .unwrap();
    assert!(store.login("anna", store.after(60)).await.is_err());
    tenancy
        .login(&try_with("anna", new()), store.after(60))
        .await
        .unwrap();
    assert!(
        tenancy.principal(&other.token, now).await.is_err(),
        "the other session goes on"
    );
    assert_eq!(
        tenancy
            .sessions(&anna, id)
            .await
            .unwrap()
            .iter()
            .filter(|it| it.is_own)
            .count(),
        1
    );
    let stale = tenancy.use_reset_link(&link, &password(), None, now).await;
    assert!(
        matches!(stale, Err(Error::Refused)),
        "the old link still works"
    );
}
