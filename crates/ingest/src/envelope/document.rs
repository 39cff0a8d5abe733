//! JSON documents of log shippers: Vector, Fluent Bit, Logstash, Beats, rsyslog, syslog-ng, Graylog's GELF, and
//! those that Waybill's own intake writes.
//!
//! They share no schema, so fields are found by name. Programs that write JSON of their own (Haraka, KumoMTA) must
//! not be taken for shippers: a document has a message and a time, and it names a host or a program, or its time has
//! the name that shippers alone use.

use std::{borrow::Cow, fmt};

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::limits::DOCUMENT_DEPTH_MAX;

use super::{
    container::has_header,
    entry::{push_time, push_word},
    text::push_line,
};

/// What a document says of a line.
#[derive(Debug, Default)]
pub(crate) struct Document<'a> {
    found: [Option<(usize, Value<'a>)>; SLOTS],
    /// Has a field that Haraka alone writes.
    own: bool,
}

const SLOTS: usize = 5;

/// A place for what is found; an index of `Document::found`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Message,
    Time,
    Host,
    Program,
    Pid,
}

/// Names of fields, those inside others behind a dot, the best of each slot first.
const NAMES: &[(Slot, &[&str])] = &[
    (
        Slot::Message,
        &[
            "message",
            "MESSAGE",
            "msg",
            "log",
            "short_message",
            "event.original",
            "log.original",
        ],
    ),
    (
        Slot::Time,
        &[
            "@timestamp",
            "timereported",
            "timestamp",
            "ISODATE",
            "date",
            "time",
            "datetime",
            "timegenerated",
        ],
    ),
    (
        Slot::Host,
        &[
            "log.syslog.hostname",
            "syslog.hostname",
            "hostname",
            "_HOSTNAME",
            "host",
            "HOST",
            "host.hostname",
            "host.name",
            "logsource",
            "fromhost",
        ],
    ),
    (
        Slot::Program,
        &[
            "log.syslog.appname",
            "syslog.appname",
            "appname",
            "app_name",
            "app-name",
            "programname",
            "program",
            "PROGRAM",
            "syslogtag",
            "syslog_tag",
            "process.name",
            "ident",
            "SYSLOG_IDENTIFIER",
            "syslog_identifier",
            "_COMM",
            "tag",
        ],
    ),
    (
        Slot::Pid,
        &[
            "log.syslog.procid",
            "syslog.procid",
            "procid",
            "proc_id",
            "pid",
            "PID",
            "process.pid",
            "SYSLOG_PID",
            "_PID",
        ],
    ),
];

/// The name of a time that no program's own log has.
const TIME_OF_SHIPPERS: usize = 0;

/// Fields whose own fields are looked at.
const OUTER: &[&str] = &["host", "process", "log", "log.syslog", "syslog", "event"];

/// A value that may be a word.
#[derive(Debug)]
enum Value<'a> {
    Text(Cow<'a, str>),
    Whole(u64),
    Fraction(f64),
}

/// Reads a line that begins with `{`; `None` if it is no shipper's document.
pub(crate) fn read(raw: &[u8]) -> Option<Document<'_>> {
    // Most JSON that is not for us is turned away here, before it is parsed.
    let hints: [&[u8]; 5] = [
        b"\"message\"",
        b"\"MESSAGE\"",
        b"\"msg\"",
        b"\"log\"",
        b"\"short_message\"",
    ];
    if !hints
        .iter()
        .any(|it| memchr::memmem::find(raw, it).is_some())
    {
        return None;
    }
    let mut document = Document::default();
    let mut json = serde_json::Deserializer::from_slice(raw);
    let fields = Fields {
        document: &mut document,
        path: "",
        depth: 0,
    };
    json.deserialize_any(fields).ok()?;
    json.end().ok()?;
    document.is_of_a_shipper().then_some(document)
}

impl<'a> Document<'a> {
    fn is_of_a_shipper(&self) -> bool {
        let Some(message) = self.text(Slot::Message) else {
            return false;
        };
        if self.own {
            return false;
        }
        let time = self.found[Slot::Time as usize].as_ref();
        let named = self.text(Slot::Host).is_some() || self.text(Slot::Program).is_some();
        let shipped = named || time.is_some_and(|(rank, _)| *rank == TIME_OF_SHIPPERS);
        is_whole(message) || (shipped && self.has_time())
    }

