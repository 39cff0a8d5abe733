//! `postqueue -j`: a listing of the queue, one JSON object a line.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use memchr::memchr2;
use model::{Body, ListedInQueue};

pub(crate) const RULES: &[Rule] = &[LISTED];

const LISTED: Rule = rule(
    "postqueue listed",
    listed,
    "postfix src/postqueue/showq_json.c",
    &[
        r#"{"queue_name": "deferred", "queue_id": "4jXMZG2fzbz1Xf28", "arrival_time": 1795335894, "message_size": 2201, "forced_expire": false, "sender": "anna@example.org", "recipients": [{"address": "bob@example.net", "delay_reason": "host mx.example.net[192.0.2.25] said: 450 4.2.0 \"wait\" {a} [b] (in reply to RCPT TO command)"}]}"#,
        r#"{"queue_name": "active", "queue_id": "2F922A14CB6", "arrival_time": 1795335894, "message_size": 335, "sender": "", "recipients": [{"address": "bob@example.net"}, {"address": "carl@example.net", "orig_address": "team@example.org"}]}"#,
        r#"{"queue_id":"2F922A14CB6","queue_name":"hold","new":{"a":[1,null,"}"]},"arrival_time":1795335894,"message_size":335,"forced_expire":true,"sender":"\"s p\"@example.org","recipients":[]}"#,
    ],
);

fn listed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mut listed = ListedInQueue::default();
    symbol(at, "{")?;
    loop {
        let name = string(at)?;
        symbol(at, ":")?;
        member(at, name, &mut listed)?;
        if symbol(at, ",").is_none() {
            break;
        }
        space(at);
    }
    symbol(at, "}")?;
    at.end()?;
    if listed.queue_id.is_none() || listed.queue_name.is_empty() {
        return None;
    }
    at.queue_id = listed.queue_id;
    Some(Body::Listed(Box::new(listed)))
}

/// Takes a member's value. Members that later versions add are passed over.
fn member<'a>(at: &mut Scan<'a>, name: &BStr, listed: &mut ListedInQueue<'a>) -> Option<()> {
    match name.as_bytes() {
        b"queue_name" => listed.queue_name = string(at)?,
        b"queue_id" => listed.queue_id = Some(string(at)?),
        b"arrival_time" => listed.arrived = at.number()?,
        b"message_size" => listed.size = at.number()?,
        b"forced_expire" => listed.forced_expire = at.one_of(&["true", "false"])? == "true",
        b"sender" => listed.mail_from = string(at)?,
        b"recipients" => listed.recipients = value(at)?,
        _ => drop(value(at)?),
    }
    Some(())
}

fn space(at: &mut Scan<'_>) {
    at.while_(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
}

/// Takes a sign and the space round it.
fn symbol(at: &mut Scan<'_>, sign: &str) -> Option<()> {
    space(at);
    at.lit(sign)?;
    space(at);
    Some(())
}

/// Takes a string; its escapes stay as they are.
fn string<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    at.lit("\"")?;
    let text = at.peek();
    let mut end = 0;
    loop {
        end += memchr2(b'"', b'\\', text.get(end..)?)?;
        if text[end] == b'"' {
            break;
        }
        end += 2;
    }
    *at = at.over(&text[end + 1..]);
    Some(text[..end].into())
}

/// Takes any value as it is written, up to the `,`, `}` or `]` behind it.
fn value<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let written = at.peek();
    let mut depth = 0u32;
    loop {
        match at.peek().first()? {
            b'"' => drop(string(at)?),
            b'[' | b'{' => {
                depth += 1;
                at.one_of(&["[", "{"])?;
            }
            b']' | b'}' if depth > 0 => {
                depth -= 1;
                at.one_of(&["]", "}"])?;
            }
            b',' if depth > 0 => at.lit(",")?,
            b',' | b']' | b'}' => {
                let len = written.len() - at.peek().len();
                return Some(written[..len].trim_ascii_end().into());
            }
            _ => {
                at.while_(|byte| !matches!(byte, b'"' | b'[' | b'{' | b']' | b'}' | b','));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Box<ListedInQueue<'_>>> {
        match listed(&mut Scan::new(text.as_bytes(), b""))? {
            Body::Listed(listed) => Some(listed),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn unknown_members_are_passed_over_and_escapes_kept() {
        let listed = read(
            r#"{"queue_name": "hold", "x": {"y": ["}", "\"", 1.5e3]}, "queue_id": "2F922A14CB6", "arrival_time": 1795335894, "sender": "\"a \\b\"@x.test", "recipients": [{"address": "b@x.test"}] , "z": null}"#,
        )
        .expect("a listing");
        assert_eq!(listed.queue_id, Some("2F922A14CB6".into()));
        assert_eq!(listed.mail_from, r#"\"a \\b\"@x.test"#);
        assert_eq!(listed.recipients, r#"[{"address": "b@x.test"}]"#);
        assert_eq!(listed.arrived, 1_795_335_894);
    }

    #[test]
    fn other_json_is_no_listing() {
        assert_eq!(read(r#"{"log": "text", "stream": "stdout"}"#), None);
        assert_eq!(read(r#"{"queue_name": "hold"}"#), None);
        assert_eq!(read(r#"{"queue_name": "hold", "queue_id": "A"#), None);
        assert_eq!(read(r#"{"queue_name": "hold", "queue_id": "A"} x"#), None);
    }
}
