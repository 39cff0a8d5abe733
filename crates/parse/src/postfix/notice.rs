//! The bodies of lines that tell of no mail.

use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind, Notice, Severity};

/// A notice about something, in some words.
pub(crate) fn notice<'a>(kind: Kind, about: &'a BStr, text: &'a BStr) -> Option<Body<'a>> {
    counted(kind, about, None, text)
}

/// A notice with a figure.
pub(crate) fn counted<'a>(
    kind: Kind,
    about: &'a BStr,
    number: Option<u64>,
    text: &'a BStr,
) -> Option<Body<'a>> {
    Some(Body::Notice(Notice {
        kind,
        about,
        number,
        text,
        ..Notice::default()
    }))
}

/// Takes one of some texts that have no variable part, as a notice; the end follows it.
pub(crate) fn fixed<'a>(at: &mut Scan<'a>, kind: Kind, texts: &[&'static str]) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(texts)?;
    at.end()?;
    notice(kind, BStr::new(b""), text.into())
}

/// The severity prefix `warning: `, as a step.
#[inline]
pub(crate) fn warning(at: &Scan<'_>) -> Option<()> {
    (at.severity == Severity::Warning).then_some(())
}

/// One of the prefixes `error: `, `fatal: ` and `panic: `, as a step.
#[inline]
pub(crate) fn error(at: &Scan<'_>) -> Option<()> {
    (at.severity >= Severity::Error).then_some(())
}

/// Any severity prefix, as a step.
#[inline]
pub(crate) fn trouble(at: &Scan<'_>) -> Option<()> {
    (at.severity >= Severity::Warning).then_some(())
}

/// The kind that a line has by its severity.
pub(crate) fn kind_by_severity(at: &Scan<'_>) -> Kind {
    match at.severity {
        Severity::Debug | Severity::Info => Kind::ServiceInfo,
        Severity::Warning => Kind::ServiceWarning,
        Severity::Error | Severity::Fatal | Severity::Panic => Kind::ServiceError,
    }
}
