use crate::shown::check;
use expect_test::expect;

#[test]
fn a_message_sent_names_the_queue_id() {
    check(
        r##"[22-Nov-2026 08:23:21 +0100]: <8a1b2c3d> User anna@example.org [192.0.2.10]; Message <a1@example.org> for bob@example.net, carl@example.net; 250: 2.0.0 Ok: queued as 4jXMbQ4gQcz1Xf52"##,
        expect![
            "2026-11-22 08:23:21 +60 host= program=roundcube info message.submitted user=anna@example.org client_address=192.0.2.10 message_id=<a1@example.org> rcpt_to=bob@example.net, carl@example.net code=250 next_queue_id=4jXMbQ4gQcz1Xf52 text=250: 2.0.0 Ok: queued as 4jXMbQ4gQcz1Xf52 session=8a1b2c3d"
        ],
    );
    check(
        r##"Nov 22 08:23:21 web1 roundcube: <8a1b2c3d> User anna [192.0.2.10]; Message <a1@example.org> for bob@example.net; 250: OK id=1abcde-000001-AB"##,
        expect![
            "11-22 08:23:21 host=web1 program=roundcube info message.submitted user=anna client_address=192.0.2.10 message_id=<a1@example.org> rcpt_to=bob@example.net code=250 next_queue_id=1abcde-000001-AB text=250: OK id=1abcde-000001-AB session=8a1b2c3d"
        ],
    );
}

#[test]
fn logins() {
    check(
        r##"[22-Nov-2026 08:23:21.123456 +0100]: <8a1b2c3d> Successful login for anna (ID: 7) from 198.51.100.1 (X-Forwarded-For: 192.0.2.10, 198.51.100.1) in session 8a1b2c3d4e5f6a7b"##,
        expect![
            "2026-11-22 08:23:21.123456000 +60 host= program=roundcube info auth.succeeded protocol=http user=anna client_address=198.51.100.1 session=8a1b2c3d"
        ],
    );
    check(
        r##"[22-Nov-2026 08:23:21 +0100]: Failed login for root from 127.0.0.1 from 203.0.113.9 in session 8a1b2c3d4e5f6a7b (error: 0)"##,
        expect![
            "2026-11-22 08:23:21 +60 host= program=roundcube info auth.failed client_address=203.0.113.9 protocol=http user=root from 127.0.0.1 reason=error: 0 session=8a1b2c3d"
        ],
    );
}

#[test]
fn a_name_cannot_forge_the_client() {
    check(
        r##"Nov 22 08:23:21 web1 roundcube: IMAP Error: Login failed for root from 127.0.0.1. from 203.0.113.9. AUTHENTICATE PLAIN: NO user=root from 127.0.0.1. in /srv/rcube_imap.php on line 205 (POST /?_task=login)"##,
        expect![
            "11-22 08:23:21 host=web1 program=roundcube info auth.failed client_address=203.0.113.9 protocol=http user=root from 127.0.0.1. reason=AUTHENTICATE PLAIN: NO user=root from 127.0.0.1."
        ],
    );
    check(
        r##"Nov 22 08:23:21 web1 roundcube: <8a1b2c3d> IMAP Error: Login failed for anna@example.org against localhost from 192.0.2.10(X-Real-IP: 192.0.2.11). AUTHENTICATE PLAIN: failed. in /srv/rcube_imap.php on line 205 (POST /?_task=login)"##,
        expect![
            "11-22 08:23:21 host=web1 program=roundcube info auth.failed client_address=192.0.2.10 protocol=http user=anna@example.org reason=AUTHENTICATE PLAIN: failed. session=8a1b2c3d"
        ],
    );
}
