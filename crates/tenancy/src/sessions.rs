//! Logging in and out.

use crate::db::values;
use crate::entry::{Action, By};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::limits::{SESSION_IDLE_SECS, SESSION_SECS};
use crate::names;
use crate::principal::{Asker, Who};
use crate::role::Role;
use crate::secret::Secret;
use crate::tenancy::{Change, Tenancy, later};
use crate::token::{Kind, Token};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::net::IpAddr;

/// A try to log in.
#[derive(Clone, Debug)]
pub struct Login {
    /// Whose.
    pub login: String,
    /// His password.
    pub password: Secret,
    /// The code of his second factor, or a recovery code; `None` until it is asked for.
    pub code: Option<Secret>,
    /// From where.
    pub address: Option<IpAddr>,
}

/// A login for which a provider answers.
#[derive(Clone, Debug)]
pub struct Vouched<'v> {
    /// Whose, as the provider tells it.
    pub login: &'v str,
    /// The provider, as it calls itself.
    pub by: &'v str,
    /// From where.
    pub address: Option<IpAddr>,
}

/// A session that was just begun.
#[derive(Debug)]
pub struct NewSession {
    /// Its token, told this once.
    pub token: Secret,
    /// Whose it is.
    pub user: UserId,
    /// When it ends at the latest.
    pub expires: Timestamp,
}

/// A session, without its token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// What names it; of no use as a token.
    pub handle: String,
    /// From where it was begun.
    pub address: Option<String>,
    /// When it was begun.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub last_used: Timestamp,
    /// When it ends at the latest.
    pub expires: Timestamp,
    /// Whether it is the one that asks.
    pub is_own: bool,
}

/// What is stored of a user who logs in.
struct Candidate {
    id: UserId,
    role: Role,
    password: Option<String>,
    has_second_factor: bool,
}

impl Tenancy {
    /// Begins a session.
    ///
    /// Errs with [`Error::LoginRefused`] for unknown logins, wrong passwords and users who are shut out, after the same
    /// time; with [`Error::CodeWanted`] if the password is right and a second factor is set up; with
    /// [`Error::TooManyTries`] if this login, or this address, was tried too often.
    pub async fn login(&self, login: &Login, now: Timestamp) -> Result<NewSession> {
        let name = names::login(&login.login).unwrap_or_default();
        self.may_try(&name, login.address, now)?;
        let candidate = self.candidate(&name).await?;
        let stored = candidate.as_ref().and_then(|it| it.password.as_deref());
        let is_right = self.hasher.is(&login.password, stored).await?;
        let Some(user) = candidate.filter(|_| is_right) else {
            return Err(self
                .login_failed(&name, "password", login.address, now)
                .await?);
        };
        if user.has_second_factor {
            let code = login.code.as_ref().ok_or(Error::CodeWanted)?;
            if !self.is_code(user.id, code, now).await? {
                return Err(self.login_failed(&name, "code", login.address, now).await?);
            }
        }
        self.throttle().succeeded(&name, login.address, now);
        let from = (login.address, json!({}));
        self.begin_session(&user, &name, from, now).await
    }

    /// Counts a try at a login for which a provider is to answer; [`login_vouched`](Self::login_vouched)
    /// takes it back. Errs with [`Error::TooManyTries`] if this address tried too often.
    pub fn may_try_elsewhere(&self, address: Option<IpAddr>, now: Timestamp) -> Result<()> {
        let begun = self.throttle().begin_elsewhere(address, now);
        begun.map_err(|wait_secs| Error::TooManyTries { wait_secs })
    }

    /// Begins a session of somebody for whom a provider answers, a second factor included. Errs with
    /// [`Error::LoginRefused`] for unknown logins and users who are shut out.
    pub async fn login_vouched(&self, login: &Vouched<'_>, now: Timestamp) -> Result<NewSession> {
        let name = names::login(login.login).unwrap_or_default();
        let Some(user) = self.candidate(&name).await? else {
            let detail = json!({ "login": login.login, "wrong": "login", "openid": login.by });
            return Err(self.refused(detail, login.address, now).await?);
        };
        self.throttle().succeeded(&name, login.address, now);
        let from = (login.address, json!({ "openid": login.by }));
        self.begin_session(&user, &name, from, now).await
    }

    /// Ends the asker's session.
    pub async fn logout(&self, asker: &Asker) -> Result<()> {
        let (Some(user), Some(handle)) = (asker.principal.user, &asker.principal.session) else {
            return Err(Error::NotFound("session"));
        };
        let mut change = self.change(asker).await?;
        let sql = "DELETE FROM sessions WHERE handle = $1 AND user_id = $2";
        change.tx.run(sql, values![handle, user.0]).await?;
        change
            .commit(Action::Logout, asker.principal.customer, json!({}))
            .await
    }

