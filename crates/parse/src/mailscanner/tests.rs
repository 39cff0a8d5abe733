use crate::filter::described;
use expect_test::{Expect, expect};

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&described(&format!(
        "Nov 22 08:23:21 mx1 MailScanner[7]: {text}"
    )));
}

#[test]
fn a_verdict_with_a_score() {
    check(
        r#"Message 4jXNLn0rVKzyQd.A1B2C from 203.0.113.9 (bob@example.net) to example.org,example.com is spam, SpamAssassin (not cached, score=7.181, required 4, BAYES_99 3.50, HTML_MESS"#,
        expect![
            "info filter.verdict queue_id=4jXNLn0rVKzyQd passed=false category=spam client_address=203.0.113.9 mail_from=bob@example.net recipients=example.org,example.com score=7.181 score_required=4 tests=BAYES_99 3.50, HTML_MESS"
        ],
    );
}

#[test]
fn a_verdict_by_a_list() {
    check(
        r#"Message 4jXNLn0rVKzyQd.A1B2C from 203.0.113.9 () to example.org is not spam (whitelisted)"#,
        expect![
            "info filter.verdict queue_id=4jXNLn0rVKzyQd passed=true category=not spam client_address=203.0.113.9 mail_from= recipients=example.org decided_by=whitelisted"
        ],
    );
}

#[test]
fn a_new_queue_id() {
    check(
        r#"Requeue: 4jXNLn0rVKzyQd.A1B2C to 4jXNLp07Ncz3wYP"#,
        expect![
            "info filter.verdict queue_id=4jXNLn0rVKzyQd passed=true category=requeue queued_as=4jXNLp07Ncz3wYP"
        ],
    );
}

#[test]
fn actions() {
    check(
        r#"Spam Actions: message 4jXNLn0rVKzyQd.A1B2C actions are store"#,
        expect![
            "info filter.verdict queue_id=4jXNLn0rVKzyQd passed=false category=Spam actions=store"
        ],
    );
}

#[test]
fn content() {
    check(
        r#"Filename Checks: Windows/DOS Executable (4jXNLn0rVKzyQd.A1B2C a.exe)"#,
        expect![
            "info service.warning queue_id=4jXNLn0rVKzyQd text=Filename Checks: Windows/DOS Executable (4jXNLn0rVKzyQd.A1B2C a.exe)"
        ],
    );
}
