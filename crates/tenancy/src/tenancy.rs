//! The database of who may see what, and how it is changed.

use crate::cache::Cache;
use crate::db::{Db, Tx};
use crate::entry::{Action, By, End};
use crate::error::Result;
use crate::ids::CustomerId;
use crate::limits::PAGE_ENTRIES_MAX;
use crate::password::Hasher;
use crate::throttle::Throttle;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Customers, users, keys, sessions and the audit log.
pub struct Tenancy {
    pub(crate) db: Db,
    pub(crate) cache: Cache,
    pub(crate) hasher: Hasher,
    throttle: Mutex<Throttle>,
}

/// A part of a list, by name.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Only names that hold this text, in any case.
    pub text: String,
    /// Only names that come after this one: the last of the page before.
    pub after: String,
    /// As many at the most; 0 for as many as a page may have.
    pub limit: u32,
}

impl Page {
    pub(crate) fn limit(&self) -> i64 {
        limit(self.limit)
    }

    /// For `LIKE ... ESCAPE '\'`.
    pub(crate) fn pattern(&self) -> String {
        let mut pattern = String::from("%");
        for it in self.text.to_lowercase().chars() {
            if matches!(it, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(it);
        }
        pattern.push('%');
        pattern
    }
}

impl Tenancy {
    /// Opens `sqlite:PATH`, a file that is made for its owner alone if it is not there, or `postgres://USER@HOST/NAME`;
    /// makes the tables, or brings them to this version. Connections to PostgreSQL are not encrypted: use a socket or
    /// the loopback.
    pub async fn open(url: &str) -> Result<Self> {
        Ok(Self {
            db: Db::open(url).await?,
            cache: Cache::default(),
            hasher: Hasher::new().await?,
            throttle: Mutex::default(),
        })
    }

    /// Ends all connections; SQLite's file is then complete by itself.
    pub async fn close(&self) {
        self.db.close().await;
    }

    pub(crate) fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a change. Nobody else changes anything until it is committed or dropped.
    pub(crate) async fn change(&self, by: impl Into<By>) -> Result<Change<'_>> {
        let mut tx = self.db.begin().await?;
        let end = End::take(&mut tx).await?;
        let by = by.into();
        Ok(Change {
            tenancy: self,
            by,
            tx,
            end,
        })
    }
}

/// A change that goes with its entry in the audit log.
pub(crate) struct Change<'t> {
    tenancy: &'t Tenancy,
    by: By,
    pub(crate) tx: Tx,
    end: End,
}

impl Change<'_> {
    pub(crate) fn set_by(&mut self, by: impl Into<By>) {
        self.by = by.into();
    }

    /// Makes it so, tells it in the audit log, and forgets what was known before.
    pub(crate) async fn commit(
        self,
        action: Action,
        customer: Option<CustomerId>,
        detail: Value,
    ) -> Result<()> {
        let tenancy = self.tenancy;
        self.commit_quietly(action, customer, detail).await?;
        tenancy.cache.clear();
        Ok(())
    }

    /// The same for what changes nobody's rights.
    pub(crate) async fn commit_quietly(
        mut self,
        action: Action,
        customer: Option<CustomerId>,
        detail: Value,
    ) -> Result<()> {
        self.end
            .append(&mut self.tx, &self.by, action, customer, &detail)
            .await?;
        self.tx.commit().await
    }
}

pub(crate) fn limit(wanted: u32) -> i64 {
    match wanted {
        0 => PAGE_ENTRIES_MAX.into(),
        wanted => wanted.min(PAGE_ENTRIES_MAX).into(),
    }
}

pub(crate) fn later(now: Timestamp, secs: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(secs))
        .unwrap_or(Timestamp::MAX)
}
