//! Target `header`: headers of all syslog forms with any bytes in their places.

use crate::inside::{assert_inside, assert_stamp_is_understood};

/// Forms of a header, syslog's first, then those of programs that write files themselves; `\x01` to `\x04` stand for pieces of the input.
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
    "2026-11-22 08:23:21\x01 [\x02] 1abcde-000001-AB \x03",
    "2026-11-22 08:23:21,\x01 INFO  [\x02] [\x03;] \x04",
    "2026-11-22 08:23:21 #\x01(\x02) <\x03>; \x04",
    "2026-11-22 08:23:21.\x01 \x02",
    "2026-11-22T08:23:21.\x01,\x02,\x03",
    "2026-11-22T08:23:21.\x01Z [\x02] [\x03] [core] \x04",
    "2026-11-22 08:23:21 192.0.2.1 \x01 \x02 \x03",
    "2026/11/22 08:23:21 [\x01] \x02#\x03: \x04",
    "[22-Nov-2026 08:23:21 \x01]: <\x02> \x03",
    "192.0.2.1 - \x01 [22/Nov/2026:08:23:21 \x02] \"\x03\" \x04",
    "Sun Nov 22 08:23:21 2026 \x01: \x02",
    "Sun Nov 22 08:23:21 2026 [\x01] info: \x02",
    "@40000000\x01 \x02",
    "date=2026-11-22 time=08:23:21\x01 device_id=\x02 \x03",
    "Nov 22 08:23:21 sogod [\x01]: \x02",
    "{\"\x01\":\"\x02\",\"\x03\":\x04}",
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
    assert_stamp_is_understood(&event);
}
