//! What of the archive somebody may see: whose rows, and what of them.
//!
//! A row is its account's. Whoever sees it still does not see what belongs to others: hosts of ours
//! and hops between them, recipients beside him, and whoever among our customers wrote to him. The
//! same is taken out of the texts and original lines of the row.

use search::{AddressTest, Field, Filter, Net, Test};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use store::{Column, View};

/// Stands for what is not shown.
pub const HIDDEN: &str = "***";

/// So many domains and mailboxes are looked for in the index; rows of more are found by reading.
const OWN_IN_INDEX_MAX: usize = 64;

/// Hidden texts shorter than this are left in lines: `-`, `me`.
const TEXT_BYTES_MIN: usize = 3;

/// Whose rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    domains: HashSet<String>,
    mailboxes: BTreeSet<String>,
    /// Networks of ours beside those that are never anybody else's.
    internal: Vec<Net>,
}

impl Scope {
    /// Rows of all accounts in these domains, and of these accounts; in small letters.
    pub fn new(
        domains: impl IntoIterator<Item = String>,
        mailboxes: impl IntoIterator<Item = String>,
    ) -> Self {
        Scope {
            domains: domains.into_iter().collect(),
            mailboxes: mailboxes.into_iter().collect(),
            internal: Vec::new(),
        }
    }

    /// The same, with networks of ours that are hidden beside the private ones.
    pub fn hiding(self, internal: impl IntoIterator<Item = Net>) -> Self {
        Scope {
            internal: internal.into_iter().collect(),
            ..self
        }
    }

    /// Whether an address is one of theirs.
    pub(crate) fn owns(&self, address: &str) -> bool {
        let address = address.to_ascii_lowercase();
        self.mailboxes.contains(&address)
            || address
                .rsplit_once('@')
                .is_some_and(|(_, domain)| self.domains.contains(domain))
    }

    /// Whether a row is theirs.
    pub(crate) fn sees(&self, view: &View, row: usize) -> bool {
        view.text(Column::Account, row)
            .is_some_and(|account| self.owns(account))
    }

    /// What the index can say of a question: of what is hidden it knows too much.
    pub(crate) fn in_index(&self, filter: &Filter) -> Filter {
        let asked = match asks_hidden(filter) {
            true => Filter::All,
            false => filter.clone(),
        };
        if self.domains.len() + self.mailboxes.len() > OWN_IN_INDEX_MAX {
            return asked;
        }
        let domains = self.domains.iter().cloned().map(AddressTest::Domain);
        let mailboxes = self.mailboxes.iter().cloned().map(AddressTest::Whole);
        let own = domains.chain(mailboxes);
        let own = own.map(|test| Filter::term(Field::Account, Test::Address(test)));
        Filter::and([asked, Filter::or(own)])
    }

    fn is_internal(&self, address: IpAddr) -> bool {
        is_private(address) || self.internal.iter().any(|net| net.contains(address))
    }

    /// Whether a relay is one of ours: by its network, or because it is a socket of the host itself,
    /// as `private/dovecot-lmtp`.
    fn is_own_end(&self, address: &str) -> bool {
        address.parse().map_or(true, |it| self.is_internal(it))
    }

    fn is_internal_text(&self, address: Option<&str>) -> bool {
        let address = address.and_then(|it| it.parse().ok());
        address.is_some_and(|it| self.is_internal(it))
    }
}

/// Addresses that are nobody's on the Internet (RFC 1918, RFC 4193, RFC 3927, RFC 6598, loopback).
fn is_private(address: IpAddr) -> bool {
    let is_private_v4 = |it: Ipv4Addr| {
        let [a, b, ..] = it.octets();
        it.is_private() || it.is_loopback() || it.is_link_local() || (a == 100 && b & 0xc0 == 64)
    };
    match address {
        IpAddr::V4(it) => is_private_v4(it),
        IpAddr::V6(it) => match it.to_ipv4_mapped() {
            Some(it) => is_private_v4(it),
            None => it == Ipv6Addr::LOCALHOST || it.is_unique_local() || it.is_unicast_link_local(),
        },
    }
}

