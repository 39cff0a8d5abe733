//! The audit log: written once, read by few, and checked.

use crate::db::{Row, values};
use crate::entry::{Action, Line};
use crate::error::{Error, Result};
use crate::ids::CustomerId;
use crate::limits::VERIFIED_AT_ONCE;
use crate::principal::{Asker, Who};
use crate::role::Right;
use crate::tenancy::{Tenancy, limit};
use jiff::Timestamp;
use serde_json::Value;

/// What somebody did.
#[derive(Clone, PartialEq, Debug)]
pub struct AuditEntry {
    /// Its number; the first is 1, and none is missing.
    pub entry: i64,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it, as [`Who`] is shown: `user 5`, `key 7`, `console`, `nobody`.
    pub who: String,
    /// His login, or the name of the key, at that time.
    pub name: String,
    /// His role at that time; empty if he was not logged in.
    pub role: String,
    /// What he did, as [`Action`] is shown.
    pub action: String,
    /// Whose mail or settings it was about; `None` if not of one customer.
    pub customer: Option<CustomerId>,
    /// With which words: the text of a search, what was changed.
    pub detail: Value,
    /// From which address; `None` at the command line.
    pub address: Option<String>,
}

/// Which entries to read.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Of him alone.
    pub who: Option<Who>,
    /// About this customer alone.
    pub customer: Option<CustomerId>,
    /// Of this action alone.
    pub action: Option<Action>,
    /// At or after this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
    /// Before this entry: the last of the page before.
    pub before: Option<i64>,
    /// As many at the most; 0 for as many as a page may have.
    pub limit: u32,
}

/// What a look at the whole log has found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chain {
    /// How many entries there are.
    pub entries: i64,
    /// The hash of the last one. Who notes it elsewhere can tell later that nobody wrote the log anew.
    pub hash: String,
    /// The first entry that is not as it was written, or is missing.
    pub broken: Option<i64>,
}

impl Tenancy {
    /// Notes that somebody looked at or did something; to be called before the answer is given.
    pub async fn record(
        &self,
        asker: &Asker,
        action: Action,
        customer: Option<CustomerId>,
        detail: Value,
    ) -> Result<()> {
        let change = self.change(asker).await?;
        change.commit_quietly(action, customer, detail).await
    }

    /// A page of the audit log, the newest first.
    pub async fn audit(&self, asker: &Asker, filter: &AuditFilter) -> Result<Vec<AuditEntry>> {
        asker.must(Right::ReadAudit)?;
        let sql = "SELECT entry, at, who, name, role, action, customer, detail, address FROM audit \
                   WHERE entry < $1 AND ($2 IS NULL OR who = $2) AND ($3 IS NULL OR customer = $3) \
                   AND ($4 IS NULL OR action = $4) AND at >= $5 AND at < $6 ORDER BY entry DESC LIMIT $7";
        let who = filter.who.map(|it| it.to_string());
        let values = values![
            filter.before.unwrap_or(i64::MAX),
            who.as_deref(),
            filter.customer.map(|it| it.0),
            filter.action.map(Action::as_str),
            filter.from.unwrap_or(Timestamp::MIN),
            filter.to.unwrap_or(Timestamp::MAX),
            limit(filter.limit),
        ];
        let rows = self.db.rows(sql, values).await?;
        rows.iter().map(entry).collect()
    }

    /// Reads the whole log and tells whether each entry is as it was written, and none is missing.
    pub async fn verify_audit(&self, asker: &Asker) -> Result<Chain> {
        asker.must(Right::ReadAudit)?;
        let end = self
            .db
            .row("SELECT entries, hash FROM audit_end", &[])
            .await?;
        let (entries, last) = match &end {
            Some(row) => (row.number(0)?, row.text(1)?),
            None => (0, String::new()),
        };
        let sql = "SELECT entry, at, who, name, role, action, customer, detail, address, hash FROM audit \
                   WHERE entry > $1 AND entry <= $2 ORDER BY entry LIMIT $3";
        let (mut checked, mut hash, mut broken) = (0, String::new(), None);
        while broken.is_none() && checked < entries {
            let rows = self
                .db
                .rows(sql, values![checked, entries, VERIFIED_AT_ONCE])
                .await?;
            if rows.is_empty() {
                broken = Some(checked + 1);
            }
            for row in &rows {
                let (line, stored) = (line(row)?, row.text(9)?);
                hash = line.hash(&hash);
                if line.entry != checked + 1 || hash != stored {
                    broken = Some(checked + 1);
                    break;
                }
                checked += 1;
            }
        }
        // An end that was cut together with the count, or more than the count tells.
        if broken.is_none() {
            let more = self.db.row("SELECT max(entry) FROM audit", &[]).await?;
            let max = more
                .map_or(Ok(None), |row| row.number_or_none(0))?
                .unwrap_or(0);
            let now = self.db.row("SELECT entries FROM audit_end", &[]).await?;
            let now = now.map_or(Ok(0), |row| row.number(0))?;
            if hash != last || max > now {
                broken = Some(checked + 1);
            }
        }
        Ok(Chain {
            entries,
            hash: last,
            broken,
        })
    }
}

fn entry(row: &Row) -> Result<AuditEntry> {
    let detail = row.text(7)?;
    Ok(AuditEntry {
        entry: row.number(0)?,
        at: row.time(1)?,
        who: row.text(2)?,
        name: row.text(3)?,
        role: row.text(4)?,
        action: row.text(5)?,
        customer: row.number_or_none(6)?.map(CustomerId),
        detail: serde_json::from_str(&detail).map_err(|_| Error::Damaged {
            column: "detail",
            value: detail,
        })?,
        address: row.text_or_none(8)?,
    })
}

fn line(row: &Row) -> Result<Line> {
    Ok(Line {
        entry: row.number(0)?,
        at: row.number(1)?,
        who: row.text(2)?,
        name: row.text(3)?,
        role: row.text(4)?,
        action: row.text(5)?,
        customer: row.number_or_none(6)?,
        detail: row.text(7)?,
        address: row.text_or_none(8)?,
    })
}
