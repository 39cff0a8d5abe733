//! The words for what happened.

use crate::pattern::Pattern;
use model::Kind;

/// Words of mail that are no kind's or area's name, or mean another set than the verb alone.
const WORDS: &[(&str, &[Kind])] = &[
    ("complained", &[Kind::ComplaintReceived]),
    ("connected", &[Kind::SessionOpened]),
    ("disconnected", &[Kind::SessionClosed]),
    (
        "failed",
        &[Kind::Bounced, Kind::Expired, Kind::MailboxFailed],
    ),
    (
        "login",
        &[Kind::AuthSucceeded, Kind::AuthFailed, Kind::AuthAborted],
    ),
    ("logout", &[Kind::SessionClosed]),
    (
        "notification",
        &[Kind::DsnSent, Kind::DsnSuppressed, Kind::DsnReceived],
    ),
    ("opened", &[Kind::EngagementOpened]),
    ("quarantined", &[Kind::QuarantineStored]),
    ("queued", &[Kind::MessageAccepted]),
    ("read", &[Kind::MailboxFetched]),
    ("removed", &[Kind::MessageClosed]),
    ("sent", &[Kind::Delivered, Kind::Relayed]),
    (
        "vacation",
        &[Kind::AutoreplySent, Kind::AutoreplySuppressed],
    ),
];

fn area(kind: Kind) -> &'static str {
    kind.name().split('.').next().unwrap_or_default()
}

fn verb(kind: Kind) -> &'static str {
    kind.name().rsplit('.').next().unwrap_or_default()
}

fn all_that(is: impl Fn(Kind) -> bool) -> Vec<Kind> {
    Kind::ALL.iter().copied().filter(|&kind| is(kind)).collect()
}

/// The kinds that a word means, in the order of [`Kind::ALL`]; none for a word that means none.
///
/// A word is, in this order: a kind's name, an area, a word of mail, a verb (`rejected`: in any
/// area), or a pattern of names (`mailbox.*`).
pub(crate) fn meant(word: &Pattern) -> Vec<Kind> {
    if word.open_start || word.open_end {
        return all_that(|kind| word.matches(kind.name().as_bytes()));
    }
    let word = word.text.as_str();
    let named = all_that(|kind| kind.name() == word || area(kind) == word);
    if !named.is_empty() {
        return named;
    }
    match WORDS.iter().find(|(it, _)| *it == word) {
        Some((_, kinds)) => all_that(|kind| kinds.contains(&kind)),
        None => all_that(|kind| verb(kind) == word),
    }
}

/// All words that mean kinds, for suggestions.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    let names = Kind::ALL
        .iter()
        .flat_map(|&kind| [kind.name(), area(kind), verb(kind)]);
    names.chain(WORDS.iter().map(|(word, _)| *word))
}

/// The shortest list of names for kinds in the order of [`Kind::ALL`]: areas where all of one are
/// among them.
pub(crate) fn names(kinds: &[Kind]) -> Vec<&'static str> {
    let is_whole = |name| {
        all_that(|kind| area(kind) == name)
            .iter()
            .all(|it| kinds.contains(it))
    };
    let mut names: Vec<_> = kinds
        .iter()
        .map(|&kind| {
            if is_whole(area(kind)) {
                area(kind)
            } else {
                kind.name()
            }
        })
        .collect();
    names.dedup();
    names
}
