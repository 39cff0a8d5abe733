use crate::shown::check;
use expect_test::expect;

#[test]
fn logins_of_rarer_servers() {
    check(
        r##"Nov 22 08:23:21 mx1 perdition.imaps[7]: Auth: 203.0.113.9:2274->198.51.100.7:993 client-secure=ssl authorisation_id=NONE authentication_id="root" server="imap.example.org:993" protocol=IMAP4S server-secure=ssl status="failed: Re-Authentication Failure""##,
        expect![
            "11-22 08:23:21 host=mx1 program=perdition.imaps info auth.failed client_address=203.0.113.9 client_port=2274 server_address=198.51.100.7 server_port=993 protocol=imap user=root reason=failed: Re-Authentication Failure tls=true"
        ],
    );
    check(
        r##"Nov 22 08:23:21 mx1 solid-pop3d[7]: authentication failed: no such user: root - 203.0.113.9"##,
        expect![
            "11-22 08:23:21 host=mx1 program=solid-pop3d info auth.failed client_address=203.0.113.9 protocol=pop3 user=root reason=authentication failed: no such user"
        ],
    );
    check(
        r##"2026-11-22 08:23:21   smtp: a name with spaces [203.0.113.9] authentication failure using internet password"##,
        expect![
            "2026-11-22 08:23:21 host= program=domino info auth.failed client_address=203.0.113.9 protocol=smtp user=a name with spaces reason=internet password"
        ],
    );
    check(
        r##"<co ts="2026-11-22T08:23:21.99" pi="72aa.17f0.25622" sc="tcp_local" dr="+" ac="U" tr="TCP|198.51.100.7|25|203.0.113.9|4299" ap="SMTP" mi="Bad password" us="root@example.org" di="535 5.7.8 Bad."/>"##,
        expect![
            "2026-11-22 08:23:21.990000000 host= program=oracle-ims info auth.failed client_address=203.0.113.9 client_port=4299 server_address=198.51.100.7 server_port=25 protocol=smtp user=root@example.org reason=Bad password session=72aa.17f0.25622"
        ],
    );
    check(
        r##"2026:11:22-08:23:21: '203.0.113.9' 5 failed login attempt. Invalid account 'user%2Ename'"##,
        expect![
            "2026-11-22 08:23:21 host= program=directadmin info auth.failed client_address=203.0.113.9 protocol=http user=user%2Ename reason=Invalid account attempts=5"
        ],
    );
}
