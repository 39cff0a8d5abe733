//! Numbers in few bytes: seven bits a byte, the lowest first, the top bit set on all but the last.

use crate::Error;

/// Appends a number.
#[inline]
pub(crate) fn put(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes a number off the front.
#[inline]
pub(crate) fn take(from: &mut &[u8]) -> Result<u64, Error> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = from.split_first().ok_or(Error::Damaged)?;
        *from = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Error::Damaged)
}

/// Takes a length, then so many bytes, off the front.
#[inline]
pub(crate) fn take_bytes<'a>(from: &mut &'a [u8]) -> Result<&'a [u8], Error> {
    let len = usize::try_from(take(from)?).map_err(|_| Error::Damaged)?;
    let (bytes, rest) = from.split_at_checked(len).ok_or(Error::Damaged)?;
    *from = rest;
    Ok(bytes)
}

/// Appends a length and the bytes.
#[inline]
pub(crate) fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Small numbers for small distances of either sign.
pub(crate) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// What [`zigzag`] was made of.
pub(crate) fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}
