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
mod exchange;
mod family;
mod gateway;
mod haraka;
mod header;
mod json;
mod kumomta;
mod nginx;
mod own;
mod postfix;
mod record;
mod records;
mod roundcube;
mod rule;
mod scan;
mod servers;
#[cfg(test)]
mod shown;
mod sogo;
mod stamp;
mod time;
mod web;
mod webmail;
mod zimbra;

pub use family::{Family, families};
pub use rule::Rule;
pub use time::Clock;

use bstr::BStr;
use header::Header;
use memchr::memrchr;
use model::{Body, Event, Severity};
use scan::Scan;

/// Takes one line apart: the bytes as read, without line end.
#[inline]
pub fn line(line: &[u8]) -> Event<'_> {
    let header = own::header(line);
    let (label, program) = label_and_program(header.tag);
    let (repeated, text) = repeated(header.text);
    if text.first() == Some(&b'{') {
        return json_line(&header, repeated, text);
    }
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
    match &**program {
        b"haraka" => haraka::text(at),
        b"exchange" => exchange::text(at),
        b"access" | b"apache" | b"apache2" | b"httpd" => web::text(at),
        b"nginx" => nginx::text(at),
        b"roundcube" => roundcube::text(at),
        b"sogod" => sogo::text(at),
        b"zimbra" => zimbra::text(at),
        b"HORDE" | b"horde" | b"squirrelmail" | b"openwebmail" | b"groupoffice" | b"tine"
        | b"mailu-admin" => webmail::text(at),
        b"solid-pop3d" | b"domino" | b"oracle-ims" | b"directadmin" => servers::text(at),
        name if name.starts_with(b"perdition") => servers::text(at),
        _ => None,
    }
}

/// A text that may be a JSON record, whoever brought it. What the record says of itself goes before
/// what the header says of it.
fn json_line<'a>(header: &Header<'a>, repeated: u32, text: &'a [u8]) -> Event<'a> {
    let (label, program) = label_and_program(header.tag);
    let mut event = Event {
        stamp: header.stamp,
        host: header.host,
        label,
        program,
        pid: header.pid,
        severity: Severity::Info,
        queue_id: None,
        session: BStr::new(b""),
        repeated,
        rule: "",
        body: Body::Unknown,
    };
    let Some((rule, body, record)) = records::text(text) else {
        return event;
    };
    if record.stamp.is_present() {
        event.stamp = record.stamp;
    }
    if !record.host.is_empty() {
        event.host = record.host;
    }
    if !record.program.is_empty() {
        event.label = record.program.into();
        event.program = record.program.into();
    }
    event.severity = record.severity;
    event.queue_id = record.queue_id;
    event.session = record.session;
    event.rule = rule.name;
    event.body = body;
    event
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
