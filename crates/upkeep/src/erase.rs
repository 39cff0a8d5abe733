//! All rows that name a person's address go, with their original lines.

use crate::check::{Damage, unless_damaged};
use crate::error::{Error, Result};
use crate::rules::Rules;
use aho_corasick::AhoCorasick;
use std::collections::BTreeMap;
use store::{Column, FileOf, Kept, Replaced, StoredRow, Vacuumed, Writer};

/// Columns with what may come from other lines than the row's own, or is not written as it is read.
const COLUMNS: [Column; 9] = [
    Column::Account,
    Column::MailFrom,
    Column::RcptTo,
    Column::OrigRcptTo,
    Column::User,
    Column::HeaderFrom,
    Column::Target,
    Column::Subject,
    Column::Text,
];

/// What was erased.
#[derive(Debug, Default)]
pub struct Erased {
    /// What became of the files that named the address.
    pub kept: Kept,
    /// Rows that went, by kind.
    pub kinds: BTreeMap<String, u64>,
    /// Rows that name the address and stay, because a hold asks for them.
    pub held: u64,
    /// Rows of what is not complete yet (open sessions, queued messages) that name the address: they
    /// stay until it is.
    pub open: u64,
    /// Files that were removed from the disk, and those that stay as long as somebody reads them.
    pub vacuumed: Vacuumed,
    /// Files that are damaged: what they say of the address is not known, and stays.
    pub damage: Vec<Damage>,
}

/// Erases an address; with `dry` it only tells what would go. `tell` is called with the bytes that
/// were looked at so far.
pub fn erase(
    writer: &mut Writer,
    rules: &Rules,
    address: &str,
    now: jiff::Timestamp,
    dry: bool,
    mut tell: impl FnMut(u64),
) -> Result<Erased> {
    let naming = Naming::new(address)?;
    let holds = rules.filters()?;
    let mut erased = Erased::default();
    let mut replaced = Replaced::default();
    let mut looked_at = 0;
    for file in writer.archive().files().to_vec() {
        let mut here = Erased::default();
        let look = |row: StoredRow<'_>| {
            if !naming.names(row) {
            } else if file.is_open() {
                here.open += 1;
            } else if holds.ask_for(row) {
                here.held += 1;
            } else {
                let kind = row.text(Column::Kind).unwrap_or_default();
                *here.kinds.entry(kind.to_owned()).or_default() += 1;
                here.kept.rows_gone += 1;
                here.kept.lines_gone += row.lines().count() as u64;
            }
        };
        let proof = writer.archive().prove(&file);
        let looked = proof.and_then(|()| writer.archive().each_row(&file, look));
        let looked = looked.map_err(Error::from);
        looked_at += file.size;
        tell(looked_at);
        if unless_damaged(writer, &file, looked, &mut erased.damage)?.is_none() {
            continue;
        }
        if here.kept.rows_gone > 0 && !dry {
            take_out(writer, &file, &mut replaced, |row| {
                naming.names(row) && !holds.ask_for(row)
            })?;
        }
        erased.add(here);
    }
    if !dry {
        erased.kept = replaced.kept;
        writer.commit_replaced(replaced, "erase", "an address", now)?;
        erased.vacuumed = writer.vacuum()?;
    }
    Ok(erased)
}

fn take_out(
    writer: &mut Writer,
    file: &FileOf,
    replaced: &mut Replaced,
    goes: impl Fn(StoredRow<'_>) -> bool,
) -> Result<()> {
    let stays = |row: StoredRow<'_>| (!goes(row)).then_some(file.class.as_str());
    Ok(writer.rewrite(std::slice::from_ref(file), replaced, stays)?)
}

impl Erased {
    fn add(&mut self, other: Erased) {
        self.kept += other.kept;
        self.held += other.held;
        self.open += other.open;
        for (kind, rows) in other.kinds {
            *self.kinds.entry(kind).or_default() += rows;
        }
    }
}

/// Looks for an address in rows.
struct Naming(AhoCorasick);

impl Naming {
    fn new(address: &str) -> Result<Self> {
        let wrong = || Error::NoAddress(address.to_owned());
        let (local, domain) = address.rsplit_once('@').ok_or_else(wrong)?;
        if local.is_empty() || domain.is_empty() || address.contains(char::is_whitespace) {
            return Err(wrong());
        }
        let found = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build([address]);
        found.map(Naming).map_err(|_| wrong())
    }

    /// Whether a row or one of its lines names the address.
    fn names(&self, row: StoredRow<'_>) -> bool {
        row.lines().any(|(_, line)| self.is_in(line))
            || COLUMNS
                .iter()
                .filter_map(|&column| row.text(column))
                .any(|text| self.is_in(text.as_bytes()))
    }

    /// Whether the address stands there, and not only the end or the beginning of another.
    fn is_in(&self, text: &[u8]) -> bool {
        self.0.find_iter(text).any(|found| {
            let before = found.start().checked_sub(1).map(|at| text[at]);
            let after = (text.get(found.end()), text.get(found.end() + 1));
            !before.is_some_and(is_local) && !goes_on(after)
        })
    }
}

/// What may stand in a local part (RFC 5322 section 3.2.3), but for `=` and quotes, which stand
/// before addresses in logs.
fn is_local(c: u8) -> bool {
    c.is_ascii_alphanumeric() || b"!#$%&*+-/?^_`{|}~.".contains(&c) || c >= 0x80
}

/// Whether a domain goes on behind the address.
fn goes_on(after: (Option<&u8>, Option<&u8>)) -> bool {
    let is_label = |c: &u8| c.is_ascii_alphanumeric() || *c == b'-' || *c >= 0x80;
    match after {
        (Some(b'.'), Some(next)) => is_label(next),
        (Some(next), _) => is_label(next),
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Naming;

    #[test]
    fn an_address_is_found_as_a_whole() {
        let naming = Naming::new("anna@example.org").expect("it is an address");
        for there in [
            "to=<anna@example.org>, relay=x",
            "from=<Anna@Example.ORG>",
            "anna@example.org",
            "user=anna@example.org.",
            "<x@y>,anna@example.org,z@y",
            "sasl_username=anna@example.org",
            "wrote to anna@example.org. It",
        ] {
            assert!(naming.is_in(there.as_bytes()), "{there}");
        }
        for another in [
            "to=<joanna@example.org>",
            "to=<jo.anna@example.org>",
            "to=<anna@example.org.uk>",
            "to=<anna@example.organic>",
            "to=<anna@sub.example.org>",
            "to=<anna@example.org-x.net>",
        ] {
            assert!(!naming.is_in(another.as_bytes()), "{another}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "anna", "@example.org", "anna@", "an na@example.org"] {
            assert!(Naming::new(text).is_err(), "{text}");
        }
    }
}
