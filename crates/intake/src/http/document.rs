//! A line for what came as fields: the line that they carry, or a document of JSON that has all of them.

use super::lines::Lines;
use super::refusal::Refusal;
use jiff::Timestamp;
use serde::Serialize;
use std::borrow::Cow;

/// What a client said of a line, in the words that `ingest::readable` looks for.
#[derive(Serialize)]
pub(super) struct Document<'a, Rest> {
    /// RFC 3339 in UTC, as exact as it was sent.
    #[serde(rename = "@timestamp")]
    pub(super) time: String,
    #[serde(rename = "hostname", skip_serializing_if = "Option::is_none")]
    pub(super) host: Option<Cow<'a, str>>,
    #[serde(rename = "program", skip_serializing_if = "Option::is_none")]
    pub(super) program: Option<Cow<'a, str>>,
    #[serde(rename = "pid", skip_serializing_if = "Option::is_none")]
    pub(super) pid: Option<Cow<'a, str>>,
    pub(super) message: Cow<'a, str>,
    /// All that was sent beside, under the name of its protocol.
    #[serde(flatten)]
    pub(super) rest: Rest,
}

impl<Rest: Serialize> Document<'_, Rest> {
    /// Adds the message alone if it is a whole line of syslog, which says of itself what fields would; else all.
    pub(super) fn push(&self, lines: &mut Lines) -> Result<(), Refusal> {
        let message = self.message.trim_end_matches(['\r', '\n']);
        if is_whole_line(message.as_bytes()) {
            return lines.push(message.as_bytes());
        }
        let json = serde_json::to_vec(self).map_err(|error| Refusal::Invalid(error.to_string()))?;
        lines.push(&json)
    }
}

/// A name that one of these fields gives; the first of the names that is there and not empty.
pub(super) fn first<'a>(
    names: &[&str],
    value: impl Fn(&str) -> Option<Cow<'a, str>>,
) -> Option<Cow<'a, str>> {
    names
        .iter()
        .filter_map(|name| value(name))
        .find(|it| !it.is_empty())
}

/// Nanoseconds since 1970 as RFC 3339; 0 and what lies beyond the year 9999 is none.
pub(super) fn time(nanos: i128) -> Option<String> {
    let time = Timestamp::from_nanosecond(nanos).ok()?;
    (nanos > 0).then(|| time.to_string())
}

/// Whether a text begins as a line of syslog does, with its priority or its time: `<22>`, `Nov 22 08:23:21 `,
/// `2026-11-22T08:23:21`; and is one line.
pub(super) fn is_whole_line(text: &[u8]) -> bool {
    let head = match text {
        [b'<', rest @ ..] => has_priority(rest),
        [b'A'..=b'Z', ..] => is_like(text, b"Aaa 99 99:99:99"),
        _ => is_like(text, b"9999-99-99T99:99:99"),
    };
    head && !text.contains(&b'\n')
}

fn has_priority(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|it| it.is_ascii_digit()).count();
    (1..=3).contains(&digits) && text.get(digits) == Some(&b'>')
}

/// Whether a text begins with digits and letters where the form has them; a day may begin with a blank.
fn is_like(text: &[u8], form: &[u8]) -> bool {
    text.len() > form.len()
        && text
            .iter()
            .zip(form)
            .enumerate()
            .all(|(at, (byte, form))| match form {
                b'9' => byte.is_ascii_digit() || (at == 4 && *byte == b' '),
                b'A' => byte.is_ascii_uppercase(),
                b'a' => byte.is_ascii_lowercase(),
                form => byte == form,
            })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines() {
        for (text, expected) in [
            ("Nov 22 08:23:21 mx1 postfix/qmgr[7]: removed", true),
            ("Nov  2 08:23:21 mx1 postfix/qmgr[7]: removed", true),
            (
                "2026-11-22T08:23:21.5+01:00 mx1 postfix/qmgr[7]: removed",
                true,
            ),
            ("<22>1 - mx1 postfix/qmgr 7 - - removed", true),
            ("<a@example.org>: removed", false),
            ("<22.1@example.org>: removed", false),
            ("Nov 22 is a day", false),
            ("2026-11-22 08:23:21 #7(main) rspamd", false),
            ("4bXyZ10QzKz1r: removed", false),
            ("Nov 22 08:23:21 mx1 a: b\nNov 22 08:23:21 mx1 c: d", false),
            ("Nov 22 08:23:21", false),
            ("", false),
        ] {
            assert_eq!(is_whole_line(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn times_are_exact() {
        let exact = time(1_795_335_801_123_456_789);
        assert_eq!(exact.as_deref(), Some("2026-11-22T08:23:21.123456789Z"));
        assert_eq!(time(0), None);
        assert_eq!(time(i128::MAX), None);
    }
}
