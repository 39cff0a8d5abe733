//! D.7: a webmail says who handed a message in.

use crate::check;
use expect_test::expect;

#[test]
fn the_webmail_stamps_whole_seconds() {
    check(
        r"
        [22-Nov-2026 09:00:00 +0000]: <8a1b2c3d> User anna@example.org [198.51.100.9]; Message <w1@example.org> for bob@far.test; 250: 2.0.0 Ok: queued as 8F0CEA14CB1
        09:00:00.100 smtpd[10]: 8F0CEA14CB1: client=web.example.org[192.0.2.80], sasl_method=PLAIN, sasl_username=anna@example.org
        09:00:00.200 cleanup[11]: 8F0CEA14CB1: message-id=<w1@example.org>
        09:00:00.300 qmgr[12]: 8F0CEA14CB1: from=<anna@example.org>, size=900, nrcpt=1 (queue active)
        09:00:01.300 smtp[13]: 8F0CEA14CB1: to=<bob@far.test>, relay=mx.far.test[198.51.100.7]:25, delay=1.2, delays=0.2/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZab12cDz9Qw)
        09:00:01.400 qmgr[12]: 8F0CEA14CB1: removed
        ",
        expect![[r#"

            anna@example.org → bob@far.test: relayed
            │  message-id  <w1@example.org>, 900 bytes
            │  came in     2026-11-22 09:00:00.100 UTC from web.example.org[192.0.2.80], logged in as
            │              anna@example.org, handed in by roundcube for anna@example.org at [198.51.100.9]
            │
            ├─ bob@far.test: accepted by mx.far.test[198.51.100.7] after 1.2 s: 250 2.0.0 Ok: queued as
            │      4XyZab12cDz9Qw
            │
            └─ mx1 8F0CEA14CB1  09:00:00.100 (1.3 s here)
               └─ bob@far.test → mx.far.test[198.51.100.7]:25: accepted, +1.2 s
                    250 2.0.0 Ok: queued as 4XyZab12cDz9Qw
        "#]],
    );
}

#[test]
fn the_webmail_alone_is_there() {
    check(
        r"
        [22-Nov-2026 09:00:00 +0000]: <8a1b2c3d> User anna@example.org [198.51.100.9]; Message <w1@example.org> for bob@far.test, carl@far.test; 250: 2.0.0 Ok: queued as 8F0CEA14CB1
        ",
        expect![[r#"

            unknown sender → bob@far.test and carl@far.test: handed over, end not seen
            │  message-id  <w1@example.org>
            │  came in     2026-11-22 09:00:00 UTC, handed in by roundcube for anna@example.org at
            │              [198.51.100.9]
            │
            ├─ bob@far.test: handed over as 8F0CEA14CB1 after 0 s; the logs do not show what came of it
            ├─ carl@far.test: handed over as 8F0CEA14CB1 after 0 s; the logs do not show what came of it
            │
            └─ roundcube  09:00:00
               └─ bob@far.test and carl@far.test: handed over as 8F0CEA14CB1, +0 s
                    250: 2.0.0 Ok: queued as 8F0CEA14CB1
        "#]],
    );
}
