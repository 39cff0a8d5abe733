use crate::filter::described;
use expect_test::{Expect, expect};

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&described(&format!(
        "Nov 22 08:23:21 mx1 opendmarc[7]: {text}"
    )));
}

#[test]
fn results() {
    check(
        r#"4jXNLn0rVKzyQd: example.net fail"#,
        expect![
            "info filter.auth_result queue_id=4jXNLn0rVKzyQd method=dmarc result=fail domain=example.net"
        ],
    );
    check(
        r#"4jXNLn0rVKzyQd: SPF(mailfrom): bob@example.net softfail"#,
        expect![
            "info filter.auth_result queue_id=4jXNLn0rVKzyQd method=spf result=softfail domain=example.net mail_from=bob@example.net"
        ],
    );
    check(
        r#"4jXNLn0rVKzyQd: SPF(helo): mail.example.net none"#,
        expect![
            "info filter.auth_result queue_id=4jXNLn0rVKzyQd method=spf result=none domain=mail.example.net helo=mail.example.net"
        ],
    );
    check(
        r#"4jXNLn0rVKzyQd: ARC pass, policy pass > overriding DMARC fail"#,
        expect![
            "info filter.auth_result queue_id=4jXNLn0rVKzyQd method=arc result=pass text=ARC pass, policy pass > overriding DMARC fail"
        ],
    );
}

#[test]
fn a_header_of_a_stranger() {
    check(
        r#"4jXNLn0rVKzyQd ignoring Authentication-Results at 2 from mx.example.net"#,
        expect![
            "info service.info queue_id=4jXNLn0rVKzyQd about=mx.example.net number=2 text=4jXNLn0rVKzyQd ignoring Authentication-Results at 2 from mx.example.net"
        ],
    );
}
