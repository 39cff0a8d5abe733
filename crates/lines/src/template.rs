//! The part of a line that it has in common with others: where its stamp stands, and the texts
//! between its holes.

use crate::Error;
use crate::stamp::Form;
use crate::varint;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// No stamp; else 1, the form, and the text before it.
pub(crate) const NO_STAMP: u8 = 0;
pub(crate) const STAMP: u8 = 1;

/// Appends a line: the template with its stamp, and what `hole` appends for each hole.
#[inline]
pub(crate) fn render(
    mut template: &[u8],
    at: i64,
    out: &mut Vec<u8>,
    mut hole: impl FnMut(&mut Vec<u8>) -> Result<(), Error>,
) -> Result<(), Error> {
    let from = &mut template;
    if let Some((form, before)) = take_stamp(from)? {
        out.extend_from_slice(before);
        form.render(at, out);
    }
    out.extend_from_slice(varint::take_bytes(from)?);
    while !from.is_empty() {
        hole(out)?;
        out.extend_from_slice(varint::take_bytes(from)?);
    }
    Ok(())
}

/// How many holes a template has; an error if it is none.
pub(crate) fn holes(mut template: &[u8]) -> Result<usize, Error> {
    let from = &mut template;
    take_stamp(from)?;
    varint::take_bytes(from)?;
    let mut holes = 0;
    while !from.is_empty() {
        varint::take_bytes(from)?;
        holes += 1;
    }
    Ok(holes)
}

#[inline]
fn take_stamp<'a>(from: &mut &'a [u8]) -> Result<Option<(Form, &'a [u8])>, Error> {
    let (&head, rest) = from.split_first().ok_or(Error::Damaged)?;
    *from = rest;
    match head {
        NO_STAMP => Ok(None),
        STAMP => Ok(Some((Form::take(from)?, varint::take_bytes(from)?))),
        _ => Err(Error::Damaged),
    }
}

/// A set of templates, each with its number.
#[derive(Default)]
pub(crate) struct Templates {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    numbers: HashTable<u32>,
}

impl Templates {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, number: u32) -> &[u8] {
        nth(&self.bytes, &self.ends, number as usize)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|number| nth(&self.bytes, &self.ends, number))
    }

    #[inline]
    pub(crate) fn find(&self, template: &[u8]) -> Option<u32> {
        let same = |&number: &u32| self.get(number) == template;
        self.numbers.find(hash(template), same).copied()
    }

    /// Adds one that is not there.
    pub(crate) fn add(&mut self, template: &[u8]) -> u32 {
        let number = self.len() as u32;
        self.bytes.extend_from_slice(template);
        self.ends.push(self.bytes.len());
        let (bytes, ends) = (&self.bytes, &self.ends);
        self.numbers
            .insert_unique(hash(template), number, |&other| {
                hash(nth(bytes, ends, other as usize))
            });
        number
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.numbers.clear();
    }
}

fn nth<'a>(bytes: &'a [u8], ends: &[usize], number: usize) -> &'a [u8] {
    let start = number.checked_sub(1).map_or(0, |before| ends[before]);
    &bytes[start..ends[number]]
}

fn hash(template: &[u8]) -> u64 {
    FixedState::with_seed(0).hash_one(template)
}
