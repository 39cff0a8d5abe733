//! Distances of time in as many bits as each needs.

use crate::Error;

/// Nanoseconds of the units that distances are counted in, by their number.
const UNITS: [u64; 4] = [1_000_000_000, 1_000_000, 1_000, 1];

/// Writes distances: what can be foretold to one stream of bytes (the unit of a column; sign and
/// width of each distance), what cannot to one of bits.
#[derive(Default)]
pub(crate) struct Writer {
    widths: Vec<u8>,
    bits: Vec<u8>,
    open: u128,
    open_len: u32,
}

impl Writer {
    /// Writes a column of distances in nanoseconds.
    pub(crate) fn column(&mut self, distances: impl Iterator<Item = i64> + Clone) {
        let fits = |unit: &u64| distances.clone().all(|it| it.unsigned_abs() % unit == 0);
        let unit = UNITS.iter().position(fits).unwrap_or(UNITS.len() - 1);
        self.widths.push(unit as u8);
        for distance in distances {
            let size = distance.unsigned_abs() / UNITS[unit];
            let width = u64::BITS - size.leading_zeros();
            self.widths.push(u8::from(distance < 0) << 7 | width as u8);
            if width > 1 {
                self.put(size & ((1 << (width - 1)) - 1), width - 1);
            }
        }
    }

    fn put(&mut self, value: u64, width: u32) {
        self.open |= u128::from(value) << self.open_len;
        self.open_len += width;
        while self.open_len >= 8 {
            self.bits.push(self.open as u8);
            self.open >>= 8;
            self.open_len -= 8;
        }
    }

    /// The two streams: widths and bits.
    pub(crate) fn finish(mut self) -> (Vec<u8>, Vec<u8>) {
        if self.open_len > 0 {
            self.bits.push(self.open as u8);
        }
        (self.widths, self.bits)
    }
}

/// Reads what a [`Writer`] has written.
pub(crate) struct Reader<'a> {
    widths: &'a [u8],
    bits: &'a [u8],
    open: u128,
    open_len: u32,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(widths: &'a [u8], bits: &'a [u8]) -> Self {
        Reader {
            widths,
            bits,
            open: 0,
            open_len: 0,
        }
    }

    /// Reads a column of so many distances.
    pub(crate) fn column(&mut self, len: usize, mut take: impl FnMut(i64)) -> Result<(), Error> {
        let (&unit, rest) = self.widths.split_first().ok_or(Error::Damaged)?;
        let unit = *UNITS.get(usize::from(unit)).ok_or(Error::Damaged)?;
        let (widths, rest) = rest.split_at_checked(len).ok_or(Error::Damaged)?;
        self.widths = rest;
        for &head in widths {
            let size = match u32::from(head & 0x7f) {
                0 => 0,
                width @ 1..=64 => self.take(width - 1)? | 1 << (width - 1),
                _ => return Err(Error::Damaged),
            };
            let distance = size.wrapping_mul(unit) as i64;
            take(if head < 0x80 {
                distance
            } else {
                distance.wrapping_neg()
            });
        }
        Ok(())
    }

    #[inline]
    fn take(&mut self, width: u32) -> Result<u64, Error> {
        while self.open_len < width {
            let (&byte, rest) = self.bits.split_first().ok_or(Error::Damaged)?;
            self.bits = rest;
            self.open |= u128::from(byte) << self.open_len;
            self.open_len += 8;
        }
        let value = self.open as u64 & ((1_u128 << width) - 1) as u64;
        self.open >>= width;
        self.open_len -= width;
        Ok(value)
    }
}
