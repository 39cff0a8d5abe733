//! `postqueue -j`: a listing of the queue, one JSON object a line.

use crate::json;
use crate::record::Record;
use crate::rule::{Rule, record_rule};
use model::{Body, ListedInQueue};

pub(crate) const RULES: &[Rule] = &[LISTED];

const LISTED: Rule = record_rule(
    "postqueue listed",
    listed,
    "postfix src/postqueue/showq_json.c",
    &[
        r#"{"queue_name": "deferred", "queue_id": "4jXMZG2fzbz1Xf28", "arrival_time": 1795335894, "message_size": 2201, "forced_expire": false, "sender": "anna@example.org", "recipients": [{"address": "bob@example.net", "delay_reason": "host mx.example.net[192.0.2.25] said: 450 4.2.0 \"wait\" {a} [b] (in reply to RCPT TO command)"}]}"#,
        r#"{"queue_name": "active", "queue_id": "2F922A14CB6", "arrival_time": 1795335894, "message_size": 335, "sender": "", "recipients": [{"address": "bob@example.net"}, {"address": "carl@example.net", "orig_address": "team@example.org"}]}"#,
        r#"{"queue_id":"2F922A14CB6","queue_name":"hold","new":{"a":[1,null,"}"]},"arrival_time":1795335894,"message_size":335,"forced_expire":true,"sender":"\"s p\"@example.org","recipients":[]}"#,
    ],
);

fn listed<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let listed = ListedInQueue {
        queue_name: record.text("queue_name")?,
        queue_id: Some(record.text("queue_id")?),
        arrived: record.number("arrival_time").unwrap_or(0),
        size: record.number("message_size").unwrap_or(0),
        forced_expire: record.get("forced_expire") == Some(b"true"),
        mail_from: record
            .get("sender")
            .and_then(json::text)
            .unwrap_or_default(),
        recipients: record.get("recipients").unwrap_or_default().into(),
    };
    record.queue_id = listed.queue_id;
    Some(Body::Listed(Box::new(listed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Box<ListedInQueue<'_>>> {
        let mut record = Record::empty();
        record.fill(text.as_bytes())?;
        match listed(&mut record)? {
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
