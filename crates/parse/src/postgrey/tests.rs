use crate::filter::described;
use expect_test::{Expect, expect};

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&described(&format!(
        "Nov 22 08:23:21 mx1 postgrey[7]: {text}"
    )));
}

#[test]
fn a_null_sender_that_is_new() {
    check(
        r#"action=greylist, reason=new, client_name=mail.example.net, client_address=203.0.113.9, recipient=anna@example.org"#,
        expect![
            "info policy.decision action=greylist source=policy stage=RCPT client_name=mail.example.net client_address=203.0.113.9 text=new mail_from= rcpt_to=anna@example.org"
        ],
    );
}

#[test]
fn a_sender_that_came_back() {
    check(
        r#"4jXNLn0rVKzyQd: action=pass, reason=triplet found, delay=312, client_name=unknown, client_address=2001:db8::9/64, sender=bob@example.net, recipient=anna@example.org"#,
        expect![
            "info policy.decision queue_id=4jXNLn0rVKzyQd action=pass source=policy stage=RCPT client_name=unknown client_address=2001:db8::9 text=triplet found, delay=312 mail_from=bob@example.net rcpt_to=anna@example.org"
        ],
    );
}

#[test]
fn a_client_known_well() {
    check(
        r#"whitelisted: unknown[203.0.113.9/32]"#,
        expect![
            "info service.info peer_name=unknown peer_address=203.0.113.9 text=whitelisted: unknown[203.0.113.9/32]"
        ],
    );
}
