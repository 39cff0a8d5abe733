//! The story of an account: from which addresses it was used, since when, and what was done from each.

use crate::facts::wanted_rows;
use crate::sight::Sight;
use crate::{Result, blocks};
use search::{AddressTest, Field, Filter, Test, TimeRange};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{Column, View};

/// Columns that the story is made of.
const COLUMNS: [Column; 9] = [
    Column::At,
    Column::Kind,
    Column::Account,
    Column::User,
    Column::ClientAddress,
    Column::SessionId,
    Column::Protocol,
    Column::UserAgent,
    Column::Counts,
];

/// What happened to an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// Rows of each kind.
    pub kinds: BTreeMap<String, u64>,
    /// What was done from each address, the newest last use first.
    pub addresses: Vec<Used>,
}

/// What was done from an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// IP address as written.
    pub address: String,
    /// First and last time that it was used by the account, microseconds: a login, a failure, a
    /// session, a message handed in.
    pub first: i64,
    /// See `first`.
    pub last: i64,
    /// Logins.
    pub logins: u64,
    /// Logins that were refused.
    pub failures: u64,
    /// Messages handed in.
    pub sent: u64,
    /// Messages read or taken away, as far as sessions tell it.
    pub fetched: u64,
    /// Messages deleted or expunged, as far as sessions tell it.
    pub deleted: u64,
    /// Protocols, and browsers or programs where they are told.
    pub programs: BTreeSet<String>,
}

/// Counters of a session by what they count (Dovecot's `imap_logout_format`, `pop3_logout_format`):
/// `del=1/12`, `expunged=2`, `retr=3/4096`. Courier's `retr=4096`, which stands before a `time=`, are
/// bytes. Source: courier-imap `imap/pop3dserver.C`.
fn counted(counts: &str, names: &[&str]) -> u64 {
    let words = counts
        .split([' ', ','])
        .filter_map(|word| word.split_once('='));
    let is_couriers = words.clone().any(|(name, _)| name == "time");
    let is_bytes = |name: &str, value: &str| is_couriers && name == "retr" && !value.contains('/');
    let wanted = words.filter(|(name, value)| names.contains(name) && !is_bytes(name, value));
    let number = |value: &str| {
        value
            .split('/')
            .next()
            .and_then(|it| it.parse::<u64>().ok())
    };
    wanted.filter_map(|(_, value)| number(value)).sum()
}

/// What happened to an account in a range of time; its address or user name as it logs in.
pub async fn account(sight: &Sight, account: &str, range: TimeRange) -> Result<Story> {
    let account = account.to_ascii_lowercase();
    let test = match account.contains('@') {
        true => AddressTest::Whole(account.clone()),
        false => AddressTest::Local(account.clone()),
    };
    let filter = Filter::term(Field::Account, Test::Address(test));
    let mut kinds = BTreeMap::new();
    let mut uses = Uses::default();
    blocks::each(sight, (&filter, range), &COLUMNS, |block| {
        for row in wanted_rows(&block.view, &filter, range) {
            let kind = block.view.text(Column::Kind, row).unwrap_or_default();
            *kinds.entry(kind.to_owned()).or_default() += 1;
            uses.note(&block.view, row, kind);
        }
    })
    .await?;
    let mut addresses = uses.of_each_address();
    addresses.sort_by_key(|it| std::cmp::Reverse((it.last, it.first)));
    Ok(Story { kinds, addresses })
}

/// What rows say of the addresses that the account was used from.
#[derive(Default)]
struct Uses {
    by_address: BTreeMap<String, Used>,
    /// Refused logins of an address in a session, as the login service and as the authentication service
    /// tells them: Dovecot writes each twice.
    refused: HashMap<(String, String), [u64; 2]>,
}

impl Uses {
    fn note(&mut self, view: &View, row: usize, kind: &str) {
        let text = |column| view.text(column, row).filter(|text| !text.is_empty());
        // Whoever brings mail for the account is not its user.
        let is_use = match kind {
            "auth.succeeded" | "auth.failed" | "session.closed" | "session.aborted" => true,
            "message.accepted" | "message.submitted" => text(Column::User).is_some(),
            _ => kind.starts_with("web."),
        };
        let Some(address) = text(Column::ClientAddress).filter(|_| is_use) else {
            return;
        };
        let at = view.at(row);
        let used = self.by_address.entry(address.to_owned());
        let it = used.or_insert_with(|| Used {
            address: address.to_owned(),
            first: at,
            last: at,
            ..Used::default()
        });
        it.first = it.first.min(at);
        it.last = it.last.max(at);
        match (kind, text(Column::SessionId)) {
            ("auth.succeeded", _) => it.logins += 1,
            ("auth.failed", None) => it.failures += 1,
            ("auth.failed", Some(session)) => {
                let of_session = (address.to_owned(), session.to_owned());
                let by_auth = text(Column::Protocol).is_none();
                self.refused.entry(of_session).or_default()[usize::from(by_auth)] += 1;
            }
            ("message.accepted" | "message.submitted", _) => it.sent += 1,
            _ => {}
        }
        if let Some(counts) = text(Column::Counts) {
            it.deleted += counted(counts, &["del", "deleted"]);
            it.fetched += counted(counts, &["retr", "body_count"]);
        }
        let programs = [Column::Protocol, Column::UserAgent]
            .into_iter()
            .filter_map(text);
        it.programs.extend(programs.map(str::to_ascii_lowercase));
    }

    fn of_each_address(mut self) -> Vec<Used> {
        for ((address, _), [by_login, by_auth]) in self.refused {
            if let Some(it) = self.by_address.get_mut(&address) {
                it.failures += by_login.max(by_auth);
            }
        }
        self.by_address.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn counters_of_sessions_are_read() {
        let pop3 = "top=0/0, retr=3/4096, del=2/12, size=11903";
        assert_eq!(counted(pop3, &["del", "deleted"]), 2);
        assert_eq!(counted(pop3, &["retr", "body_count"]), 3);
        let imap =
            "deleted=4 expunged=4 trashed=1 hdr_count=1 hdr_bytes=312 body_count=7 body_bytes=9";
        assert_eq!(counted(imap, &["del", "deleted"]), 4);
        assert_eq!(counted(imap, &["retr", "body_count"]), 7);
        let courier = "top=0, retr=5120, rcvd=18, sent=5300, time=1";
        assert_eq!(counted(courier, &["retr", "body_count"]), 0);
        assert_eq!(counted("in=1 out=2", &["del"]), 0);
        assert_eq!(counted("del=x/3 del", &["del"]), 0);
    }
}
