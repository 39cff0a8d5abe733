use super::*;
use model::{EnhancedStatus, ReplyCode};

fn read(text: &'static str) -> Option<Delivery<'static>> {
    let mut at = Scan::new(text.as_bytes(), b"smtp");
    at.queue_id = Some("2F922A14CB6".into());
    match status(&mut at)? {
        Body::Delivery(delivery) => Some(delivery),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_item_is_taken() {
    let delivery = read(
        "to=<\"a>, relay=\"@x.test>, orig_to=<A@x.test>, relay=mx.x.test[2001:db8::25]:2525, \
         conn_use=12, delay=86400, delays=0.03/4.3/16/0, tls=may:none, dsn=5.12.123, \
         status=bounced (host mx.x.test[2001:db8::25] said: 550 5.1.1 no (really) \
         (in reply to RCPT TO command))",
    );
    assert_eq!(
        delivery,
        Some(Delivery {
            rcpt_to: "\"a>, relay=\"@x.test".into(),
            several: false,
            copy: None,
            orig_rcpt_to: Some("A@x.test".into()),
            relay: Peer {
                name: "mx.x.test".into(),
                address: "2001:db8::25".into(),
                port: Some(2525),
            },
            connection_use: Some(12),
            delays: Delays {
                total_ms: 86_400_000,
                stages_ms: Some([30, 4_300, 16_000, 0]),
            },
            tls: "may:none".into(),
            enhanced: Some(EnhancedStatus {
                class: 5,
                subject: 12,
                detail: 123,
            }),
            status: DeliveryStatus::Bounced,
            agent: Agent::Smtp,
            text: "host mx.x.test[2001:db8::25] said: 550 5.1.1 no (really) \
                   (in reply to RCPT TO command)"
                .into(),
            code: Some(ReplyCode(550)),
            remote_reply: true,
            next_queue_id: None,
            suspended: false,
        })
    );
}

#[test]
fn relays_are_hosts_sockets_services_or_none() {
    let relay = |written: &'static str| {
        let peer = host(written.into());
        peer.map(|peer| (peer.name.to_string(), peer.address.to_string(), peer.port))
    };
    let host = |name: &str, address: &str, port| Some((name.into(), address.into(), port));
    assert_eq!(relay("mx[192.0.2.1]:25"), host("mx", "192.0.2.1", Some(25)));
    assert_eq!(relay("mx[192.0.2.1]"), host("mx", "192.0.2.1", None));
    assert_eq!(
        relay("mx1[private/dovecot-lmtp]"),
        host("mx1", "private/dovecot-lmtp", None)
    );
    assert_eq!(relay("mx[192.0.2.1]:70000"), None);
    assert_eq!(relay("dovecot"), None);
    let none = read("to=<a@x.test>, relay=none, delay=1, status=deferred (no)").expect("no relay");
    assert!(none.relay.is_empty());
    let service =
        read("to=<a@x.test>, relay=dovecot, delay=1, status=sent (ok)").expect("a service");
    assert_eq!(service.relay.name, "dovecot");
}

#[test]
fn a_cut_line_keeps_its_text() {
    let cut = read("to=<a@x.test>, relay=none, delay=-3, dsn=4.0.0, status=deferred (a (b) c")
        .expect("a cut line");
    assert_eq!(cut.text, "a (b) c");
    assert_eq!(cut.delays.total_ms, 0);
    assert_eq!(read("to=<a@x.test>, relay=none, delay=1, status=sen"), None);
    assert_eq!(
        read("to=<a@x.test>, relay=none, delay=1, status=sentence (x)"),
        None
    );
}

#[test]
fn probes_deliver_nothing() {
    for (word, status) in [
        ("deliverable", DeliveryStatus::Deliverable),
        ("delivered", DeliveryStatus::Deliverable),
        (
            "undeliverable-but-not-cached",
            DeliveryStatus::Undeliverable,
        ),
        ("SOFTBOUNCE", DeliveryStatus::Deferred),
    ] {
        let mut at = Scan::new(word.as_bytes(), b"smtp");
        assert_eq!(status_word(&mut at), Some(status), "{word}");
        assert_eq!(at.end(), Some(()), "{word}");
    }
}
