//! Settings, and what a browser keeps; logins are in the tests of `waybill`, at a real provider.

use super::*;
use serde_json::json;

fn settings() -> Settings {
    Settings {
        issuer: "https://login.example.org/realms/staff".to_owned(),
        client_id: "waybill".to_owned(),
        client_secret: "s".to_owned(),
        name: "Example".to_owned(),
        claim: "email".to_owned(),
        unverified: false,
        scopes: vec!["email".to_owned()],
        page: "https://mail.example.org".to_owned(),
        callback: "api/callback",
    }
}

fn wrong(change: impl FnOnce(&mut Settings)) -> Wrong {
    let mut settings = settings();
    change(&mut settings);
    Provider::new(settings).expect_err("it is wrong")
}

#[test]
fn what_is_wrong_is_told() {
    for issuer in [
        "",
        "login.example.org",
        "http://login.example.org",
        "http://127.0.0.1.example.org",
        "https://login.example.org/?a=b",
        "ftp://localhost",
    ] {
        assert_eq!(
            wrong(|it| it.issuer = issuer.to_owned()),
            Wrong::Issuer,
            "{issuer}"
        );
    }
    assert_eq!(wrong(|it| it.client_id = String::new()), Wrong::ClientId);
    assert_eq!(wrong(|it| it.name = " ".to_owned()), Wrong::Name);
    assert_eq!(wrong(|it| it.claim = String::new()), Wrong::Claim);
    let odd = "e mail".to_owned();
    let scopes = vec![odd.clone()];
    assert_eq!(wrong(|it| it.scopes = scopes), Wrong::Scope(odd));
    for page in ["", "mail.example.org", "ftp://mail.example.org"] {
        assert_eq!(wrong(|it| it.page = page.to_owned()), Wrong::Page, "{page}");
    }
}

#[test]
fn people_are_sent_back_to_the_page() {
    for (page, redirect) in [
        (
            "https://mail.example.org",
            "https://mail.example.org/api/callback",
        ),
        (
            "http://localhost:8580/",
            "http://localhost:8580/api/callback",
        ),
    ] {
        let provider = Provider::new(Settings {
            page: page.to_owned(),
            issuer: "http://[::1]:9000".to_owned(),
            ..settings()
        });
        let provider = provider.expect("it is right");
        assert_eq!(provider.redirect.as_str(), redirect);
        assert_eq!(provider.is_https(), page.starts_with("https"));
        assert!(!format!("{provider:?}").contains("s\""), "no secret");
    }
}

#[test]
fn what_a_browser_keeps_comes_back_whole() {
    let kept = Kept::new().expect("chance");
    let text = kept.to_string();
    assert!(text.len() == 3 * 43 + 2 && !text.contains([' ', ';', ',', '"']));
    let again = Kept::parse(&text).expect("it is whole");
    assert_eq!(again.to_string(), text);
    let other = Kept::new().expect("chance");
    assert_ne!(other.state, kept.state);
    assert_ne!(kept.state, kept.nonce);
    for text in ["", "..", "a.b.c", &text[..100], &format!("{text}.x")] {
        assert!(Kept::parse(text).is_none(), "{text}");
    }
}

#[test]
fn who_logs_in_is_told_by_the_claim() {
    let who = |claim: &str, unverified: bool, claims: Value| {
        let provider = Provider::new(Settings {
            claim: claim.to_owned(),
            unverified,
            ..settings()
        });
        let claims = claims.as_object().expect("an object").clone();
        provider.expect("it is right").who(&claims)
    };
    let email = json!({ "email": "a@b.example" });
    let verified = |it: Value| json!({ "email": "a@b.example", "email_verified": it });
    for good in [
        who("email", false, verified(true.into())),
        who("email", false, verified("true".into())),
        who("email", true, email.clone()),
        who("upn", false, json!({ "upn": "a@b.example" })),
    ] {
        assert_eq!(good.expect("it is told"), "a@b.example");
    }
    for claims in [
        email.clone(),
        verified(false.into()),
        verified("false".into()),
        verified(1.into()),
        verified(Value::Null),
    ] {
        let told = who("email", false, claims.clone());
        assert!(matches!(told, Err(Error::NotVerified)), "{claims}");
    }
    for claims in [
        json!({}),
        json!({ "upn": 7 }),
        json!({ "upn": " " }),
        json!({ "upn": ["a"] }),
    ] {
        let told = who("upn", false, claims.clone());
        assert!(matches!(told, Err(Error::NoClaim(_))), "{claims}");
    }
}
