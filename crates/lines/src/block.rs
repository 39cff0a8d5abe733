//! Reads the rows of a block, each by itself.

use crate::bits;
use crate::dictionary::{self, Dictionary};
use crate::hole::{DECIMAL_LAST, TEXT, fill};
use crate::rows::grouped;
use crate::streams::{
    BITS, IN_BLOCK, KINDS, LENGTHS, LINES, NUMBERS, NUMBERS_LAST, TEMPLATES, TEXTS, WIDTHS,
};
use crate::template;
use crate::{Error, varint};
use std::ops::Range;
use std::sync::Arc;

/// A block of rows, unpacked; lines are rebuilt when they are asked for.
pub struct Block {
    dictionary: Arc<Dictionary>,
    /// Templates of the block; those that are not in the dictionary lie in `rare`.
    columns: Vec<Column>,
    rare: Vec<u8>,
    /// Where the lines of each row end.
    ends: Vec<usize>,
    lines: Vec<Line>,
    /// Kind of each hole, column by column.
    kinds: Vec<u8>,
    /// Which number or text of the block is in each hole.
    values: Vec<u32>,
    numbers: Vec<u64>,
    text_ends: Vec<usize>,
    texts: Vec<u8>,
}

/// The lines of one template.
struct Column {
    template: Template,
    first_hole: usize,
    /// How many lines: so far is one hole of a line from the next.
    lines: usize,
}

enum Template {
    Known(Range<usize>),
    Rare(Range<usize>),
}

#[derive(Clone, Copy, Default)]
struct Line {
    column: u32,
    /// Which line of the column.
    place: u32,
    /// Nanoseconds to the next line of the row, of the last line to the row.
    distance: i64,
}

impl Block {
    pub(crate) fn read(
        dictionary: Arc<Dictionary>,
        mut streams: [Vec<u8>; IN_BLOCK],
    ) -> Result<Self, Error> {
        let mut block = Block {
            dictionary,
            columns: Vec::new(),
            rare: std::mem::take(&mut streams[TEMPLATES]),
            ends: Vec::new(),
            lines: Vec::new(),
            kinds: std::mem::take(&mut streams[KINDS]),
            values: Vec::new(),
            numbers: Vec::new(),
            text_ends: Vec::new(),
            texts: std::mem::take(&mut streams[TEXTS]),
        };
        block.read_templates()?;
        block.read_lines(&streams[LINES])?;
        block.read_columns(&streams[WIDTHS], &streams[BITS])?;
        block.read_values(&streams)?;
        Ok(block)
    }

    fn read_templates(&mut self) -> Result<(), Error> {
        let mut rest = self.rare.as_slice();
        let (mark, after) = rest.split_at_checked(8).ok_or(Error::Damaged)?;
        rest = after;
        let sources = varint::take(&mut rest)?;
        let sources = usize::try_from(sources).map_err(|_| Error::Damaged)?;
        while !rest.is_empty() {
            let template = match varint::take(&mut rest)?.checked_sub(1) {
                Some(number) => Template::Known(self.dictionary.place(number)?),
                None => {
                    let len = varint::take_bytes(&mut rest)?.len();
                    let end = self.rare.len() - rest.len();
                    Template::Rare(end - len..end)
                }
            };
            self.columns.push(Column {
                template,
                first_hole: 0,
                lines: 0,
            });
        }
        let templates = self.columns.iter().map(|column| self.template(column));
        if mark == dictionary::mark(&self.dictionary.sources, sources, templates) {
            Ok(())
        } else {
            Err(Error::Damaged)
        }
    }

    fn template(&self, column: &Column) -> &[u8] {
        match &column.template {
            Template::Known(place) => self.dictionary.template(place),
            Template::Rare(place) => &self.rare[place.clone()],
        }
    }

    fn read_lines(&mut self, mut rest: &[u8]) -> Result<(), Error> {
        while !rest.is_empty() {
            let value = varint::take(&mut rest)?;
            if let Some(number) = value.checked_sub(1) {
                let number = number / 2;
                let at = usize::try_from(number).map_err(|_| Error::Damaged)?;
                let column = self.columns.get_mut(at).ok_or(Error::Damaged)?;
                self.lines.push(Line {
                    column: number as u32,
                    place: column.lines as u32,
                    distance: 0,
                });
                column.lines += 1;
            }
            if value % 2 == 0 {
                self.ends.push(self.lines.len());
            }
        }
        let is_whole = self.ends.last().copied().unwrap_or(0) == self.lines.len();
        if is_whole {
            Ok(())
        } else {
            Err(Error::Damaged)
        }
    }

