use crate::shown::check;
use expect_test::expect;

#[test]
fn logins_of_smaller_webmails() {
    check(
        r##"11/22/2026 08:23:21 [LOGIN_ERROR] root (example.org) from 203.0.113.9: Unknown user or password incorrect."##,
        expect![
            "2026-11-22 08:23:21 host= program=squirrelmail info auth.failed client_address=203.0.113.9 protocol=http user=root reason=Unknown user or password incorrect."
        ],
    );
    check(
        r##"Nov 22 08:23:21 web1 HORDE: [imp] Login success for anna@example.org (192.0.2.10) (Forwarded for [198.51.100.1]) to {imap://localhost/} [pid 42 on line 157 of "/srv/Auth.php"]"##,
        expect![
            "11-22 08:23:21 host=web1 program=HORDE info auth.succeeded protocol=http user=anna@example.org client_address=192.0.2.10"
        ],
    );
    check(
        r##"Sun Nov 22 08:23:21 2026 - [72926] (203.0.113.9) root - login error - no such user - loginname=root"##,
        expect![
            "2026-11-22 08:23:21 host= program=openwebmail info auth.failed client_address=203.0.113.9 protocol=http user=root reason=no such user - loginname=root"
        ],
    );
    check(
        r##"[2026-11-22 08:23:21]LOGIN FAILED for user: "root" from IP: 203.0.113.9"##,
        expect![
            "2026-11-22 08:23:21 host= program=groupoffice info auth.failed client_address=203.0.113.9 protocol=http user=root"
        ],
    );
    check(
        r##"78017 00cff -- none -- - 2026-11-22T08:23:21+00:00 WARN (4): Tinebase_Controller::login::106 Login with username root from 203.0.113.9 failed (-1)!"##,
        expect![
            "2026-11-22 08:23:21 +0 host= program=tine warning auth.failed client_address=203.0.113.9 protocol=http user=root reason=-1"
        ],
    );
    check(
        r##"[2026-11-22 08:23:21,123] WARNING in limiter: Authentication attempt from 203.0.113.9 has been rate-limited."##,
        expect![
            "2026-11-22 08:23:21.123000000 host= program=mailu-admin warning auth.failed client_address=203.0.113.9 reason=rate-limited"
        ],
    );
}
