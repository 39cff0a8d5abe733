//! The lines that begin each file: `#Software:`, `#Fields:`.
//! Source: Microsoft Learn "Message tracking"; W3C Extended Log File Format.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Notice};

pub(crate) const RULES: &[Rule] = &[COMMENT];

const COMMENT: Rule = rule(
    "exchange comment",
    comment,
    "Microsoft Learn, Message tracking (structure of the log files)",
    &[
        "#Software: Microsoft Exchange Server",
        "#Version: 15.02.0330.005",
        "#Log-Type: Message Tracking Log",
        "#Date: 2026-11-22T08:23:21.123Z",
        "#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source-context",
        "#Software: Microsoft Internet Information Services 10.0",
        "#Date: 2026-11-22 08:23:21",
        "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip",
    ],
);

const STARTS: &[&str] = &[
    "#Software: Microsoft ",
    "#Version: ",
    "#Log-Type: ",
    "#Log-type: ",
    "#Date: ",
    "#Fields: date",
    "#Fields: Date",
];

/// Whether a line is one of these.
pub(super) fn is_own(line: &[u8]) -> bool {
    STARTS
        .iter()
        .any(|start| line.starts_with(start.as_bytes()))
}

fn comment<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(STARTS)?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        text: text.into(),
        ..Notice::default()
    }))
}
