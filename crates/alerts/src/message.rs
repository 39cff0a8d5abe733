//! What is told of a rule: once as data, and for people as text.

use crate::judge::Subject;
use crate::kind::Kind;
use crate::limits::{NAMED_MAX, REPLY_BYTES_MAX};
use crate::rule::Rule;
use crate::source::Sample;
use crate::state::Turn;
use jiff::Timestamp;
use search::TimeRange;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt::Write as _;
use tenancy::Alert;

/// What is told of a rule, as webhooks get it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The alert's number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it watches.
    pub kind: String,
    /// Number of the customer whose mail it watches; absent for the whole installation.
    pub customer: Option<i64>,
    /// Whether it holds.
    pub state: Turn,
    /// When this was found.
    pub at: Timestamp,
    /// Since when it has been told that it holds.
    pub since: Option<Timestamp>,
    /// Seconds that were looked at.
    pub window_seconds: i64,
    /// What was not to be reached.
    pub threshold: u64,
    /// What else was not to be reached; 0 for kinds that have no such.
    pub percent: u64,
    /// For whom or what it holds, the largest first.
    pub subjects: Vec<Counted>,
    /// How many more there are.
    pub subjects_more: usize,
    /// The question that gives the rows that were counted; empty where no rows were.
    pub question: String,
    /// The page with these rows.
    pub link: Option<String>,
    /// The newest of these rows.
    pub samples: Vec<Sample>,
}

/// A subject, and what was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Its name; empty where rows are counted all together.
    pub name: String,
    /// How many.
    pub count: u64,
    /// To what that compares.
    pub beside: String,
}

impl Message {
    /// What is told of a rule for which this was found now; `page` is where people reach the page.
    pub(crate) fn new(
        (alert, rule): (&Alert, &Rule),
        turn: Turn,
        held: &[Subject],
        now: Timestamp,
        page: Option<&str>,
    ) -> Self {
        let subjects = held.iter().take(NAMED_MAX).map(|it| Counted {
            name: it.name.clone(),
            count: it.count,
            beside: it.beside.clone(),
        });
        Message {
            id: alert.id.0,
            name: alert.rule.name.clone(),
            kind: rule.kind.name().to_owned(),
            customer: alert.customer.map(|it| it.0),
            state: turn,
            at: now,
            since: alert.firing_since,
            window_seconds: rule.window.as_secs(),
            threshold: rule.threshold,
            percent: rule.percent,
            subjects: subjects.collect(),
            subjects_more: held.len().saturating_sub(NAMED_MAX),
            question: rule.question.clone(),
            link: page.and_then(|page| link(page, rule, rule.range(now))),
            samples: Vec::new(),
        }
    }

    /// The same with rows; replies are cut where they are longer than one reads.
    pub(crate) fn with(self, mut samples: Vec<Sample>) -> Self {
        for reply in samples.iter_mut().filter_map(|it| it.reply.as_mut()) {
            reply.truncate(reply.floor_char_boundary(REPLY_BYTES_MAX));
        }
        Message { samples, ..self }
    }

    /// As it is stored, and sent to webhooks.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// In a line.
    pub(crate) fn subject(&self) -> String {
        let word = match self.state {
            Turn::Firing => "Alert",
            Turn::StillFiring => "Still",
            Turn::Resolved => "Resolved",
            Turn::Test => "Test",
        };
        visible(&format!("{word}: {}", self.name))
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.write_text(&mut text);
        text
    }

    fn write_text(&self, to: &mut String) {
        let mut line = |text: String| {
            to.push_str(&visible(&text));
            to.push('\n');
        };
        line(self.subject());
        let counts = Kind::named(&self.kind).map_or("", Kind::counts);
        for it in &self.subjects {
            let mut text = String::from("- ");
            if !it.name.is_empty() {
                let _ = write!(text, "{}: ", it.name);
            }
            if it.count > 0 {
                let _ = write!(text, "{} {counts}", it.count);
            } else {
                text.push_str("silent");
            }
            if !it.beside.is_empty() {
                let _ = write!(text, " ({})", it.beside);
            }
            line(text);
        }
        if self.subjects_more > 0 {
            line(format!("- and {} more", self.subjects_more));
        }
        let percent = match self.percent {
            0 => String::new(),
            percent => format!(", {percent} %"),
        };
        let minutes = self.window_seconds / 60;
        let threshold = self.threshold;
        line(format!(
            "Rule: {}, {minutes} minutes, from {threshold}{percent}; at {:.0}",
            self.kind, self.at
        ));
        if let Some(since) = self.since {
            line(format!("Since: {since:.0}"));
        }
        if !self.question.is_empty() {
            line(format!("Question: {}", self.question));
        }
        if let Some(link) = &self.link {
            line(link.clone());
        }
        for it in &self.samples {
            line(format!("{:.3} {} {}", it.at, it.host, it.sentence));
            if let Some(reply) = &it.reply {
                line(format!("    {reply}"));
            }
        }
    }

