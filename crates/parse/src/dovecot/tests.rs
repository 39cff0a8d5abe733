use expect_test::{Expect, expect};
use model::Value;

/// Kind and fields of a line that `dovecot` wrote.
fn check(text: &str, expected: Expect) {
    let line = format!("Nov 22 08:23:21 mx1 dovecot[7]: {text}");
    let event = crate::line(line.as_bytes());
    let mut seen = format!("{} {}", event.severity.name(), event.kind().name());
    if let Some(id) = event.queue_id {
        seen += &format!(" queue_id={id}");
    }
    event.each_field(&mut |name, value| {
        seen += &match value {
            Value::Text(text) => format!(" {name}={text}"),
            Value::Word(word) => format!(" {name}={word}"),
            Value::Number(number) => format!(" {name}={number}"),
            Value::Signed(number) => format!(" {name}={number}"),
            Value::Float(number) => format!(" {name}={number}"),
            Value::Flag(flag) => format!(" {name}={flag}"),
            Value::Shown(shown) => format!(" {name}={shown}"),
        };
    });
    expected.assert_eq(&seen);
}

#[test]
fn a_login_and_its_session() {
    check(
        "imap-login: Login: user=<anna@example.org>, method=PLAIN, rip=2001:db8::7, lip=192.0.2.25, mpid=997, TLS, session=<5S0tQdlgFsR/AAAB>",
        expect![
            "info auth.succeeded protocol=imap user=anna@example.org auth_method=PLAIN client_address=2001:db8::7 server_address=192.0.2.25 mail_pid=997 tls=true session=5S0tQdlgFsR/AAAB"
        ],
    );
    check(
        "imap(anna@example.org)<997><5S0tQdlgFsR/AAAB>: Disconnected: Connection closed (IDLE running for 0.001 + waiting input for 3.2 secs, 5 B in + 12+0 B out, state=wait-input) in=342 out=4599 deleted=1 expunged=1",
        expect![
            "info session.closed protocol=imap user=anna@example.org reason=Connection closed (IDLE running for 0.001 + waiting input for 3.2 secs, 5 B in + 12+0 B out, state=wait-input) bytes_in=342 bytes_out=4599 counts=deleted=1 expunged=1 session=5S0tQdlgFsR/AAAB"
        ],
    );
    check(
        "imap(a)b(c): Error: quota: Unknown user",
        expect!["error service.error about=a)b(c text=Unknown user"],
    );
}

#[test]
fn a_user_name_that_lies_about_its_address() {
    check(
        "imap-login: Disconnected (auth failed, 1 attempts in 3 secs): user=<x>, method=LOGIN, rip=192.0.2.1, TLS, a=<y>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, session=<3o4uQdlgrqJ/AAAB>",
        expect![
            "info auth.failed client_address=203.0.113.7 server_address=192.0.2.25 protocol=imap auth_method=PLAIN user=x>, method=LOGIN, rip=192.0.2.1, TLS, a=<y reason=auth failed attempts=1 tls=false session=3o4uQdlgrqJ/AAAB"
        ],
    );
}

#[test]
fn logins_that_fail_in_2_2_and_2_4() {
    check(
        "imap-login: Aborted login (no auth attempts in 5 secs): user=<>, rip=203.0.113.7, lip=192.0.2.25, TLS handshaking: SSL_accept() failed: x, session=<3o4uQdlgrqJ/AAAB>",
        expect![
            "info auth.aborted client_address=203.0.113.7 server_address=192.0.2.25 protocol=imap reason=no auth attempts ending=Aborted login tls=false session=3o4uQdlgrqJ/AAAB"
        ],
    );
    check(
        "imap-login: Login aborted: Connection closed: SSL_accept() failed: error (1) x (auth failed, 3 attempts in 16 secs) (auth_failed): user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, TLS",
        expect![
            "info auth.failed client_address=203.0.113.7 server_address=192.0.2.25 protocol=imap auth_method=PLAIN user=anna reason=auth failed ending=Connection closed: SSL_accept() failed: error (1) x attempts=3 tls=true"
        ],
    );
    check(
        "imap-login: Disconnected: Inactivity during authentication: user=<anna>, rip=203.0.113.7",
        expect![
            "info auth.aborted client_address=203.0.113.7 protocol=imap user=anna reason=Inactivity during authentication ending=Inactivity during authentication tls=false"
        ],
    );
}

