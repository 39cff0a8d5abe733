use super::Form;

/// 2026-11-05 06:25:01.123456789 UTC, a Thursday.
const AT: i64 = 1_793_859_901_123_456_789;

#[track_caller]
fn check(stamp: &str) {
    check_at(stamp, AT);
}

#[track_caller]
fn check_at(stamp: &str, at: i64) {
    let line = format!("{stamp} mx postfix");
    let found = Form::of(line.as_bytes(), at);
    let (form, len) = found.unwrap_or_else(|| panic!("`{stamp}` is no stamp"));
    assert_eq!(&line[..len], stamp);
    let mut stored = Vec::new();
    form.put(&mut stored);
    let mut rest = stored.as_slice();
    assert_eq!(Form::take(&mut rest), Ok(form));
    assert_eq!(rest, b"");
    let mut rendered = Vec::new();
    form.render(at, &mut rendered);
    assert_eq!(rendered, stamp.as_bytes());
}

#[test]
fn stamps_are_found_again_from_their_time() {
    check("Nov  5 06:25:01");
    check("Nov 05 06:25:01");
    check("Nov  5 2026 06:25:01");
    check("Nov  5 06:25:01.123");
    check("2026-11-05T06:25:01.123456+00:00");
    check("2026-11-05T06:25:01Z");
    check("2026-11-05T06:25:01.123456789Z");
    check("2026-11-05 06:25:01");
    check("2026-11-05 06:25:01,123");
    check("2026-11-05 06:25:01.123456");
    check("2026/11/05 06:25:01");
    check("Thu Nov  5 06:25:01 2026");
    check("Thu, 05 Nov 2026 06:25:01 +0000");
    check("20261105 062501");
    check("1793859901");
    check("1793859901.123456");
    check("@400000006aec2147075bcd15");
}

#[test]
fn stamps_are_found_in_any_zone() {
    check("2026-11-05T07:25:01.1+01:00");
    check("2026-11-05T07:25:01+0100");
    check("2026-11-04T21:25:01-09:00");
    check("2026-11-05 11:55:01 +0530");
    check("Nov  5 07:25:01");
    check("Nov  5 20:25:01");
    check("Nov  4 18:25:01");
    check("05/Nov/2026:07:25:01 +0100");
}

#[test]
fn stamps_are_found_on_odd_days() {
    let second = 1_000_000_000;
    check_at("Feb 29 23:59:59", 951_868_799 * second);
    check_at("2000-03-01T00:00:00Z", 951_868_800 * second);
    check_at("1969-12-31T23:59:59.999Z", -1_000_000);
    check_at("Dec 31 23:00:00", 1_798_758_000 * second);
    check_at("2027-01-01 00:00:00", 1_798_758_000 * second);
}

#[test]
fn what_is_not_the_time_is_no_stamp() {
    for line in [
        "2026-11-05T06:25:02Z",
        "2026-11-06T06:25:01+00:00",
        "Nov  7 06:25:01",
        "Nov  5 06:26:02",
        "1793859902",
        "mx postfix/smtpd[1]: connect",
        "",
    ] {
        assert_eq!(Form::of(line.as_bytes(), AT), None, "{line}");
    }
}

#[test]
fn any_time_can_be_written() {
    for at in [i64::MIN, -1, 0, i64::MAX] {
        for pattern in 0..super::PATTERNS.len() as u8 {
            let form = Form {
                pattern,
                digits: 9,
                minutes_east: -super::MINUTES_EAST_MAX as i16,
            };
            form.render(at, &mut Vec::new());
        }
    }
}