    /// As Slack and its kin take it; what logs say is text and nothing else. Source:
    /// <https://api.slack.com/reference/surfaces/formatting#escaping>.
    pub(crate) fn slack(&self) -> String {
        let text = self.text();
        let text = text.replace('&', "&amp;");
        let text = text.replace('<', "&lt;").replace('>', "&gt;");
        json!({ "text": text }).to_string()
    }
}

/// The page with the rows of a rule.
fn link(page: &str, rule: &Rule, range: TimeRange) -> Option<String> {
    let mut url = url::Url::parse(page).ok()?;
    let moment = |at| Timestamp::from_microsecond(at).ok();
    let (from, until) = (moment(range.from)?, moment(range.until)?);
    url.path_segments_mut().ok()?.pop_if_empty().push("search");
    url.query_pairs_mut()
        .append_pair("q", &rule.question)
        .append_pair("range", &format!("{from:.0}..{until:.0}"));
    Some(url.into())
}

/// A text in one line, with nothing that moves or hides what stands beside it: controls, and what turns
/// the direction of writing (Unicode Bidirectional Algorithm, UAX #9 section 2).
fn visible(text: &str) -> String {
    let is_odd = |it: char| {
        it.is_control()
            || matches!(it, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars()
        .map(|it| if is_odd(it) { '\u{fffd}' } else { it })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::{rule, said};
    use tenancy::{AlertId, CustomerId};

    fn message(turn: Turn, count: usize) -> Message {
        let new = said(Kind::ManyFailures);
        let rule = rule(&new).expect("it is right");
        let alert = Alert {
            id: AlertId(7),
            customer: Some(CustomerId(3)),
            rule: new,
            created: Timestamp::UNIX_EPOCH,
            checked: None,
            firing_since: None,
            evidence: None,
            trouble: None,
            failure: None,
        };
        let subject = |number| Subject {
            name: format!("a{number}@x.example"),
            count: 60,
            beside: String::new(),
        };
        let held: Vec<_> = (0..count).map(subject).collect();
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        let page = Some("https://mail.example/waybill/");
        Message::new((&alert, &rule), turn, &held, now, page).with(vec![Sample {
            at: now,
            host: "mx1".to_owned(),
            sentence: "auth.failed of a0@x.example".to_owned(),
            reply: Some("<!channel> bad\r\n.\r\nQUIT & \u{202e}evil".to_owned()),
        }])
    }

    #[test]
    fn many_subjects_are_counted() {
        let text = message(Turn::Firing, 25).text();
        assert!(
            text.starts_with("Alert: a rule\n- a0@x.example: 60 failed logins\n"),
            "{text}"
        );
        assert!(text.contains("\n- and 15 more\n"), "{text}");
        assert!(
            text.contains("\nRule: many_failures, 60 minutes, from 50; at "),
            "{text}"
        );
        assert!(text.contains("\nQuestion: kind:auth.failed\n"), "{text}");
        assert_eq!(
            text.lines().filter(|it| it.contains("@x.example:")).count(),
            10
        );
    }

    #[test]
    fn the_link_asks_for_what_was_counted() {
        let link = message(Turn::Firing, 1).link.expect("there is a page");
        assert_eq!(
            link,
            "https://mail.example/waybill/search?q=kind%3Aauth.failed&\
             range=2027-01-15T07%3A00%3A00Z..2027-01-15T08%3A00%3A00Z"
        );
    }

    #[test]
    fn what_logs_say_is_text() {
        let message = message(Turn::Firing, 1);
        let text = message.text();
        assert!(
            text.contains(
                "    <!channel> bad\u{fffd}\u{fffd}.\u{fffd}\u{fffd}QUIT & \u{fffd}evil\n"
            ),
            "{text}"
        );
        let slack: serde_json::Value = serde_json::from_str(&message.slack()).expect("JSON");
        let slack = slack["text"].as_str().expect("text");
        assert!(slack.contains("&lt;!channel&gt; bad"), "{slack}");
        assert!(!slack.contains('<'), "{slack}");
        let again: Message = serde_json::from_str(&message.json()).expect("JSON");
        assert_eq!(again, message);
    }
}
