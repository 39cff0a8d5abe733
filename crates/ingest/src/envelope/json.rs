//! JSON lines: `journalctl --output=json`, and Docker's `json-file` driver.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::limits::DOCKER_PART_BYTES;

use super::{
    container::Piece,
    document::{self, Document},
    entry::{self, Entry},
};

/// What a line turned out to be.
pub(crate) enum Wrapped<'a> {
    /// Not wrapped, or not in a way that we know.
    Not,
    /// A journald entry.
    Entry(Entry<'a>),
    /// A line of a container, or a part of one.
    Piece(Piece<'a>),
    /// A shipper's document.
    Document(Box<Document<'a>>),
}

/// Reads a line that begins with `{`.
pub(crate) fn read(raw: &[u8]) -> Wrapped<'_> {
    match runtime(raw) {
        Wrapped::Not => {
            document::read(raw).map_or(Wrapped::Not, |it| Wrapped::Document(Box::new(it)))
        }
        wrapped => wrapped,
    }
}

/// Reads what journald and Docker write.
fn runtime(raw: &[u8]) -> Wrapped<'_> {
    // Most JSON that is not for us is turned away here, before it is parsed.
    let docker = memchr::memmem::find(raw, b"\"log\"").is_some();
    if !docker && memchr::memmem::find(raw, b"\"__REALTIME_TIMESTAMP\"").is_none() {
        return Wrapped::Not;
    }
    let Ok(line) = serde_json::from_slice::<Line<'_>>(raw) else {
        return Wrapped::Not;
    };
    let time = |value: Value<'_>| value.bytes().and_then(|text| entry::number(&text));
    let (received, sent) = (time(line.realtime_timestamp), time(line.source_timestamp));
    if let (Some(received), Some(message)) = (received, line.message.bytes()) {
        let entry = Entry {
            realtime_us: entry::time(received, sent),
            hostname: line.hostname.bytes(),
            identifier: line.syslog_identifier.bytes().or(line.comm.bytes()),
            pid: line.syslog_pid.bytes().or(line.pid.bytes()),
            message,
        };
        return if entry.has_sane_time() {
            Wrapped::Entry(entry)
        } else {
            Wrapped::Not
        };
    }
    if let (Value::Text(text), Value::Text(time)) = (line.log, line.time) {
        // Docker adds a newline to each whole line.
        let partial = !text.ends_with('\n') && text.len() >= DOCKER_PART_BYTES;
        let stream = line.stream.bytes().unwrap_or_default();
        return Wrapped::Piece(Piece {
            stream,
            time: bytes(time),
            text: bytes(text),
            partial,
        });
    }
    Wrapped::Not
}

/// The fields of both writers. Source: systemd `docs/JOURNAL_EXPORT_FORMATS.md`, moby `daemon/logger/jsonfilelog`.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default, rename = "MESSAGE")]
    message: Value<'a>,
    #[serde(borrow, default, rename = "__REALTIME_TIMESTAMP")]
    realtime_timestamp: Value<'a>,
    #[serde(borrow, default, rename = "_SOURCE_REALTIME_TIMESTAMP")]
    source_timestamp: Value<'a>,
    #[serde(borrow, default, rename = "_HOSTNAME")]
    hostname: Value<'a>,
    #[serde(borrow, default, rename = "SYSLOG_IDENTIFIER")]
    syslog_identifier: Value<'a>,
    #[serde(borrow, default, rename = "_COMM")]
    comm: Value<'a>,
    #[serde(borrow, default, rename = "SYSLOG_PID")]
    syslog_pid: Value<'a>,
    #[serde(borrow, default, rename = "_PID")]
    pid: Value<'a>,
    #[serde(borrow, default)]
    log: Value<'a>,
    #[serde(borrow, default)]
    stream: Value<'a>,
    #[serde(borrow, default)]
    time: Value<'a>,
}

/// A value as journald writes it: text, an array of bytes if it is not UTF-8 or has control characters, an array of
/// such values if the field occurs several times, `null` if it is too long.
#[derive(Default)]
enum Value<'a> {
    #[default]
    Nothing,
    Text(Cow<'a, str>),
    Number(u64),
    Bytes(Vec<u8>),
}

impl<'a> Value<'a> {
    fn bytes(self) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Nothing => None,
            Self::Text(text) => Some(bytes(text)),
            Self::Number(number) => Some(Cow::Owned(number.to_string().into_bytes())),
            Self::Bytes(bytes) => Some(Cow::Owned(bytes)),
        }
    }
}

fn bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value<'de>, E> {
        Ok(Value::Nothing)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value<'de>, E> {
        Ok(Value::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value<'de>, E> {
        Ok(Value::Nothing)
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value<'de>, A::Error> {
        let mut bytes = Vec::new();
        let mut first = Value::Nothing;
        while let Some(value) = values.next_element::<Value<'de>>()? {
            match (value, &first) {
                (Value::Number(byte @ 0..=255), Value::Nothing) => bytes.push(byte as u8),
                // Of a field that occurs several times the first is taken.
                (value @ (Value::Text(_) | Value::Bytes(_)), Value::Nothing) => first = value,
                _ => {}
            }
        }
        Ok(if matches!(first, Value::Nothing) {
            Value::Bytes(bytes)
        } else {
            first
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value<'de>, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Nothing)
    }
}
