//! Sessions: how they begin and end.

use crate::store::{Store, password, try_with};
use serde_json::json;
use tenancy::{Action, Asker, AuditFilter, Error, Login, Role, Vouched};

pub(crate) async fn a_session_ends_by_itself(store: Store) {
    let tenancy = &store.tenancy;
    store.logged_in("anna", Role::Support, None).await;
    let session = store.login("anna", store.now).await.unwrap();
    let hour = 3600;
    let is_good = async |secs| {
        tenancy
            .principal(&session.token, store.after(secs))
            .await
            .is_ok()
    };
    assert!(is_good(0).await);
    assert!(is_good(11 * hour).await);
    assert!(is_good(22 * hour).await);
    assert!(!is_good(34 * hour + 60).await, "idle for twelve hours");

    let session = store.login("anna", store.now).await.unwrap();
    let is_good = async |secs| {
        tenancy
            .principal(&session.token, store.after(secs))
            .await
            .is_ok()
    };
    for it in 1..7 * 24 {
        assert!(is_good(it * hour).await, "{it}");
    }
    assert_eq!(session.expires, store.after(7 * 24 * hour));
    assert!(!is_good(7 * 24 * hour).await, "a week has gone");
}

pub(crate) async fn a_session_is_ended(store: Store) {
    let tenancy = &store.tenancy;
    let one = store.logged_in("anna", Role::Support, None).await;
    let id = one.principal.user.unwrap();
    let mut tokens = Vec::new();
    for it in 0..4 {
        let login = Login {
            address: "192.0.2.7".parse().ok(),
            ..try_with("anna", password())
        };
        tokens.push(tenancy.login(&login, store.after(it)).await.unwrap().token);
    }
    let sessions = tenancy.sessions(&one, id).await.unwrap();
    assert_eq!(sessions.len(), 5);
    assert_eq!(sessions.iter().filter(|it| it.is_own).count(), 1);
    assert_eq!(sessions[0].address.as_deref(), Some("192.0.2.7"));
    assert!(tokens[3].expose().contains(&sessions[0].handle));

    let is_good = async |token| tenancy.principal(token, store.now).await.is_ok();
    tenancy
        .end_sessions(&one, id, Some(&sessions[0].handle))
        .await
        .unwrap();
    assert!(!is_good(&tokens[3]).await && is_good(&tokens[2]).await);
    tenancy
        .logout(&store.asker(&tokens[2]).await)
        .await
        .unwrap();
    assert!(!is_good(&tokens[2]).await && is_good(&tokens[1]).await);
    tenancy.end_sessions(&one, id, None).await.unwrap();
    assert!(!is_good(&tokens[1]).await && !is_good(&tokens[0]).await);
    assert_eq!(tenancy.sessions(&one, id).await.unwrap().len(), 1);

    tenancy
        .set_user_disabled(&store.console(), id, true)
        .await
        .unwrap();
    let again = store.login("anna", store.now).await;
    assert!(matches!(again, Err(Error::LoginRefused)), "{again:?}");
    let stale = Asker {
        now: store.after(1),
        ..one
    };
    assert!(tenancy.sessions(&stale, id).await.unwrap().is_empty());
}

pub(crate) async fn guessing_is_slowed_down(store: Store) {
    let tenancy = &store.tenancy;
    store.logged_in("anna", Role::Support, None).await;
    let from = |it: u8| Some([192, 0, 2, it].into());
    for login in ["anna", "nobody"] {
        for it in 0..5 {
            let guess = Login {
                address: from(it),
                ..try_with(login, "a guess, and no good one".into())
            };
            let refused = tenancy.login(&guess, store.now).await;
            assert!(matches!(refused, Err(Error::LoginRefused)), "{refused:?}");
        }
        let right = Login {
            address: from(9),
            ..try_with(login, password())
        };
        let refused = tenancy.login(&right, store.now).await;
        assert!(
            matches!(refused, Err(Error::TooManyTries { wait_secs: 1 })),
            "{refused:?}"
        );
    }
    let right = Login {
        address: from(9),
        ..try_with("anna", password())
    };
    tenancy.login(&right, store.after(1)).await.unwrap();
    tenancy.login(&right, store.after(1)).await.unwrap();
}

pub(crate) async fn a_provider_answers_for_who_logs_in(store: Store) {
    let (tenancy, console) = (&store.tenancy, store.console());
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let anna = store
        .user("anna@acme.example", Role::CustomerAdmin, Some(acme))
        .await;
    let provider = "https://login.acme.example";
    let vouched = |login: &'static str| Vouched {
        login,
        by: provider,
        address: Some([192, 0, 2, 1].into()),
    };
    let login = async |login| tenancy.login_vouched(&vouched(login), store.now).await;
    let session = login("Anna@ACME.example").await.unwrap();
    let asker = store.asker(&session.token).await;
    assert_eq!(asker.user().unwrap(), anna);
    assert_eq!(tenancy.sessions(&asker, anna).await.unwrap().len(), 1);
    for unknown in ["nobody", "", "anna acme", "anna"] {
        let refused = login(unknown).await;
        assert!(matches!(refused, Err(Error::LoginRefused)), "{unknown}");
    }
    for is_disabled in [true, false] {
        let set = tenancy.set_user_disabled(&console, anna, is_disabled).await;
        set.unwrap();
        let refused = login("anna@acme.example").await;
        assert_eq!(refused.is_err(), is_disabled);
    }
    let shut_out = tenancy.set_customer_disabled(&console, acme, true).await;
    shut_out.unwrap();
    let refused = login("anna@acme.example").await;
    assert!(matches!(refused, Err(Error::LoginRefused)));

    let of = |action| AuditFilter {
        action: Some(action),
        ..AuditFilter::default()
    };
    let logins = tenancy.audit(&console, &of(Action::Login)).await.unwrap();
    assert_eq!(logins.len(), 2);
    assert_eq!(logins[0].name, "anna@acme.example");
    assert_eq!(logins[0].detail, json!({ "openid": provider }));
    let failed = tenancy.audit(&console, &of(Action::LoginFailed)).await;
    let failed = failed.unwrap();
    assert_eq!(failed.len(), 6);
    let nobody = json!({ "login": "nobody", "wrong": "login", "openid": provider });
    assert_eq!(failed[5].detail, nobody);
}

pub(crate) async fn who_is_shut_out_is_told_nothing(store: Store) {
    let (tenancy, console) = (&store.tenancy, store.console());
    let acme = store.customer("Acme", &["acme.example"], &[]).await;
    let anna = store
        .logged_in("anna", Role::CustomerAdmin, Some(acme))
        .await;
    store.user("linkless", Role::Support, None).await;
    tenancy
        .set_customer_disabled(&console, acme, true)
        .await
        .unwrap();
    let mut told = Vec::new();
    for login in [
        try_with("anna", password()),
        try_with("anna", "not the right one".into()),
        try_with("linkless", password()),
        try_with("nobody", password()),
        try_with("no body", password()),
        try_with("", "".into()),
        try_with("anna", "long".repeat(100_000).into()),
    ] {
        told.push(
            tenancy
                .login(&login, store.now)
                .await
                .unwrap_err()
                .to_string(),
        );
    }
    told.dedup();
    assert_eq!(told, ["login or password is wrong"]);
    assert_eq!(anna.principal.customer, Some(acme));
}
