//! An entry of the audit log, and how each holds the one before.

use crate::db::{Tx, values};
use crate::error::{Error, Result};
use crate::ids::CustomerId;
use crate::limits::DETAIL_BYTES_MAX;
use crate::principal::{Asker, Who};
use crate::role::Role;
use crate::token::hex;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "each is what its text says")]
pub enum Action {
    Search,
    Trace,
    ReadHistory,
    ReadQueue,
    Tail,
    Export,
    FetchExport,
    RemoveExport,
    Sql,
    ReadEvents,
    Upkeep,
    SendEvents,
    SetUp,
    Login,
    LoginFailed,
    Logout,
    EndSessions,
    ChangePassword,
    MakeResetLink,
    UseResetLink,
    AddSecondFactor,
    RemoveSecondFactor,
    AddCustomer,
    ChangeCustomer,
    DisableCustomer,
    EnableCustomer,
    RemoveCustomer,
    AddUser,
    ChangeUser,
    DisableUser,
    EnableUser,
    RemoveUser,
    AddKey,
    RevokeKey,
    AddWebhook,
    ChangeWebhook,
    RemoveWebhook,
    ReplayWebhook,
    AddAlert,
    ChangeAlert,
    RemoveAlert,
    TestAlert,
    ReadReport,
    AddSchedule,
    ChangeSchedule,
    RemoveSchedule,
    ShowSchedule,
    SendSchedule,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 48] = [
        Self::Search,
        Self::Trace,
        Self::ReadHistory,
        Self::ReadQueue,
        Self::Tail,
        Self::Export,
        Self::FetchExport,
        Self::RemoveExport,
        Self::Sql,
        Self::ReadEvents,
        Self::Upkeep,
        Self::SendEvents,
        Self::SetUp,
        Self::Login,
        Self::LoginFailed,
        Self::Logout,
        Self::EndSessions,
        Self::ChangePassword,
        Self::MakeResetLink,
        Self::UseResetLink,
        Self::AddSecondFactor,
        Self::RemoveSecondFactor,
        Self::AddCustomer,
        Self::ChangeCustomer,
        Self::DisableCustomer,
        Self::EnableCustomer,
        Self::RemoveCustomer,
        Self::AddUser,
        Self::ChangeUser,
        Self::DisableUser,
        Self::EnableUser,
        Self::RemoveUser,
        Self::AddKey,
        Self::RevokeKey,
        Self::AddWebhook,
        Self::ChangeWebhook,
        Self::RemoveWebhook,
        Self::ReplayWebhook,
        Self::AddAlert,
        Self::ChangeAlert,
        Self::RemoveAlert,
        Self::TestAlert,
        Self::ReadReport,
        Self::AddSchedule,
        Self::ChangeSchedule,
        Self::RemoveSchedule,
        Self::ShowSchedule,
        Self::SendSchedule,
    ];

    /// As it is stored and shown: `search`, `user.add`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Trace => "trace",
            Self::ReadHistory => "history",
            Self::ReadQueue => "queue",
            Self::Tail => "tail",
            Self::Export => "export",
            Self::FetchExport => "export.fetch",
            Self::RemoveExport => "export.remove",
            Self::Sql => "sql",
            Self::Upkeep => "upkeep",
            Self::ReadEvents => "events.read",
            Self::SendEvents => "events.send",
            Self::SetUp => "setup",
            Self::Login => "login",
            Self::LoginFailed => "login.failed",
            Self::Logout => "logout",
            Self::EndSessions => "sessions.end",
            Self::ChangePassword => "password.change",
            Self::MakeResetLink => "password.link",
            Self::UseResetLink => "password.reset",
            Self::AddSecondFactor => "second_factor.add",
            Self::RemoveSecondFactor => "second_factor.remove",
            Self::AddCustomer => "customer.add",
            Self::ChangeCustomer => "customer.change",
            Self::DisableCustomer => "customer.disable",
            Self::EnableCustomer => "customer.enable",
            Self::RemoveCustomer => "customer.remove",
            Self::AddUser => "user.add",
            Self::ChangeUser => "user.change",
            Self::DisableUser => "user.disable",
            Self::EnableUser => "user.enable",
            Self::RemoveUser => "user.remove",
            Self::AddKey => "key.add",
            Self::RevokeKey => "key.revoke",
            Self::AddWebhook => "webhook.add",
            Self::ChangeWebhook => "webhook.change",
            Self::RemoveWebhook => "webhook.remove",
            Self::ReplayWebhook => "webhook.replay",
            Self::AddAlert => "alert.add",
            Self::ChangeAlert => "alert.change",
            Self::RemoveAlert => "alert.remove",
            Self::TestAlert => "alert.test",
            Self::ReadReport => "report",
            Self::AddSchedule => "schedule.add",
            Self::ChangeSchedule => "schedule.change",
            Self::RemoveSchedule => "schedule.remove",
            Self::ShowSchedule => "schedule.show",
            Self::SendSchedule => "schedule.send",
        }
    }

    /// The action of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// By whom something is done, from where, and when.
