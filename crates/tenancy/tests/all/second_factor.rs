//! The second factor.

use crate::store::{Store, password, try_with};
use jiff::Timestamp;
use tenancy::{Asker, Enrolment, Error, Login, NewSession, Result, Role, Secret};

fn code(enrolment: &Enrolment, at: Timestamp) -> Secret {
    let secret = totp_rs::Secret::try_from_base32(enrolment.secret.expose()).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(at.as_second().try_into().unwrap())
        .to_string()
        .into()
}

async fn login(store: &Store, code: Option<Secret>, now: Timestamp) -> Result<NewSession> {
    let login = Login {
        code,
        ..try_with("anna", password())
    };
    store.tenancy.login(&login, now).await
}

/// Anna, at a session, with a second factor and her recovery codes.
async fn anna(store: &Store) -> (Asker, Enrolment, Vec<Secret>) {
    let anna = store.logged_in("anna", Role::Support, None).await;
    let enrolment = store.tenancy.enrol_second_factor(&anna).await.unwrap();
    let code = code(&enrolment, store.now);
    let codes = store
        .tenancy
        .confirm_second_factor(&anna, &code)
        .await
        .unwrap();
    (anna, enrolment, codes)
}

pub(crate) async fn a_code_is_wanted_and_good_once(store: Store) {
    let tenancy = &store.tenancy;
    let one = store.logged_in("anna", Role::Support, None).await;
    let stale = tenancy.enrol_second_factor(&one).await.unwrap();
    let enrolment = tenancy.enrol_second_factor(&one).await.unwrap();
    let url = enrolment.url.expose();
    assert!(url.starts_with("otpauth://totp/Waybill:anna?"), "{url}");
    assert!(url.contains(enrolment.secret.expose()));
    login(&store, None, store.now).await.unwrap();
    let wrong = tenancy
        .confirm_second_factor(&one, &code(&stale, store.now))
        .await;
    assert!(matches!(wrong, Err(Error::LoginRefused)));
    tenancy
        .confirm_second_factor(&one, &code(&enrolment, store.now))
        .await
        .unwrap();
    let again = tenancy.enrol_second_factor(&one).await;
    assert!(
        matches!(again, Err(Error::Taken { .. })),
        "a stolen session could exchange it"
    );

    let now = store.after(30);
    assert!(matches!(
        login(&store, None, now).await,
        Err(Error::CodeWanted)
    ));
    let replayed = login(&store, Some(code(&enrolment, store.now)), now).await;
    assert!(
        matches!(replayed, Err(Error::LoginRefused)),
        "the code of the enrolment"
    );
    let good = code(&enrolment, now);
    let spaced = format!("{} {}", &good.expose()[..3], &good.expose()[3..]);
    login(&store, Some(spaced.into()), now).await.unwrap();
    let replayed = login(&store, Some(good), now).await;
    assert!(matches!(replayed, Err(Error::LoginRefused)));
    // A telephone's clock may be half a minute wrong.
    let now = store.after(600);
    login(&store, Some(code(&enrolment, store.after(630))), now)
        .await
        .unwrap();
    let old = login(&store, Some(code(&enrolment, store.after(500))), now).await;
    assert!(matches!(old, Err(Error::LoginRefused)));
}

pub(crate) async fn recovery_codes_are_good_once(store: Store) {
    let (_, _, codes) = anna(&store).await;
    assert_eq!(codes.len(), 10);
    for code in &codes[..2] {
        let shouted = code.expose().to_uppercase().replace('-', " ");
        login(&store, Some(shouted.into()), store.now)
            .await
            .unwrap();
        let twice = login(&store, Some(code.clone()), store.now).await;
        assert!(matches!(twice, Err(Error::LoginRefused)));
    }
    for wrong in ["", "-", "0000-0000-0000-0000-0000"] {
        let refused = login(&store, Some(wrong.into()), store.now).await;
        assert!(matches!(refused, Err(Error::LoginRefused)), "{wrong}");
    }
}

pub(crate) async fn it_is_removed_by_its_owner_or_who_manages_him(store: Store) {
    let tenancy = &store.tenancy;
    let (anna, _, codes) = anna(&store).await;
    let id = anna.principal.user.unwrap();
    let without = tenancy.remove_second_factor(&anna, id, None).await;
    assert!(matches!(without, Err(Error::CodeWanted)));
    let wrong = tenancy
        .remove_second_factor(&anna, id, Some(&"123456".into()))
        .await;
    assert!(matches!(wrong, Err(Error::LoginRefused)));
    assert!(tenancy.user(&anna, id).await.unwrap().has_second_factor);
    tenancy
        .remove_second_factor(&anna, id, Some(&codes[0]))
        .await
        .unwrap();
    login(&store, None, store.now).await.unwrap();

    let enrolment = tenancy.enrol_second_factor(&anna).await.unwrap();
    let code = code(&enrolment, store.after(60));
    let anna = Asker {
        now: store.after(60),
        ..anna
    };
    tenancy.confirm_second_factor(&anna, &code).await.unwrap();
    let support = store.logged_in("berta", Role::Support, None).await;
    assert!(
        tenancy
            .remove_second_factor(&support, id, None)
            .await
            .is_err()
    );
    tenancy
        .remove_second_factor(&store.console(), id, None)
        .await
        .unwrap();
    login(&store, None, store.now).await.unwrap();
}
