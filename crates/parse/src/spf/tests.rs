use crate::filter::described;
use expect_test::{Expect, expect};

fn check(line: &str, expected: Expect) {
    expected.assert_eq(&described(line));
}

#[test]
fn results_of_the_python_one() {
    check(
        r#"Nov 22 08:23:21 mx1 policyd-spf[7]: 4jXNLn0rVKzyQd: prepend Received-SPF: None (no SPF record) identity=no SPF record; client-ip=203.0.113.9; helo=mail.example.net; envelope-from=<>; receiver=mx1.example.org"#,
        expect![
            "info filter.auth_result queue_id=4jXNLn0rVKzyQd method=spf result=None domain=mail.example.net mail_from= helo=mail.example.net client_address=203.0.113.9 text=prepend Received-SPF: None (no SPF record) identity=no SPF record; client-ip=203.0.113.9; helo=mail.example.net; envelope-from=<>; receiver=mx1.example.org"
        ],
    );
    check(
        r#"Nov 22 08:23:21 mx1 policyd-spf[7]: 550 5.7.23 Message rejected due to: SPF fail - not authorized. Please see http://www.openspf.net/Why?s=mfrom;id=bob@example.net;ip=203.0.113.9;r=<UNKNOWN>"#,
        expect![
            "info message.rejected action=reject source=policy client_address=203.0.113.9 code=550 enhanced_status=5.7.23 text=Message rejected due to: SPF fail - not authorized. Please see http://www.openspf.net/Why?s=mfrom;id=bob@example.net;ip=203.0.113.9;r=<UNKNOWN> mail_from=bob@example.net"
        ],
    );
    check(
        r#"Nov 22 08:23:21 mx1 policyd-spf[7]: prepend Authentication-Results: mx1.example.org; spf=pass (sender SPF authorized) smtp.mailfrom=bob@example.net (client-ip=203.0.113.9; helo=mail.example.net; envelope-from=bob@example.net; receiver=anna@example.org)"#,
        expect![
            "info filter.auth_result method=spf result=pass domain=example.net mail_from=bob@example.net helo=mail.example.net client_address=203.0.113.9 text=prepend Authentication-Results: mx1.example.org; spf=pass (sender SPF authorized) smtp.mailfrom=bob@example.net (client-ip=203.0.113.9; helo=mail.example.net; envelope-from=bob@example.net; receiver=anna@example.org)"
        ],
    );
}

#[test]
fn results_of_the_perl_one() {
    check(
        r#"Nov 22 08:23:21 mx1 postfix/policy-spf[7]: : SPF softfail: Envelope-from: bob@example.net, IP Address: 203.0.113.9, Recipient: anna@example.org"#,
        expect![
            "info filter.auth_result method=spf result=softfail domain=example.net mail_from=bob@example.net rcpt_to=anna@example.org client_address=203.0.113.9 text=SPF softfail: Envelope-from: bob@example.net, IP Address: 203.0.113.9, Recipient: anna@example.org"
        ],
    );
    check(
        r#"Nov 22 08:23:21 mx1 postfix/policy-spf[7]: Policy action=550 Please see http://www.openspf.net/Why?s=mfrom;id=bob%40example.net;ip=203.0.113.9;r=mx1.example.org"#,
        expect![
            "info message.rejected action=reject source=policy client_address=203.0.113.9 code=550 text=550 Please see http://www.openspf.net/Why?s=mfrom;id=bob%40example.net;ip=203.0.113.9;r=mx1.example.org mail_from=bob%40example.net"
        ],
    );
}

#[test]
fn a_rule_of_postfwd() {
    check(
        r#"Nov 22 08:23:21 mx1 postfwd2/policy[7]: [RULES] rule=1, id=RATE, queue=4jXNLn0rVKzyQd, client=mail.example.net[203.0.113.9], user=bob, sender=<>, recipient=<anna@example.org>, helo=<x>, proto=ESMTP, state=RCPT, delay=0.00s, hits=RATE, action=450 4.7.1 too many"#,
        expect![
            "info policy.decision queue_id=4jXNLn0rVKzyQd action=delay source=policy stage=RCPT client_name=mail.example.net client_address=203.0.113.9 code=450 enhanced_status=4.7.1 text=too many mail_from= rcpt_to=anna@example.org protocol=ESMTP helo=x sasl_username=bob"
        ],
    );
}
