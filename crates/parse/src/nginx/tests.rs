use crate::shown::check;
use expect_test::expect;

#[test]
fn a_session_of_the_mail_proxy() {
    check(
        r##"2026/11/22 08:23:21 [info] 8#8: *15950 client 192.0.2.10:53044 connected to [::]:143"##,
        expect![
            "2026-11-22 08:23:21 host= program=nginx info session.opened client_address=192.0.2.10 client_port=53044 server_address=:: server_port=143 session=15950"
        ],
    );
    check(
        r##"2026/11/22 08:23:22 [info] 8#8: *15950 client login failed: "Invalid "x", server: y" while in http auth state, client: 203.0.113.9 using starttls, server: 0.0.0.0:143, login: "a", upstream: b""##,
        expect![[
            r#"2026-11-22 08:23:22 host= program=nginx info auth.failed client_address=203.0.113.9 server_address=0.0.0.0 server_port=143 protocol=imap user=a reason=Invalid "x", server: y tls=true session=15950"#
        ]],
    );
    check(
        r##"2026/11/22 08:23:22 [info] 8#8: *15950 client logged in, client: 192.0.2.10, server: 0.0.0.0:11587, login: "anna@example.org", upstream: 198.51.100.7:25"##,
        expect![
            "2026-11-22 08:23:22 host= program=nginx info auth.succeeded protocol=smtp user=anna@example.org client_address=192.0.2.10 server_address=0.0.0.0 server_port=11587 session=15950"
        ],
    );
}

#[test]
fn through_syslog() {
    check(
        r##"Nov 22 08:23:21 web1 nginx: 2026/11/22 08:23:21 [error] 8#8: *7 connect() failed (111: Connection refused) while connecting to upstream, client: 192.0.2.10, server: mail.example.org, request: "POST /?_task=mail HTTP/2.0", upstream: "fastcgi://127.0.0.1:9000", host: "mail.example.org""##,
        expect![
            "11-22 08:23:21 host=web1 program=nginx error service.error peer_address=192.0.2.10 about=connecting to upstream text=connect() failed (111: Connection refused) session=7"
        ],
    );
    check(
        r##"Nov 22 08:23:21 web1 nginx: 192.0.2.10 - - [22/Nov/2026:08:23:21 +0100] "GET / HTTP/1.1" 200 118 "-" "-""##,
        expect![
            "11-22 08:23:21 host=web1 program=nginx info web.request client_address=192.0.2.10 http_method=GET path=/ http_status=200 bytes=118"
        ],
    );
}
