//! The rows of the block that is being filled, and the streams that they become.

use crate::bits;
use crate::dictionary;
use crate::hole::{DECIMAL_LAST, TEXT};
use crate::limits::{LINES_PER_TEMPLATE_MIN, TEMPLATE_BYTES_MAX, TEMPLATES_MAX};
use crate::sources::Sources;
use crate::split::Hole;
use crate::streams::{
    BITS, IN_BLOCK, KINDS, LENGTHS, LINES, NUMBERS, NUMBERS_LAST, TEMPLATES, TEXTS, WIDTHS,
};
use crate::template::{self, Templates};
use crate::varint;

/// Rows taken apart.
#[derive(Default)]
pub(crate) struct Rows {
    /// Where the lines of each row end.
    ends: Vec<usize>,
    pub(crate) lines: Vec<Line>,
    pub(crate) holes: Vec<Hole>,
    pub(crate) texts: Vec<u8>,
    /// Templates that the dictionary does not have, and how many lines are of each.
    fresh: Templates,
    fresh_lines: Vec<u32>,
}

/// A line taken apart.
pub(crate) struct Line {
    /// Number in the dictionary; behind its end, of the fresh ones.
    pub(crate) template: u32,
    /// Its first hole; the template says how many follow.
    pub(crate) first_hole: usize,
    /// Its time, in nanoseconds. When its row has ended: how long before the next line's time it is,
    /// of the last line before the row's.
    pub(crate) time: i64,
}

impl Rows {
    /// The number of a line's template.
    #[inline]
    pub(crate) fn template(&mut self, template: &[u8], dictionary: &Templates) -> u32 {
        if let Some(number) = dictionary.find(template) {
            return number;
        }
        let number = self.fresh.find(template).unwrap_or_else(|| {
            self.fresh_lines.push(0);
            self.fresh.add(template)
        });
        self.fresh_lines[number as usize] += 1;
        dictionary.len() as u32 + number
    }

    /// Ends a row of a time.
    #[inline]
    pub(crate) fn end_row(&mut self, at: i64) {
        let first = self.ends.last().copied().unwrap_or(0);
        let mut next = at;
        for line in self.lines[first..].iter_mut().rev() {
            (next, line.time) = (line.time, next.wrapping_sub(line.time));
        }
        self.ends.push(self.lines.len());
    }

    /// Lines of templates that stay out of the dictionary.
    pub(crate) fn lines_rare(&self) -> u64 {
        self.fresh_lines.iter().map(|&lines| u64::from(lines)).sum()
    }

    /// Writes the rows; adds to the dictionary what is often enough.
    pub(crate) fn streams(
        &mut self,
        dictionary: &mut Templates,
        sources: &Sources,
    ) -> [Vec<u8>; IN_BLOCK] {
        self.promote(dictionary);
        let (used, numbers) = self.by_frequency(dictionary.len());
        let known = dictionary.len() as u32;
        let template = |&number: &u32| match number.checked_sub(known) {
            None => dictionary.get(number),
            Some(fresh) => self.fresh.get(fresh),
        };
        let templates: Vec<&[u8]> = used.iter().map(template).collect();
        let mut streams = [const { Vec::new() }; IN_BLOCK];
        let out = &mut streams[TEMPLATES];
        out.extend(dictionary::mark(
            sources,
            sources.len(),
            templates.iter().copied(),
        ));
        varint::put(sources.len() as u64, out);
        for (&number, template) in used.iter().zip(&templates) {
            if number < known {
                varint::put(u64::from(number) + 1, out);
            } else {
                out.push(0);
                varint::put_bytes(template, out);
            }
        }
        self.put_lines(&numbers, &mut streams[LINES]);
        self.put_columns(&templates, &numbers, &mut streams);
        streams
    }