pub(crate) struct By {
    pub(crate) who: Who,
    pub(crate) name: String,
    pub(crate) role: Option<Role>,
    pub(crate) address: Option<IpAddr>,
    pub(crate) at: Timestamp,
}

impl By {
    pub(crate) fn nobody(address: Option<IpAddr>, at: Timestamp) -> Self {
        Self {
            who: Who::Nobody,
            name: String::new(),
            role: None,
            address,
            at,
        }
    }
}

impl From<&Asker> for By {
    fn from(asker: &Asker) -> Self {
        Self {
            who: asker.principal.who,
            name: asker.principal.name.clone(),
            role: Some(asker.principal.role),
            address: asker.address,
            at: asker.now,
        }
    }
}

/// The end of the log, held until the transaction ends.
pub(crate) struct End {
    entries: i64,
    hash: String,
}

impl End {
    /// Waits until nobody else changes anything, and holds the end.
    pub(crate) async fn take(tx: &mut Tx) -> Result<Self> {
        let sql = "UPDATE audit_end SET entries = entries + 1 RETURNING entries, hash";
        let row = tx.row(sql, &[]).await?.ok_or(Error::Damaged {
            column: "audit_end",
            value: String::new(),
        })?;
        Ok(Self {
            entries: row.number(0)?,
            hash: row.text(1)?,
        })
    }

    /// Writes the entry that [`take`](Self::take) made room for.
    pub(crate) async fn append(
        self,
        tx: &mut Tx,
        by: &By,
        action: Action,
        customer: Option<CustomerId>,
        detail: &Value,
    ) -> Result<()> {
        let line = Line {
            entry: self.entries,
            at: by.at.as_microsecond(),
            who: by.who.to_string(),
            name: by.name.clone(),
            role: by.role.map_or("", Role::as_str).to_owned(),
            action: action.as_str().to_owned(),
            customer: customer.map(|it| it.0),
            detail: bounded(detail),
            address: by.address.map(|it| it.to_string()),
        };
        let hash = line.hash(&self.hash);
        let sql = "INSERT INTO audit (entry, at, who, name, role, action, customer, detail, address, hash) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let values = values![
            line.entry,
            line.at,
            &line.who,
            &line.name,
            &line.role,
            &line.action,
            line.customer,
            &line.detail,
            line.address.as_deref(),
            &hash,
        ];
        tx.run(sql, values).await?;
        tx.run("UPDATE audit_end SET hash = $1", values![&hash])
            .await?;
        Ok(())
    }
}

/// An entry as it is stored.
pub(crate) struct Line {
    pub(crate) entry: i64,
    pub(crate) at: i64,
    pub(crate) who: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) action: String,
    pub(crate) customer: Option<i64>,
    pub(crate) detail: String,
    pub(crate) address: Option<String>,
}

impl Line {
    /// SHA-256 of the hash before and each field, with its length in front so that nothing can move from one to
    /// another. What is absent has no length but all ones.
    pub(crate) fn hash(&self, before: &str) -> String {
        let mut hash = Sha256::new();
        let customer = self.customer.map(|it| it.to_string());
        for field in [
            Some(before),
            Some(&self.entry.to_string()),
            Some(&self.at.to_string()),
            Some(&self.who),
            Some(&self.name),
            Some(&self.role),
            Some(&self.action),
            customer.as_deref(),
            Some(&self.detail),
            self.address.as_deref(),
        ] {
            let bytes = field.map_or(u64::MAX, |it| it.len() as u64);
            hash.update(bytes.to_be_bytes());
            hash.update(field.unwrap_or_default());
        }
        hex(&hash.finalize())
    }
}

fn bounded(detail: &Value) -> String {
    let text = detail.to_string();
    if text.len() <= DETAIL_BYTES_MAX {
        return text;
    }
    // Each character takes six bytes at the most when it is written as JSON once more.
    let mut end = DETAIL_BYTES_MAX / 8;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    json!({ "cut": &text[..end], "bytes": text.len() }).to_string()
}
