//! The streams of a block: bytes of one kind each, side by side, each compressed by itself.

use crate::Error;
use crate::limits::BYTES_PER_BYTE_MAX;
use crate::varint;
use zstd::bulk::{Compressor, Decompressor};

/// Version of what this crate writes, its first byte.
const VERSION: u8 = 1;

/// Streams of a dictionary: sources, templates.
pub(crate) const IN_DICTIONARY: usize = 2;

/// Streams of a block.
pub(crate) const IN_BLOCK: usize = 11;

/// Their places: what the block has of templates; the template of each line; widths and bits of
/// distances in time; kinds of what is in the holes; first, second, third, and further bytes of
/// numbers; lengths and bytes of texts.
pub(crate) const TEMPLATES: usize = 0;
pub(crate) const LINES: usize = 1;
pub(crate) const WIDTHS: usize = 2;
pub(crate) const BITS: usize = 3;
pub(crate) const KINDS: usize = 4;
pub(crate) const NUMBERS: usize = 5;
pub(crate) const NUMBERS_LAST: usize = 8;
pub(crate) const LENGTHS: usize = 9;
pub(crate) const TEXTS: usize = 10;

/// A compressor that ends each stream with a checksum.
pub(crate) fn compressor(level: i32) -> Compressor<'static> {
    let level = level.clamp(1, 22);
    let mut compressor = Compressor::new(level).expect("zstd has this level");
    compressor
        .include_checksum(true)
        .expect("zstd has this flag");
    compressor
}

/// Writes the streams one after the other, each with its compressed length before it.
pub(crate) fn pack(streams: &[Vec<u8>], compressor: &mut Compressor<'_>) -> Vec<u8> {
    let mut out = vec![VERSION];
    for stream in streams {
        let packed = compressor
            .compress(stream)
            .expect("memory is enough for zstd");
        varint::put_bytes(&packed, &mut out);
    }
    out
}

/// Reads so many streams.
pub(crate) fn unpack<const N: usize>(bytes: &[u8]) -> Result<[Vec<u8>; N], Error> {
    let (&version, mut rest) = bytes.split_first().ok_or(Error::Damaged)?;
    if version != VERSION {
        return Err(Error::Version(version));
    }
    let mut decompressor = Decompressor::new().map_err(|_| Error::Damaged)?;
    let mut streams = [const { Vec::new() }; N];
    for stream in &mut streams {
        let packed = varint::take_bytes(&mut rest)?;
        let claimed = zstd::zstd_safe::get_frame_content_size(packed)
            .ok()
            .flatten();
        let len = claimed
            .and_then(|len| usize::try_from(len).ok())
            .ok_or(Error::Damaged)?;
        if len / BYTES_PER_BYTE_MAX > packed.len() {
            return Err(Error::Damaged);
        }
        *stream = decompressor
            .decompress(packed, len)
            .map_err(|_| Error::Damaged)?;
    }
    if rest.is_empty() {
        Ok(streams)
    } else {
        Err(Error::Damaged)
    }
}
