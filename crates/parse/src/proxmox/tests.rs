use crate::filter::described;
use expect_test::{Expect, expect};

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&described(&format!(
        "Nov 22 08:23:21 mx1 pmg-smtp-filter[7]: {text}"
    )));
}

#[test]
fn a_message_that_went_on() {
    check(
        r#"20A9560092030F3374: new mail message-id=<a1@example.net>#012"#,
        expect!["info message.header message_id=<a1@example.net> session=20A9560092030F3374"],
    );
    check(
        r#"20A9560092030F3374: SA score=1/5 time=3.500 bayes=undefined autolearn=no hits=AWL(0.270),DKIM_SIGNED(0.1)"#,
        expect![
            "info filter.verdict passed=true score=1 score_required=5 took_ms=3500 tests=AWL(0.270),DKIM_SIGNED(0.1) session=20A9560092030F3374"
        ],
    );
    check(
        r#"20A9560092030F3374: accept mail to <anna@example.org> (A673520AB5) (rule: default-accept)"#,
        expect![
            "info filter.verdict passed=true category=accept recipients=anna@example.org queued_as=A673520AB5 decided_by=default-accept session=20A9560092030F3374"
        ],
    );
    check(
        r#"20A9560092030F3374: accept mail to <anna@example.org> (rule: a, b, A673520AB5)"#,
        expect![
            "info filter.verdict passed=true category=accept recipients=anna@example.org queued_as=A673520AB5 decided_by=a, b session=20A9560092030F3374"
        ],
    );
    check(
        r#"20A9560092030F3374: processing time: 3.748 seconds (3.5, 0.137, 0)"#,
        expect![
            "info service.statistics number=3748 text=processing time: 3.748 seconds (3.5, 0.137, 0) session=20A9560092030F3374"
        ],
    );
}

#[test]
fn messages_that_did_not() {
    check(
        r#"20A9560092030F3374: block mail to <anna@example.org> (rule: Block Viruses)"#,
        expect![
            "info filter.verdict passed=false category=block recipients=anna@example.org decided_by=Block Viruses session=20A9560092030F3374"
        ],
    );
    check(
        r#"20A9560092030F3374: moved mail for <anna@example.org> to spam quarantine - 20A9460092030F3375 (rule: Quarantine/Mark Spam (Level 3))"#,
        expect![
            "info filter.verdict passed=false category=spam quarantine recipients=anna@example.org quarantine=20A9460092030F3375 decided_by=Quarantine/Mark Spam (Level 3) session=20A9560092030F3374"
        ],
    );
    check(
        r#"20A9560092030F3374: moved mail for <anna@example.org> to attachment quarantine - 20A9460092030F3375 (rule: x)"#,
        expect![
            "info filter.verdict passed=true category=attachment quarantine recipients=anna@example.org quarantine=20A9460092030F3375 decided_by=x session=20A9560092030F3374"
        ],
    );
}

#[test]
fn words_of_a_script() {
    check(r#"DEBUG:Scan started at: x"#, expect!["info unknown"]);
}
