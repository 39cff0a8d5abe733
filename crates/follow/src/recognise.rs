//! Whether a file has a content of its own, or that of a log that is known under another name.

use crate::limits::HEAD_BYTES;
use crate::log::{Log, Open};
use crate::taken::{Likeness, Taken};
use ingest::{ProblemKind, Unpacked};
use std::collections::BTreeMap;
use std::io::{self, Read};

/// What a file turns out to be.
pub(crate) enum Verdict {
    /// There is nothing to tell by yet.
    Empty,
    /// It is no log.
    NotLines(ProblemKind),
    /// The content of no known log; here it begins.
    New(Unpacked),
    /// The content of a log, whose file is gone or says less; here is what was not taken.
    Continues(u64, Unpacked),
    /// A copy of a log that is there.
    Copy(Copied),
}

/// Of which log a file is a copy.
#[derive(Clone, Copy)]
pub(crate) struct Copied {
    pub(crate) of: u64,
    /// It has all that was taken, and not only a beginning of it.
    pub(crate) is_whole: bool,
}

/// Tells what a file is that belongs to no log yet. `is_current`: it has the name under which logs are written.
pub(crate) fn judge(
    open: &Open,
    is_current: bool,
    logs: &BTreeMap<u64, Log>,
) -> io::Result<Verdict> {
    let head = head(open)?;
    if head.is_empty() {
        return Ok(Verdict::Empty);
    }
    if let Some(what) = ingest::not_lines(&head) {
        return Ok(Verdict::NotLines(what));
    }
    let short = &head[..head.len().min(HEAD_BYTES as usize)];
    let mut begins = Taken::default();
    begins.add(short);
    let mut best: Option<(Likeness, bool, u64, u64, Unpacked)> = None;
    for (&id, log) in logs {
        let taken = &log.mark.taken;
        // Of what was passed over only the head is known: too little to leave a log unread.
        let is_passed = is_current && log.mark.is_passed;
        if taken.bytes == 0 || is_passed || !taken.may_be(short, &begins) {
            continue;
        }
        let mut content = open.content()?;
        let likeness = taken.compare(&mut content)?;
        // A file that was copied and moved back is written on; its copy is not.
        let is_left = is_current && !log.is_current && log.is_ended;
        let is_free = likeness == Likeness::Same && (log.is_lost() || is_left);
        let rank = (likeness == Likeness::Same, is_free, taken.bytes);
        let is_better = |(likeness, is_free, bytes, ..): &(_, bool, u64, _, _)| {
            rank > (*likeness == Likeness::Same, *is_free, *bytes)
        };
        if likeness != Likeness::Other && best.as_ref().is_none_or(is_better) {
            best = Some((likeness, is_free, taken.bytes, id, content));
        }
    }
    Ok(match best {
        None => Verdict::New(open.content()?),
        Some((_, true, _, id, content)) => Verdict::Continues(id, content),
        Some((likeness, false, _, of, _)) => Verdict::Copy(Copied {
            of,
            is_whole: likeness == Likeness::Same,
        }),
    })
}

/// The first bytes of a content, as many as its kind is told by.
pub(crate) fn head(open: &Open) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let content = open.content()?;
    match content.take(2 * HEAD_BYTES).read_to_end(&mut head) {
        // An archive that is being written.
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
        _ => Ok(head),
    }
}
