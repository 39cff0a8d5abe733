use crate::filter::described;
use expect_test::{Expect, expect};

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&described(&format!("Nov 22 08:23:21 mx1 spamd[7]: {text}")));
}

#[test]
fn a_message_from_connection_to_result() {
    check(
        r#"spamd: connection from localhost [127.0.0.1]:33620 to port 783, fd 5 "#,
        expect![
            "info session.opened client_name=localhost client_address=127.0.0.1 client_port=33620 server_port=783"
        ],
    );
    check(
        r#"spamd: processing message <a1@example.net> for anna:117"#,
        expect!["info message.header message_id=<a1@example.net>"],
    );
    check(
        r#"spamd: identified spam (8.1/5.0) for anna:117 in 2.9 seconds, 55475 bytes."#,
        expect![
            "info filter.verdict passed=true category=SPAM score=8.1 score_required=5 size=55475 took_ms=2900 user=anna"
        ],
    );
    check(
        r#"spamd: result: Y 8 - BAYES_99,HTML_MESSAGE scantime=2.9,size=55475,user=anna,uid=117,required_score=5.0,rhost=localhost,raddr=127.0.0.1,rport=46152,mid=<a1@example.net>,bayes=0.999987,autolearn=no autolearn_force=no"#,
        expect![
            "info filter.verdict passed=true category=SPAM client_name=localhost client_address=127.0.0.1 client_port=46152 message_id=<a1@example.net> score=8 score_required=5 size=55475 took_ms=2900 tests=BAYES_99,HTML_MESSAGE user=anna"
        ],
    );
}

#[test]
fn a_result_without_tests_and_message_id() {
    check(
        r#"spamd: result: . -1 -  scantime=0.4,size=2201,user=anna,uid=1000,required_score=5.0,rhost=localhost,raddr=::1,rport=/run/spamd.sock,mid=(unknown),autolearn=ham"#,
        expect![
            "info filter.verdict passed=true category=CLEAN client_name=localhost client_address=::1 score=-1 score_required=5 size=2201 took_ms=400 user=anna"
        ],
    );
}

#[test]
fn a_stranger_is_refused() {
    check(
        r#"spamd: unauthorized connection from x.test [203.0.113.9]:54108 to port 783, fd 6 at /usr/sbin/spamd line 1722."#,
        expect![
            "info session.rejected action=reject source=policy stage=CONNECT client_name=x.test client_address=203.0.113.9 client_port=54108 text=spamd: unauthorized connection from x.test [203.0.113.9]:54108 to port 783, fd 6 at /usr/sbin/spamd line 1722."
        ],
    );
}

#[test]
fn a_text_that_is_none_of_its_shapes() {
    check(r#"spamd: something new"#, expect!["info unknown"]);
}