    fn has_time(&self) -> bool {
        self.write_time(&mut Vec::new()).is_some()
    }

    fn text(&self, slot: Slot) -> Option<&str> {
        match &self.found[slot as usize] {
            Some((_, Value::Text(text))) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Takes a field that has one of the names, unless a better one was there.
    fn take(&mut self, path: &str, value: Value<'a>) {
        self.own |= path == "origin";
        for (slot, names) in NAMES {
            let Some(rank) = names.iter().position(|name| *name == path) else {
                continue;
            };
            // Fluent Bit's tag names a stream, rsyslog's ends as it does in a line.
            if path == "tag" && !matches!(&value, Value::Text(tag) if tag.ends_with(':')) {
                continue;
            }
            let place = &mut self.found[*slot as usize];
            if place.as_ref().is_none_or(|(other, _)| rank < *other) {
                *place = Some((rank, value));
            }
            return;
        }
    }

    /// Adds the message if it is a whole line, else `TIME HOST PROGRAM[PID]: MESSAGE` as far as that is known.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let message = self.text(Slot::Message).unwrap_or_default();
        if is_whole(message) {
            return push_line(out, message.as_bytes());
        }
        if self.write_time(out).is_none() {
            return push_line(out, message.as_bytes());
        }
        out.push(b' ');
        let host = self.text(Slot::Host).unwrap_or_default();
        push_word(out, host.as_bytes(), b"localhost");
        out.push(b' ');
        if let Some(program) = self.text(Slot::Program) {
            let program = program.strip_suffix(':').unwrap_or(program);
            push_word(out, program.as_bytes(), b"unknown");
            self.write_pid(out, program);
            out.extend_from_slice(b": ");
        }
        // rsyslog's `msg` begins with the blank that stood behind the tag.
        let message = message.strip_prefix(' ').unwrap_or(message);
        push_line(out, message.as_bytes());
    }

    fn write_pid(&self, out: &mut Vec<u8>, program: &str) {
        let pid = match &self.found[Slot::Pid as usize] {
            Some((_, Value::Whole(pid))) => pid.to_string(),
            _ => self.text(Slot::Pid).unwrap_or_default().to_owned(),
        };
        let is_known = !pid.is_empty() && pid != "-";
        if is_known && !program.ends_with(']') {
            out.push(b'[');
            push_word(out, pid.as_bytes(), b"");
            out.push(b']');
        }
    }

    /// Adds the time; `None` if there is none that can be read.
    fn write_time(&self, out: &mut Vec<u8>) -> Option<()> {
        match &self.found[Slot::Time as usize].as_ref()?.1 {
            Value::Text(text) => {
                let text = text.trim().as_bytes();
                is_stamp(text).then(|| out.extend_from_slice(text))
            }
            Value::Whole(number) => write_micros(out, micros(*number)?),
            // To the microsecond, which is as far as numbers of this kind reach today.
            Value::Fraction(seconds) => write_micros(out, (seconds * 1e6).round() as u64),
        }
    }
}

/// Whether a message is a line that a log file could hold: syslog's, or a program's own JSON.
fn is_whole(message: &str) -> bool {
    let message = message.as_bytes();
    has_header(message) || message.starts_with(b"{")
}

/// Whether a text is a stamp as lines of syslog have it: `2026-11-22T08:23:21.123Z`, `Nov 22 08:23:21`.
fn is_stamp(text: &[u8]) -> bool {
    let is_clock = |at: usize| {
        let clock = text.get(at..at + 8);
        clock.is_some_and(|it| it[2] == b':' && it[5] == b':')
    };
    let is_date = super::container::has_date(text) && is_clock(11);
    let is_month = has_header(text) && text[0].is_ascii_uppercase() && is_clock(7);
    let blanks = text.iter().skip(11).filter(|it| it.is_ascii_whitespace());
    (is_date || is_month) && blanks.count() == 0
}

/// Microseconds of a time in seconds, or in a smaller unit where seconds would lie beyond the year 5138.
fn micros(number: u64) -> Option<u64> {
    match number {
        0..100_000_000_000 => number.checked_mul(1_000_000),
        100_000_000_000..100_000_000_000_000 => number.checked_mul(1000),
        100_000_000_000_000..100_000_000_000_000_000 => Some(number),
        _ => Some(number / 1000),
    }
}

fn write_micros(out: &mut Vec<u8>, micros: u64) -> Option<()> {
    (0 < micros && micros < super::entry::REALTIME_US_END).then(|| push_time(out, micros))
}

/// Goes through the fields of an object, and of some inside it.
struct Fields<'d, 'a> {
    document: &'d mut Document<'a>,
    path: &'d str,
    depth: usize,
}

impl<'de: 'a, 'a> Visitor<'de> for Fields<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        self.document
            .take(self.path, Value::Text(Cow::Borrowed(text)));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        let text = Value::Text(Cow::Owned(text.to_owned()));
        self.document.take(self.path, text);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.document.take(self.path, Value::Whole(number));
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.document.take(self.path, Value::Fraction(number));
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<(), A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = fields.next_key()? {
            let inner = if self.path.is_empty() {
                name
            } else {
                Cow::Owned(format!("{}.{name}", self.path))
            };
            let is_looked_at = self.path.is_empty() || OUTER.contains(&self.path);
            if is_looked_at && self.depth < DOCUMENT_DEPTH_MAX {
                fields.next_value_seed(Fields {
                    document: self.document,
                    path: &inner,
                    depth: self.depth + 1,
                })?;
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

impl<'de: 'a, 'a> serde::de::DeserializeSeed<'de> for Fields<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// The name of a field, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: &str) {
        let mut out = Vec::new();
        if let Some(document) = read(raw.as_bytes()) {
            document.write(&mut out);
        }
        assert_eq!(String::from_utf8_lossy(&out), expected, "{raw}");
    }

    #[test]
    fn documents_of_shippers() {
        let line = "2026-11-22T08:23:21.123456Z mx1 postfix/qmgr[812]: 4bXyZ10QzKz1r: removed";
        for raw in [
            // Vector, source `syslog`.
            r#"{"appname":"postfix/qmgr","facility":"mail","host":"mx1","hostname":"mx1","message":"4bXyZ10QzKz1r: removed","procid":812,"severity":"info","source_type":"syslog","timestamp":"2026-11-22T08:23:21.123456Z"}"#,
            // Fluent Bit, input `syslog`, output `http` and `es`.
            r#"{"date":1795335801.123456,"pri":"22","time":"Nov 22 08:23:21","host":"mx1","ident":"postfix/qmgr","pid":"812","message":"4bXyZ10QzKz1r: removed"}"#,
            // Fluent Bit, input `systemd`.
            r#"{"date":1795335801.123456,"_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/qmgr","SYSLOG_PID":"812","_PID":"1","MESSAGE":"4bXyZ10QzKz1r: removed"}"#,
            // Logstash, input `syslog`, with and without ECS.
            r#"{"@timestamp":"2026-11-22T08:23:21.123456Z","timestamp":"Nov 22 08:23:21","logsource":"mx1","program":"postfix/qmgr","pid":"812","message":"4bXyZ10QzKz1r: removed","host":"192.0.2.1"}"#
                .replace(r#","host":"192.0.2.1""#, "").as_str(),
            r#"{"@timestamp":"2026-11-22T08:23:21.123456Z","host":{"hostname":"mx1"},"process":{"name":"postfix/qmgr","pid":812},"log":{"syslog":{"priority":22}},"message":"4bXyZ10QzKz1r: removed","tags":[{"host":"x"}]}"#,
            // Filebeat with the processor `syslog`.
            r#"{"@timestamp":"2026-11-22T08:23:21.123456Z","host":{"name":"collector"},"log":{"offset":7,"syslog":{"hostname":"mx1","appname":"postfix/qmgr","procid":"812"}},"message":"4bXyZ10QzKz1r: removed"}"#,
            r#"{"@timestamp":"2026-11-22T08:23:21.123456Z","host.name":"mx1","process.name":"postfix/qmgr","process.pid":812,"message":"4bXyZ10QzKz1r: removed"}"#,
            // rsyslog with a template of its own.
            r#"{"timereported":"2026-11-22T08:23:21.123456Z","host":"mx1","tag":"postfix/qmgr[812]:","msg":" 4bXyZ10QzKz1r: removed"}"#,
            // syslog-ng, `$(format-json --scope rfc5424 --key ISODATE)`.
            r#"{"PROGRAM":"postfix/qmgr","PRIORITY":"info","PID":"812","MESSAGE":"4bXyZ10QzKz1r: removed","ISODATE":"2026-11-22T08:23:21.123456Z","HOST":"mx1","FACILITY":"mail","DATE":"Nov 22 08:23:21"}"#,
            // The tag may stand in the message alone.
            r#"{"@timestamp":"2026-11-22T08:23:21.123456Z","host":"mx1","message":"postfix/qmgr[812]: 4bXyZ10QzKz1r: removed"}"#,
            // Escapes, and whole lines with whatever beside them.
            r#"{"@timestamp":"2026-11-22T08:23:21.123456Z","h\u006fst":"mx1","message":"postfix\/qmgr[812]: 4bXyZ10QzKz1r: removed\n"}"#,
            r#"{"message":"2026-11-22T08:23:21.123456Z mx1 postfix/qmgr[812]: 4bXyZ10QzKz1r: removed"}"#,
            r#"{"log":"2026-11-22T08:23:21.123456Z mx1 postfix/qmgr[812]: 4bXyZ10QzKz1r: removed","date":"x","host":"other"}"#,
        ] {
            check(raw, line);
        }
    }

    #[test]
    fn times_of_documents() {
        for (time, expected) in [
            (
                r#""2026-11-22T09:23:21.123456789+01:00""#,
                "2026-11-22T09:23:21.123456789+01:00",
            ),
            (r#""Nov 22 08:23:21""#, "Nov 22 08:23:21"),
            ("1795335801", "2026-11-22T08:23:21.000000Z"),
            ("1795335801123", "2026-11-22T08:23:21.123000Z"),
            ("1795335801123456", "2026-11-22T08:23:21.123456Z"),
            ("1795335801123456789", "2026-11-22T08:23:21.123456Z"),
            ("1795335801.123456", "2026-11-22T08:23:21.123456Z"),
            ("1795335801.999999", "2026-11-22T08:23:21.999999Z"),
        ] {
            let raw = format!(r#"{{"date":{time},"host":"mx1","program":"a","message":"b"}}"#);
            check(&raw, &format!("{expected} mx1 a: b"));
        }
        for time in [
            r#""yesterday""#,
            "-1",
            "0",
            "1e300",
            "null",
            r#""2026-11-22""#,
            r#""2026-11-22T08:23:21 x""#,
        ] {
            check(
                &format!(r#"{{"date":{time},"host":"mx1","message":"b"}}"#),
                "",
            );
        }
    }

    #[test]
    fn graylogs_form() {
        check(
            r#"{"version":"1.1","host":"mx1","short_message":"postfix/qmgr[812]: removed","timestamp":1795335801.123,"level":6}"#,
            "2026-11-22T08:23:21.123000Z mx1 postfix/qmgr[812]: removed",
        );
    }

    #[test]
    fn a_programs_own_json_inside_a_document_is_what_is_read() {
        check(
            r#"{"@timestamp":"2026-11-22T08:23:21Z","message":"{\"type\":\"Delivery\"}"}"#,
            r#"{"type":"Delivery"}"#,
        );
    }

    #[test]
    fn what_programs_write_themselves_is_left() {
        for raw in [
            r#"{"level":"INFO","timestamp":"2026-11-22T08:23:21.123Z","uuid":"1","origin":"karma","message":"score: 0","host":"a.example.org"}"#,
            r#"{"level":"INFO","timestamp":"2026-11-22T08:23:21.123Z","message":"score: 0"}"#,
            r#"{"type":"Delivery","timestamp":1795335801,"sender":"anna@example.org"}"#,
            r#"{"host":"mx1","message":"no time"}"#,
            r#"{"level":"INFO","message":"<22.1@example.org> queued"}"#,
            r#"{"@timestamp":"2026-11-22T08:23:21Z","message":["a"]}"#,
            r#"{"@timestamp":"2026-11-22T08:23:21Z","message":"cut o"#,
            r#"{"@timestamp":"2026-11-22T08:23:21Z","message":"a"} b"#,
        ] {
            check(raw, "");
        }
    }
}
