//! Errors: `WHAT Error: TEXT in FILE on line N (METHOD URI)`.
//! Source: roundcube `program/lib/Roundcube/rcube.php` (`log_bug`).

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{Body, Kind, Notice, Severity};

pub(crate) const RULES: &[Rule] = &[ERROR];

const ERROR: Rule = rule(
    "roundcube error",
    error,
    "roundcube program/lib/Roundcube/rcube.php (log_bug)",
    &[
        "<8a1b2c3d> SMTP Error: Failed to add recipient 'bob@example.net'. 5.1.1 no such user (Code: 550) in /srv/roundcube/program/lib/Roundcube/rcube.php on line 1794 (POST /?_task=mail&_action=send)",
        "DB Error: [1205] Lock wait timeout exceeded in /srv/roundcube/program/lib/Roundcube/rcube_db.php on line 566 (GET /?_task=mail)",
        "PHP Error: Class not found in /srv/roundcube/index.php on line 7",
        "<8a1b2c3d> IMAP Error: Could not connect to imap.example.org: Connection refused in /srv/roundcube/program/lib/Roundcube/rcube_imap.php on line 211 (POST /?_task=login)",
        "PHP Error: Possibly forged request",
    ],
);

fn error<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let about = at.while_(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (!about.is_empty()).then_some(())?;
    let word = at.one_of(&[" Error: ", " Warning: ", " Notice: ", " Deprecated: "])?;
    let text = at.remainder();
    let end = memmem::rfind(text, b" in /").unwrap_or(text.len());
    let kind = match word {
        " Error: " => {
            at.severity = Severity::Error;
            Kind::ServiceError
        }
        _ => Kind::ServiceWarning,
    };
    Some(Body::Notice(Notice {
        kind,
        about,
        text: BStr::new(&text[..end]),
        ..Notice::default()
    }))
}
