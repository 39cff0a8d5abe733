use crate::shown::check;
use expect_test::expect;

#[test]
fn a_login_to_roundcube_by_the_answer() {
    check(
        r##"192.0.2.10 - - [22/Nov/2026:08:23:21 +0100] "POST /?_task=login HTTP/1.1" 302 1047 "https://mail.example.org/" "Mozilla/5.0 (\"x\")""##,
        expect![[
            r#"2026-11-22 08:23:21 +60 host= program=access info auth.succeeded client_address=192.0.2.10 http_method=POST path=/?_task=login http_status=302 bytes=1047 referer=https://mail.example.org/ user_agent=Mozilla/5.0 (\"x\")"#
        ]],
    );
    check(
        r##"203.0.113.9 - - [22/Nov/2026:08:23:21 +0100] "POST /?_task=login HTTP/1.1" 401 1047 "-" "-""##,
        expect![
            "2026-11-22 08:23:21 +60 host= program=access info auth.failed client_address=203.0.113.9 http_method=POST path=/?_task=login http_status=401 bytes=1047"
        ],
    );
    check(
        r##"192.0.2.10 - - [22/Nov/2026:08:23:21 +0100] "GET /?_task=login HTTP/1.1" 200 1047 "-" "-""##,
        expect![
            "2026-11-22 08:23:21 +60 host= program=access info web.request client_address=192.0.2.10 http_method=GET path=/?_task=login http_status=200 bytes=1047"
        ],
    );
}

#[test]
fn what_users_of_webmails_do() {
    check(
        r##"192.0.2.10 - - [22/Nov/2026:08:23:21 +0100] "POST /?_task=mail&_action=move HTTP/2.0" 200 33 "-" "-""##,
        expect![
            "2026-11-22 08:23:21 +60 host= program=access info mailbox.moved client_address=192.0.2.10 http_method=POST path=/?_task=mail&_action=move http_status=200 bytes=33"
        ],
    );
    check(
        r##"192.0.2.10 - - [22/Nov/2026:08:23:21 +0100] "POST /?_task=mail&_action=delete HTTP/2.0" 500 33 "-" "-""##,
        expect![
            "2026-11-22 08:23:21 +60 host= program=access info web.request client_address=192.0.2.10 http_method=POST path=/?_task=mail&_action=delete http_status=500 bytes=33"
        ],
    );
    check(
        r##"192.0.2.10 - anna [22/Nov/2026:08:23:21 +0100] "POST /SOGo/so/anna/Mail/0/folderINBOX/batchDelete HTTP/1.1" 204 0 "-" "-""##,
        expect![
            "2026-11-22 08:23:21 +60 host= program=access info mailbox.deleted client_address=192.0.2.10 user=anna http_method=POST path=/SOGo/so/anna/Mail/0/folderINBOX/batchDelete http_status=204 bytes=0"
        ],
    );
    check(
        r##"192.0.2.10 - - [22/Nov/2026:08:23:21 +0100] "POST /Microsoft-Server-ActiveSync?Cmd=SendMail&User=anna HTTP/1.1" 200 0 "-" "Apple-iPhone""##,
        expect![
            "2026-11-22 08:23:21 +60 host= program=access info message.submitted client_address=192.0.2.10 http_method=POST path=/Microsoft-Server-ActiveSync?Cmd=SendMail&User=anna http_status=200 bytes=0 user_agent=Apple-iPhone"
        ],
    );
}

#[test]
fn a_refusal_counts_only_with_a_name() {
    check(
        r##"192.0.2.10 - - [22/Nov/2026:08:23:21 +0100] "POST /autodiscover/autodiscover.xml HTTP/1.1" 401 0 "-" "Outlook""##,
        expect![
            "2026-11-22 08:23:21 +60 host= program=access info web.request client_address=192.0.2.10 http_method=POST path=/autodiscover/autodiscover.xml http_status=401 bytes=0 user_agent=Outlook"
        ],
    );
    check(
        r##"192.0.2.10 - anna [22/Nov/2026:08:23:21 +0100] "POST /autodiscover/autodiscover.xml HTTP/1.1" 401 0 "-" "Outlook""##,
        expect![
            "2026-11-22 08:23:21 +60 host= program=access info auth.failed client_address=192.0.2.10 user=anna http_method=POST path=/autodiscover/autodiscover.xml http_status=401 bytes=0 user_agent=Outlook"
        ],
    );
}

#[test]
fn forms_of_the_line() {
    check(
        r##"mail.example.org:443 192.0.2.10 - - [22/Nov/2026:08:23:21 +0100] "GET / HTTP/1.1" 200 118 "-" "Mozilla/5.0" 0.012"##,
        expect![
            "2026-11-22 08:23:21 +60 host= program=access info web.request client_address=192.0.2.10 site=mail.example.org:443 http_method=GET path=/ http_status=200 bytes=118 user_agent=Mozilla/5.0"
        ],
    );
    check(
        r##"192.0.2.10 - - [22/Nov/2026:08:23:21 GMT] "POST /SOGo/connect HTTP/1.1" 403 34/38 0.311 - - 2M"##,
        expect![
            "2026-11-22 08:23:21 +0 host= program=access info auth.failed client_address=192.0.2.10 http_method=POST path=/SOGo/connect http_status=403 bytes=34 took_ms=311"
        ],
    );
    check(
        r##"203.0.113.9 - - [22/Nov/2026:08:23:21 +0000] "\x16\x03\x01" 400 226 "-" "-""##,
        expect![[
            r#"2026-11-22 08:23:21 +0 host= program=access info web.request client_address=203.0.113.9 path=\x16\x03\x01 http_status=400 bytes=226"#
        ]],
    );
    check(
        r##"192.0.2.10 - a name [22/Nov/2026:08:23:21 +0000] "GET / HTTP/1.1" 401 -"##,
        expect![
            "2026-11-22 08:23:21 +0 host= program=access info auth.failed client_address=192.0.2.10 user=a name http_method=GET path=/ http_status=401"
        ],
    );
}
