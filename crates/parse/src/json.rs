//! JSON as programs write it to logs: one object a line.
//!
//! Nothing is unescaped or copied: a string is the bytes between its quotes as they stand in the
//! line, a nested value the bytes it was written with. Nesting is bounded.
//! Source: RFC 8259.

mod object;

pub(crate) use object::Object;

use crate::eight::first_equal;
use bstr::BStr;

/// How deep a value may be nested; what is deeper is no log record.
const DEPTH_MAX: u32 = 32;

/// A piece of a text.
#[derive(Clone, Copy, Default)]
pub(crate) struct Span {
    at: u32,
    len: u32,
}

impl Span {
    /// From one byte up to another; `None` in a text that no line is as long as.
    #[inline]
    fn new(from: usize, to: usize) -> Option<Self> {
        let at = u32::try_from(from).ok()?;
        let len = u32::try_from(to.checked_sub(from)?).ok()?;
        Some(Span { at, len })
    }

    #[inline]
    fn at(self) -> usize {
        self.at as usize
    }

    #[inline]
    fn len(self) -> usize {
        self.len as usize
    }

    /// Its bytes; none where the text is another.
    #[inline]
    fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.at()..self.at() + self.len()).unwrap_or(b"")
    }
}

/// Takes white space off the front.
#[inline]
fn unspaced(text: &[u8]) -> &[u8] {
    match text.first() {
        Some(b' ' | b'\t' | b'\r' | b'\n') => text.trim_ascii_start(),
        _ => text,
    }
}

/// The first byte from a place on that is no white space.
#[inline]
fn behind_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\r' | b'\n') = text.get(at) {
        at += 1;
    }
    at
}

/// The place behind a sign and the white space round it.
#[inline]
fn behind_sign(text: &[u8], at: usize, sign: u8) -> Option<usize> {
    let at = behind_space(text, at);
    (*text.get(at)? == sign).then(|| behind_space(text, at + 1))
}

/// The length of the string that starts behind a quote.
///
/// Most strings of a record are some bytes to some tens long: to begin a search of `memchr`'s for each
/// takes longer than looking at eight bytes at once.
#[inline]
fn string_len(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) else {
            return string_len_bytewise(text, at);
        };
        let word = u64::from_le_bytes(*chunk);
        let found = first_equal(word, b'"') | first_equal(word, b'\\');
        if found == 0 {
            at += 8;
            continue;
        }
        at += (found.trailing_zeros() / 8) as usize;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// The same for the last bytes of a text.