#[test]
fn passwords_are_left_out() {
    check(
        "auth: sql(an,na,203.0.113.7,<3o4uQdlgrqJ/AAAB>): Password mismatch (SHA1 of given password: 21bd12)",
        expect![
            "info auth.failed client_address=203.0.113.7 user=an,na reason=Password mismatch session=3o4uQdlgrqJ/AAAB"
        ],
    );
    check(
        "auth(anna@example.org,203.0.113.7,sasl:login)<3o4uQdlgrqJ/AAAB>: Info: sql: Password mismatch (given password: se)cret (x)",
        expect![
            "info auth.failed client_address=203.0.113.7 auth_method=login user=anna@example.org reason=Password mismatch session=3o4uQdlgrqJ/AAAB"
        ],
    );
    check(
        "auth: pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=rhost=192.0.2.1 rhost=203.0.113.7  user=anna",
        expect![
            "info auth.failed client_address=203.0.113.7 user=rhost=192.0.2.1 reason=authentication failure"
        ],
    );
}

#[test]
fn deliveries() {
    check(
        "lmtp(28470, anna): jJxbDXqmAms2bwAAg+zDdQ:2: sieve: msgid=<a1@example.net>: stored mail into mailbox 'INBOX'",
        expect![
            "info mailbox.saved user=anna protocol=lmtp message_id=<a1@example.net> mailbox=INBOX session=jJxbDXqmAms2bwAAg+zDdQ:2"
        ],
    );
    check(
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ:T2:R2>: msgid=<a1@example.net>: save failed to Junk: Quota exceeded (mailbox for user is full)",
        expect![
            "info mailbox.failed user=anna protocol=lmtp message_id=<a1@example.net> mailbox=Junk text=Quota exceeded (mailbox for user is full) session=jJxbDXqmAms2bwAAg+zDdQ:T2:R2"
        ],
    );
    check(
        "lmtp(28470): <jJxbDXqmAms2bwAAg+zDdQ>: Sent message to <anna@example.org> at [2001:db8::5]:24: 250 2.0.0 <anna@example.org> jJxbDXqmAms2bwAAg+zDdQ:P1 Saved (1/1 at 12 ms)",
        expect![
            "info delivery.delivered rcpt_to=anna@example.org relay_address=2001:db8::5 relay_port=24 delay_ms=12 enhanced_status=2.0.0 status=sent agent=lmtp code=250 remote_reply=true next_queue_id=jJxbDXqmAms2bwAAg+zDdQ:P1 text=250 2.0.0 <anna@example.org> jJxbDXqmAms2bwAAg+zDdQ:P1 Saved"
        ],
    );
    check(
        "lmtp(28470): Disconnect from local: Connection closed (state=DATA)",
        expect!["info session.aborted client_name=local reason=Connection closed stage=DATA"],
    );
}

#[test]
fn what_users_do() {
    check(
        r#"imap(anna)<997><5S0tQdlgFsR/AAAB>: copy from A: b: box=Trash, uid=1, msgid=<m2@example.org>, size=517, vsize=532, from=Bob, Jr <bob@example.net>, subject=a, flags=(b), flags=(\Seen)"#,
        expect![[
            r#"info mailbox.copied user=anna protocol=imap message_id=<m2@example.org> mailbox=Trash source_mailbox=A: b uid=1 size=517 header_from=Bob, Jr <bob@example.net> subject=a, flags=(b) text=\Seen session=5S0tQdlgFsR/AAAB"#
        ]],
    );
    check(
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Mailbox INBOX: UID 1: expunge: uid=1, msgid=, size=error",
        expect![
            "info mailbox.expunged user=anna protocol=imap mailbox=INBOX uid=1 session=5S0tQdlgFsR/AAAB"
        ],
    );
    check(
        "imap(anna)<997><5S0tQdlgFsR/AAAB>: Mailbox renamed: Foo -> Bar",
        expect![
            "info folder.renamed user=anna protocol=imap mailbox=Bar source_mailbox=Foo session=5S0tQdlgFsR/AAAB"
        ],
    );
}

#[test]
fn a_submission() {
    check(
        "submission(anna)<1053><C+CtQdlg5oZ/AAAB>: Successfully relayed message: from=<anna@example.org>, size=2201, id=jJxbDXqmAms2bwAAg+zDdQ, nrcpt=2, reply=`250 2.0.0 Ok: queued as 4jXMZG2fzbz1Xf28'",
        expect![
            "info delivery.relayed rcpt_to= delay_ms=0 enhanced_status=2.0.0 status=sent agent=smtp code=250 remote_reply=true next_queue_id=4jXMZG2fzbz1Xf28 text=250 2.0.0 Ok: queued as 4jXMZG2fzbz1Xf28 session=C+CtQdlg5oZ/AAAB"
        ],
    );
}
