//! From a token to who shows it.

use crate::cache::Known;
use crate::db::{Row, values};
use crate::error::{Error, Result};
use crate::ids::{CustomerId, KeyId, UserId};
use crate::limits::{SEEN_SECS, SESSION_IDLE_SECS};
use crate::principal::{Principal, Who};
use crate::role::{Right, Rights, Role};
use crate::secret::Secret;
use crate::tenancy::{Tenancy, later};
use crate::token::{Kind, Shown};
use crate::users;
use jiff::Timestamp;
use std::sync::Arc;

impl Tenancy {
    /// Who shows this key or this session's token. Errs with [`Error::Refused`] whatever is wrong with it.
    pub async fn principal(&self, token: &Secret, now: Timestamp) -> Result<Arc<Principal>> {
        let shown = Shown::read(token).ok_or(Error::Refused)?;
        let changes = self.cache.changes();
        let mut known = match self.cache.principal(&shown.handle, now) {
            Some(known) => known,
            None => {
                let known = self.read_principal(&shown, now).await?;
                self.cache
                    .keep_principal(&shown.handle, known.clone(), changes);
                known
            }
        };
        if !shown.is(&known.hash) || known.is_over(now) {
            return Err(Error::Refused);
        }
        if known.seen.is_none_or(|seen| now >= later(seen, SEEN_SECS)) {
            self.note_seen(&shown, now).await?;
            known.seen = Some(now);
            self.cache
                .keep_principal(&shown.handle, known.clone(), changes);
        }
        Ok(known.principal)
    }

    async fn read_principal(&self, shown: &Shown, now: Timestamp) -> Result<Known> {
        let sql = match shown.kind {
            Kind::Session => {
                "SELECT s.hash, s.expires, s.seen, u.disabled + COALESCE(c.disabled, 0), u.role, u.customer, u.id, \
                 (SELECT string_agg(address, ' ') FROM mailboxes WHERE user_id = u.id), u.login, s.handle \
                 FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN customers c ON c.id = u.customer \
                 WHERE s.handle = $1"
            }
            Kind::Key => {
                "SELECT k.hash, k.expires, k.seen, COALESCE(u.disabled, 0) + COALESCE(c.disabled, 0), \
                 COALESCE(u.role, 'customer_admin'), COALESCE(k.customer, u.customer), u.id, \
                 (SELECT string_agg(address, ' ') FROM mailboxes WHERE user_id = u.id), k.name, k.rights, k.id \
                 FROM keys k LEFT JOIN users u ON u.id = k.user_id \
                 LEFT JOIN customers c ON c.id = COALESCE(k.customer, u.customer) \
                 WHERE k.handle = $1 AND k.revoked IS NULL"
            }
            Kind::Reset | Kind::Setup => return Err(Error::Refused),
        };
        let row = self
            .db
            .row(sql, values![&shown.handle])
            .await?
            .ok_or(Error::Refused)?;
        if row.flag(3)? {
            return Err(Error::Refused);
        }
        let mut principal = self.user_principal(&row, now).await?;
        if shown.kind == Kind::Key {
            principal.who = Who::Key(KeyId(row.number(10)?));
            principal.rights = principal.rights.and(row.word(9, "rights", Rights::read)?);
        } else {
            principal.session = Some(row.text(9)?);
        }
        Ok(Known {
            hash: row.text(0)?,
            expires: row.time_or_none(1)?,
            seen: row.time_or_none(2)?,
            principal: Arc::new(principal),
            read: now,
        })
    }

    /// The user of a row, from its column of the role on.
    async fn user_principal(&self, row: &Row, now: Timestamp) -> Result<Principal> {
        let role = row.word(4, "role", Role::parse)?;
        let customer = row.number_or_none(5)?.map(CustomerId);
        let user = row.number_or_none(6)?.map(UserId);
        let of_customer = match customer {
            Some(id) => Some(self.reach_of(id, now).await?),
            None => None,
        };
        Ok(Principal {
            who: user.map_or(Who::Nobody, Who::User),
            user,
            customer,
            name: row.text(8)?,
            role,
            rights: role.rights(),
            reach: users::reach(role, of_customer, users::mailboxes(row.text_or_none(7)?)),
            session: None,
        })
    }

    /// Whose a job is, as he is now; `None` where he may read mail no more.
    pub(crate) async fn reader(
        &self,
        user: Option<UserId>,
        key: Option<KeyId>,
        now: Timestamp,
    ) -> Result<Option<Principal>> {
        let row = match (user, key) {
            (Some(user), _) => {
                let sql = "SELECT '', '', '', u.disabled + COALESCE(c.disabled, 0), u.role, u.customer, u.id, \
                 (SELECT string_agg(address, ' ') FROM mailboxes WHERE user_id = u.id), u.login \
                 FROM users u LEFT JOIN customers c ON c.id = u.customer WHERE u.id = $1";
                self.db.row(sql, values![user.0]).await?
            }
            (None, Some(key)) => {
                let sql = "SELECT '', '', '', COALESCE(u.disabled, 0) + COALESCE(c.disabled, 0), \
                 COALESCE(u.role, 'customer_admin'), COALESCE(k.customer, u.customer), u.id, \
                 (SELECT string_agg(address, ' ') FROM mailboxes WHERE user_id = u.id), k.name, k.rights \
                 FROM keys k LEFT JOIN users u ON u.id = k.user_id \
                 LEFT JOIN customers c ON c.id = COALESCE(k.customer, u.customer) \
                 WHERE k.id = $1 AND k.revoked IS NULL AND (k.expires IS NULL OR k.expires > $2)";
                self.db.row(sql, values![key.0, now]).await?
            }
            (None, None) => None,
        };
        let Some(row) = row else {
            return Ok(None);
        };
        if row.flag(3)? {
            return Ok(None);
        }
        let mut principal = self.user_principal(&row, now).await?;
        if user.is_none() {
            principal.rights = principal.rights.and(row.word(9, "rights", Rights::read)?);
        }
        Ok(Some(principal).filter(|it| it.may(Right::ReadMail)))
    }

    async fn note_seen(&self, shown: &Shown, now: Timestamp) -> Result<()> {
        let sql = match shown.kind {
            Kind::Session => "UPDATE sessions SET seen = $1 WHERE handle = $2 AND seen < $1",
            _ => "UPDATE keys SET seen = $1 WHERE handle = $2 AND (seen IS NULL OR seen < $1)",
        };
        self.db.run(sql, values![now, &shown.handle]).await?;
        Ok(())
    }
}

impl Known {
    /// Whether the token has ended by itself.
    fn is_over(&self, now: Timestamp) -> bool {
        let is_idle = |seen| now >= later(seen, SESSION_IDLE_SECS);
        let is_session = self.principal.session.is_some();
        self.expires.is_some_and(|end| now >= end) || is_session && self.seen.is_some_and(is_idle)
    }
}
