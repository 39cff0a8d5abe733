//! fail2ban's samples: a remark before each line tells the address, the user and the time that its
//! filter takes out of it.

use crate::comparison::{Comparison, Counterpart, Table};
use crate::facts::Facts;
use crate::locate;
use Counterpart::{Made, Same};

const FILES: &[&str] = &[
    "sendmail/fail2ban/sendmail-reject",
    "qmail/fail2ban/qmail",
    "courier/fail2ban/courier-auth",
    "cyrus/fail2ban/cyrus-imap",
    "uw-imap/fail2ban/uwimap-auth",
];

const TABLE: Table = &[
    ("host", Same(&["client_address"])),
    ("user", Same(&["user"])),
    (
        "time",
        Made(|ours, theirs| time(ours.get("stamp")?, theirs)),
    ),
];

#[test]
fn fail2ban_filters_agree() {
    let Some(root) = locate::root() else { return };
    let mut comparison = Comparison::new("fail2ban", TABLE);
    for file in FILES {
        let text = locate::text(&root.join(file));
        let mut expected = None;
        for (at, line) in text.lines().enumerate() {
            if let Some((_, remark)) = line.split_once("failJSON:") {
                expected = serde_json::from_str::<serde_json::Value>(remark.trim()).ok();
                continue;
            }
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let Some(expected) = expected.take() else {
                continue;
            };
            if expected["match"] != true {
                comparison.leave_out("their filter does not take the line");
                continue;
            }
            comparison.case();
            let facts = Facts::of_line(line.as_bytes());
            for (field, _) in TABLE {
                if let Some(theirs) = expected[field].as_str() {
                    comparison.field(&format!("{file}#{}", at + 1), field, theirs, &facts);
                }
            }
        }
    }
    comparison.conclude(include_str!("deviations/classic_fail2ban.txt"));
}

/// Ours in the year that they take.
fn time(stamp: &str, theirs: &str) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let year = theirs.split('-').next()?;
    let mut words = stamp.split(' ');
    let month = words.next()?;
    let month = MONTHS.iter().position(|it| *it == month)? + 1;
    let day: u8 = words.next()?.parse().ok()?;
    Some(format!("{year}-{month:02}-{day:02}T{}", words.next()?))
}
