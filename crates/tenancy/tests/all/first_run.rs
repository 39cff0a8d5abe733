//! The first run, when nobody is there yet.

use crate::store::{Store, password};
use std::os::unix::fs::PermissionsExt as _;
use tenancy::{Error, Reach, Role, Tenancy};

pub(crate) async fn the_first_user_is_made_with_a_token_once(store: Store) {
    let (tenancy, now) = (&store.tenancy, store.now);
    let stale = tenancy.setup_token(now).await.unwrap().unwrap();
    let token = tenancy.setup_token(now).await.unwrap().unwrap();
    let set_up = |token, now| async move {
        let login = "Root@Example.org";
        tenancy.setup(token, login, &password(), None, now).await
    };
    assert!(matches!(set_up(&stale, now).await, Err(Error::Refused)));
    let late = store.after(24 * 3600);
    assert!(matches!(set_up(&token, late).await, Err(Error::Refused)));
    let easy = "password1234".into();
    let weak = tenancy.setup(&token, "root", &easy, None, now).await;
    assert!(matches!(weak, Err(Error::WeakPassword(_))));
    assert!(!tenancy.is_set_up().await.unwrap());
    set_up(&token, now).await.unwrap();
    assert!(tenancy.is_set_up().await.unwrap());
    assert!(matches!(set_up(&token, now).await, Err(Error::SetUp)));
    assert!(tenancy.setup_token(now).await.unwrap().is_none());

    let session = store.login("root@example.org", now).await.unwrap();
    let owner = store.asker(&session.token).await;
    assert_eq!(owner.principal.role, Role::Owner);
    assert_eq!(owner.principal.reach, Reach::Everything);
}

#[tokio::test]
async fn the_file_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("with ? and % in it.db");
    let url = format!("sqlite:{}", path.display());
    let tenancy = Tenancy::open(&url).await.unwrap();
    let now = "2026-03-01T09:00:00Z".parse().unwrap();
    assert!(tenancy.setup_token(now).await.unwrap().is_some());
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.path().display());
    }
    tenancy.close().await;
    let again = Tenancy::open(&url).await.unwrap();
    assert!(again.setup_token(now).await.unwrap().is_some());
}

#[tokio::test]
async fn what_is_no_database_is_told_without_its_password() {
    for url in [
        "mysql://root:hunter2@db.example/x",
        "postgres://root:hunter2@db.example:port/x",
        "tenancy.db",
    ] {
        let error = Tenancy::open(url).await.err().unwrap();
        assert!(matches!(error, Error::Url(_)), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    let nowhere = Tenancy::open("sqlite:/nowhere/at/all.db")
        .await
        .err()
        .unwrap();
    assert!(
        nowhere.to_string().contains("/nowhere/at/all.db"),
        "{nowhere}"
    );
}
