//! What questions read: data files, and rows that no commit has yet.

use crate::columns::Column;
use crate::error::Result;
use crate::file::presence::Presence;
use crate::file::read::{Block, DataFile};
use crate::hot::Hot;
use crate::index::IdRole;
use crate::span::touches;
use crate::view::View;
use crate::words;
use search::{Filter, TimeRange};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A part of the archive as questions read it: blocks of rows with their original lines.
#[derive(Clone)]
pub enum Part {
    /// A data file.
    File(Arc<DataFile>),
    /// Rows that are in memory only: one block.
    Hot(Arc<Hot>),
}

impl Part {
    /// How many blocks.
    pub fn blocks(&self) -> u32 {
        match self {
            Part::File(file) => file.blocks(),
            Part::Hot(_) => 1,
        }
    }

    /// Times of the first and the last row of a block, microseconds, at least as wide as they are.
    pub fn times(&self, block: u32) -> (i64, i64) {
        match self {
            Part::File(file) => file.times(block),
            Part::Hot(hot) => hot.at,
        }
    }

    /// The blocks that may hold rows of a range that a filter wants, in order; no other block holds
    /// one.
    pub async fn wanted(&self, filter: &Filter, range: TimeRange) -> Result<Vec<u32>> {
        match self {
            Part::File(file) => file.candidates_of(filter, range).await,
            Part::Hot(hot) => Ok(Vec::from_iter(touches(hot.at, range).then_some(0))),
        }
    }

    /// The rows of blocks that touch a range and may have one of these identifiers (queue ids, message
    /// ids, sessions) in the columns of a role; no other row has one.
    pub async fn with_ids(
        &self,
        (ids, role): (&[&str], IdRole),
        range: TimeRange,
    ) -> Result<BTreeMap<u32, Vec<u32>>> {
        let mut rows: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        match self {
            Part::File(file) => {
                for id in ids {
                    let id = words::bare(id.as_bytes());
                    for (block, of_id) in file.rows_with_id((id, role), range).await? {
                        rows.entry(block).or_default().extend(of_id.iter());
                    }
                }
            }
            Part::Hot(hot) if touches(hot.at, range) => {
                rows.insert(0, hot.with_ids(ids, role));
            }
            Part::Hot(_) => {}
        }
        let rows = rows.into_iter();
        Ok(rows
            .map(|(block, of_block)| (block, Vec::from_iter(of_block)))
            .collect())
    }

    /// Rows of these blocks, which are in order; of a file only these columns are read, those of words
    /// ([`Column::is_of_words`]) as dictionaries of Arrow.
    pub async fn read(&self, blocks: &[u32], columns: &[Column]) -> Result<Vec<Block>> {
        match self {
            Part::File(file) => file.read_words(blocks, columns).await,
            Part::Hot(hot) => Ok(blocks.iter().map(|_| hot.block()).collect()),
        }
    }

    /// Some rows of blocks, given by their places in them, in order; all columns are read.
    pub async fn rows_at(&self, wanted: &BTreeMap<u32, Vec<u32>>) -> Result<Vec<Block>> {
        match self {
            Part::File(file) => file.rows_at(wanted).await,
            Part::Hot(hot) => wanted.values().map(|rows| hot.block_of(rows)).collect(),
        }
    }

    /// The same, but that of a file only these columns are read, as [`Part::read`] reads them.
    pub async fn words_at(
        &self,
        wanted: &BTreeMap<u32, Vec<u32>>,
        columns: &[Column],
    ) -> Result<Vec<Block>> {
        match self {
            Part::File(file) => file.words_at(wanted, columns).await,
            Part::Hot(_) => self.rows_at(wanted).await,
        }
    }

    /// The rows of stays in queues that were not short ([`crate::around`]): of the columns those that are
    /// asked for, as far as a queue tells of them. `None` where they are not kept apart.
    pub async fn stays(&self, columns: &[Column]) -> Result<Option<View>> {
        match self {
            Part::File(file) => file.stays(columns).await,
            Part::Hot(_) => Ok(None),
        }
    }

    /// The original lines of rows of a block of which all columns were read: row, time in nanoseconds,
    /// bytes.
    pub async fn lines(
        &self,
        block: &Block,
        rows: impl IntoIterator<Item = usize>,
        take: &mut impl FnMut(usize, i64, &[u8]),
    ) -> Result<()> {
        match self {
            Part::File(file) => file.lines(block, rows, take).await,
            Part::Hot(hot) => {
                for row in rows {
                    let lines = hot.lines(block.place(row));
                    lines.for_each(|(at, line)| take(row, at, line));
                }
                Ok(())
            }
        }
    }

    /// What it has of each host.
    pub async fn presence(&self) -> Result<Cow<'_, [Presence]>> {
        Ok(match self {
            Part::File(file) => Cow::Owned(file.presence().await?),
            Part::Hot(hot) => Cow::Borrowed(hot.presence()),
        })
    }
}
