use super::*;
use expect_test::{Expect, expect};

fn check(line: &str, expected: Expect) {
    let Header {
        stamp,
        host,
        tag,
        pid,
        text,
    } = header(line.as_bytes());
    let Stamp {
        year,
        month,
        day,
        hour,
        minute,
        second,
        nanos,
        offset_minutes,
        ..
    } = stamp;
    expected.assert_eq(&format!(
        "{year:?} {month}/{day} {hour}:{minute}:{second} {nanos} {offset_minutes:?} | {host} | {tag} | {pid:?} | {}",
        BStr::new(text)
    ));
}

#[test]
fn rfc3164() {
    check(
        "Nov  2 08:23:21 mx1 postfix/smtpd[28440]: connect from x[192.0.2.1]",
        expect![
            "None 11/2 8:23:21 0 None | mx1 | postfix/smtpd | Some(28440) | connect from x[192.0.2.1]"
        ],
    );
    check(
        "<22>Nov 22 08:23:21 mx1 dovecot: imap-login: Login",
        expect!["None 11/22 8:23:21 0 None | mx1 | dovecot | None | imap-login: Login"],
    );
}

#[test]
fn maillog_file_pads_the_day_with_zero() {
    check(
        "Nov 02 08:22:46 mx1 postfix/master[27643]: daemon started",
        expect!["None 11/2 8:22:46 0 None | mx1 | postfix/master | Some(27643) | daemon started"],
    );
}

#[test]
fn year_before_or_behind_the_date() {
    check(
        "2013 Jun 10 06:27:30.123 relay postfix/qmgr[1]: 3bXXXX1: removed",
        expect![
            "Some(2013) 6/10 6:27:30 123000000 None | relay | postfix/qmgr | Some(1) | 3bXXXX1: removed"
        ],
    );
    check(
        "Jun 10 2013 06:27:30 relay postfix/qmgr[1]: x",
        expect!["Some(2013) 6/10 6:27:30 0 None | relay | postfix/qmgr | Some(1) | x"],
    );
}

#[test]
fn rfc3339() {
    check(
        "2026-11-22T08:23:21.123456+01:00 mx1 postfix/submission/smtpd[9]: x",
        expect![
            "Some(2026) 11/22 8:23:21 123456000 Some(60) | mx1 | postfix/submission/smtpd | Some(9) | x"
        ],
    );
    check(
        "2026-11-22T08:23:21Z mx1 postfix/127.0.0.1:10025/smtpd[9]: x",
        expect![
            "Some(2026) 11/22 8:23:21 0 Some(0) | mx1 | postfix/127.0.0.1:10025/smtpd | Some(9) | x"
        ],
    );
}

#[test]
fn rfc5424() {
    check(
        "<22>1 2026-11-22T08:23:21.5Z mx1 postfix/smtpd 28440 - [a@1 b=\"\\]\"] \u{feff}connect from x",
        expect![
            "Some(2026) 11/22 8:23:21 500000000 Some(0) | mx1 | postfix/smtpd | Some(28440) | connect from x"
        ],
    );
    check(
        "<22>1 2026-11-22T08:23:21.5Z mx1 postfix/smtpd 28440 - - connect from x",
        expect![
            "Some(2026) 11/22 8:23:21 500000000 Some(0) | mx1 | postfix/smtpd | Some(28440) | connect from x"
        ],
    );
}

#[test]
fn rsyslogs_space_before_the_text_is_not_of_it() {
    check(
        "<22>1 2026-11-22T08:23:21.5Z mx1 dovecot - - -  imap-login: Login",
        expect![
            "Some(2026) 11/22 8:23:21 500000000 Some(0) | mx1 | dovecot | None | imap-login: Login"
        ],
    );
}

#[test]
fn dovecot_writes_its_prefix_for_a_tag() {
    check(
        "Nov 22 08:23:21 imap(anna@x.test)<997><5S0tQdlgFsR/AAAB>: Info: Logged out",
        expect![
            "None 11/22 8:23:21 0 None |  | imap | None | imap(anna@x.test)<997><5S0tQdlgFsR/AAAB>: Info: Logged out"
        ],
    );
    check(
        "Nov 22 08:23:21 mx1 deliver(anna b): saved",
        expect!["None 11/22 8:23:21 0 None | mx1 | deliver | None | deliver(anna b): saved"],
    );
    check(
        "Nov 22 08:23:21 mx1 sshd(pam_unix)[7]: x",
        expect!["None 11/22 8:23:21 0 None | mx1 | sshd(pam_unix) | Some(7) | x"],
    );
}

#[test]
fn without_host_without_header() {
    check(
        "Nov 22 08:23:21 postfix/smtpd[28440]: connect from x",
        expect!["None 11/22 8:23:21 0 None |  | postfix/smtpd | Some(28440) | connect from x"],
    );
    check(
        "no header at all",
        expect!["None 0/0 0:0:0 0 None |  |  | None | no header at all"],
    );
    check(
        "Nov 22 08:23:21 ",
        expect!["None 11/22 8:23:21 0 None |  |  | None | "],
    );
    check(
        "Nov 22 08:23:21 mx1 postfix/smtpd[1]: [ID 197553 mail.info] connect from x",
        expect!["None 11/22 8:23:21 0 None | mx1 | postfix/smtpd | Some(1) | connect from x"],
    );
}
