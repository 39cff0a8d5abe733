//! Lines that other programs have wrapped: journald (JSON and export format), Docker, Kubernetes runtimes (CRI), and
//! shippers of logs (documents of JSON).
//!
//! Each gets a canonical text beside its raw bytes, which reads like a line of a log file. What is not surely
//! wrapped stays as it is.

pub(crate) mod cri;
pub(crate) mod export;

mod container;
mod document;
mod entry;
mod json;
mod text;

use crate::batch::{Batch, Place, Rewritten};
use std::borrow::Cow;

use self::{container::Piece, json::Wrapped};

/// What of a block belongs to its batch after parts of lines were joined.
pub(crate) struct Kept {
    /// Bytes that belong to the batch; the others are the beginning of a line whose parts are still to come.
    pub(crate) bytes: usize,
    /// Lines of the file in them.
    pub(crate) lines: u64,
}

/// A line whose parts are being joined.
struct Joining<'a> {
    stream: Vec<u8>,
    time: Cow<'a, [u8]>,
    text: Vec<u8>,
    /// Index of the record, and of its first line.
    record: usize,
    first: usize,
}

/// What a parser reads of one original line: the line without carriage return, or the canonical form of one that
/// was wrapped.
pub fn readable(raw: &[u8]) -> Cow<'_, [u8]> {
    let is_export = raw.contains(&b'\n') && export::begins(raw);
    let is_cri = cri::Line::parse(raw).is_some();
    if !is_export && !is_cri && !raw.starts_with(b"{") {
        return Cow::Borrowed(raw.strip_suffix(b"\r").unwrap_or(raw));
    }
    let mut batch = Batch {
        first_line: 1,
        bytes: raw.to_vec(),
        ends: vec![raw.len() as u32],
        ..Batch::default()
    };
    if is_export {
        unwrap_records(&mut batch, raw.len());
    } else {
        unwrap_lines(&mut batch, raw.len(), is_cri, false);
    }
    Cow::Owned(batch.line(0).readable.to_vec())
}

/// Reads the wrapped lines among the `ends` of a batch, of which the first `complete` bytes are whole lines.
///
/// `more` says that the file goes on behind the block: then a line whose last part is missing is left to the next
/// batch, unless it takes up the whole block.
pub(crate) fn unwrap_lines(batch: &mut Batch, complete: usize, cri: bool, more: bool) -> Kept {
    let Batch {
        bytes,
        ends,
        numbers,
        text,
        rewritten,
        first_line,
        ..
    } = batch;
    let lines = ends.len();
    let mut records = 0;
    let mut start = 0;
    let mut joining: Option<Joining<'_>> = None;
    for index in 0..lines {
        let end = ends[index] as usize;
        let raw = &bytes[start..end];
        let wrapped = match raw {
            [b'{', ..] => json::read(raw),
            _ if cri => {
                cri::Line::parse(raw).map_or(Wrapped::Not, |line| Wrapped::Piece(line.piece()))
            }
            _ => Wrapped::Not,
        };
        start = end + 1;

        if let Some(mut joined) = joining.take() {
            match &wrapped {
                Wrapped::Piece(piece) if *piece.stream == *joined.stream => {
                    joined.text.extend_from_slice(&piece.text);
                    ends[joined.record] = end as u32;
                    if piece.partial {
                        joining = Some(joined);
                    } else {
                        rewrite(rewritten, text, joined.record, |out| {
                            container::write(out, &joined.time, &joined.text);
                        });
                    }
                    continue;
                }
                _ => rewrite(rewritten, text, joined.record, |out| {
                    container::write(out, &joined.time, &joined.text);
                }),
            }
        }

        let record = records;
        ends[record] = end as u32;
        numbers.push(*first_line + index as u64);
        records += 1;
        match wrapped {
            Wrapped::Not => {}
            Wrapped::Entry(entry) => rewrite(rewritten, text, record, |out| entry.write(out)),
            Wrapped::Document(document) => {
                rewrite(rewritten, text, record, |out| document.write(out));
            }
            Wrapped::Piece(Piece {
                stream,
                time,
                text,
                partial: true,
            }) => {
                let (stream, text) = (stream.into_owned(), text.into_owned());
                joining = Some(Joining {
                    stream,
                    time,
                    text,
                    record,
                    first: index,
                });
            }
            Wrapped::Piece(piece) => {
                rewrite(rewritten, text, record, |out| {
                    container::write(out, &piece.time, &piece.text)
                });
            }
        }
    }

    let mut kept = Kept {
        bytes: complete,
        lines: lines as u64,
    };
    if let Some(joined) = joining {
        if more && joined.record > 0 {
            kept.bytes = ends[joined.record - 1] as usize + 1;
            kept.lines = joined.first as u64;
            records = joined.record;
            numbers.truncate(records);
        } else {
            rewrite(rewritten, text, joined.record, |out| {
                container::write(out, &joined.time, &joined.text);
            });
        }
    }
    ends.truncate(records);
    kept
}

/// Reads the records of a batch in journald's export format, and numbers them. Gives the lines of the file that
/// the batch takes.
pub(crate) fn unwrap_records(batch: &mut Batch, complete: usize) -> u64 {
    let Batch {
        bytes,
        ends,
        numbers,
        text,
        rewritten,
        first_line,
        ..
    } = batch;
    let mut start = 0;
    let mut lines = 0;
    for (record, &end) in ends.iter().enumerate() {
        let end = end as usize;
        numbers.push(*first_line + lines);
        let raw = &bytes[start..end];
        if let Some(entry) = export::entry(raw) {
            rewrite(rewritten, text, record, |out| entry.write(out));
        }
        // The newline behind the record counts too, if it is there.
        let behind = complete.min(end + 1);
        lines += memchr::memchr_iter(b'\n', &bytes[start..behind]).count() as u64;
        start = end + 1;
    }
    lines
}

fn rewrite(
    rewritten: &mut Vec<Rewritten>,
    text: &mut Vec<u8>,
    record: usize,
    write: impl FnOnce(&mut Vec<u8>),
) {
    let start = text.len();
    write(text);
    let place = Place::Text {
        start: start as u32,
        end: text.len() as u32,
    };
    rewritten.push(Rewritten {
        line: record as u32,
        place,
    });
}

#[cfg(test)]
mod tests;
