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
mod application;
mod choose;
mod cisco_esa;
mod clamav;
mod courier;
mod cyrus;
mod dovecot;
mod eight;
mod exchange;
mod exim;
mod family;
mod filter;
mod fortimail;
mod gateway;
mod haraka;
mod header;
mod json;
mod kumomta;
mod mailscanner;
mod nginx;
mod notices;
mod opendkim;
mod opendmarc;
mod opensmtpd;
mod own;
mod postfix;
mod postfwd;
mod postgrey;
mod postsrsd;
mod proxmox;
mod qmail;
mod record;
mod records;
mod roundcube;
mod rspamd;
mod rule;
mod scan;
mod sendmail;
mod servers;
#[cfg(test)]
mod shown;
mod sogo;
mod spamassassin;
mod spf;
mod sqlgrey;
mod stamp;
mod time;
mod uw_imap;
mod web;
mod webmail;
mod zimbra;

pub use family::{Family, families};
pub use rule::Rule;
pub use time::Clock;

use bstr::BStr;
use header::Header;
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
    let Some(known) = choose::frequent(has_label, label, program, &mut at) else {
        return rare(&header, repeated, at, text);
    };
    let (rule, body) = known.map_or(("", Body::Unknown), |(rule, body)| (rule.name, body));
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

/// What a line says behind its header: the text alone, all of it where there is no header.
pub fn text(line: &[u8]) -> &[u8] {
    own::header(line).text
}

/// A line of a program that writes fewer, apart from the way of the many.
#[inline(never)]
fn rare<'a>(header: &Header<'a>, repeated: u32, left: Scan<'a>, text: &'a [u8]) -> Event<'a> {
    if text.first() == Some(&b'{')
        && let Some(event) = record(header, repeated, text)
    {
        return event;
    }
    let (label, program) = label_and_program(header.tag);
    let mut at = Scan::new(text, program);
    let known = choose::rare(label, program, &mut at);
    if known.is_none() && dovecot::is_own(program) {
        // What Dovecot's prefix tells, although the text is not known.
        at = left;
    }
    let is_untold = known.is_some() && postfix::untold::is_own(program);
    let (rule, body) = known.map_or(("", Body::Unknown), |(rule, body)| (rule.name, body));
    Event {
        stamp: header.stamp,
        host: header.host,
        label,
        program: if is_untold {
            at.program.into()
        } else {
            program
        },
        pid: header.pid,
        severity: at.severity,
        queue_id: at.queue_id,
        session: at.session,
        repeated,
        rule,
        body,
    }
}

/// A JSON record, whoever brought it. What it says of itself goes before what the header says of it.
fn record<'a>(header: &Header<'a>, repeated: u32, text: &'a [u8]) -> Option<Event<'a>> {
    records::text(text, |rule, body, record| {
        let (label, program) = match record.program.is_empty() {
            true => label_and_program(header.tag),
            false => (record.program.into(), record.program.into()),
        };
        Event {
            stamp: match record.stamp.is_present() {
                true => record.stamp,
                false => header.stamp,
            },
            host: match record.host.is_empty() {
                true => header.host,
                false => record.host,
            },
            label,
            program,
            pid: header.pid,
            severity: record.severity,
            queue_id: record.queue_id,
            session: record.session,
            repeated,
            rule: rule.name,
            body,
        }
    })
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
