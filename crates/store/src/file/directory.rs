//! Where in a data file its lines and its index are.

use crate::limits::ROW_GROUP_ROWS;
use std::ops::Range;
use twox_hash::XxHash3_64;

/// Key of the footer's entry that tells where the directory is.
pub(crate) const KEY: &str = "waybill.directory";

const MAGIC: &[u8] = b"WBFILE";
const VERSION: u16 = 2;
/// Had no stays.
const FIRST_VERSION: u16 = 1;

/// Where the parts of the appendix are; ranges of bytes of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Directory {
    pub(crate) rows: u64,
    pub(crate) block_rows: u64,
    pub(crate) templates: Range<u64>,
    pub(crate) terms: Range<u64>,
    pub(crate) lists: Range<u64>,
    pub(crate) filters: Range<u64>,
    pub(crate) presence: Range<u64>,
    /// `None` of files that do not have them apart.
    pub(crate) stays: Option<Range<u64>>,
    pub(crate) blocks: Vec<BlockAt>,
}

/// Where the parts of one block are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BlockAt {
    pub(crate) lines: Range<u64>,
    /// Within the filters of blocks.
    pub(crate) filter: Range<usize>,
}

impl Directory {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut to = Vec::from(MAGIC);
        let version = self.stays.as_ref().map_or(FIRST_VERSION, |_| VERSION);
        to.extend(version.to_le_bytes());
        to.extend(self.rows.to_le_bytes());
        to.extend(self.block_rows.to_le_bytes());
        let parts = [&self.templates, &self.terms, &self.lists, &self.filters];
        for part in parts.into_iter().chain([&self.presence]).chain(&self.stays) {
            to.extend(part.start.to_le_bytes());
            to.extend((part.end - part.start).to_le_bytes());
        }
        to.extend((self.blocks.len() as u32).to_le_bytes());
        for block in &self.blocks {
            to.extend(block.lines.start.to_le_bytes());
            to.extend(((block.lines.end - block.lines.start) as u32).to_le_bytes());
            to.extend((block.filter.len() as u32).to_le_bytes());
        }
        let hash = XxHash3_64::oneshot(&to);
        to.extend(hash.to_le_bytes());
        to
    }

    /// Where the filter of all blocks is; empty where there is none.
    pub(crate) fn filter_of_file(&self) -> Range<u64> {
        let of_blocks = self.blocks.last().map_or(0, |last| last.filter.end as u64);
        let end = self.filters.end;
        (self.filters.start.saturating_add(of_blocks)).min(end)..end
    }

    /// `None` where these are not the bytes of a directory.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (body, hash) = bytes.split_last_chunk()?;
        if XxHash3_64::oneshot(body) != u64::from_le_bytes(*hash) {
            return None;
        }
        let mut from = From(body.strip_prefix(MAGIC)?);
        let version = from.u16()?;
        if !(FIRST_VERSION..=VERSION).contains(&version) {
            return None;
        }
        let mut directory = Directory {
            rows: from.u64()?,
            block_rows: from.u64()?,
            templates: from.range()?,
            terms: from.range()?,
            lists: from.range()?,
            filters: from.range()?,
            presence: from.range()?,
            stays: match version {
                FIRST_VERSION => None,
                _ => Some(from.range()?),
            },
            blocks: Vec::new(),
        };
        let mut filter = 0;
        for _ in 0..from.u32()? {
            let start = from.u64()?;
            let end = start.checked_add(u64::from(from.u32()?))?;
            let next = filter + from.u32()? as usize;
            directory.blocks.push(BlockAt {
                lines: start..end,
                filter: filter..next,
            });
            filter = next;
        }
        let is_divided = directory.block_rows > 0
            && ROW_GROUP_ROWS.is_multiple_of(usize::try_from(directory.block_rows).ok()?)
            && directory.rows.div_ceil(directory.block_rows) == directory.blocks.len() as u64;
        (from.0.is_empty() && is_divided).then_some(directory)
    }
}

struct From<'a>(&'a [u8]);

impl From<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }
    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }
    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }
    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }
    fn range(&mut self) -> Option<Range<u64>> {
        let start = self.u64()?;
        Some(start..start.checked_add(self.u64()?)?)
    }
}
