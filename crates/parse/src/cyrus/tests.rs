use expect_test::{Expect, expect};

/// What a line says behind time and host.
fn check(text: &str, expected: Expect) {
    crate::shown::check_facts(&format!("Nov 22 08:23:21 mx1 {text}"), expected);
}

#[test]
fn logins() {
    check(
        "cyrus/imaps[7]: login: mail.example.net [192.0.2.10] anna@example.org plaintext+TLS User logged in SESSIONID=<cyrus-1234-1795335894-1-1234567890123456789>",
        expect![
            "info auth.succeeded protocol=imap user=anna@example.org auth_method=plaintext client_name=mail.example.net client_address=192.0.2.10 tls=true session=cyrus-1234-1795335894-1-1234567890123456789"
        ],
    );
    check(
        "cyrus/pop3[7]: badlogin: [2001:db8::10] plaintext (eve) [SASL(-13): authentication failure: checkpass failed]",
        expect![
            "info auth.failed client_address=2001:db8::10 protocol=pop3 auth_method=plaintext user=eve reason=SASL(-13): authentication failure: checkpass failed"
        ],
    );
    check(
        "imap[7]: badlogin: mail.example.net [192.0.2.10] plaintext eve@example.org SASL(-13): authentication failure: checkpass failed",
        expect![
            "info auth.failed client_name=mail.example.net client_address=192.0.2.10 protocol=imap auth_method=plaintext user=eve@example.org reason=SASL(-13): authentication failure: checkpass failed"
        ],
    );
    check(
        "imapd[7]: badlogin: mail.example.net[192.0.2.10] OTP [SASL(-13): authentication failure: External SSF not good enough]",
        expect![
            "info auth.failed client_name=mail.example.net client_address=192.0.2.10 protocol=imap auth_method=OTP reason=SASL(-13): authentication failure: External SSF not good enough"
        ],
    );
}

#[test]
fn deliveries() {
    check(
        "cyrus/lmtpunix[7]: Delivered: <a1@example.net> to mailbox: user.anna",
        expect![
            "info mailbox.saved user=anna protocol=lmtp message_id=<a1@example.net> mailbox=user.anna"
        ],
    );
    check(
        "cyrus/lmtpunix[7]: dupelim: eliminated duplicate message to user.anna id <a1@example.net> (delivery)",
        expect![
            "info delivery.discarded user=anna protocol=lmtp message_id=<a1@example.net> mailbox=user.anna text=dupelim: eliminated duplicate message to user.anna id <a1@example.net> (delivery)"
        ],
    );
    check(
        "lmtpunix[7]: sieve redirected: <a1@example.net> to: bob@example.net",
        expect![
            "info sieve.redirected protocol=sieve message_id=<a1@example.net> target=bob@example.net"
        ],
    );
    check(
        "lmtp[7]: verify_user(user.eve) failed: Mailbox does not exist",
        expect!["info mailbox.failed protocol=lmtp mailbox=user.eve text=Mailbox does not exist"],
    );
}

#[test]
fn the_audit_log() {
    check(
        "cyrus/imap[7]: auditlog: append sessionid=<cyrus-1234-1795335894-1> mailbox=<user.anna> uniqueid=<6e1f0a2b> uid=<42> modseq=<99> sysflags=<\\Seen> guid=<0a1b> messageid=<a1@example.net> size=<1234>",
        expect![[
            r#"info mailbox.saved protocol=imap message_id=<a1@example.net> mailbox=user.anna uid=42 size=1234 session=cyrus-1234-1795335894-1"#
        ]],
    );
    check(
        "cyrus/imap[7]: auditlog: rename sessionid=<cyrus-1234-1795335894-1> oldmailbox=<user.anna.Old> newmailbox=<user.anna.New> uniqueid=<6e1f0a2b>",
        expect![
            "info folder.renamed protocol=imap mailbox=user.anna.New source_mailbox=user.anna.Old session=cyrus-1234-1795335894-1"
        ],
    );
    check(
        "cyrus/lmtpunix[7]: auditlog: LMTP reject sessionid=<cyrus-1234-1795335894-1> message-id=<a1@example.net> userid=<anna>",
        expect![
            "info sieve.rejected user=anna protocol=lmtp message_id=<a1@example.net> session=cyrus-1234-1795335894-1"
        ],
    );
    check(
        "cyrus/imap[7]: auditlog: traffic sessionid=<cyrus-1234-1795335894-1> bytes_in=<123> bytes_out=<4567>",
        expect![
            "info session.closed protocol=imap bytes_in=123 bytes_out=4567 session=cyrus-1234-1795335894-1"
        ],
    );
}

#[test]
fn the_form_of_today() {
    check(
        r#"cyrus/imap[7]: event=login.good r.sessionid=mx1-1234-1795335894-1 r.clienthost="mail.example.net [192.0.2.10]" u.username=anna login.mech=PLAIN login.tls=1"#,
        expect![
            "info auth.succeeded protocol=imap user=anna auth_method=PLAIN client_name=mail.example.net client_address=192.0.2.10 tls=true session=mx1-1234-1795335894-1"
        ],
    );
    check(
        r#"cyrus/imap[7]: event=auditlog.append r.sessionid=mx1-1234-1795335894-1 mbox.name=user.anna msg.imapuid=42 msg.id="<a1@example.net>" msg.size=1234"#,
        expect![
            "info mailbox.saved protocol=imap message_id=<a1@example.net> mailbox=user.anna uid=42 size=1234 session=mx1-1234-1795335894-1"
        ],
    );
}

#[test]
fn dovecot_and_postfix_stay_what_they_are() {
    check(
        "dovecot/lmtp[7]: lmtp(anna)<12><AbC>: msgid=<a1@example.net>: saved mail to INBOX",
        expect![
            "info mailbox.saved user=anna protocol=lmtp message_id=<a1@example.net> mailbox=INBOX session=AbC"
        ],
    );
    check(
        "postfix/lmtp[7]: 3F2A1C0D: to=<anna@example.org>, relay=mx1[/run/lmtp], delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
        expect![
            "info delivery.delivered queue_id=3F2A1C0D rcpt_to=anna@example.org relay_name=mx1 relay_address=/run/lmtp delay_ms=100 delay_before_queue_ms=0 delay_queue_ms=0 delay_connect_ms=0 delay_transmit_ms=100 enhanced_status=2.0.0 status=sent agent=lmtp code=250 remote_reply=true text=250 2.0.0 Ok"
        ],
    );
}
