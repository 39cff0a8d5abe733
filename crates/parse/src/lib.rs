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
mod courier;
mod cyrus;
mod dovecot;
mod exim;
mod family;
mod header;
mod notices;
mod opensmtpd;
mod own;
mod postfix;
mod qmail;
mod rule;
mod scan;
mod sendmail;
#[cfg(test)]
mod shown;
mod time;
mod uw_imap;

pub use family::{Family, families};
pub use rule::Rule;
pub use time::Clock;

use bstr::{BStr, ByteSlice};
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
    if has_label && label.starts_with(b"cyrus") {
        return cyrus::text(at);
    }
    if (has_label && label != "dovecot" || program == "postfix")
        && let Some(tables) = postfix::tables(program)
    {
        return postfix::text(tables, at);
    }
    if program.starts_with(b"amavis") {
        return amavis::text(at);
    }
    if dovecot::is_own(program) {
        let start = *at;
        return dovecot::text(at).or_else(|| {
            *at = start;
            shared(program, at)
        });
    }
    if program.starts_with(b"exim") {
        return exim::text(at);
    }
    if program.is_empty() && at.peek().first() == Some(&b'{') {
        return rule::first_match(&[postfix::queue_list::RULES], at);
    }
    other(program, at)
}

/// Reads the text of a program whose name several families use: the first that knows it.
fn shared<'a>(program: &BStr, at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    match program.as_bytes() {
        b"imap" | b"pop3" | b"lmtp" | b"master" | b"deliver" => cyrus::text(at),
        _ => None,
    }
}

/// The families whose programs have names of their own, or share them.
fn other<'a>(program: &BStr, at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    let start = *at;
    let mut again = |read: Read<'a>| {
        *at = start;
        read(at)
    };
    match program.as_bytes() {
        b"smtpd" | b"opensmtpd" | b"smtpctl" => {
            again(opensmtpd::text).or_else(|| again(qmail::text))
        }
        b"imapd" | b"pop3d" | b"imapd-ssl" | b"pop3d-ssl" => again(courier::text)
            .or_else(|| again(uw_imap::text))
            .or_else(|| again(cyrus::text)),
        b"ipop3d" | b"ipop2d" | b"ipop3sd" | b"imapsd" => again(uw_imap::text),
        b"sendmail" => again(sendmail::text)
            .or_else(|| again(|at| postfix::text(postfix::tables(b"sendmail")?, at))),
        name if sendmail::is_own(name) => again(sendmail::text),
        name if qmail::is_own(name) => again(qmail::text),
        name if courier::is_own(name) => again(courier::text),
        name if cyrus::is_own(name) => again(cyrus::text),
        _ => None,
    }
}

/// Reads a family's text.
type Read<'a> = fn(&mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)>;

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
