use crate::shown::check;
use expect_test::expect;

#[test]
fn mimecast_refuses() {
    check(
        r##"{"aggregateId":"k1","processingId":"p1","timestamp":1795335894357,"action":"Rej","senderEnvelope":null,"messageId":null,"recipients":"anna@example.org","senderIp":"203.0.113.9","rejectionType":"IP Found in RBL","rejectionCode":"550","rejectionInfo":"Blocked","type":"receipt","subtype":"Rej"}"##,
        expect![
            "2026-11-22 08:24:54.357000000 +0 host= program=mimecast info message.rejected queue_id=k1 action=reject source=access stage=IP Found in RBL client_address=203.0.113.9 code=550 text=Blocked rcpt_to=anna@example.org session=p1"
        ],
    );
}

#[test]
fn mimecast_delivers() {
    check(
        r##"{"processingId":"p1","aggregateId":"k1","timestamp":1795335894357,"recipients":"anna@example.org","delivered":"false","destinationIp":"198.51.100.7","deliveryErrors":"Connection timed out","type":"delivery"}"##,
        expect![
            "2026-11-22 08:24:54.357000000 +0 host= program=mimecast info delivery.deferred queue_id=k1 rcpt_to=anna@example.org relay_address=198.51.100.7 delay_ms=0 status=deferred agent=smtp remote_reply=false text=Connection timed out session=p1"
        ],
    );
}

#[test]
fn proofpoint_tells_what_sendmail_did() {
    check(
        r##"{"data":"...","sm":{"delay":"1+00:00:03","to":["<anna@example.org>"],"dsn":"2.0.0","relay":"mx.example.org. [192.0.2.25]","qid":"27PNO8ta032355","stat":"Sent (OK: queued as 4jXMbQ4gQcz1Xf52)","mailer":"esmtp"},"pps":{"agent":"m1.pps.test"},"ts":"2026-11-22T01:23:21.935763-0700","metadata":{"origin":{"data":{"agent":"m1.pps.test"}}},"type":"maillog"}"##,
        expect![
            "2026-11-22 01:23:21.935763000 -420 host=m1.pps.test program=proofpoint info delivery.relayed queue_id=27PNO8ta032355 rcpt_to=anna@example.org relay_name=mx.example.org. relay_address=192.0.2.25 delay_ms=86403000 enhanced_status=2.0.0 status=sent agent=smtp remote_reply=true next_queue_id=4jXMbQ4gQcz1Xf52 text=Sent (OK: queued as 4jXMbQ4gQcz1Xf52)"
        ],
    );
}

#[test]
fn retarus_writes_days_of_one_digit() {
    check(
        r##"{"class":"EVENT","rmxId":"0001","sourceIp":"192.0.2.25","metaData":{"header":{"from":"bob@example.net","subject":"hello"}},"recipient":"anna@example.org","mimeId":"<a1@example.net>","sender":"bob@example.net","host":"h.test","type":"MTA","ts":"2026-11-2 08:23:21 +0100","status":"ACCEPTED"}"##,
        expect![
            "2026-11-02 08:23:21 +60 host=h.test program=retarus info message.accepted queue_id=0001 client_address=192.0.2.25 mail_from=bob@example.net rcpt_to=anna@example.org message_id=<a1@example.net> subject=hello header_from=bob@example.net"
        ],
    );
}
