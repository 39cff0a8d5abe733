//! Takes a line apart: what it has in common with others, and what fills its holes.

use crate::class;
use crate::hole::{DECIMAL, NUMBER, SOURCES, TEXT, number_of};
use crate::known::{Known, Source};
use crate::limits::{DIGITS_MAX, DOTTED_BYTES_MAX};
use crate::sources::Sources;
use crate::stamp::Form;
use crate::template::{NO_STAMP, STAMP};
use crate::varint;

/// What fills a hole: a number, or the place and length of a text of the block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hole {
    pub(crate) kind: u8,
    pub(crate) len: u32,
    pub(crate) value: u64,
}

/// A line's head and what a row knows, to take it apart by.
pub(crate) struct Splitter {
    /// The form that the line before had.
    form: Option<Form>,
    pub(crate) known: Known,
    pub(crate) sources: Sources,
}

/// Where the parts go.
pub(crate) struct Parts<'a> {
    pub(crate) template: &'a mut Vec<u8>,
    pub(crate) holes: &'a mut Vec<Hole>,
    pub(crate) texts: &'a mut Vec<u8>,
}

impl Splitter {
    pub(crate) fn new() -> Self {
        Splitter {
            form: None,
            known: Known::new(),
            sources: Sources::default(),
        }
    }

    /// Takes a line of a time apart, by its row's texts.
    pub(crate) fn split(&mut self, line: &[u8], at: i64, texts: &[&[u8]], out: &mut Parts<'_>) {
        let mut pos = self.stamp(line, at, out.template);
        let mut literal = pos;
        while let Some(&byte) = line.get(pos) {
            let rest = &line[pos..];
            let (word, has_digit) = class::word(rest);
            let found = if word > 0 || self.known.begins(byte) {
                self.source(texts, rest, word)
            } else {
                None
            };
            let found = found.or_else(|| has_digit.then(|| self.variable(rest, word, out.texts)));
            let Some((hole, len)) = found else {
                pos += word.max(1);
                continue;
            };
            varint::put_bytes(&line[literal..pos], out.template);
            out.holes.push(hole);
            pos += len;
            literal = pos;
        }
        varint::put_bytes(&line[literal..], out.template);
    }

    /// Writes the head of the template; gives where the line goes on.
    #[inline]
    fn stamp(&mut self, line: &[u8], at: i64, template: &mut Vec<u8>) -> usize {
        let before = before_stamp(line);
        let text = &line[before..];
        let again = self
            .form
            .and_then(|form| Some((form, form.len_at(text, at)?)));
        let Some((form, len)) = again.or_else(|| Form::of(text, at)) else {
            template.push(NO_STAMP);
            return 0;
        };
        self.form = Some(form);
        template.push(STAMP);
        form.put(template);
        varint::put_bytes(&line[..before], template);
        before + len
    }

    #[inline]
    fn source(&mut self, texts: &[&[u8]], rest: &[u8], word: usize) -> Option<(Hole, usize)> {
        let (source, len) = self.known.find(texts, rest, word)?;
        Some((self.of_source(source)?, len))
    }

    #[inline]
    fn of_source(&mut self, source: Source) -> Option<Hole> {
        let number = self.sources.number(source)?;
        Some(Hole {
            kind: SOURCES + number,
            len: 0,
            value: 0,
        })
    }

    /// A word with digits.
    #[inline]
    fn variable(&mut self, rest: &[u8], word: usize, texts: &mut Vec<u8>) -> (Hole, usize) {
        let digits = class::digits(rest);
        if digits == word {
            if let Some(found) = self.decimal(rest, digits) {
                return found;
            }
            let dotted = dotted(rest, digits);
            if dotted > digits {
                return text(&rest[..dotted], texts);
            }
            if digits <= DIGITS_MAX {
                let value = number_of(rest[..digits].iter().copied());
                return (
                    Hole {
                        kind: NUMBER,
                        len: 0,
                        value,
                    },
                    digits,
                );
            }
        }
        text(&rest[..word], texts)
    }

    /// A number with at most three digits behind a point, or without, that may be seconds.
    #[inline]
    fn decimal(&mut self, rest: &[u8], whole: usize) -> Option<(Hole, usize)> {
        let behind = match rest.get(whole) {
            Some(b'.') => class::digits(&rest[whole + 1..]),
            _ => 0,
        };
        let len = if behind == 0 {
            whole
        } else {
            whole + 1 + behind
        };
        let goes_on = matches!(rest.get(len), Some(b'.')) && class::digits(&rest[len + 1..]) > 0;
        let is_short = behind <= 3 && whole + behind <= DIGITS_MAX;
        if goes_on || !is_short || !class::is_word_end(rest, len) {
            return None;
        }
        if let Some(hole) = self.seconds(&rest[..whole], &rest[len - behind..len]) {
            return Some((hole, len));
        }
        let digits = rest[..len].iter().copied().filter(|&byte| byte != b'.');
        let kind = if behind == 0 {
            NUMBER
        } else {
            DECIMAL + behind as u8
        };
        let value = number_of(digits);
        Some((
            Hole {
                kind,
                len: 0,
                value,
            },
            len,
        ))
    }

    /// The column that has these seconds in milliseconds.
    #[inline]
    fn seconds(&mut self, whole: &[u8], behind: &[u8]) -> Option<Hole> {
        let is_canonical = whole.len() <= 6
            && (whole.len() == 1 || whole[0] != b'0')
            && behind.last() != Some(&b'0');
        if !is_canonical {
            return None;
        }
        let digits = whole
            .iter()
            .chain(behind)
            .chain(b"000")
            .take(whole.len() + 3);
        let millis = digits.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        let source = self.known.millis(millis)?;
        self.of_source(source)
    }
}

#[inline]
fn text(text: &[u8], texts: &mut Vec<u8>) -> (Hole, usize) {
    let hole = Hole {
        kind: TEXT,
        len: text.len() as u32,
        value: texts.len() as u64,
    };
    texts.extend_from_slice(text);
    (hole, text.len())
}

/// Length of `1.2.3`, where there are at least two points.
fn dotted(text: &[u8], first: usize) -> usize {
    let text = &text[..text.len().min(DOTTED_BYTES_MAX.max(first))];
    let (mut len, mut points) = (first, 0);
    while text.get(len) == Some(&b'.') {
        let digits = class::digits(&text[len + 1..]);
        if digits == 0 {
            break;
        }
        len += 1 + digits;
        points += 1;
    }
    if points > 1 && class::is_word_end(text, len) {
        len
    } else {
        first
    }
}

/// Length of what may stand before a stamp: `[`, or syslog's `<22>` with or without a version.
fn before_stamp(line: &[u8]) -> usize {
    match line {
        [b'[', ..] => 1,
        [b'<', rest @ ..] => {
            let digits = class::digits(rest);
            match rest.get(digits..) {
                Some([b'>', b'1', b' ', ..]) => digits + 4,
                Some([b'>', ..]) => digits + 2,
                _ => 0,
            }
        }
        _ => 0,
    }
}
