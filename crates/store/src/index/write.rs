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
/// Those of them that name what the row itself is about, and not where it went.
pub(crate) const OWN_IDS: [Column; 5] = [
    Column::QueueId,
    Column::MessageId,
    Column::SessionId,
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
    /// Those of the blocks before.
    ids_before: Vec<u64>,
    filters: Vec<Vec<u8>>,
    term: Vec<u8>,
}

/// The finished index of a file.
pub(crate) struct Index {
    /// One for each block.
    pub(crate) filters: Vec<Vec<u8>>,
    /// Of all blocks, so that most files are passed over at once; empty where there is one block only.
    pub(crate) filter: Vec<u8>,
    pub(crate) terms: Vec<u8>,
    pub(crate) lists: Vec<u8>,
}

impl Index {
    /// The filters of blocks, then the one of all.
    pub(crate) fn all_filters(&self) -> Vec<u8> {
        [&*self.filters.concat(), &self.filter].concat()
    }
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
        for several in IDS.into_iter().filter_map(&text) {
            let hashes = words::ids(several.as_bytes()).map(ids::hash);
            self.ids.extend(hashes);
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
        self.ids_before.append(&mut self.ids);
    }

    /// The index of all blocks.
    pub(crate) fn finish(mut self) -> Result<Index, fst::Error> {
        let (terms, lists) = self.terms.finish()?;
        Ok(Index {
            filter: match self.filters.len() {
                0 | 1 => Vec::new(),
                _ => ids::filter(&mut self.ids_before),
            },
            filters: self.filters,
            terms,
            lists,
        })
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