    /// The sessions of a user, the asker himself or one whom he may manage; the newest first.
    pub async fn sessions(&self, asker: &Asker, user: UserId) -> Result<Vec<Session>> {
        self.own_or_managed(asker, user).await?;
        let sql = "SELECT handle, address, created, seen, expires FROM sessions \
                   WHERE user_id = $1 AND expires > $2 AND seen > $3 ORDER BY created DESC";
        let idle = later(asker.now, -SESSION_IDLE_SECS);
        let rows = self.db.rows(sql, values![user.0, asker.now, idle]).await?;
        rows.iter()
            .map(|row| {
                let handle = row.text(0)?;
                Ok(Session {
                    is_own: asker.principal.session.as_ref() == Some(&handle),
                    handle,
                    address: row.text_or_none(1)?,
                    created: row.time(2)?,
                    last_used: row.time(3)?,
                    expires: row.time(4)?,
                })
            })
            .collect()
    }

    /// Ends one session of a user, or all but the one that asks.
    pub async fn end_sessions(
        &self,
        asker: &Asker,
        user: UserId,
        handle: Option<&str>,
    ) -> Result<()> {
        self.own_or_managed(asker, user).await?;
        let mut change = self.change(asker).await?;
        let own = asker.principal.session.as_deref().unwrap_or_default();
        let sql = "DELETE FROM sessions WHERE user_id = $1 AND ($2 IS NULL AND handle <> $3 OR handle = $2)";
        change.tx.run(sql, values![user.0, handle, own]).await?;
        change
            .commit(Action::EndSessions, None, json!({ "user": user.0 }))
            .await
    }

    /// Counts a try at a password, if it may be made.
    pub(crate) fn may_try(
        &self,
        login: &str,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<()> {
        let begun = self.throttle().begin(login, address, now);
        begun.map_err(|wait_secs| Error::TooManyTries { wait_secs })
    }

    async fn own_or_managed(&self, asker: &Asker, user: UserId) -> Result<()> {
        if !asker.user().is_ok_and(|own| own == user) {
            self.managed(asker, user).await?;
        }
        Ok(())
    }

    async fn candidate(&self, login: &str) -> Result<Option<Candidate>> {
        let sql = "SELECT u.id, u.role, u.password, u.factor_confirmed FROM users u \
                   LEFT JOIN customers c ON c.id = u.customer \
                   WHERE login = $1 AND u.disabled = 0 AND COALESCE(c.disabled, 0) = 0";
        let Some(row) = self.db.row(sql, values![login]).await? else {
            return Ok(None);
        };
        Ok(Some(Candidate {
            id: UserId(row.number(0)?),
            role: row.word(1, "role", Role::parse)?,
            password: row.text_or_none(2)?,
            has_second_factor: row.flag(3)?,
        }))
    }

    /// Notes it for known and unknown logins alike, so that both take as long.
    async fn login_failed(
        &self,
        login: &str,
        what: &str,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<Error> {
        let detail = json!({ "login": login, "wrong": what });
        self.refused(detail, address, now).await
    }

    async fn refused(
        &self,
        detail: Value,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<Error> {
        let change = self.change(By::nobody(address, now)).await?;
        change
            .commit_quietly(Action::LoginFailed, None, detail)
            .await?;
        Ok(Error::LoginRefused)
    }

    async fn begin_session(
        &self,
        user: &Candidate,
        login: &str,
        (address, detail): (Option<IpAddr>, Value),
        now: Timestamp,
    ) -> Result<NewSession> {
        let token = Token::new(Kind::Session)?;
        let expires = later(now, SESSION_SECS);
        let by = By {
            who: Who::User(user.id),
            name: login.to_owned(),
            role: Some(user.role),
            address,
            at: now,
        };
        let mut change = self.change(by).await?;
        let sql = "DELETE FROM sessions WHERE expires <= $1 OR seen <= $2";
        let idle = later(now, -SESSION_IDLE_SECS);
        change.tx.run(sql, values![now, idle]).await?;
        let sql = "INSERT INTO sessions (handle, hash, user_id, address, created, seen, expires) \
                   VALUES ($1, $2, $3, $4, $5, $5, $6)";
        let from = address.map(|it| it.to_string());
        let values = values![
            &token.handle,
            &token.hash,
            user.id.0,
            from.as_deref(),
            now,
            expires
        ];
        change.tx.run(sql, values).await?;
        let sql = "UPDATE users SET last_login = $1 WHERE id = $2";
        change.tx.run(sql, values![now, user.id.0]).await?;
        change.commit_quietly(Action::Login, None, detail).await?;
        Ok(NewSession {
            token: token.text,
            user: user.id,
            expires,
        })
    }
}

impl Change<'_> {
    /// Ends the sessions of a user, but for one.
    pub(crate) async fn end_sessions_but(&mut self, user: UserId, own: Option<&str>) -> Result<()> {
        let sql = "DELETE FROM sessions WHERE user_id = $1 AND handle <> $2";
        self.tx
            .run(sql, values![user.0, own.unwrap_or_default()])
            .await?;
        Ok(())
    }
}
