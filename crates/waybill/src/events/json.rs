//! A JSON object written straight into a buffer, from bytes that need not be UTF-8.
//!
//! Bytes that are no UTF-8 become U+FFFD, and the object says so with `"lossy": true`. Source:
//! RFC 8259.

use model::Value;
use std::fmt::Display;
use std::io::Write;

pub(super) struct Object<'b> {
    to: &'b mut Vec<u8>,
    first: bool,
    lossy: bool,
}

impl<'b> Object<'b> {
    pub(super) fn begin(to: &'b mut Vec<u8>) -> Self {
        to.push(b'{');
        Object {
            to,
            first: true,
            lossy: false,
        }
    }

    pub(super) fn end(mut self) {
        if self.lossy {
            self.name("lossy");
            self.to.extend(b"true");
        }
        self.to.push(b'}');
    }

    fn name(&mut self, name: &str) {
        if !self.first {
            self.to.push(b',');
        }
        self.first = false;
        self.to.push(b'"');
        self.to.extend(name.as_bytes());
        self.to.extend(b"\":");
    }

    pub(super) fn text(&mut self, name: &str, text: &[u8]) {
        self.name(name);
        self.string(text);
    }

    /// A fixed word, which needs no escapes.
    pub(super) fn word(&mut self, name: &str, word: &str) {
        self.name(name);
        self.to.push(b'"');
        self.to.extend(word.as_bytes());
        self.to.push(b'"');
    }

    /// Something of which the text needs no escapes.
    pub(super) fn shown(&mut self, name: &str, value: &dyn Display) {
        self.name(name);
        self.write(format_args!("\"{value}\""));
    }

    pub(super) fn number(&mut self, name: &str, number: u64) {
        self.name(name);
        self.write(format_args!("{number}"));
    }

    pub(super) fn value(&mut self, name: &str, value: &Value<'_>) {
        match value {
            Value::Text(text) => self.text(name, text),
            Value::Word(word) => self.word(name, word),
            Value::Number(number) => self.number(name, *number),
            Value::Shown(value) => self.shown(name, value),
            Value::Signed(number) => {
                self.name(name);
                self.write(format_args!("{number}"));
            }
            Value::Float(number) => {
                self.name(name);
                if number.is_finite() {
                    self.write(format_args!("{number}"));
                } else {
                    self.to.extend(b"null");
                }
            }
            Value::Flag(flag) => {
                self.name(name);
                self.write(format_args!("{flag}"));
            }
        }
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        self.to.write_fmt(text).expect("a Vec takes all bytes");
    }

    fn string(&mut self, text: &[u8]) {
        self.to.push(b'"');
        for chunk in text.utf8_chunks() {
            for &byte in chunk.valid().as_bytes() {
                match byte {
                    b'"' => self.to.extend(b"\\\""),
                    b'\\' => self.to.extend(b"\\\\"),
                    b'\n' => self.to.extend(b"\\n"),
                    b'\r' => self.to.extend(b"\\r"),
                    b'\t' => self.to.extend(b"\\t"),
                    0..0x20 | 0x7f => self.write(format_args!("\\u{byte:04x}")),
                    _ => self.to.push(byte),
                }
            }
            if !chunk.invalid().is_empty() {
                self.lossy = true;
                self.to.extend("\u{fffd}".as_bytes());
            }
        }
        self.to.push(b'"');
    }
}