    fn read_columns(&mut self, widths: &[u8], bits: &[u8]) -> Result<(), Error> {
        let numbers: Vec<u32> = self.lines.iter().map(|line| line.column).collect();
        let (starts, order) = grouped(&numbers, self.columns.len());
        let mut times = bits::Reader::new(widths, bits);
        let mut holes = 0;
        for at in 0..self.columns.len() {
            let of_line = template::holes(self.template(&self.columns[at]))?;
            let column = &mut self.columns[at];
            column.first_hole = holes;
            holes += of_line * column.lines;
            let mut lines = order[starts[at]..].iter();
            times.column(column.lines, |distance| {
                if let Some(&line) = lines.next() {
                    self.lines[line as usize].distance = distance;
                }
            })?;
        }
        if holes == self.kinds.len() {
            Ok(())
        } else {
            Err(Error::Damaged)
        }
    }

    fn read_values(&mut self, streams: &[Vec<u8>; IN_BLOCK]) -> Result<(), Error> {
        let mut planes: [&[u8]; IN_BLOCK] = std::array::from_fn(|at| streams[at].as_slice());
        let mut lengths = streams[LENGTHS].as_slice();
        let mut text_end = 0_usize;
        self.values.reserve_exact(self.kinds.len());
        for &kind in &self.kinds {
            let count = if kind == TEXT {
                self.text_ends.len()
            } else {
                self.numbers.len()
            };
            self.values.push(count as u32);
            if kind == TEXT {
                let len = usize::try_from(varint::take(&mut lengths)?);
                let len = len.map_err(|_| Error::Damaged)?;
                text_end = text_end.checked_add(len).ok_or(Error::Damaged)?;
                self.text_ends.push(text_end);
            } else if kind <= DECIMAL_LAST {
                self.numbers.push(take_number(&mut planes)?);
            }
        }
        if text_end == self.texts.len() {
            Ok(())
        } else {
            Err(Error::Damaged)
        }
    }

    /// Bytes of memory that it takes.
    pub fn memory_bytes(&self) -> usize {
        let of_lines = self.lines.capacity() * size_of::<Line>();
        let of_numbers = (self.ends.capacity() + self.text_ends.capacity()) * size_of::<usize>()
            + self.numbers.capacity() * size_of::<u64>()
            + self.values.capacity() * size_of::<u32>();
        let of_bytes = self.rare.capacity() + self.kinds.capacity() + self.texts.capacity();
        of_lines + of_numbers + of_bytes + self.columns.capacity() * size_of::<Column>()
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.ends.len()
    }

    /// How many lines a row has; 0 where there is no such row.
    pub fn lines_of(&self, row: usize) -> usize {
        self.range(row).map_or(0, |lines| lines.len())
    }

    fn range(&self, row: usize) -> Result<Range<usize>, Error> {
        let end = *self.ends.get(row).ok_or(Error::Row(row))?;
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        Ok(start..end)
    }

    /// Rebuilds the lines of a row and shows them in order, each with its time.
    ///
    /// `at` and `known` are what [`Encoder::row`](crate::Encoder::row) was given. With others the
    /// lines are others too, which is seen only where a column is missing. Errs if there is no such
    /// row; lines shown before an error are right.
    pub fn lines(
        &self,
        row: usize,
        at: i64,
        known: &[&[u8]],
        out: &mut impl FnMut(i64, &[u8]),
    ) -> Result<(), Error> {
        let lines = &self.lines[self.range(row)?];
        let before = |time: i64, line: &Line| time.wrapping_sub(line.distance);
        let mut time = lines.iter().fold(at, before);
        let mut text = Vec::new();
        for line in lines {
            text.clear();
            self.line(line, time, known, &mut text)?;
            out(time, &text);
            time = time.wrapping_add(line.distance);
        }
        Ok(())
    }

    fn line(
        &self,
        line: &Line,
        time: i64,
        known: &[&[u8]],
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let column = &self.columns[line.column as usize];
        let mut hole = column.first_hole + line.place as usize;
        template::render(self.template(column), time, out, |out| {
            let (kind, value) = (self.kinds[hole], self.values[hole] as usize);
            hole += column.lines;
            if kind == TEXT {
                let start = value
                    .checked_sub(1)
                    .map_or(0, |before| self.text_ends[before]);
                out.extend_from_slice(&self.texts[start..self.text_ends[value]]);
                return Ok(());
            }
            let number = if kind <= DECIMAL_LAST {
                self.numbers[value]
            } else {
                0
            };
            fill(kind, number, &self.dictionary.sources, known, out)
        })
    }
}

#[inline]
fn take_number(planes: &mut [&[u8]; IN_BLOCK]) -> Result<u64, Error> {
    let (mut value, mut plane) = (0, NUMBERS);
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = planes[plane].split_first().ok_or(Error::Damaged)?;
        planes[plane] = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
        plane = NUMBERS_LAST.min(plane + 1);
    }
    Err(Error::Damaged)
}
