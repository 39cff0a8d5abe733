use crate::filter::described;
use expect_test::{Expect, expect};

fn check(line: &str, expected: Expect) {
    expected.assert_eq(&described(line));
}

#[test]
fn a_result_in_a_file_in_syslog_and_as_json() {
    check(
        r#"2026-11-22 08:23:21 #1234(normal) <a1b2c3>; task; rspamd_task_write_log: id: <a1@example.net>, qid: <4jXNLn0rVKzyQd>, ip: 203.0.113.9, user: bob, from: <bob@example.net>, (default: T (reject): [17.60/15.00] [BAYES_SPAM(5.10){100.00%;},R_SPF_FAIL(1.00){-all;}]), len: 3100, time: 182.331ms, dns req: 34, digest: <0123456789abcdef0123456789abcdef>, rcpts: <anna@example.org,bob@example.org>, mime_rcpts: <anna@example.org,>"#,
        expect![
            "info filter.verdict queue_id=4jXNLn0rVKzyQd passed=false category=reject client_address=203.0.113.9 mail_from=bob@example.net recipients=anna@example.org,bob@example.org message_id=<a1@example.net> score=17.6 score_required=15 size=3100 took_ms=182 tests=BAYES_SPAM(5.10){100.00%;},R_SPF_FAIL(1.00){-all;} user=bob session=a1b2c3"
        ],
    );
    check(
        r#"Nov 22 08:23:21 mx1 rspamd[1234]: <a1b2c3>; task; rspamd_task_write_log: id: <undef>, from: <>, (default: F (no action): [-0.50/nan] []), len: 10, time: 0.9ms real, 0.1ms virtual, dns req: 0, digest: <00>, rcpts: <>, mime_rcpts: <>, "#,
        expect![
            "info filter.verdict passed=true category=no action mail_from= score=-0.5 size=10 took_ms=0 session=a1b2c3"
        ],
    );
    check(
        r#"{"ts": 1795335801.25, "pid": 1234, "severity": "warning", "worker_type": "normal", "id": "a1b2c3", "module": "task", "function": "rspamd_task_write_log", "message": "id: <a1@example.net>, qid: <Q1>, (default: S (no action): [0.00/15.00] [X(0.00){\"],\";}]), len: 10, time: 1.0ms, dns req: 0, digest: <00>"}"#,
        expect![[
            r#"warning filter.verdict queue_id=Q1 passed=true category=no action message_id=<a1@example.net> score=0 score_required=15 size=10 took_ms=1 tests=X(0.00){\"],\";} session=a1b2c3"#
        ]],
    );
}

#[test]
fn options_of_symbols_may_hold_what_ends_the_list() {
    check(
        r#"2026-11-22 08:23:21 [INFO] #1234(rspamd_proxy) <a1b2c3>; task; rspamd_task_write_log: id: <a1@example.net>, (default: T (add header): [6.00/15.00] [X(6.00){a]), len: 5, (b;},...;]), len: 3100, time: 1.2ms, dns req: 1, digest: <00>, forced: add header "x, y"; score=nan (set by force_actions), settings_id: out"#,
        expect![[
            r#"info filter.verdict passed=true category=add header actions=add header "x, y"; score=nan (set by force_actions) message_id=<a1@example.net> score=6 score_required=15 size=3100 took_ms=1 tests=X(6.00){a]), len: 5, (b;},...; session=a1b2c3"#
        ]],
    );
}

#[test]
fn a_module_greylists() {
    check(
        r#"2026-11-22 08:23:21 #1234(normal) <a1b2c3>; lua; greylist.lua:430: greylisted until "Sun, 22 Nov 2026 08:28:21 GMT", new record"#,
        expect![[
            r#"info policy.decision action=greylist source=policy text=greylisted until "Sun, 22 Nov 2026 08:28:21 GMT", new record session=a1b2c3"#
        ]],
    );
}

#[test]
fn a_connection_of_the_mta() {
    check(
        r#"2026-11-22 08:23:21 #1235(rspamd_proxy) <a1b2c3>; proxy; proxy_accept_socket: accepted milter connection from ::1 port 41234"#,
        expect![
            "info service.info peer_address=::1 peer_port=41234 text=accepted milter connection from ::1 port 41234 session=a1b2c3"
        ],
    );
    check(
        r#"2026-11-22 08:23:21 #1235(rspamd_proxy) <a1b2c3>; milter; rspamd_milter_process_command: got connection from [2001:db8::9]:41234"#,
        expect![
            "info service.info peer_address=2001:db8::9 peer_port=41234 text=got connection from [2001:db8::9]:41234 session=a1b2c3"
        ],
    );
}

#[test]
fn what_is_not_known_keeps_its_task() {
    check(
        r#"2026-11-22 08:23:21 #1235(normal) <a1b2c3>; task; x_y: something new"#,
        expect!["info unknown session=a1b2c3"],
    );
}

#[test]
fn lines_of_others_are_left_alone() {
    check(
        r#"2026-11-22 08:23:21 1hSomeId-00000-00 <= bob@example.net"#,
        expect!["info unknown"],
    );
    check(
        r#"2026-11-22 08:23:21 #x(normal) y"#,
        expect!["info unknown"],
    );
}
