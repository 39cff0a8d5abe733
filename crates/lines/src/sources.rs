//! The sources of a file, each with a number that fits a byte.

use crate::Error;
use crate::known::{Part, Source};
use crate::varint;

/// Numbers that a byte has behind the other kinds of holes; further sources are kept as text.
const SOURCES_MAX: usize = 248;

/// Numbers each source when it is first met.
#[derive(Default)]
pub(crate) struct Sources {
    /// 1 + number of each source, by slot and part.
    numbers: Vec<u8>,
    all: Vec<Source>,
}

const PARTS: [Part; 3] = [Part::Whole, Part::Inside, Part::Seconds];

impl Sources {
    #[inline]
    pub(crate) fn number(&mut self, source: Source) -> Option<u8> {
        let place = usize::from(source.slot) * PARTS.len() + source.part as usize;
        match self.numbers.get(place) {
            Some(&number) if number > 0 => Some(number - 1),
            _ => self.add(source, place),
        }
    }

    #[cold]
    fn add(&mut self, source: Source, place: usize) -> Option<u8> {
        if self.all.len() == SOURCES_MAX {
            return None;
        }
        if self.numbers.len() <= place {
            self.numbers.resize(place + 1, 0);
        }
        self.all.push(source);
        self.numbers[place] = self.all.len() as u8;
        Some(self.numbers[place] - 1)
    }

    #[inline]
    pub(crate) fn get(&self, number: u8) -> Result<Source, Error> {
        self.all
            .get(usize::from(number))
            .copied()
            .ok_or(Error::Damaged)
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// Writes the first so many.
    pub(crate) fn put(&self, count: usize, out: &mut Vec<u8>) {
        for source in self.all.iter().take(count) {
            varint::put(source.slot.into(), out);
            out.push(source.part as u8);
        }
    }

    /// Reads what was written, to its end.
    pub(crate) fn read(mut from: &[u8]) -> Result<Self, Error> {
        let mut sources = Sources::default();
        while !from.is_empty() {
            let slot = u16::try_from(varint::take(&mut from)?).map_err(|_| Error::Damaged)?;
            let (&part, rest) = from.split_first().ok_or(Error::Damaged)?;
            from = rest;
            let part = *PARTS.get(usize::from(part)).ok_or(Error::Damaged)?;
            sources.all.push(Source { slot, part });
        }
        Ok(sources)
    }
}
