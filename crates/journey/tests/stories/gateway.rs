//! Gateways and services in the cloud that tell much of a message, or all of it, in one record.

use crate::check;
use expect_test::expect;

#[test]
fn microsoft_365_says_for_each_recipient_what_became_of_it() {
    check(
        r#"
        {"Organization":"example.onmicrosoft.test","MessageId":"<m1@sender.test>","Received":"2026-11-22T08:24:54.3750000","SenderAddress":"joe@sender.test","RecipientAddress":"team@example.org","Subject":"hello","Status":"Expanded","ToIP":null,"FromIP":"192.0.2.25","Size":87680,"MessageTraceId":"3b4fc661-180d-4c2f-60c9-08da6e38dd10"}
        {"Organization":"example.onmicrosoft.test","MessageId":"<m1@sender.test>","Received":"2026-11-22T08:24:54.3750000","SenderAddress":"joe@sender.test","RecipientAddress":"anna@example.org","Subject":"hello","Status":"Delivered","ToIP":null,"FromIP":"192.0.2.25","Size":87680,"MessageTraceId":"3b4fc661-180d-4c2f-60c9-08da6e38dd10"}
        {"Organization":"example.onmicrosoft.test","MessageId":"<m1@sender.test>","Received":"2026-11-22T08:24:54.3750000","SenderAddress":"joe@sender.test","RecipientAddress":"bob@example.org","Subject":"hello","Status":"Quarantined","ToIP":null,"FromIP":"192.0.2.25","Size":87680,"MessageTraceId":"3b4fc661-180d-4c2f-60c9-08da6e38dd10"}
        {"Organization":"example.onmicrosoft.test","MessageId":"<m1@sender.test>","Received":"2026-11-22T08:24:54.3750000","SenderAddress":"joe@sender.test","RecipientAddress":"carl@example.org","Subject":"hello","Status":"FilteredAsSpam","ToIP":null,"FromIP":"192.0.2.25","Size":87680,"MessageTraceId":"3b4fc661-180d-4c2f-60c9-08da6e38dd10"}
        {"Organization":"example.onmicrosoft.test","MessageId":"<m2@sender.test>","Received":"2026-11-22T08:25:54.3750000","SenderAddress":"joe@sender.test","RecipientAddress":"dora@example.org","Subject":"later","Status":"Pending","ToIP":null,"FromIP":"192.0.2.25","Size":900,"MessageTraceId":"3b4fc661-180d-4c2f-60c9-08da6e38dd11"}
        {"Organization":"example.onmicrosoft.test","MessageId":"<m3@sender.test>","Received":"2026-11-22T08:26:54.3750000","SenderAddress":"joe@sender.test","RecipientAddress":"erik@example.org","Subject":"gone","Status":"None","ToIP":null,"FromIP":"192.0.2.25","Size":900,"MessageTraceId":"3b4fc661-180d-4c2f-60c9-08da6e38dd12"}
        "#,
        expect![[r#"

            joe@sender.test → team@example.org, anna@example.org, bob@example.org and carl@example.org:
              delivered, expanded, quarantined, discarded
            │  subject     hello
            │  message-id  <m1@sender.test>, 87 kB
            │  came in     2026-11-22 08:24:54.375 UTC from [192.0.2.25]
            │
            ├─ team@example.org: sent on to others after 0 s: Expanded
            ├─ anna@example.org: delivered after 0 s
            ├─ bob@example.org: in quarantine after 0 s, by exchange as Quarantined
            ├─ carl@example.org: dropped by the content filter as FilteredAsSpam
            │
            └─ exchange 3b4fc661-180d-4c2f-60c9-08da6e38dd10  08:24:54.375 (0 s here)
               ├─ exchange (3b4fc661-180d-4c2f-60c9-08da6e38dd10) tells Expanded for team@example.org
               ├─ exchange (3b4fc661-180d-4c2f-60c9-08da6e38dd10) tells Delivered for anna@example.org
               ├─ exchange (3b4fc661-180d-4c2f-60c9-08da6e38dd10) tells Quarantined for bob@example.org
               ├─ exchange (3b4fc661-180d-4c2f-60c9-08da6e38dd10) tells FilteredAsSpam for carl@example.org
               ├─ team@example.org: replaced by others, +0 s
               │    Expanded
               ├─ anna@example.org: delivered, +0 s
               │    Delivered
               ├─ bob@example.org: set aside, +0 s
               │    Quarantined
               └─ carl@example.org: dropped, +0 s
                    FilteredAsSpam

            joe@sender.test → dora@example.org: still in the queue
            │  subject     later
            │  message-id  <m2@sender.test>, 900 bytes
            │  came in     2026-11-22 08:25:54.375 UTC from [192.0.2.25]
            │
            ├─ dora@example.org: still in the queue: deferred once, last at 08:25:54.375: Pending
            │
            └─ exchange 3b4fc661-180d-4c2f-60c9-08da6e38dd11  08:25:54.375
               ├─ exchange (3b4fc661-180d-4c2f-60c9-08da6e38dd11) tells Pending for dora@example.org
               └─ dora@example.org: deferred, +0 s
                    Pending

            joe@sender.test → an unknown recipient: end not seen
            │  subject     gone
            │  message-id  <m3@sender.test>, 900 bytes
            │  came in     2026-11-22 08:26:54.375 UTC from [192.0.2.25]
            │
            ├─ 1 recipient that no line names: end not seen
            │
            └─ exchange 3b4fc661-180d-4c2f-60c9-08da6e38dd12  08:26:54.375 (0 s here)
               └─ exchange (3b4fc661-180d-4c2f-60c9-08da6e38dd12) tells None for erik@example.org
        "#]],
    );
}

#[test]
fn trend_tells_of_a_message_until_it_has_left() {
    check(
        r#"
        {"size": 48984, "action": "Scanning in sandbox", "mailID": "b879ff84-55a3-4813-be99-9e0386a446f7", "sender": "joe@sender.test", "genTime": "2026-11-22T08:24:00Z", "subject": "hello", "senderIP": "192.0.2.25", "direction": "in", "messageID": "<t1@sender.test>", "recipient": "anna@example.org", "timestamp": "2026-11-22T08:23:33Z", "headerFrom": "joe@sender.test"}
        {"size": 48984, "action": "Delivered", "mailID": "b879ff84-55a3-4813-be99-9e0386a446f7", "sender": "joe@sender.test", "genTime": "2026-11-22T08:29:00Z", "subject": "hello", "senderIP": "192.0.2.25", "direction": "in", "messageID": "<t1@sender.test>", "recipient": "anna@example.org", "timestamp": "2026-11-22T08:23:33Z", "headerFrom": "joe@sender.test", "deliveredTo": "mx.example.org[198.51.100.7]:25", "deliveryTime": "2026-11-22T08:28:33Z"}
        {"size": 51149, "action": "Quarantined", "mailID": "b879ff84-55a3-4813-be99-9e0386a446f8", "sender": "x@spam.test", "genTime": "2026-11-22T08:30:00Z", "subject": "win", "direction": "in", "messageID": "<t2@spam.test>", "recipient": "anna@example.org", "timestamp": "2026-11-22T08:29:33Z", "headerFrom": "x@spam.test"}
        {"size": 8245, "action": "Bounced", "mailID": "b879ff84-55a3-4813-be99-9e0386a446f9", "sender": "anna@example.org", "details": "mail for example.net loops back to myself", "genTime": "2026-11-22T08:31:45Z", "subject": "re", "senderIP": "192.0.2.10", "direction": "out", "messageID": "<t3@example.org>", "recipient": "bob@example.net", "timestamp": "2026-11-22T08:31:33Z", "headerFrom": "anna@example.org", "deliveredTo": "none", "deliveryTime": "2026-11-22T08:31:33Z"}
        "#,
        expect![[r#"

            joe@sender.test → anna@example.org: relayed
            │  subject     hello
            │  message-id  <t1@sender.test>, 48 kB
            │  came in     2026-11-22 08:23:33 UTC from [192.0.2.25]
            │
            ├─ anna@example.org: accepted by mx.example.org[198.51.100.7] after 0 s: Delivered
            │
            └─ trend b879ff84-55a3-4813-be99-9e0386a446f7  08:23:33 (0 s here)
               ├─ trend tells Scanning in sandbox for anna@example.org
               ├─ trend tells Delivered for anna@example.org
               ├─ anna@example.org: deferred, +0 s
               │    Scanning in sandbox
               └─ anna@example.org → mx.example.org[198.51.100.7]:25: accepted, +0 s
                    Delivered

            x@spam.test → anna@example.org: quarantined
            │  subject     win
            │  message-id  <t2@spam.test>, 51 kB
            │  came in     2026-11-22 08:29:33 UTC
            │
            ├─ anna@example.org: in quarantine after 0 s, by trend as Quarantined
            │
            └─ trend b879ff84-55a3-4813-be99-9e0386a446f8  08:29:33 (0 s here)
               ├─ trend tells Quarantined for anna@example.org
               └─ anna@example.org: set aside, +0 s
                    Quarantined

            anna@example.org → bob@example.net: bounced
            │  subject     re
            │  message-id  <t3@example.org>, 8.2 kB
            │  came in     2026-11-22 08:31:33 UTC from [192.0.2.10]
            │
            ├─ bob@example.net: bounced after 0 s: mail for example.net loops back to myself; no line tells that
            │      the sender was told
            │
            └─ trend b879ff84-55a3-4813-be99-9e0386a446f9  08:31:33 (0 s here)
               ├─ trend tells Bounced for bob@example.net: mail for example.net loops back to myself
               └─ bob@example.net: bounced, +0 s
                    mail for example.net loops back to myself
        "#]],
    );
}

#[test]
fn vade_looks_after_microsoft_365_or_tells_alone() {
    check(
        r#"
        {"Organization":"example.onmicrosoft.test","MessageId":"<v1@sender.test>","Received":"2026-11-22T08:24:54.3750000","SenderAddress":"joe@sender.test","RecipientAddress":"anna@example.org","Subject":"hello","Status":"Delivered","ToIP":null,"FromIP":"192.0.2.25","Size":87680,"MessageTraceId":"3b4fc661-180d-4c2f-60c9-08da6e38dd10"}
        {"id": "cs72a9b6r0glddhdfh7g", "date": "2026-11-22T08:24:58.776Z", "sender_ip": "192.0.2.25", "from": "joe@sender.test", "from_header": "Joe<joe@sender.test>", "to": "anna@example.org", "to_header": "anna@example.org", "subject": "hello", "message_id": "<v1@sender.test>", "urls": [], "attachments": [], "status": "PHISHING", "substatus": "", "remediation_type": "none", "remediation_ids": [], "action": "MOVE", "folder": "JunkEmail", "size": 26875, "current_events": [], "whitelisted": false}
        {"id": "cs72a9b6r0glddhdfh7h", "date": "2026-11-22T08:34:58.776Z", "sender_ip": "192.0.2.25", "from": "joe@sender.test", "from_header": "Joe<joe@sender.test>", "to": "anna@example.org", "to_header": "anna@example.org", "subject": "again", "message_id": "<v2@sender.test>", "urls": [], "attachments": [], "status": "LEGIT", "substatus": "", "remediation_type": "none", "remediation_ids": [], "action": "NOTHING", "folder": "", "size": 26875, "current_events": [], "whitelisted": false}
        "#,
        expect![[r#"

            joe@sender.test → anna@example.org: delivered
            │  subject     hello
            │  message-id  <v1@sender.test>, 87 kB
            │  came in     2026-11-22 08:24:54.375 UTC from [192.0.2.25]
            │
            ├─ anna@example.org: delivered after 0 s
            │
            └─ exchange 3b4fc661-180d-4c2f-60c9-08da6e38dd10  08:24:54.375 (0 s here)
               ├─ exchange (3b4fc661-180d-4c2f-60c9-08da6e38dd10) tells Delivered for anna@example.org
               ├─ anna@example.org: delivered, +0 s
               │    Delivered
               └─ vade blocked it as PHISHING: MOVE, kept as JunkEmail

            joe@sender.test → anna@example.org: delivered
            │  subject     again
            │  message-id  <v2@sender.test>, 26 kB
            │  came in     2026-11-22 08:34:58.776 UTC from [192.0.2.25]
            │
            ├─ anna@example.org: delivered after 0 s
            │
            └─ vade cs72a9b6r0glddhdfh7h  08:34:58.776 (0 s here)
               ├─ vade let it pass as LEGIT: NOTHING
               └─ anna@example.org: delivered, +0 s
                    LEGIT
        "#]],
    );
}

#[test]
fn proofpoints_filter_and_sendmail_tell_of_one_message() {
    check(
        r#"
        {"data":"...","sm":{"from":"<joe@sender.test>","sizeBytes":"2434","nrcpts":"1","msgid":"<p1@sender.test>","proto":"ESMTP","daemon":"MTA","relay":"mx.sender.test [192.0.2.10]","qid":"27PNO8ta032355"},"pps":{"agent":"m1.pps.test"},"ts":"2026-11-22T01:23:20.935763-0700","metadata":{"origin":{"data":{"agent":"m1.pps.test"}}},"type":"maillog"}
        {"connection":{"protocol":"smtp:smtp","ip":"192.0.2.10","host":"mx.sender.test","sid":"3j6jew035h","helo":"mx.sender.test","country":"us"},"filter":{"delivered":{"rcpts":["anna@example.org"]},"qid":"27PNO8ta032355","modules":{"spam":{"scores":{"overall":12}}},"routes":["inbound"],"durationSecs":0.169678,"disposition":"continue","msgSizeBytes":2434,"routeDirection":"inbound"},"guid":"rkuzwIede_tYDQ-P7qUoNlwm6Hz3u1R5","msg":{"header":{"message-id":["<p1@sender.test>"],"from":["\"Joe\" <joe@sender.test>"],"subject":["hello"]},"sizeBytes":2275},"ts":"2026-11-22T01:23:21.071953-0700","metadata":{"origin":{"data":{"agent":"m1.pps.test"}}},"envelope":{"rcpts":["anna@example.org"],"from":"joe@sender.test"},"type":"message"}
        {"data":"...","sm":{"to":["<anna@example.org>"],"delay":"00:00:01","xdelay":"00:00:01","pri":"32434","dsn":"2.0.0","relay":"mx.example.org. [198.51.100.7]","qid":"27PNO8ta032355","stat":"Sent (OK: queued as 4jXMbQ4gQcz1Xf52)","mailer":"esmtp"},"pps":{"agent":"m1.pps.test"},"ts":"2026-11-22T01:23:21.935763-0700","metadata":{"origin":{"data":{"agent":"m1.pps.test"}}},"type":"maillog"}
        "#,
        expect![[r#"

            joe@sender.test → anna@example.org: relayed
            │  subject     hello
            │  message-id  <p1@sender.test>, 2.4 kB
            │  came in     2026-11-22 08:23:20.935 UTC from mx.sender.test[192.0.2.10]
            │
            ├─ anna@example.org: accepted by mx.example.org.[198.51.100.7] after 1 s: Sent (OK: queued as
            │      4jXMbQ4gQcz1Xf52)
            │
            └─ m1.pps.test/proofpoint 27PNO8ta032355  08:23:20.935 (1 s here)
               ├─ proofpoint (3j6jew035h) let it pass as continue: score 12, took 0.169 s
               └─ anna@example.org → mx.example.org.[198.51.100.7]: accepted, +1 s
                    Sent (OK: queued as 4jXMbQ4gQcz1Xf52)
        "#]],
    );
}