/// Columns of which some or all values are hidden.
pub(crate) const HIDING: [Column; 17] = [
    Column::Host,
    Column::Pid,
    Column::RcptTo,
    Column::OrigRcptTo,
    Column::Recipients,
    Column::ClientName,
    Column::ClientAddress,
    Column::ClientPort,
    Column::OrigClientAddress,
    Column::Helo,
    Column::User,
    Column::AuthMethod,
    Column::RelayName,
    Column::RelayAddress,
    Column::RelayPort,
    Column::Text,
    Column::Path,
];

/// Columns that tell what is to be hidden.
pub(crate) const TELLING: [Column; 16] = [
    Column::Account,
    Column::Host,
    Column::MailFrom,
    Column::RcptTo,
    Column::OrigRcptTo,
    Column::MessageId,
    Column::ClientName,
    Column::ClientAddress,
    Column::OrigClientAddress,
    Column::Helo,
    Column::User,
    Column::RelayName,
    Column::RelayAddress,
    Column::Target,
    Column::Text,
    Column::NextQueueId,
];

fn asks_hidden(filter: &Filter) -> bool {
    match filter {
        Filter::All => false,
        Filter::And(all) | Filter::Or(all) => all.iter().any(asks_hidden),
        Filter::Not(inner) => asks_hidden(inner),
        Filter::Term(term) => crate::facts::columns(term.field)
            .iter()
            .any(|column| HIDING.contains(column)),
    }
}

/// What of a row that is theirs they do not see.
pub(crate) struct Hidden<'a> {
    scope: &'a Scope,
    view: &'a View,
    row: usize,
    /// The client is a hop of ours, or another customer.
    client: bool,
    orig_client: bool,
    relay: bool,
    user: bool,
    /// Recipients beside them.
    others: bool,
}

impl<'a> Hidden<'a> {
    pub(crate) fn of(scope: &'a Scope, view: &'a View, row: usize) -> Self {
        let text = |column| view.text(column, row).filter(|it| !it.is_empty());
        let account = text(Column::Account).unwrap_or_default();
        let is_sender = text(Column::MailFrom).is_some_and(|it| scope.owns(it));
        let user = text(Column::User).is_some_and(|user| {
            let local = account.rsplit_once('@').map_or(account, |(local, _)| local);
            let is_theirs = match user.contains('@') {
                true => scope.owns(user),
                false => is_sender || user.eq_ignore_ascii_case(local),
            };
            !is_theirs
        });
        Hidden {
            scope,
            view,
            row,
            client: user || scope.is_internal_text(text(Column::ClientAddress)),
            orig_client: user || scope.is_internal_text(text(Column::OrigClientAddress)),
            relay: text(Column::RelayAddress).is_some_and(|it| scope.is_own_end(it)),
            user,
            others: !is_sender,
        }
    }

    /// Whether no value of a column is shown.
    pub(crate) fn hides(&self, column: Column) -> bool {
        match column {
            Column::Host | Column::Pid => true,
            Column::ClientName | Column::ClientAddress | Column::ClientPort | Column::Helo => {
                self.client
            }
            Column::OrigClientAddress => self.orig_client,
            Column::User | Column::AuthMethod => self.user,
            Column::RelayName | Column::RelayAddress | Column::RelayPort => self.relay,
            Column::Recipients => self.others,
            _ => false,
        }
    }

