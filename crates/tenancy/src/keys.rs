//! Keys of programs.

use crate::db::{Row, values};
use crate::entry::Action;
use crate::error::{Error, Result};
use crate::ids::{CustomerId, KeyId, UserId};
use crate::names;
use crate::principal::Asker;
use crate::role::{Right, Rights, Role};
use crate::secret::Secret;
use crate::tenancy::Tenancy;
use crate::token::{Kind, Token};
use jiff::Timestamp;
use serde_json::json;

/// Whom a key belongs to; it sees what its owner sees, and ends with him.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyOwner {
    /// A user: the asker himself, or one whom he may manage.
    User(UserId),
    /// A customer; the key is like an administrator of his.
    Customer(CustomerId),
}

/// What is said of a new key.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// Whom it belongs to.
    pub owner: KeyOwner,
    /// What it may do: nothing that its owner, or who makes it, may not.
    pub rights: Rights,
    /// When it ends; `None` for never.
    pub expires: Option<Timestamp>,
}

/// A key, without its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key {
    /// Its number.
    pub id: KeyId,
    /// What it is for.
    pub name: String,
    /// Whom it belongs to.
    pub owner: KeyOwner,
    /// What it may do, if its owner may.
    pub rights: Rights,
    /// How its text begins, to know it again: `wb_key_1a2b3c4d5e6f7a8b`.
    pub begins: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends; `None` for never.
    pub expires: Option<Timestamp>,
    /// When it was last used, to the minute; `None` if it never was.
    pub last_used: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

impl Tenancy {
    /// Makes a key. Its text is told this once.
    pub async fn add_key(&self, asker: &Asker, new: &NewKey) -> Result<(KeyId, Secret)> {
        let name = names::shown("name", &new.name)?;
        let (role, customer) = self.key_owner(asker, new.owner).await?;
        let missing = |rights: Rights| new.rights.iter().find(|&it| !rights.contains(it));
        if let Some(right) = missing(asker.principal.rights.and(role.rights())) {
            return Err(Error::Forbidden(right));
        }
        if new.rights == Rights::default() {
            return Err(Error::invalid("rights", "there are none", &name));
        }
        if new.expires.is_some_and(|it| it <= asker.now) {
            return Err(Error::invalid("expires", "it is past", &name));
        }
        let token = Token::new(Kind::Key)?;
        let (user, of_customer) = new.owner.columns();
        let rights = new.rights.to_text();
        let mut change = self.change(asker).await?;
        let sql = "INSERT INTO keys (handle, hash, name, user_id, customer, rights, created, expires) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
        let values = values![
            &token.handle,
            &token.hash,
            &name,
            user,
            of_customer,
            &rights,
            asker.now,
            new.expires,
        ];
        let row = change.tx.row(sql, values).await?;
        let id = KeyId(row.ok_or(Error::NotFound("key"))?.number(0)?);
        let detail = json!({
            "key": id.0, "name": name, "user": user, "rights": rights,
            "expires": new.expires.map(|it| it.to_string()),
        });
        change.commit(Action::AddKey, customer, detail).await?;
        Ok((id, token.text))
    }

    /// The keys of a user or customer, the newest first, also those that ended.
    pub async fn keys(&self, asker: &Asker, owner: KeyOwner) -> Result<Vec<Key>> {
        self.key_owner(asker, owner).await?;
        let sql = "SELECT id, name, user_id, customer, rights, handle, created, expires, seen, revoked \
                   FROM keys WHERE user_id = $1 OR customer = $2 ORDER BY id DESC";
        let (user, customer) = owner.columns();
        let rows = self.db.rows(sql, values![user, customer]).await?;
        rows.iter().map(key).collect()
    }

    /// Ends a key, at once.
    pub async fn revoke_key(&self, asker: &Asker, id: KeyId) -> Result<()> {
        let sql = "SELECT id, name, user_id, customer, rights, handle, created, expires, seen, revoked \
                   FROM keys WHERE id = $1";
        let row = self.db.row(sql, values![id.0]).await?;
        let key = key(&row.ok_or(Error::NotFound("key"))?)?;
        let (_, customer) =
            self.key_owner(asker, key.owner)
                .await
                .map_err(|error| match error {
                    Error::NotFound(_) => Error::NotFound("key"),
                    error => error,
                })?;
        let mut change = self.change(asker).await?;
        let sql = "UPDATE keys SET revoked = $1 WHERE id = $2 AND revoked IS NULL";
        change.tx.run(sql, values![asker.now, id.0]).await?;
        let detail = json!({ "key": id.0, "name": key.name });
        change.commit(Action::RevokeKey, customer, detail).await
    }

    /// The role of an owner whose keys the asker may manage, and his customer.
    async fn key_owner(
        &self,
        asker: &Asker,
        owner: KeyOwner,
    ) -> Result<(Role, Option<CustomerId>)> {
        asker.must(Right::ManageKeys)?;
        match owner {
            KeyOwner::Customer(id) => {
                self.customer(asker, id).await?;
                Ok((Role::CustomerAdmin, Some(id)))
            }
            KeyOwner::User(id) if asker.principal.user == Some(id) => {
                Ok((asker.principal.role, asker.principal.customer))
            }
            KeyOwner::User(id) => {
                let user = self.managed(asker, id).await?;
                Ok((user.role, user.customer))
            }
        }
    }
}

impl KeyOwner {
    /// User and customer, as they are stored.
    fn columns(self) -> (Option<i64>, Option<i64>) {
        match self {
            Self::User(id) => (Some(id.0), None),
            Self::Customer(id) => (None, Some(id.0)),
        }
    }

    pub(crate) fn read(user: Option<i64>, customer: Option<i64>) -> Result<Self> {
        match (user, customer) {
            (Some(id), None) => Ok(Self::User(UserId(id))),
            (None, Some(id)) => Ok(Self::Customer(CustomerId(id))),
            _ => Err(Error::Damaged {
                column: "keys.user_id",
                value: format!("{user:?} {customer:?}"),
            }),
        }
    }
}

fn key(row: &Row) -> Result<Key> {
    Ok(Key {
        id: KeyId(row.number(0)?),
        name: row.text(1)?,
        owner: KeyOwner::read(row.number_or_none(2)?, row.number_or_none(3)?)?,
        rights: row.word(4, "rights", Rights::read)?,
        begins: format!("wb_key_{}", row.text(5)?),
        created: row.time(6)?,
        expires: row.time_or_none(7)?,
        last_used: row.time_or_none(8)?,
        revoked: row.time_or_none(9)?,
    })
}
