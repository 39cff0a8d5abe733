//! Gathers what the index knows of each row while a file is written.

use super::ids;
use super::terms::{self, TermsWriter};
use crate::Column;
use crate::view::View;
use crate::words::{self, Word};

/// Columns with one identifier each.
pub(crate) const IDS: [Column; 6] = [
    Column::QueueId,
    Column::MessageId,
    Column::SessionId,
    Column::NextQueueId,
    Column::OrigQueueId,
    Column::MailId,
];
/// Columns with addresses or users.
const ADDRESSES: [Column; 5] = [
    Column::Account,
    Column::MailFrom,
    Column::RcptTo,
    Column::OrigRcptTo,
    Column::User,
];
/// Columns with IP addresses.
const IPS: [Column; 3] = [
    Column::ClientAddress,
    Column::OrigClientAddress,
    Column::RelayAddress,
];
/// Columns with names of hosts.
const NAMES: [Column; 3] = [Column::ClientName, Column::RelayName, Column::Helo];
/// Columns with words that people look for.
const WORDS: [Column; 3] = [Column::Text, Column::Subject, Column::Found];
/// Columns with words of a closed list.
const VALUES: [Column; 6] = [
    Column::Kind,
    Column::Host,
    Column::Program,
    Column::Severity,
    Column::EnhancedStatus,
    Column::Verdict,
];

/// What is known of the rows so far.
#[derive(Debug, Default)]
pub(crate) struct IndexWriter {
    terms: TermsWriter,
    /// Hashes of the identifiers of the block at hand.
    ids: Vec<u64>,
    filters: Vec<Vec<u8>>,
    term: Vec<u8>,
}

/// The finished index of a file.
pub(crate) struct Index {
    /// One for each block.
    pub(crate) filters: Vec<Vec<u8>>,
    pub(crate) terms: Vec<u8>,
    pub(crate) lists: Vec<u8>,
}

impl IndexWriter {
    /// Takes a row of the block at hand; its reply as it was written.
    pub(crate) fn row_of(&mut self, view: &View, row: usize) {
        let reply = view.reply(row);
        self.row(|column| match column {
            Column::Text => reply.as_deref(),
            _ => view.text(column, row),
        });
    }

    fn row<'a>(&mut self, text: impl Fn(Column) -> Option<&'a str>) {
        for id in IDS.into_iter().filter_map(&text) {
            self.id(id.as_bytes());
            // Several ids where one program names more (`a/b`), or one with a slash (Dovecot's are Base64).
            if id.contains('/') {
                id.split('/').for_each(|id| self.id(id.as_bytes()));
            }
        }
        for list in ADDRESSES.into_iter().filter_map(&text) {
            words::addresses(list).for_each(|address| self.address(address.as_bytes()));
        }
        for ip in IPS.into_iter().filter_map(&text) {
            if let Ok(ip) = ip.parse() {
                terms::ip(ip, &mut self.term);
                self.add();
            }
        }
        for name in NAMES.into_iter().filter_map(&text) {
            terms::backwards(b'n', name.as_bytes(), &mut self.term);
            self.add();
        }
        for column in VALUES {
            if let Some(word) = text(column) {
                terms::value(column, word.as_bytes(), &mut self.term);
                self.add();
            }
        }
        for words in WORDS.into_iter().filter_map(&text) {
            words::words(words.as_bytes(), &mut |word| self.word(word));
        }
    }

    /// Ends the block at hand.
    pub(crate) fn finish_block(&mut self) {
        self.filters.push(ids::filter(&mut self.ids));
        self.ids.clear();
    }

    /// The index of all blocks.
    pub(crate) fn finish(self) -> Result<Index, fst::Error> {
        let (terms, lists) = self.terms.finish()?;
        Ok(Index {
            filters: self.filters,
            terms,
            lists,
        })
    }

    fn id(&mut self, id: &[u8]) {
        let id = words::bare(id);
        if !id.is_empty() {
            self.ids.push(ids::hash(id));
        }
    }

    fn address(&mut self, address: &[u8]) {
        terms::address(address, &mut self.term);
        self.add();
        if let Some(at) = address.iter().rposition(|&byte| byte == b'@') {
            terms::backwards(b'd', &address[at + 1..], &mut self.term);
            self.add();
        }
    }

    fn word(&mut self, word: Word<'_>) {
        match word {
            Word::Plain(word) => {
                terms::word(word, &mut self.term);
                self.add();
            }
            Word::Id(id) => self.ids.push(ids::hash(id.as_bytes())),
        }
    }

    fn add(&mut self) {
        self.terms.add(&self.term, self.filters.len() as u32);
    }
}
