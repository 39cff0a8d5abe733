use super::*;

fn text(status: DeliveryStatus, text: &str) -> Told<'_> {
    told(status, Agent::Smtp, Scan::new(text.as_bytes(), b"smtp"))
}

#[test]
fn next_hops_tell_their_id() {
    let cases = [
        ("250 2.0.0 Ok: queued as 4XyZab12cDz9Qw", "4XyZab12cDz9Qw"),
        (
            "250 2.0.0 Ok: 4711 bytes queued as 9A0B1C2D3E",
            "9A0B1C2D3E",
        ),
        (
            "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as AFADAA14CB5",
            "AFADAA14CB5",
        ),
        (
            "250 2.6.0 Ok, id=12345-06, from MTA([127.0.0.1]:10025): 250 Ok: queued as 0A1B2C3D4E",
            "0A1B2C3D4E",
        ),
        ("250 2.6.0 Ok, id=12345-06, from MTA", "12345-06"),
        (
            "250 2.7.0 Ok, discarded, id=12345-06 - INFECTED: Eicar",
            "12345-06",
        ),
        ("250 2.5.0 Ok, id=12345-07, BOUNCE", "12345-07"),
        (
            "250 2.0.0 <a@x.test> jJxbDXqmAms2bwAAg+zDdQ Saved",
            "jJxbDXqmAms2bwAAg+zDdQ",
        ),
        (
            "250 2.0.0 <a@x.test> jJxbDXqmAms2bwAAg+zDdQ:R2 Saved",
            "jJxbDXqmAms2bwAAg+zDdQ:R2",
        ),
        (
            "250 2.0.0 jJxbDXqmAms2bwAAg+zDdQ Saved",
            "jJxbDXqmAms2bwAAg+zDdQ",
        ),
        (
            "250 2.1.5 Ok SESSIONID=<cyrus-77-1795335894-1-42>",
            "cyrus-77-1795335894-1-42",
        ),
        (
            "250 OK id=1xV2wh-000000000aG-0Abc",
            "1xV2wh-000000000aG-0Abc",
        ),
        (
            "250 2.0.0 6AM8XJBG008146 Message accepted for delivery",
            "6AM8XJBG008146",
        ),
        (
            "250 2.0.0: deadbeef Message accepted for delivery",
            "deadbeef",
        ),
        (
            "250 2.0.0 deadbeef Message accepted for delivery",
            "deadbeef",
        ),
        ("250 OK Message accepted for delivery", ""),
        ("250 2.5.0 Message accepted for delivery", ""),
        ("250 Ok. 6AE1F2B3.00001A2B", "6AE1F2B3.00001A2B"),
        ("250 OK.", ""),
        ("250 ok:  Message 40279001 accepted", "40279001"),
        ("250 ok 1795335894 qp 12345", "12345"),
        ("250 Accepted message qp 12345 bytes 91", "12345"),
        (
            "250 2.0.0 OK  1795335894 ab1si23456cde.266 - gsmtp",
            "ab1si23456cde.266",
        ),
        (
            "250 2.0.0 OK 1795335894 ab1si23456cde.52",
            "ab1si23456cde.52",
        ),
        (
            "250 2.6.0 <a@x.test> [InternalId=8796093022345, Hostname=EX1.x.test] 12345 bytes in 0.1, 120 KB/sec Queued mail for delivery",
            "8796093022345",
        ),
        ("250 2.6.0 <a@x.test> Queued mail for delivery", ""),
        (
            "250 OK ids=0123456789abcdef0123456789abcdef",
            "0123456789abcdef0123456789abcdef",
        ),
        (
            "250 Message Queued (01234567-89AB-CDEF-0123-456789ABCDEF.1)",
            "01234567-89AB-CDEF-0123-456789ABCDEF.1",
        ),
        (
            "250 ok (01234567-89AB-CDEF-0123-456789ABCDEF.1)",
            "01234567-89AB-CDEF-0123-456789ABCDEF.1",
        ),
        (
            "250 2.0.0 Ok: queued as 0A1B2C3D4E (then more)",
            "0A1B2C3D4E",
        ),
        (
            "250 Mail OK queued as mx1,AbC--.5S2 1795335894",
            "mx1,AbC--.5S2",
        ),
        ("forwarded as 8F0CEA14CB1", "8F0CEA14CB1"),
        ("delivered to mailbox", ""),
        ("250", ""),
        ("", ""),
    ];
    for (reply, id) in cases {
        let told = text(DeliveryStatus::Sent, reply);
        assert_eq!(told.next_queue_id.unwrap_or_default(), id, "{reply}");
    }
}

#[test]
fn failures_quote_the_other_side_or_do_not() {
    let code = |status, it| {
        let told = text(status, it);
        (
            told.code.map(|code| code.0),
            told.remote_reply,
            told.suspended,
        )
    };
    let (deferred, bounced) = (DeliveryStatus::Deferred, DeliveryStatus::Bounced);
    assert_eq!(
        code(
            bounced,
            "host mx.x.test[192.0.2.1] said: 550-5.1.1 no 550 5.1.1 no"
        ),
        (Some(550), true, false)
    );
    assert_eq!(
        code(
            deferred,
            "host mx.x.test[192.0.2.1]:25 refused to talk to me: hello"
        ),
        (None, true, false)
    );
    assert_eq!(
        code(
            deferred,
            "delivery temporarily suspended: host mx.x.test[192.0.2.1] refused to talk to me: 421 no"
        ),
        (Some(421), true, true)
    );
    assert_eq!(
        code(
            deferred,
            "SASL authentication failed; server mx.x.test[192.0.2.1] said: 535 5.7.8 no"
        ),
        (Some(535), true, false)
    );
    assert_eq!(
        code(
            deferred,
            "TLS is required, but host mx.x.test[192.0.2.1] refused to start TLS: 454 4.7.0 no"
        ),
        (Some(454), true, false)
    );
    assert_eq!(
        code(
            deferred,
            "connect to mx.x.test[192.0.2.1]:25: Connection refused"
        ),
        (None, false, false)
    );
    assert_eq!(
        code(bounced, "550 says the administrator"),
        (None, false, false)
    );
}
