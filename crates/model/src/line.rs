//! Original log lines and where they stood.

use crate::Timestamp;

/// The number of a line within all that was read in one run, from 0, in the order of reading.
///
/// It names a line for as long as the run lasts; who reads knows which file and line it stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId(pub u64);

/// One original line: its number, its time, and its bytes without the line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Which line it is.
    pub id: LineId,
    /// Its time as understood.
    pub at: Timestamp,
    /// Byte for byte as read; may hold any byte but the line feed that ended it.
    pub raw: &'a [u8],
}

/// Lines put by, in order, with or without their text.
///
/// Without text (a report needs none) only the count and the ids are kept, no times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    ids: Vec<LineId>,
    /// Time of each line; empty where text is not kept.
    times: Vec<Timestamp>,
    /// End of each text in `text`; empty where text is not kept.
    ends: Vec<u32>,
    text: Vec<u8>,
}

impl Lines {
    /// Puts a line by; its text too if `keep_text`.
    pub fn push(&mut self, line: Line<'_>, keep_text: bool) {
        self.ids.push(line.id);
        if keep_text {
            self.times.push(line.at);
            self.text.extend_from_slice(line.raw);
            self.ends.push(self.text.len() as u32);
        }
    }

    /// Moves all lines of `other` behind these.
    pub fn append(&mut self, other: &mut Lines) {
        if self.ids.is_empty() {
            std::mem::swap(self, other);
            return;
        }
        let base = self.text.len() as u32;
        self.ids.append(&mut other.ids);
        self.times.append(&mut other.times);
        self.ends.extend(other.ends.drain(..).map(|end| end + base));
        self.text.append(&mut other.text);
    }

    /// How many lines.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Whether the text is kept too.
    pub fn has_text(&self) -> bool {
        !self.ends.is_empty()
    }

    /// Bytes of memory that the texts have, used or not.
    pub fn text_bytes_kept(&self) -> usize {
        self.text.capacity()
    }

    /// Forgets all, keeps the memory.
    pub fn clear(&mut self) {
        self.ids.clear();
        self.times.clear();
        self.ends.clear();
        self.text.clear();
    }

    /// The lines in order; where the text was not kept `raw` is empty and the time is 0.
    pub fn iter(&self) -> impl Iterator<Item = Line<'_>> {
        self.ids.iter().enumerate().map(|(at, &id)| {
            let start = if at == 0 {
                0
            } else {
                self.ends.get(at - 1).copied().unwrap_or(0)
            };
            let end = self.ends.get(at).copied().unwrap_or(start);
            Line {
                id,
                at: self.times.get(at).copied().unwrap_or_default(),
                raw: &self.text[start as usize..end as usize],
            }
        })
    }
}

/// The lines of a row: those put by earlier, then the one that completed it.
#[derive(Clone, Copy, Debug, Default)]
pub struct LinesOf<'a> {
    /// Put by earlier, in order.
    pub held: Option<&'a Lines>,
    /// The line at hand.
    pub last: Option<Line<'a>>,
}

impl<'a> LinesOf<'a> {
    /// How many lines.
    pub fn len(&self) -> usize {
        self.held.map_or(0, Lines::len) + usize::from(self.last.is_some())
    }

    /// Whether there are none, which is so only for rows that were concluded and not read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The lines in order.
    pub fn iter(&self) -> impl Iterator<Item = Line<'a>> {
        self.held.into_iter().flat_map(Lines::iter).chain(self.last)
    }
}