    /// What is shown of a column's text.
    pub(crate) fn text(&self, column: Column) -> Option<Cow<'a, str>> {
        let text = self.view.text(column, self.row)?;
        if self.hides(column) {
            return None;
        }
        Some(match column {
            Column::RcptTo | Column::OrigRcptTo if self.others => self.own_of(text),
            Column::Text | Column::Path => match self.cleaner().clean(text) {
                Cow::Borrowed(_) => Cow::Borrowed(text),
                Cow::Owned(text) => Cow::Owned(text),
            },
            _ => Cow::Borrowed(text),
        })
    }

    /// Those of several addresses that are theirs.
    fn own_of(&self, list: &'a str) -> Cow<'a, str> {
        let own: Vec<&str> = store::addresses(list)
            .filter(|it| self.scope.owns(it))
            .collect();
        match list.contains(',') {
            true => Cow::Owned(own.join(",")),
            // It is the row's only one: an address before or behind an alias.
            false => Cow::Borrowed(list),
        }
    }

    /// What may be seen in texts of the row.
    pub(crate) fn cleaner(&self) -> Cleaner<'_> {
        let text = |column| self.view.text(column, self.row);
        let is_hidden = [
            (Column::Host, true),
            (Column::ClientName, self.client),
            (Column::ClientAddress, self.client),
            (Column::OrigClientAddress, self.orig_client),
            (Column::Helo, self.client),
            (Column::RelayName, self.relay),
            (Column::User, self.user),
        ];
        let hidden = is_hidden.into_iter().filter(|(_, is_hidden)| *is_hidden);
        let shown = [Column::MailFrom, Column::MessageId, Column::Target];
        let recipients = [Column::RcptTo, Column::OrigRcptTo].into_iter();
        let of_recipients = recipients.filter_map(|column| match self.text(column)? {
            Cow::Borrowed(list) => Some(store::addresses(list)),
            // Their own, which are shown anyway.
            Cow::Owned(_) => None,
        });
        Cleaner {
            scope: self.scope,
            hidden: hidden.filter_map(|(column, _)| text(column)).collect(),
            shown: shown
                .into_iter()
                .filter_map(text)
                .chain(of_recipients.flatten())
                .collect(),
        }
    }
}

/// Takes what is hidden out of texts.
pub(crate) struct Cleaner<'a> {
    pub(crate) scope: &'a Scope,
    /// Names and IP addresses that are not shown.
    pub(crate) hidden: Vec<&'a str>,
    /// Addresses of mail and Message-IDs that are shown beside their own.
    pub(crate) shown: Vec<&'a str>,
}

impl Cleaner<'_> {
    /// A text without what is hidden.
    pub(crate) fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut out = String::new();
        let mut taken = 0;
        for (start, end) in words(text) {
            if !self.is_shown(&text[start..end]) {
                out.push_str(&text[taken..start]);
                out.push_str(HIDDEN);
                taken = end;
            }
        }
        if taken == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(&text[taken..]);
        Cow::Owned(out)
    }

    /// Whether a word of a text may be seen.
    fn is_shown(&self, word: &str) -> bool {
        if let Ok(address) = word.parse::<IpAddr>() {
            let is_hidden = self.hidden.iter().any(|it| it.parse() == Ok(address));
            return !is_hidden && !self.scope.is_internal(address);
        }
        if word.contains('@') {
            let is_word = |it: &&str| it.trim_matches(['<', '>']).eq_ignore_ascii_case(word);
            return self.scope.owns(word) || self.shown.iter().any(is_word);
        }
        !self.hidden.iter().any(|name| is_name(word, name))
    }
}

/// Whether a word is a hidden name, or begins with it as `mx1.example.org` does with `mx1`.
fn is_name(word: &str, name: &str) -> bool {
    if name.len() < TEXT_BYTES_MIN {
        return false;
    }
    let first = |it: &str| {
        it.split('.')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    // `mail` is a word too; `mx1`, `mail-3` and `mail.example.org` are names.
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphabetic());
    match is_plain {
        true => word.eq_ignore_ascii_case(name),
        false => first(word) == first(name),
    }
}

/// What ends a word within a run: `client=mx1:25`, `to=anna@x.example:`.
const ENDS: [char; 11] = ['=', '/', '|', '\'', '`', '{', '}', '!', '?', '*', '~'];

/// Words of which names, addresses and identifiers are made, as first and last byte.
fn words(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let is_part = |it: char| it.is_alphanumeric() || "@.-_+:#$%&^".contains(it);
    let of = move |piece: &str| {
        let start = piece.as_ptr() as usize - text.as_ptr() as usize;
        (start, start + piece.len())
    };
    text.split(move |it: char| ENDS.contains(&it) || !is_part(it))
        .flat_map(|run| {
            let is_address = run.parse::<IpAddr>().is_ok();
            run.split(move |it| it == ':' && !is_address)
        })
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
        .map(of)
}
