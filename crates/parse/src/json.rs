//! JSON as programs write it to logs: one object a line.
//!
//! Nothing is unescaped or copied: a string is the bytes between its quotes as they stand in the
//! line, a nested value the bytes it was written with. Nesting is bounded.
//! Source: RFC 8259.

use bstr::BStr;
use memchr::memchr2;

/// How deep a value may be nested; what is deeper is no log record.
const DEPTH_MAX: u32 = 32;

/// Takes white space off the front.
#[inline]
fn unspaced(text: &[u8]) -> &[u8] {
    match text.first() {
        Some(b' ' | b'\t' | b'\r' | b'\n') => text.trim_ascii_start(),
        _ => text,
    }
}

/// Takes a sign and the white space round it.
#[inline]
fn sign(text: &[u8], sign: u8) -> Option<&[u8]> {
    let (first, rest) = unspaced(text).split_first()?;
    (*first == sign).then(|| unspaced(rest))
}

/// Bytes of a string that are looked at one by one before a search is begun.
const SHORT_BYTES: usize = 16;

/// The length of the string that starts behind a quote.
#[inline]
fn string_len(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for &byte in text.iter().take(SHORT_BYTES) {
        match byte {
            b'"' => return Some(at),
            b'\\' => break,
            _ => at += 1,
        }
    }
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// Takes a string without its quotes.
#[inline]
fn string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = text.strip_prefix(b"\"")?;
    let len = string_len(inner)?;
    Some((&inner[..len], &inner[len + 1..]))
}

/// Takes any value as it is written.
#[inline]
fn value(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let len = match text.first()? {
        b'"' => string_len(&text[1..])? + 2,
        b'{' | b'[' => nested_len(text)?,
        b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => text
            .iter()
            .position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n'))?,
        _ => return None,
    };
    Some(text.split_at(len))
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

/// Offers each member of an object, name and value as written; `None` where the text is not one
/// object and nothing else.
#[inline]
pub(crate) fn members<'a>(
    object: &'a [u8],
    mut take: impl FnMut(&'a [u8], &'a [u8]),
) -> Option<()> {
    let mut text = sign(object, b'{')?;
    if let Some(rest) = sign(text, b'}') {
        return rest.is_empty().then_some(());
    }
    loop {
        let (name, behind) = string(text)?;
        let (value, behind) = value(sign(behind, b':')?)?;
        take(name, value);
        text = match sign(behind, b',') {
            Some(rest) => rest,
            None => return sign(behind, b'}')?.is_empty().then_some(()),
        };
    }
}

/// A member's value as written; `None` where the object has none of that name, or `null`.
pub(crate) fn member<'a>(object: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut text = sign(object, b'{')?;
    loop {
        let (at, behind) = string(text)?;
        let (value, behind) = value(sign(behind, b':')?)?;
        if at == name.as_bytes() {
            return (value != b"null").then_some(value);
        }
        text = sign(behind, b',')?;
    }
}

/// A string's bytes; of an array the first string's.
pub(crate) fn text(value: &[u8]) -> Option<&BStr> {
    let value = match value.strip_prefix(b"[") {
        Some(values) => unspaced(values),
        None => value,
    };
    Some(string(value)?.0.into())
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
