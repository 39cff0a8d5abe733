//! Target `header`: headers of all syslog forms with any bytes in their places.

use crate::inside::assert_inside;
use jiff::tz::TimeZone;
use model::Timestamp;
use parse::Clock;

/// Time of the file that lines are taken to be from, seconds since 1970.
const LATEST: i64 = 1_795_335_801;

/// Forms of a header; `\x01` to `\x04` stand for pieces of the input.
const FORMS: &[&str] = &[
    "\x01",
    "Nov 22 08:23:21 mx1 postfix/smtpd[7]: \x01",
    "Nov  2 08:23:21 \x01 postfix/\x02[\x03]: \x04",
    "Feb 29 \x01 mx1 postfix/qmgr[7]: \x02: removed",
    "\x01 22 08:23:21 mx1 postfix/smtpd[7]: \x02",
    "Nov 22 08:23:21.\x01 mx1 postfix/smtpd[7]: \x02",
    "Nov 22 2026 08:23:21 \x01 \x02[7]: \x03",
    "2026-11-22T08:23:21.123456+01:00 mx1 postfix/smtpd[7]: \x01",
    "2026-\x01T08:23:21\x02 mx1 postfix/smtpd[7]: \x03",
    "2026-11-22T08:23:21\x01 mx1 \x02[\x03]: \x04",
    "<22>1 2026-11-22T08:23:21.123456Z mx1 postfix/smtpd 7 - - \x01",
    "<\x01>1 2026-11-22T08:23:21Z \x02 postfix/smtpd \x03 - [\x04",
    "<22>1 2026-11-22T08:23:21Z mx1 postfix/smtpd 7 \x01 [\x02=\"\x03\"] \x04",
    "<\x01>Nov 22 08:23:21 mx1 postfix/smtpd[7]: \x02",
    "Nov 22 08:23:21 mx1 postfix/smtpd[7]: message repeated \x01 times: [ \x02]",
    "Nov 22 08:23:21 mx1 dovecot: \x01(\x02)<\x03>: \x04",
    "Nov 22 08:23:21 mx1 amavis[7]: (\x01) \x02",
];

/// Puts pieces of the input into a header of a form that the first byte chooses.
pub fn header(input: &[u8]) {
    let Some((&form, rest)) = input.split_first() else {
        return;
    };
    let form = FORMS[usize::from(form) % FORMS.len()];
    let mut pieces = rest.split(|&byte| byte == 0);
    let mut line = Vec::with_capacity(form.len() + rest.len());
    for byte in form.bytes() {
        match byte {
            1..=4 => line.extend_from_slice(pieces.next().unwrap_or_default()),
            byte => line.push(byte),
        }
    }
    line.extend(pieces.flatten());
    let event = parse::line(&line);
    assert_inside(&event, &line);
    if event.stamp.is_present() {
        assert!((1..=12).contains(&event.stamp.month), "{event:?}");
        assert!((1..=31).contains(&event.stamp.day), "{event:?}");
        let mut clock = Clock::new(TimeZone::UTC, Timestamp::from_seconds(LATEST), None);
        let _ = clock.understand(&event.stamp);
    }
}
