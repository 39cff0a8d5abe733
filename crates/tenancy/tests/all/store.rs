//! Databases for tests, and short ways to fill them.

use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicU32, Ordering};
use tenancy::{
    Asker, CustomerId, KeyOwner, Login, NewCustomer, NewKey, NewSession, NewUser, Principal,
    Result, Right, Role, Secret, Tenancy, UserId,
};

/// A database, and when a test takes place.
pub(crate) struct Store {
    pub(crate) tenancy: Tenancy,
    pub(crate) url: String,
    pub(crate) now: Timestamp,
    count: AtomicU32,
    _folder: Option<tempfile::TempDir>,
}

/// Good enough for anybody.
pub(crate) fn password() -> Secret {
    "correct horse battery".into()
}

impl Store {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("tenancy.db").display());
        Self {
            _folder: Some(folder),
            ..Self::postgres(&url).await
        }
    }

    pub(crate) async fn postgres(url: &str) -> Self {
        Self {
            tenancy: Tenancy::open(url).await.unwrap(),
            url: url.to_owned(),
            now: "2026-03-01T09:00:00Z".parse().unwrap(),
            count: AtomicU32::new(0),
            _folder: None,
        }
    }

    pub(crate) fn after(&self, secs: i64) -> Timestamp {
        self.now
            .checked_add(SignedDuration::from_secs(secs))
            .unwrap()
    }

    pub(crate) fn console(&self) -> Asker {
        Asker {
            principal: Principal::console(),
            address: None,
            now: self.now,
        }
    }

    pub(crate) async fn asker(&self, token: &Secret) -> Asker {
        Asker {
            principal: self.tenancy.principal(token, self.now).await.unwrap(),
            ..self.console()
        }
    }

    pub(crate) async fn customer(
        &self,
        name: &str,
        domains: &[&str],
        accounts: &[&str],
    ) -> CustomerId {
        let new = customer(name, domains, accounts);
        self.tenancy
            .add_customer(&self.console(), &new)
            .await
            .unwrap()
    }

    /// A user without a password.
    pub(crate) async fn user(
        &self,
        login: &str,
        role: Role,
        customer: Option<CustomerId>,
    ) -> UserId {
        let new = user(login, role, customer);
        self.tenancy.add_user(&self.console(), &new).await.unwrap()
    }

    /// A user with a password, at his session.
    pub(crate) async fn logged_in(
        &self,
        login: &str,
        role: Role,
        customer: Option<CustomerId>,
    ) -> Asker {
        let new = user(login, role, customer);
        let (console, password) = (self.console(), password());
        let added = self
            .tenancy
            .add_user_with_password(&console, &new, &password);
        added.await.unwrap();
        let session = self.login(login, self.now).await.unwrap();
        self.asker(&session.token).await
    }

    pub(crate) async fn login(&self, login: &str, now: Timestamp) -> Result<NewSession> {
        self.tenancy.login(&try_with(login, password()), now).await
    }

    pub(crate) async fn key(&self, owner: KeyOwner, rights: &[Right]) -> Secret {
        let new = key("a key", owner, rights);
        self.tenancy.add_key(&self.console(), &new).await.unwrap().1
    }

    /// Does what no one should: writes to the database behind our back.
    pub(crate) async fn force(&self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if let Some(path) = self.url.strip_prefix("sqlite:") {
            let pool = sqlx::SqlitePool::connect(path).await?;
            sqlx::raw_sql(sql).execute(&pool).await?;
            pool.close().await;
        } else {
            let pool = sqlx::PgPool::connect(&self.url).await?;
            sqlx::raw_sql(sql).execute(&pool).await?;
            pool.close().await;
        }
        Ok(())
    }

    /// A number that was not given before.
    pub(crate) fn next(&self) -> u32 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }
}

pub(crate) fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&it| it.to_owned()).collect()
}

pub(crate) fn customer(name: &str, domains: &[&str], accounts: &[&str]) -> NewCustomer {
    NewCustomer {
        name: name.to_owned(),
        class: None,
        domains: owned(domains),
        accounts: owned(accounts),
    }
}

/// A mailbox user has the mailbox of his login.
pub(crate) fn user(login: &str, role: Role, customer: Option<CustomerId>) -> NewUser {
    let mailboxes = if role == Role::MailboxUser {
        owned(&[login])
    } else {
        Vec::new()
    };
    NewUser {
        login: login.to_owned(),
        name: format!("Name of {login}"),
        role,
        customer,
        mailboxes,
    }
}

pub(crate) fn key(name: &str, owner: KeyOwner, rights: &[Right]) -> NewKey {
    NewKey {
        name: name.to_owned(),
        owner,
        rights: rights.iter().copied().collect(),
        expires: None,
    }
}

pub(crate) fn try_with(login: &str, password: Secret) -> Login {
    Login {
        login: login.to_owned(),
        password,
        code: None,
        address: None,
    }
}