fn string_len_bytewise(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match text.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// A string from its quote on, without its quotes.
#[inline]
fn string(text: &[u8]) -> Option<&[u8]> {
    let inner = text.strip_prefix(b"\"")?;
    Some(&inner[..string_len(inner)?])
}

/// How long a value is, as it is written.
#[inline]
fn value_len(text: &[u8]) -> Option<usize> {
    match text.first()? {
        b'"' => Some(string_len(&text[1..])? + 2),
        b'{' | b'[' => nested_len(text),
        b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => text
            .iter()
            .position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n')),
        _ => None,
    }
}

/// The length of an object or array, brackets included.
fn nested_len(text: &[u8]) -> Option<usize> {
    let mut depth = 0;
    let mut at = 0;
    loop {
        match text.get(at)? {
            b'"' => at += string_len(&text[at + 1..])? + 1,
            b'{' | b'[' => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return None;
                }
            }
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// Offers each member of an object, where name and value stand; `None` where the text is not one
/// object and nothing else.
#[inline]
fn spans(object: &[u8], mut take: impl FnMut(Span, Span)) -> Option<()> {
    let mut at = behind_sign(object, 0, b'{')?;
    if let Some(end) = behind_sign(object, at, b'}') {
        return (end == object.len()).then_some(());
    }
    loop {
        let (name, value_at) = member_at(object, at)?;
        let end = value_at + value_len(object.get(value_at..)?)?;
        take(name, Span::new(value_at, end)?);
        at = match behind_sign(object, end, b',') {
            Some(at) => at,
            None => return (behind_sign(object, end, b'}')? == object.len()).then_some(()),
        };
    }
}

/// The name at a place, without its quotes, and the place of its value.
#[inline]
fn member_at(object: &[u8], at: usize) -> Option<(Span, usize)> {
    (*object.get(at)? == b'"').then_some(())?;
    let len = string_len(&object[at + 1..])?;
    let name = Span::new(at + 1, at + 1 + len)?;
    Some((name, behind_sign(object, at + len + 2, b':')?))
}

/// Offers each member of an object, name and value as written; `None` where the text is not one
/// object and nothing else.
#[inline]
pub(crate) fn members<'a>(
    object: &'a [u8],
    mut take: impl FnMut(&'a [u8], &'a [u8]),
) -> Option<()> {
    spans(object, |name, value| {
        take(name.of(object), value.of(object))
    })
}

/// A member's value as written; `None` where the object has none of that name, or `null`.
pub(crate) fn member<'a>(object: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut at = behind_sign(object, 0, b'{')?;
    loop {
        let (found, value_at) = member_at(object, at)?;
        let end = value_at + value_len(object.get(value_at..)?)?;
        if found.of(object) == name.as_bytes() {
            let value = &object[value_at..end];
            return (value != b"null").then_some(value);
        }
        at = behind_sign(object, end, b',')?;
    }
}

/// A string's bytes; of an array the first string's.
#[inline]
pub(crate) fn text(value: &[u8]) -> Option<&BStr> {
    match value {
        // It ends where the value does.
        [b'"', inner @ .., b'"'] => Some(inner.into()),
        [b'[', values @ ..] => Some(string(unspaced(values))?.into()),
        _ => None,
    }
}

/// A string's bytes, or those of the strings of an array as written, without the outer quotes:
/// `a@example.org", "b@example.org`.
pub(crate) fn texts(value: &[u8]) -> Option<&BStr> {
    let Some(values) = value.strip_prefix(b"[") else {
        return text(value);
    };
    let inner = values.strip_suffix(b"]")?.trim_ascii();
    let inner = inner.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    Some(inner.into())
}

/// A whole number, also where it is written as a string.
pub(crate) fn number<N: TryFrom<u64>>(value: &[u8]) -> Option<N> {
    let digits = match value {
        [b'"', digits @ .., b'"'] => digits,
        digits => digits,
    };
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    let number = digits.iter().try_fold(0u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })?;
    N::try_from(number).ok()
}

/// A number with decimals, also where it is written as a string.
pub(crate) fn decimal(value: &[u8]) -> Option<f32> {
    let digits = match value {
        [b'"', digits @ .., b'"'] => digits,
        digits => digits,
    };
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(object: &str) -> Option<Vec<String>> {
        let mut names = Vec::new();
        members(object.as_bytes(), |name, value| {
            names.push(format!("{}={}", BStr::new(name), BStr::new(value)));
        })?;
        Some(names)
    }

    #[test]
    fn members_are_taken_as_written() {
        assert_eq!(
            names(r#" { "a" : "x \" \\" , "b":[1,{"c":"}"}], "d":null,"e":-1.5e3 } "#),
            Some(vec![
                r#"a="x \" \\""#.to_owned(),
                r#"b=[1,{"c":"}"}]"#.to_owned(),
                "d=null".to_owned(),
                "e=-1.5e3".to_owned(),
            ])
        );
        assert_eq!(names("{}"), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_object_is_not_read() {
        for text in [
            "",
            "{",
            "[]",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1"#,
            r#"{"a":1,}"#,
            r#"{"a":"x}"#,
            r#"{"a":1} x"#,
            r#"{"a":[1}"#,
            r#"{"a":"\"#,
            r#"{a:1}"#,
        ] {
            assert_eq!(names(text), None, "{text}");
        }
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(40), "]".repeat(40));
        assert_eq!(names(&deep), None);
    }

    #[test]
    fn a_member_is_found_by_name() {
        let object = br#"{"x":{"a":1},"a":"b","n":null,"l":["p","q"],"s":"12"}"#;
        assert_eq!(member(object, "a"), Some(&br#""b""#[..]));
        assert_eq!(member(object, "n"), None);
        assert_eq!(member(object, "z"), None);
        assert_eq!(text(member(object, "l").unwrap()).unwrap(), "p");
        assert_eq!(texts(member(object, "l").unwrap()).unwrap(), r#"p","q"#);
        assert_eq!(number::<u8>(member(object, "s").unwrap()), Some(12));
        assert_eq!(number::<u8>(b"300"), None);
        assert_eq!(decimal(b"7.5"), Some(7.5));
    }
}
