use crate::filter::described;
use expect_test::{Expect, expect};

fn check(line: &str, expected: Expect) {
    expected.assert_eq(&described(line));
}

#[test]
fn the_milter() {
    check(
        r#"Nov 22 08:23:21 mx1 clamav-milter[7]: Message 4jXNLn0rVKzyQd from <bob@example.net> to <anna@example.org> with subject 'it's' message-id '<a1@example.net>' date 'Sun, 22 Nov 2026 08:33:19 +0100' infected by Win.Test.EICAR_HDB-1"#,
        expect![
            "info filter.verdict queue_id=4jXNLn0rVKzyQd passed=false category=INFECTED found=Win.Test.EICAR_HDB-1 mail_from=bob@example.net recipients=anna@example.org message_id=<a1@example.net> subject=it's"
        ],
    );
    check(
        r#"Sun Nov 22 08:33:19 2026 -> Clean message from <> to <anna@example.org>"#,
        expect![
            "info filter.verdict passed=true category=CLEAN mail_from= recipients=anna@example.org"
        ],
    );
}

#[test]
fn the_scanner() {
    check(
        r#"Sun Nov 22 08:33:19 2026 -> instream(127.0.0.1@41234): Win.Test.EICAR_HDB-1 FOUND"#,
        expect![
            "info service.warning peer_address=127.0.0.1 peer_port=41234 about=Win.Test.EICAR_HDB-1 text=instream(127.0.0.1@41234): Win.Test.EICAR_HDB-1 FOUND"
        ],
    );
    check(
        r#"Nov 22 08:23:21 mx1 clamd[7]: /var/lib/amavis/tmp/amavis-1/parts/p001: OK"#,
        expect![
            "info service.info about=/var/lib/amavis/tmp/amavis-1/parts/p001 text=/var/lib/amavis/tmp/amavis-1/parts/p001: OK"
        ],
    );
}

#[test]
fn the_proxy() {
    check(
        r#"Nov 22 08:23:21 mx1 clamsmtpd: 10000C: from=bob@example.net, to=anna@example.org, status=VIRUS:Win.Test.EICAR_HDB-1"#,
        expect![
            "info filter.verdict passed=false category=VIRUS found=Win.Test.EICAR_HDB-1 mail_from=bob@example.net recipients=anna@example.org session=10000C"
        ],
    );
}

#[test]
fn an_update_that_failed() {
    check(
        r#"Nov 22 08:23:21 mx1 freshclam[7]: ERROR: Database update process failed: Connection failed"#,
        expect!["error service.error text=Database update process failed: Connection failed"],
    );
}
