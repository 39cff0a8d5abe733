use super::{export, json, text::push_line};

#[test]
fn text_becomes_one_line() {
    let mut out = Vec::new();
    push_line(&mut out, b"a\nb\r\n");
    assert_eq!(out, b"a b");
}

/// What a line that begins with `{` is read as; empty for what stays as it is.
fn json(raw: &str) -> String {
    let mut out = Vec::new();
    match json::read(raw.as_bytes()) {
        json::Wrapped::Not => {}
        json::Wrapped::Entry(entry) => entry.write(&mut out),
        json::Wrapped::Document(document) => document.write(&mut out),
        json::Wrapped::Piece(piece) => super::container::write(&mut out, &piece.time, &piece.text),
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[test]
fn journald_json() {
    let head = r#""__REALTIME_TIMESTAMP":"1795335801123456""#;
    for (raw, expected) in [
        (
            format!(
                r#"{{"_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/qmgr","_PID":"77","SYSLOG_PID":"812","PRIORITY":"6",{head},"MESSAGE":"4bXyZ10QzKz1r: removed"}}"#
            ),
            "2026-11-22T08:23:21.123456Z mx1 postfix/qmgr[812]: 4bXyZ10QzKz1r: removed",
        ),
        (
            format!(r#"{{{head},"_PID":"77","_COMM":"a b","MESSAGE":[71,114,252,10,33]}}"#),
            "2026-11-22T08:23:21.123456Z localhost a_b[77]: Gr\u{fffd} !",
        ),
        (
            format!(r#"{{{head},"SYSLOG_IDENTIFIER":["one","two"],"MESSAGE":"quo\"te"}}"#),
            "2026-11-22T08:23:21.123456Z localhost one: quo\"te",
        ),
        (format!(r#"{{{head},"MESSAGE":null}}"#), ""),
        (format!(r#"{{{head}}}"#), ""),
        (format!(r#"{{{head},"MESSAGE":"cut off"#), ""),
        (
            r#"{"__REALTIME_TIMESTAMP":"99999999999999999999","MESSAGE":"x"}"#.into(),
            "",
        ),
        (
            r#"{"__REALTIME_TIMESTAMP":"18446744073709551615","MESSAGE":"x"}"#.into(),
            "",
        ),
        (r#"{"level":"info","msg":"other JSON"}"#.into(), ""),
    ] {
        assert_eq!(json(&raw), expected, "{raw}");
    }
}

#[test]
fn docker_json() {
    for (raw, expected) in [
        (
            r#"{"log":"Nov 22 08:23:21 mx1 postfix/smtpd[9]: connect from a[192.0.2.1]\n","stream":"stdout","time":"2026-11-22T08:23:21.123456789Z"}"#,
            "Nov 22 08:23:21 mx1 postfix/smtpd[9]: connect from a[192.0.2.1]",
        ),
        (
            r#"{"log":"starting\r\n","stream":"stderr","time":"2026-11-22T08:23:21.123456789Z"}"#,
            "2026-11-22T08:23:21.123456Z localhost starting",
        ),
        (
            r#"{"log":"<22>1 2026-11-22T08:23:21Z mx1 x - - - y\n","time":"2026-11-22T08:23:21Z","attrs":{"tag":"m"}}"#,
            "<22>1 2026-11-22T08:23:21Z mx1 x - - - y",
        ),
        (
            r#"{"log":"May day\n","time":"2026-11-22T08:23:21Z"}"#,
            "2026-11-22T08:23:21Z localhost May day",
        ),
        (
            r#"{"log":"<22.1@example.org> queued\n","time":"2026-11-22T08:23:21Z"}"#,
            "2026-11-22T08:23:21Z localhost <22.1@example.org> queued",
        ),
        (
            r#"{"log":"May 10 mails: sent\n","time":"2026-11-22T08:23:21Z"}"#,
            "2026-11-22T08:23:21Z localhost May 10 mails: sent",
        ),
        (r#"{"log":{"level":1},"time":"2026-11-22T08:23:21Z"}"#, ""),
        (r#"{"log":"no time\n"}"#, ""),
    ] {
        assert_eq!(json(raw), expected, "{raw}");
    }
}

const RECORD: &[u8] = b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795335801123456\n_HOSTNAME=mx1\n\
SYSLOG_IDENTIFIER=postfix/smtp\n_PID=9\nMESSAGE\n\x0b\0\0\0\0\0\0\0two\n\nlines!\nPRIORITY=6\n\n";

#[test]
fn export_record_with_a_binary_field() {
    let end = export::Scan::default().end(RECORD);
    assert_eq!(end, Some(RECORD.len() - 1));
    let mut out = Vec::new();
    if let Some(entry) = export::entry(&RECORD[..RECORD.len() - 1]) {
        entry.write(&mut out);
    }
    assert_eq!(
        String::from_utf8_lossy(&out),
        "2026-11-22T08:23:21.123456Z mx1 postfix/smtp[9]: two  lines!"
    );
}

#[test]
fn export_scan_keeps_its_place_wherever_it_is_cut() {
    for cut in 0..RECORD.len() {
        let mut scan = export::Scan::default();
        assert_eq!(scan.end(&RECORD[..cut]), None, "{cut}");
        assert_eq!(
            scan.end(&RECORD[cut..]),
            Some(RECORD.len() - 1 - cut),
            "{cut}"
        );
    }
}

#[test]
fn export_entry_of_any_torn_record_does_not_panic() {
    for cut in 0..RECORD.len() {
        let _ = export::entry(&RECORD[..cut]);
    }
}

#[test]
fn export_length_that_cannot_be_is_read_as_text() {
    let garbage = b"no equals sign\nsome text in place of a length\n\n";
    assert_eq!(
        export::Scan::default().end(garbage),
        Some(garbage.len() - 1)
    );
}
