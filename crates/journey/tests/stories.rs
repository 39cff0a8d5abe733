//! A log for each situation of the correlation reference, and the journeys that it tells.
//!
//! `UPDATE_EXPECT=1 cargo test -p waybill-journey --test stories` writes the drawings anew: read them.

mod common;

#[path = "stories/application.rs"]
mod application;
#[path = "stories/deferral.rs"]
mod deferral;
#[path = "stories/exim.rs"]
mod exim;
#[path = "stories/filter.rs"]
mod filter;
#[path = "stories/gateway.rs"]
mod gateway;
#[path = "stories/haraka.rs"]
mod haraka;
#[path = "stories/imperfect.rs"]
mod imperfect;
#[path = "stories/mailscanner.rs"]
mod mailscanner;
#[path = "stories/others.rs"]
mod others;
#[path = "stories/relay.rs"]
mod relay;
#[path = "stories/sendmail.rs"]
mod sendmail;
#[path = "stories/session.rs"]
mod session;
#[path = "stories/store.rs"]
mod store;
#[path = "stories/webmail.rs"]
mod webmail;
#[path = "stories/zimbra.rs"]
mod zimbra;

use common::{Came, Way};
use expect_test::Expect;
use journey::draw::{Style, refusal, tree};

/// The journeys of a log of which the lines have neither date nor, mostly, host: `09:00:01 smtpd[1]:`
/// is of `mx1`, `09:00:01 store1 smtpd[1]:` of another; what begins with `[`, `{` or
/// the year is whole.
fn journeys(log: &str) -> Came {
    let mut way = Way::new(true);
    for line in log.lines().map(str::trim).filter(|it| !it.is_empty()) {
        way.line(whole(line).as_bytes());
    }
    let came = way.end();
    assert_eq!(came.unknown, Vec::<String>::new(), "unknown lines");
    came
}

fn whole(line: &str) -> String {
    if line.starts_with(['[', '{']) || line.starts_with("2026-") {
        return line.into();
    }
    let (day, line) = match line.strip_prefix("Nov ") {
        Some(rest) => rest.split_once(' ').unwrap_or_default(),
        None => ("22", line),
    };
    let (time, rest) = line.split_once(' ').unwrap_or_default();
    let tag = rest.split(' ').next().unwrap_or_default();
    let (host, rest) = match tag.ends_with(':') {
        true => ("mx1", rest),
        false => rest.split_once(' ').unwrap_or_default(),
    };
    let others = [
        "dovecot",
        "amavis",
        "exim",
        "sm-mta",
        "sendmail",
        "qmail",
        "opensmtpd",
        "haraka",
        "MailScanner",
        "courier",
        "mail_logs",
    ];
    let postfix = !others.iter().any(|it| rest.starts_with(it));
    let own_label = rest.starts_with("postfix");
    let label = if postfix && !own_label {
        "postfix/"
    } else {
        ""
    };
    format!("2026-11-{day}T{time}+00:00 {host} {label}{rest}")
}

/// Draws all journeys of a log.
fn check(log: &str, expect: Expect) {
    let came = journeys(log);
    let style = Style::plain();
    let journeys = came.journeys.iter().map(|it| tree(it, &style));
    let refusals = came.refusals.iter().map(|it| refusal(it, &style));
    let trees: Vec<String> = journeys.chain(refusals).collect();
    expect.assert_eq(&format!("\n{}", trees.join("\n")));
}
