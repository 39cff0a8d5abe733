//! A line among others of its batch, as bytes.

/// Bytes before a line's own: time, source, length.
pub(crate) const HEAD_BYTES: usize = 8 + 4 + 4;

/// A line as it stands in a batch or a frame.
pub(crate) struct Line<'a> {
    pub(crate) received_ns: i64,
    /// Index among the sources of the batch, or number in the segment.
    pub(crate) source: u32,
    pub(crate) bytes: &'a [u8],
}

/// Writes a line behind others.
pub(crate) fn put(to: &mut Vec<u8>, received_ns: i64, source: u32, bytes: &[u8]) {
    to.extend(received_ns.to_le_bytes());
    to.extend(source.to_le_bytes());
    to.extend((bytes.len() as u32).to_le_bytes());
    to.extend_from_slice(bytes);
}

/// Takes the first line off; `None` where the bytes are not a whole line.
pub(crate) fn take<'a>(from: &mut &'a [u8]) -> Option<Line<'a>> {
    let received_ns = take_u64(from)?.cast_signed();
    let source = take_u32(from)?;
    let length = take_u32(from)? as usize;
    Some(Line {
        received_ns,
        source,
        bytes: from.split_off(..length)?,
    })
}

/// All lines of a batch.
pub(crate) fn each(mut from: &[u8]) -> impl Iterator<Item = Line<'_>> {
    std::iter::from_fn(move || take(&mut from))
}

/// Takes off a number of four bytes.
pub(crate) fn take_u32(from: &mut &[u8]) -> Option<u32> {
    let (number, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(u32::from_le_bytes(*number))
}

/// Takes off a number of eight bytes.
pub(crate) fn take_u64(from: &mut &[u8]) -> Option<u64> {
    let (number, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(u64::from_le_bytes(*number))
}
