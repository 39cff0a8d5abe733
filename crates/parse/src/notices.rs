//! Notices whose text stays as written, for families that tell much of themselves.

use crate::scan::Scan;
use model::{Body, Kind, Notice};

/// A notice with a text.
pub(crate) fn notice<'a>(kind: Kind, text: &'a [u8]) -> Body<'a> {
    Body::Notice(Notice {
        kind,
        text: text.into(),
        ..Notice::default()
    })
}

/// A notice whose text is what is left, if it starts with one of some words.
pub(crate) fn starting<'a>(
    at: &mut Scan<'a>,
    kind: Kind,
    words: &[&'static str],
) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(words)?;
    Some(notice(kind, text))
}