    /// Moves templates of many lines to the dictionary.
    fn promote(&mut self, dictionary: &mut Templates) {
        let before = dictionary.len() as u32;
        let mut moved = vec![None; self.fresh.len()];
        for (number, template) in self.fresh.iter().enumerate() {
            if self.fresh_lines[number] >= LINES_PER_TEMPLATE_MIN
                && template.len() <= TEMPLATE_BYTES_MAX
                && dictionary.len() < TEMPLATES_MAX
            {
                moved[number] = Some(dictionary.add(template));
                self.fresh_lines[number] = 0;
            }
        }
        let after = dictionary.len() as u32;
        for line in &mut self.lines {
            if let Some(fresh) = line.template.checked_sub(before) {
                line.template = moved[fresh as usize].unwrap_or(after + fresh);
            }
        }
    }

    /// The templates used, the most frequent first; and of each line, which of them it has.
    fn by_frequency(&self, known: usize) -> (Vec<u32>, Vec<u32>) {
        let mut lines = vec![0_u32; known + self.fresh.len()];
        for line in &self.lines {
            lines[line.template as usize] += 1;
        }
        let all = 0..lines.len() as u32;
        let mut used: Vec<u32> = all.filter(|&it| lines[it as usize] > 0).collect();
        used.sort_by_key(|&it| std::cmp::Reverse(lines[it as usize]));
        let mut place = lines;
        for (at, &template) in used.iter().enumerate() {
            place[template as usize] = at as u32;
        }
        let of_line = |line: &Line| place[line.template as usize];
        let numbers = self.lines.iter().map(of_line).collect();
        (used, numbers)
    }

    fn put_lines(&self, numbers: &[u32], out: &mut Vec<u8>) {
        let mut start = 0;
        for &end in &self.ends {
            match numbers[start..end].split_last() {
                None => out.push(0),
                Some((&last, before)) => {
                    for &number in before {
                        varint::put(2 * u64::from(number) + 1, out);
                    }
                    varint::put(2 * u64::from(last) + 2, out);
                }
            }
            start = end;
        }
    }

    /// Writes distances and holes, those of one template and place side by side.
    fn put_columns(&self, templates: &[&[u8]], numbers: &[u32], streams: &mut [Vec<u8>; IN_BLOCK]) {
        let (starts, order) = grouped(numbers, templates.len());
        let mut times = bits::Writer::default();
        for (number, template) in templates.iter().enumerate() {
            let lines = &order[starts[number]..starts[number + 1]];
            let line = |&at: &u32| &self.lines[at as usize];
            times.column(lines.iter().map(|at| line(at).time));
            let holes = template::holes(template).expect("a line was made with it");
            for hole in 0..holes {
                for at in lines {
                    self.put_hole(self.holes[line(at).first_hole + hole], streams);
                }
            }
        }
        (streams[WIDTHS], streams[BITS]) = times.finish();
    }

    #[inline]
    fn put_hole(&self, hole: Hole, streams: &mut [Vec<u8>; IN_BLOCK]) {
        streams[KINDS].push(hole.kind);
        if hole.kind == TEXT {
            let text = &self.texts[hole.value as usize..][..hole.len as usize];
            varint::put(hole.len.into(), &mut streams[LENGTHS]);
            streams[TEXTS].extend_from_slice(text);
        } else if hole.kind <= DECIMAL_LAST {
            let (mut value, mut plane) = (hole.value, NUMBERS);
            while value >= 0x80 {
                streams[plane].push(value as u8 | 0x80);
                value >>= 7;
                plane = NUMBERS_LAST.min(plane + 1);
            }
            streams[plane].push(value as u8);
        }
    }

    /// Forgets all, keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.ends.clear();
        self.lines.clear();
        self.holes.clear();
        self.texts.clear();
        self.fresh.clear();
        self.fresh_lines.clear();
    }
}

/// Lines by their template: where those of each begin, and all of them in that order.
pub(crate) fn grouped(numbers: &[u32], templates: usize) -> (Vec<usize>, Vec<u32>) {
    let mut starts = vec![0; templates + 1];
    for &number in numbers {
        starts[number as usize + 1] += 1;
    }
    for at in 0..templates {
        starts[at + 1] += starts[at];
    }
    let mut next = starts.clone();
    let mut order = vec![0; numbers.len()];
    for (line, &number) in numbers.iter().enumerate() {
        let next = &mut next[number as usize];
        order[*next] = line as u32;
        *next += 1;
    }
    (starts, order)
}
