//! All rows that a filter wants, with their lines, in the order in which they lie: for exports, which
//! are too large to be put in another.

use crate::Result;
use crate::facts::{columns_of, wanted_rows};
use crate::rows::Found;
use crate::sight::{Block, SeenPart, Sight};
use search::{Filter, TimeRange};
use std::collections::{BTreeMap, VecDeque};
use store::FileOf;

/// Blocks that are in memory at a time, with all columns and lines.
const BLOCKS_AT_A_TIME: usize = 4;

/// Original lines of a row, each with its time in nanoseconds.
pub type Lines = Vec<(i64, Vec<u8>)>;

/// The days of the archive, as `2026-11-01`, that a range of time touches.
pub fn days(sight: &Sight, range: TimeRange) -> Vec<String> {
    let parts = sight.parts(range).into_iter();
    let mut days: Vec<String> = parts.map(|part| part.day).collect();
    days.sort();
    days.dedup();
    days
}

/// Gives each row of a day that a filter wants, with its lines: by file, account, and time. Ends early
/// where `take` errs, with its error.
pub async fn walk<E>(
    sight: &Sight,
    (filter, range, day): (&Filter, TimeRange, &str),
    take: &mut impl FnMut(&Found, &Lines) -> std::result::Result<(), E>,
) -> Result<std::result::Result<(), E>> {
    let mut walk = Walk::new(sight, (filter, range, day), true);
    while let Some(piece) = walk.next().await? {
        for (found, lines) in &piece.rows {
            if let Err(error) = take(found, lines) {
                return Ok(Err(error));
            }
        }
    }
    Ok(Ok(()))
}

/// The same, a piece at a time, for who has more to do in between.
pub struct Walk {
    sight: Sight,
    filter: Filter,
    range: TimeRange,
    with_lines: bool,
    /// Parts that were not looked at.
    parts: VecDeque<FileOf>,
    at: Option<At>,
    /// Rows of parts, and those that were looked at.
    rows: (u64, u64),
}

/// The part at hand.
struct At {
    part: SeenPart,
    rows: u64,
    /// Blocks that may have rows that are wanted: all of them, and those that were not read.
    in_all: usize,
    waiting: VecDeque<u32>,
    /// Blocks that were read.
    read: VecDeque<Block>,
}

/// Some rows of a walk.
#[derive(Default)]
pub struct Piece {
    /// Rows with their lines; there may be none. Without lines where these are not wanted.
    pub rows: Vec<(Found, Lines)>,
    /// How much of the day was looked at with this, from 0 to 1.
    pub done: f64,
}

impl Walk {
    /// Begins; rows come with their lines, or without.
    pub fn new(
        sight: &Sight,
        (filter, range, day): (&Filter, TimeRange, &str),
        with_lines: bool,
    ) -> Self {
        let mut parts = sight.parts(range);
        parts.retain(|part| part.day == day);
        Walk {
            sight: sight.clone(),
            filter: filter.clone(),
            range,
            with_lines,
            rows: (parts.iter().map(|it| it.rows).sum(), 0),
            parts: parts.into(),
            at: None,
        }
    }

    /// The next piece; `None` at the end of the day.
    pub async fn next(&mut self) -> Result<Option<Piece>> {
        let mut at = match self.at.take() {
            Some(at) => at,
            None => match self.parts.pop_front() {
                Some(of) => self.look(&of).await?,
                None => return Ok(None),
            },
        };
        if at.read.is_empty() && !at.waiting.is_empty() {
            at.read = self.read(&mut at).await?;
        }
        let rows = match at.read.pop_front() {
            Some(block) => self.rows(&at.part, block).await?,
            None => Vec::new(),
        };
        let left = at.waiting.len() + at.read.len();
        let looked = at.rows as f64 * (1.0 - left as f64 / at.in_all.max(1) as f64);
        let done = (self.rows.1 as f64 + looked) / self.rows.0.max(1) as f64;
        match left {
            0 => self.rows.1 += at.rows,
            _ => self.at = Some(at),
        }
        Ok(Some(Piece { rows, done }))
    }

    async fn look(&self, of: &FileOf) -> Result<At> {
        let part = self.sight.part(of).await?;
        let wanted = part.wanted(&self.filter, self.range).await?;
        Ok(At {
            part,
            rows: of.rows,
            in_all: wanted.len(),
            waiting: wanted.into(),
            read: VecDeque::new(),
        })
    }

    /// Reads the next blocks, with the rows of them that are wanted.
    async fn read(&self, at: &mut At) -> Result<VecDeque<Block>> {
        let some = at.waiting.len().min(BLOCKS_AT_A_TIME);
        let blocks: Vec<u32> = at.waiting.drain(..some).collect();
        let mut wanted = BTreeMap::new();
        let asked = (&self.filter, self.range);
        let columns = columns_of(&self.filter);
        for block in at.part.read_wanted(&blocks, &columns, asked).await? {
            let rows = wanted_rows(&block.view, &self.filter, self.range);
            if !rows.is_empty() {
                let places = rows.into_iter().map(|row| block.place(row) as u32);
                wanted.insert(block.number, places.collect());
            }
        }
        Ok(at.part.rows_at(&wanted).await?.into())
    }

    async fn rows(&self, part: &SeenPart, block: Block) -> Result<Vec<(Found, Lines)>> {
        let rows = 0..block.view.rows();
        let mut lines: Vec<Lines> = vec![Lines::new(); rows.len()];
        if self.with_lines {
            let mut keep = |row: usize, at, line: &[u8]| lines[row].push((at, line.to_vec()));
            part.lines(&block, rows.clone(), &mut keep).await?;
        }
        Ok(Found::of(part, block, rows).zip(lines).collect())
    }
}
