//! What fills the holes of a template.

use crate::Error;
use crate::class;
use crate::known::{Part, part_of};
use crate::sources::Sources;

/// What one hole of one line holds, in one byte: one of these kinds, or from [`SOURCES`] on the
/// number of a [`Source`].
pub(crate) const NUMBER: u8 = 0;
/// Bytes of the block.
pub(crate) const TEXT: u8 = 1;
/// One more than this is a number with one digit behind a point; two and three follow.
pub(crate) const DECIMAL: u8 = 1;
/// The last of the kinds that are followed by a number.
pub(crate) const DECIMAL_LAST: u8 = DECIMAL + 3;
/// The first of those that stand for a source.
pub(crate) const SOURCES: u8 = 8;

/// Number of a string of digits among all of them, the shorter first, so that leading zeros need
/// no room of their own.
#[inline]
pub(crate) fn number_of(digits: impl IntoIterator<Item = u8>) -> u64 {
    let place = |sum, digit: u8| sum * 10 + u64::from(digit - b'0') + 1;
    digits.into_iter().fold(0, place) - 1
}

/// Appends the digits that have a number, a point before the last `behind_point` of them.
#[inline]
pub(crate) fn put_number(number: u64, behind_point: usize, out: &mut Vec<u8>) {
    let mut text = [0; 24];
    let mut at = text.len();
    let mut rest = number.saturating_add(1);
    while rest > 0 {
        if behind_point > 0 && text.len() - at == behind_point {
            at -= 1;
            text[at] = b'.';
        }
        rest -= 1;
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend_from_slice(&text[at..]);
}

/// Appends what a hole holds that is no text of the block.
#[inline]
pub(crate) fn fill(
    kind: u8,
    value: u64,
    sources: &Sources,
    known: &[&[u8]],
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    match kind {
        ..=DECIMAL_LAST => put_number(value, kind.saturating_sub(DECIMAL).into(), out),
        _ => {
            let number = kind.checked_sub(SOURCES).ok_or(Error::Damaged)?;
            let source = sources.get(number)?;
            let text = known.get(usize::from(source.slot)).ok_or(Error::Columns)?;
            put_part(text, source.part, out)?;
        }
    }
    Ok(())
}

#[inline]
fn put_part(text: &[u8], part: Part, out: &mut Vec<u8>) -> Result<(), Error> {
    if part != Part::Seconds {
        out.extend_from_slice(part_of(text, part));
        return Ok(());
    }
    let millis = class::small_number(text).ok_or(Error::Columns)?;
    put_digits(millis / 1000, out);
    let mut behind = millis % 1000;
    if behind > 0 {
        out.push(b'.');
        let mut unit = 100;
        while behind > 0 {
            out.push(b'0' + (behind / unit) as u8);
            behind %= unit;
            unit /= 10;
        }
    }
    Ok(())
}

fn put_digits(value: u64, out: &mut Vec<u8>) {
    for place in (0..=value.checked_ilog10().unwrap_or(0)).rev() {
        out.push(b'0' + (value / 10_u64.pow(place) % 10) as u8);
    }
}
