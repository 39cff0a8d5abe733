//! Databases for tests: SQLite in a temporary folder, and PostgreSQL where it is installed.

use jiff::{SignedDuration, Timestamp};
use tenancy::{
    Asker, CustomerId, Login, NewCustomer, NewSession, Principal, Result, Secret, Tenancy,
};

pub(crate) struct Store {
    pub(crate) tenancy: Tenancy,
    /// When the test takes place.
    pub(crate) now: Timestamp,
    _folder: tempfile::TempDir,
}

/// Good enough for anybody.
pub(crate) fn password() -> Secret {
    "correct horse battery".into()
}

impl Store {
    pub(crate) async fn all() -> Vec<Self> {
        vec![Self::sqlite().await]
    }

    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("tenancy.db").display());
        Self {
            tenancy: Tenancy::open(&url).await.unwrap(),
            now: "2026-03-01T09:00:00Z".parse().unwrap(),
            _folder: folder,
        }
    }

    pub(crate) async fn close(self) {
        self.tenancy.close().await;
    }

    pub(crate) fn after(&self, secs: i64) -> Timestamp {
        self.now
            .checked_add(SignedDuration::from_secs(secs))
            .unwrap()
    }

    pub(crate) fn console(&self, now: Timestamp) -> Asker {
        Asker {
            principal: Principal::console(),
            address: None,
            now,
        }
    }

    pub(crate) async fn asker(&self, token: &Secret, now: Timestamp) -> Asker {
        let principal = self.tenancy.principal(token, now).await.unwrap();
        Asker {
            principal,
            address: None,
            now,
        }
    }

    pub(crate) async fn login(&self, login: &str, now: Timestamp) -> Result<NewSession> {
        let login = Login {
            login: login.to_owned(),
            password: password(),
            code: None,
            address: None,
        };
        self.tenancy.login(&login, now).await
    }

    pub(crate) async fn customer(
        &self,
        name: &str,
        domains: &[&str],
        accounts: &[&str],
    ) -> CustomerId {
        let owned = |texts: &[&str]| texts.iter().map(|&it| it.to_owned()).collect();
        let new = NewCustomer {
            name: name.to_owned(),
            class: None,
            domains: owned(domains),
            accounts: owned(accounts),
        };
        self.tenancy
            .add_customer(&self.console(self.now), &new)
            .await
            .unwrap()
    }
}
