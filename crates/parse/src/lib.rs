//! Bytes of one log line in, one [`model::Event`] out; it cannot fail.
//!
//! A line has a header ([`header`](mod@self) forms: RFC 3164, RFC 3339, RFC 5424) and a text. The
//! program in the header chooses tables of rules; the first rule that reads the whole text wins.
//! What no rule reads is an event of kind `unknown` that keeps its header and queue id, since those
//! alone let it be joined. Nothing is copied: all text in an event points into the line.
//!
//! It is not for joining lines (`correlate`), nor for finding and framing them (`ingest`). It knows
//! no clock; [`Clock`] turns stamps into moments with the year and zone that the caller gives.

mod amavis;
mod dovecot;
mod exim;
mod family;
mod header;
mod own;
mod postfix;
mod rule;
mod scan;
mod time;

pub use family::{Family, families};
pub use rule::Rule;
pub use time::Clock;

use bstr::BStr;
use memchr::memrchr;
use model::{Body, Event};
use scan::Scan;

/// Takes one line apart: the bytes as read, without line end.
#[inline]
pub fn line(line: &[u8]) -> Event<'_> {
    let header = own::header(line);
    let (label, program) = label_and_program(header.tag);
    let (repeated, text) = repeated(header.text);
    let mut at = Scan::new(text, program);
    let has_label = header.tag.len() != program.len();
    let read = read(has_label, label, program, &mut at);
    let (rule, body) = read.map_or(("", Body::Unknown), |(rule, body)| (rule.name, body));
    Event {
        stamp: header.stamp,
        host: header.host,
        label,
        program,
        pid: header.pid,
        severity: at.severity,
        queue_id: at.queue_id,
        session: at.session,
        repeated,
        rule,
        body,
    }
}

/// Chooses the tables and reads the text.
#[inline]
fn read<'a>(
    has_label: bool,
    label: &BStr,
    program: &BStr,
    at: &mut Scan<'a>,
) -> Option<(&'static Rule, Body<'a>)> {
    // Postfix is known by its tag, `LABEL/DAEMON`, whatever the label; but `dovecot/lmtp` is not its.
    // The `postfix` command has no label.
    if (has_label && label != "dovecot" || program == "postfix")
        && let Some(tables) = postfix::tables(program)
    {
        return postfix::text(tables, at);
    }
    if program.starts_with(b"amavis") {
        return amavis::text(at);
    }
    if dovecot::is_own(program) {
        return dovecot::text(at);
    }
    if program.starts_with(b"exim") {
        return exim::text(at);
    }
    if program.is_empty() && at.peek().first() == Some(&b'{') {
        return rule::first_match(&[postfix::queue_list::RULES], at);
    }
    None
}

/// `postfix/submission/smtpd` is the label `postfix/submission` and the program `smtpd`; a tag
/// without `/` is both.
#[inline]
fn label_and_program(tag: &BStr) -> (&BStr, &BStr) {
    match memrchr(b'/', tag) {
        Some(slash) => (tag[..slash].into(), tag[slash + 1..].into()),
        None => (tag, tag),
    }
}

/// Unwraps rsyslog's `message repeated N times: [ TEXT]`. Source: rsyslog `tools/omfile.c`.
#[inline]
fn repeated(text: &[u8]) -> (u32, &[u8]) {
    fn unwrap(text: &[u8]) -> Option<(u32, &[u8])> {
        let mut at = Scan::new(text.strip_suffix(b"]")?, b"");
        at.lit("message repeated ")?;
        let times = at.number().filter(|&times| times > 0)?;
        at.lit(" times: [")?;
        at.has(" ");
        Some((times, at.peek()))
    }
    unwrap(text).unwrap_or((1, text))
}
