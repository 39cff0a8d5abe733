//! What the application that sent a message tells of it.

use crate::check;
use expect_test::expect;

#[test]
fn what_readers_did_stands_with_the_message() {
    check(
        r#"
        09:00:00.000 smtpd[60]: 4jXMZG3fZ5z1Xf28: client=shop.example.org[192.0.2.10]
        09:00:00.010 cleanup[61]: 4jXMZG3fZ5z1Xf28: message-id=<a1@example.org>
        09:00:00.020 qmgr[62]: 4jXMZG3fZ5z1Xf28: from=<news@example.org>, size=2900, nrcpt=2 (queue active)
        09:00:01.000 smtp[63]: 4jXMZG3fZ5z1Xf28: to=<bob@example.net>, orig_to=<Robert@example.org>, relay=mx.example.net[198.51.100.7]:25, delay=1, delays=0/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 OK)
        09:00:01.100 smtp[64]: 4jXMZG3fZ5z1Xf28: to=<carl@example.net>, relay=mx.example.net[198.51.100.7]:25, delay=1.1, delays=0/0/0.5/0.6, dsn=2.0.0, status=sent (250 2.0.0 OK)
        09:00:01.200 qmgr[62]: 4jXMZG3fZ5z1Xf28: removed
        {"event":"opened","timestamp":1795338061.5,"recipient":"robert@example.org","ip":"203.0.113.9","message":{"headers":{"message-id":"a1@example.org"}}}
        {"event":"clicked","timestamp":1795338062.5,"recipient":"bob@example.net","ip":"203.0.113.9","url":"https://shop.example.org/a","message":{"headers":{"message-id":"a1@example.org"}}}
        {"event":"complained","timestamp":1795338063.5,"recipient":"carl@example.net","message":{"headers":{"message-id":"a1@example.org"}}}
        {"event":"opened","timestamp":1795338064.5,"recipient":"dora@example.net","message":{"headers":{"message-id":"a1@example.org"}}}
        {"event":"opened","timestamp":1795338065.5,"recipient":"bob@example.net","message":{"headers":{"message-id":"other@example.org"}}}
        "#,
        expect![[r#"

            news@example.org → Robert@example.org and carl@example.net: relayed
            │  message-id  <a1@example.org>, 2.9 kB
            │  came in     2026-11-22 09:00:00 UTC from shop.example.org[192.0.2.10]
            │
            ├─ bob@example.net (for Robert@example.org): accepted by mx.example.net[198.51.100.7] after 1 s: 250
            │      2.0.0 OK
            ├─ carl@example.net: accepted by mx.example.net[198.51.100.7] after 1.1 s: 250 2.0.0 OK
            │
            ├─ mx1 4jXMZG3fZ5z1Xf28  09:00:00 (1.2 s here)
            │  └─ bob@example.net and carl@example.net → mx.example.net[198.51.100.7]:25: accepted, +1 s
            │       250 2.0.0 OK
            │
            └─ told by the sender's application
               ├─ robert@example.org: opened, +1 min 1 s from [203.0.113.9]
               ├─ bob@example.net: followed a link: https://shop.example.org/a, +1 min 2 s from [203.0.113.9]
               └─ carl@example.net: complained, +1 min 3 s
        "#]],
    );
}
