//! What can be done once, with a token: the first run, and setting a password that was lost.

use crate::db::{Tx, values};
use crate::entry::{Action, By};
use crate::error::{Error, Result};
use crate::ids::{CustomerId, UserId};
use crate::limits::{RESET_SECS, SETUP_SECS};
use crate::names;
use crate::password;
use crate::principal::{Asker, Who};
use crate::role::Role;
use crate::secret::Secret;
use crate::tenancy::{Tenancy, later};
use crate::token::{Kind, Shown, Token};
use crate::users::{self, NewUser};
use jiff::Timestamp;
use serde_json::json;
use std::net::IpAddr;

impl Tenancy {
    /// The token with which the first user is made, good for a day and in place of any before; `None` if there is a user.
    pub async fn setup_token(&self, now: Timestamp) -> Result<Option<Secret>> {
        let mut tx = self.db.begin().await?;
        if has_users(&mut tx).await? {
            return Ok(None);
        }
        tx.run("DELETE FROM links WHERE user_id IS NULL", &[])
            .await?;
        let token = add_link(&mut tx, Kind::Setup, None, later(now, SETUP_SECS)).await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    /// Whether there is a user, who could log in or be helped by one who can.
    pub async fn is_set_up(&self) -> Result<bool> {
        let user = self.db.row("SELECT id FROM users LIMIT 1", &[]).await?;
        Ok(user.is_some())
    }

    /// Makes the first user, an owner. Errs with [`Error::SetUp`] if there is one.
    pub async fn setup(
        &self,
        token: &Secret,
        login: &str,
        password: &Secret,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<UserId> {
        let login = names::login(login)?;
        password::check(password, &login)?;
        let shown = Shown::read(token).ok_or(Error::Refused)?;
        let mut change = self.change(By::nobody(address, now)).await?;
        if has_users(&mut change.tx).await? {
            return Err(Error::SetUp);
        }
        take_link(&mut change.tx, &shown, Kind::Setup, now).await?;
        let hash = self.hasher.hash(password).await?;
        let new = NewUser {
            name: login.clone(),
            login,
            role: Role::Owner,
            customer: None,
            mailboxes: Vec::new(),
        };
        let id = users::insert(&mut change.tx, &new, Some(&hash), now).await?;
        let detail = json!({ "user": id.0, "login": new.login });
        change.commit(Action::SetUp, None, detail).await?;
        Ok(id)
    }

    /// A token with which a user sets a new password, once and within a day, in place of any before.
    pub async fn reset_link(&self, asker: &Asker, id: UserId) -> Result<Secret> {
        let user = self.managed(asker, id).await?;
        let mut change = self.change(asker).await?;
        change
            .tx
            .run("DELETE FROM links WHERE user_id = $1", values![id.0])
            .await?;
        let expires = later(asker.now, RESET_SECS);
        let token = add_link(&mut change.tx, Kind::Reset, Some(id), expires).await?;
        let detail = json!({ "user": id.0, "login": user.login });
        change
            .commit(Action::MakeResetLink, user.customer, detail)
            .await?;
        Ok(token)
    }

    /// Sets the password of the user whom a link was made for, and ends his sessions. A second factor stays.
    pub async fn use_reset_link(
        &self,
        token: &Secret,
        password: &Secret,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<UserId> {
        let shown = Shown::read(token).ok_or(Error::Refused)?;
        let mut change = self.change(By::nobody(address, now)).await?;
        let id = take_link(&mut change.tx, &shown, Kind::Reset, now).await?;
        let sql = "SELECT id, login, role, customer FROM users WHERE id = $1 AND disabled = 0";
        let row = change
            .tx
            .row(sql, values![id])
            .await?
            .ok_or(Error::Refused)?;
        let (id, login) = (UserId(row.number(0)?), row.text(1)?);
        password::check(password, &login)?;
        let hash = self.hasher.hash(password).await?;
        change.set_by(By {
            who: Who::User(id),
            name: login,
            role: Some(row.word(2, "role", Role::parse)?),
            address,
            at: now,
        });
        let sql = "UPDATE users SET password = $1 WHERE id = $2";
        change.tx.run(sql, values![&hash, id.0]).await?;
        change.end_sessions_but(id, None).await?;
        let customer = row.number_or_none(3)?.map(CustomerId);
        change
            .commit(Action::UseResetLink, customer, json!({}))
            .await?;
        Ok(id)
    }

    /// Sets the asker's own password, and ends his other sessions.
    pub async fn change_password(&self, asker: &Asker, old: &Secret, new: &Secret) -> Result<()> {
        let id = asker.user()?;
        let login = &asker.principal.name;
        password::check(new, login)?;
        self.may_try(login, asker.address, asker.now)?;
        let row = self
            .db
            .row("SELECT password FROM users WHERE id = $1", values![id.0])
            .await?;
        let stored = row.ok_or(Error::Refused)?.text_or_none(0)?;
        if !self.hasher.is(old, stored.as_deref()).await? {
            return Err(Error::LoginRefused);
        }
        self.throttle().succeeded(login, asker.address, asker.now);
        let hash = self.hasher.hash(new).await?;
        let mut change = self.change(asker).await?;
        let sql = "UPDATE users SET password = $1 WHERE id = $2";
        change.tx.run(sql, values![&hash, id.0]).await?;
        change
            .tx
            .run("DELETE FROM links WHERE user_id = $1", values![id.0])
            .await?;
        change
            .end_sessions_but(id, asker.principal.session.as_deref())
            .await?;
        change
            .commit(Action::ChangePassword, asker.principal.customer, json!({}))
            .await
    }
}

async fn has_users(tx: &mut Tx) -> Result<bool> {
    Ok(tx.row("SELECT id FROM users LIMIT 1", &[]).await?.is_some())
}

async fn add_link(
    tx: &mut Tx,
    kind: Kind,
    user: Option<UserId>,
    expires: Timestamp,
) -> Result<Secret> {
    let token = Token::new(kind)?;
    let sql = "INSERT INTO links (handle, hash, user_id, expires) VALUES ($1, $2, $3, $4)";
    let user = user.map(|it| it.0);
    tx.run(sql, values![&token.handle, &token.hash, user, expires])
        .await?;
    Ok(token.text)
}

/// Uses a link up, and tells whose it is.
async fn take_link(tx: &mut Tx, shown: &Shown, kind: Kind, now: Timestamp) -> Result<Option<i64>> {
    let sql = "DELETE FROM links WHERE handle = $1 RETURNING hash, user_id, expires";
    let row = tx
        .row(sql, values![&shown.handle])
        .await?
        .ok_or(Error::Refused)?;
    let is_good = shown.kind == kind && shown.is(&row.text(0)?) && now < row.time(2)?;
    if is_good {
        row.number_or_none(1)
    } else {
        Err(Error::Refused)
    }
}
