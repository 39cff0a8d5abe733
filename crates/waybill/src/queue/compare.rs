//! What the archive believes to be queued beside what `postqueue -j` lists.
//!
//! The listing is read here, where its file or standard input is; the queue is asked of the daemon, if
//! there is one, as JSON, as any program would.

use crate::args::{NOTE, Queue, QueueFormat};
use crate::asker::Asker;
use crate::shown::{instant, visible};
use crate::{Ended, socket};
use anyhow::Context;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::Path;

/// A listing tells whole seconds, logs a delay that may be rounded: times that differ by no more are
/// equal, in seconds.
const ARRIVAL_SECONDS: i64 = 2;

/// A message of a listing. Source: postfix `src/postqueue/showq_json.c`.
#[derive(Deserialize)]
struct Listed {
    queue_name: String,
    queue_id: String,
    arrival_time: i64,
    sender: String,
    recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
struct Recipient {
    address: String,
}

/// A recipient as `waybill queue --format json` tells it.
#[derive(Deserialize)]
struct Told {
    host: String,
    queue_id: String,
    since: String,
    mail_from: Option<String>,
    rcpt_to: Option<String>,
    state: String,
}

/// What both can tell of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Message {
    /// `active`, `deferred`, `held`.
    state: &'static str,
    /// Seconds since 1970.
    arrival: i64,
    /// `None` where it is not known.
    mail_from: Option<String>,
    rcpt_to: BTreeSet<String>,
    /// Whether there is one that is not known by name.
    has_untold: bool,
}

/// Messages by host and queue id; the host is empty where nobody told it.
type Messages = BTreeMap<(String, String), Message>;

/// What differs of a message: of what, in the queue, in the archive.
type Difference = (&'static str, String, String);

pub(super) fn run(command: &Queue, from: &Path, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let host = command.host.as_deref();
    let listed = listed(&text(from)?, host)
        .with_context(|| format!("`{}` is no output of `postqueue -j`", from.display()))?;
    let told = told(&ask(command, asker)?, host)?;
    let mut differing = 0;
    let ids: BTreeSet<_> = listed.keys().chain(told.keys()).collect();
    for id in &ids {
        let differences = match (listed.get(id), told.get(id)) {
            (Some(listed), Some(told)) => differences(listed, told),
            (Some(listed), None) => only("queue", listed),
            (None, Some(told)) => only("waybill", told),
            (None, None) => continue,
        };
        if !differences.is_empty() {
            differing += 1;
            match command.format {
                QueueFormat::Json => json(id, &differences, asker.out)?,
                _ => text_of(id, &differences, asker.out)?,
            }
        }
    }
    writeln!(
        asker.notes,
        "{NOTE}note:{NOTE:#} {} messages in the queue, {} in the archive, {differing} differ",
        listed.len(),
        told.len()
    )?;
    Ok(Ended::by(differing > 0))
}

/// The listing itself.
fn text(from: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let read = match from == Path::new("-") {
        true => std::io::stdin().read_to_string(&mut text),
        false => std::fs::File::open(from).and_then(|mut file| file.read_to_string(&mut text)),
    };
    read.with_context(|| format!("cannot read `{}`", from.display()))?;
    Ok(text)
}

/// The queue as the archive has it, one recipient a line.
fn ask(command: &Queue, asker: &mut Asker<'_>) -> anyhow::Result<String> {
    let mut words = vec![
        "waybill".to_owned(),
        "queue".to_owned(),
        "--format=json".to_owned(),
    ];
    words.push(format!("--limit={}", usize::MAX));
    words.extend(command.at.iter().map(|it| format!("--at={it}")));
    words.extend(
        command
            .zone
            .timezone
            .iter()
            .map(|it| format!("--timezone={it}")),
    );
    let (mut told, mut notes) = (Vec::new(), Vec::new());
    let arguments = words.into_iter().map(OsString::from);
    let (folder, manner) = (command.data.folder(), &asker.manner);
    match socket::ask(&folder, arguments, manner, &mut told, &mut notes)? {
        Some(0 | 1) => {}
        Some(_) => anyhow::bail!("{}", String::from_utf8_lossy(&notes).trim()),
        None => {
            // Why it did not answer.
            asker.notes.write_all(&notes)?;
            let question = Queue {
                compare: None,
                format: QueueFormat::Json,
                limit: usize::MAX,
                ..command.clone()
            };
            let mut here = Asker {
                out: &mut told,
                notes: &mut std::io::sink(),
                live: None,
                daemon: None,
                manner: asker.manner.clone(),
            };
            super::run(&question, &mut here)?;
        }
    }
    Ok(String::from_utf8(told)?)
}

fn listed(text: &str, host: Option<&str>) -> anyhow::Result<Messages> {
    let mut messages = Messages::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let listed: Listed = serde_json::from_str(line)?;
        let id = (host.unwrap_or_default().to_lowercase(), listed.queue_id);
        let message = Message {
            state: match &*listed.queue_name {
                "hold" => "held",
                "deferred" => "deferred",
                _ => "active",
            },
            arrival: listed.arrival_time,
            mail_from: Some(listed.sender.to_lowercase()),
            rcpt_to: listed
                .recipients
                .iter()
                .map(|it| it.address.to_lowercase())
                .collect(),
            has_untold: false,
        };
        // One that moves from queue to queue is listed twice; the later is where it is now.
        messages.insert(id, message);
    }
    Ok(messages)
}

fn told(text: &str, host: Option<&str>) -> anyhow::Result<Messages> {
    let mut messages = Messages::new();
    for line in text.lines() {
        let told: Told = serde_json::from_str(line)?;
        let is_other = |host: &str| !host.eq_ignore_ascii_case(&told.host);
        if host.is_some_and(is_other) {
            continue;
        }
        let since: Timestamp = told.since.parse()?;
        let id = (host.unwrap_or_default().to_lowercase(), told.queue_id);
        let message = messages.entry(id).or_insert_with(|| Message {
            state: "active",
            arrival: since.as_second(),
            mail_from: told.mail_from.map(|it| it.to_lowercase()),
            rcpt_to: BTreeSet::new(),
            has_untold: false,
        });
        match &*told.state {
            "held" => message.state = "held",
            "deferred" => message.state = "deferred",
            _ => {}
        }
        match told.rcpt_to {
            Some(rcpt_to) => {
                let all = rcpt_to.split(',');
                message
                    .rcpt_to
                    .extend(all.map(|it| it.trim().to_lowercase()));
            }
            None => message.has_untold = true,
        }
    }
    Ok(messages)
}

/// A message that one side alone has.
fn only(side: &'static str, message: &Message) -> Vec<Difference> {
    let here = format!(
        "{}, <{}> -> {}, since {}",
        message.state,
        message.mail_from.as_deref().unwrap_or("?"),
        names(&message.rcpt_to),
        instant(message.arrival * 1_000_000)
    );
    vec![match side {
        "queue" => ("message", here, String::new()),
        _ => ("message", String::new(), here),
    }]
}

fn names(of: &BTreeSet<String>) -> String {
    match of.is_empty() {
        true => "?".to_owned(),
        false => of
            .iter()
            .map(|it| format!("<{it}>"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn differences(listed: &Message, told: &Message) -> Vec<Difference> {
    let mut differences = Vec::new();
    // What is being tried again is deferred until the attempt has ended.
    let is_tried_again = listed.state == "active" && told.state == "deferred";
    if listed.state != told.state && !is_tried_again {
        differences.push(("queue_name", listed.state.to_owned(), told.state.to_owned()));
    }
    if told.mail_from.is_some() && listed.mail_from != told.mail_from {
        let sender = |of: &Message| of.mail_from.clone().unwrap_or_default();
        differences.push(("mail_from", sender(listed), sender(told)));
    }
    if (listed.arrival - told.arrival).abs() > ARRIVAL_SECONDS {
        let time = |of: &Message| instant(of.arrival * 1_000_000);
        differences.push(("since", time(listed), time(told)));
    }
    let less = |one: &Message, other: &Message| -> BTreeSet<String> {
        one.rcpt_to.difference(&other.rcpt_to).cloned().collect()
    };
    // Recipients are not in the log before they are tried.
    let in_queue = match told.has_untold {
        true => BTreeSet::new(),
        false => less(listed, told),
    };
    let in_archive = less(told, listed);
    if !in_queue.is_empty() || !in_archive.is_empty() {
        let side = |of: BTreeSet<String>| match of.is_empty() {
            true => String::new(),
            false => names(&of),
        };
        differences.push(("rcpt_to", side(in_queue), side(in_archive)));
    }
    differences
}

fn text_of(
    (host, queue_id): &(String, String),
    differences: &[Difference],
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    for (what, in_queue, in_archive) in differences {
        write!(
            out,
            "{}{}{queue_id} ",
            visible(host),
            if host.is_empty() { "" } else { " " }
        )?;
        match (in_queue.is_empty(), in_archive.is_empty()) {
            (false, true) => writeln!(out, "{what} only in the queue: {}", visible(in_queue))?,
            (true, false) => writeln!(out, "{what} only in the archive: {}", visible(in_archive))?,
            _ => writeln!(
                out,
                "{what} in the queue: {}; in the archive: {}",
                visible(in_queue),
                visible(in_archive)
            )?,
        }
    }
    Ok(())
}

fn json(
    (host, queue_id): &(String, String),
    differences: &[Difference],
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    for (what, in_queue, in_archive) in differences {
        let side = |text: &String| Some(text.clone()).filter(|it| !it.is_empty());
        let object = serde_json::json!({
            "host": side(host), "queue_id": queue_id, "differs": what,
            "in_queue": side(in_queue), "in_archive": side(in_archive),
        });
        writeln!(out, "{object}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    const LISTED: &str = r#"{"queue_name": "deferred", "queue_id": "4A", "arrival_time": 1795335894, "message_size": 2201, "forced_expire": false, "sender": "anna@example.org", "recipients": [{"address": "bob@example.net", "delay_reason": "later"}, {"address": "carl@example.net"}]}"#;

    /// A recipient as the archive tells it.
    fn recipient(rcpt_to: &str, state: &str) -> String {
        format!(
            r#"{{"host":"mx1","queue_id":"4A","since":"2026-11-22T08:24:54.3Z","mail_from":"anna@example.org","rcpt_to":{rcpt_to},"state":"{state}"}}"#
        )
    }

    fn check(listing: &str, archive: &[String], expected: &Expect) {
        let listed = listed(listing, Some("MX1")).expect("it is a listing");
        let told = told(&archive.join("\n"), Some("MX1")).expect("they are rows");
        let ids: BTreeSet<_> = listed.keys().chain(told.keys()).collect();
        let mut out = Vec::new();
        for id in ids {
            let differences = match (listed.get(id), told.get(id)) {
                (Some(listed), Some(told)) => differences(listed, told),
                (Some(listed), None) => only("queue", listed),
                (_, told) => only("waybill", told.expect("one has it")),
            };
            text_of(id, &differences, &mut out).expect("there is room");
        }
        expected.assert_eq(&String::from_utf8(out).expect("it is text"));
    }

    #[test]
    fn equal_queues_do_not_differ() {
        let both = [
            recipient("\"bob@example.net\"", "deferred"),
            recipient("\"carl@example.net\"", "deferred"),
        ];
        check(LISTED, &both, &expect![""]);
        // It is tried again now.
        let active = LISTED.replace("deferred", "active");
        check(&active, &both, &expect![""]);
        // Nobody was tried yet, so nobody was named.
        check(&active, &[recipient("null", "active")], &expect![""]);
        check("\n", &[], &expect![""]);
    }

    #[test]
    fn each_difference_is_told() {
        let other = recipient("\"bob@example.net\"", "held")
            .replace("anna@", "eve@")
            .replace("08:24", "09:24");
        check(
            LISTED,
            &[other],
            &expect![[r#"
                mx1 4A queue_name in the queue: deferred; in the archive: held
                mx1 4A mail_from in the queue: anna@example.org; in the archive: eve@example.org
                mx1 4A since in the queue: 2026-11-22T08:24:54Z; in the archive: 2026-11-22T09:24:54Z
                mx1 4A rcpt_to only in the queue: <carl@example.net>
            "#]],
        );
        check(
            LISTED,
            &[],
            &expect![[r#"
                mx1 4A message only in the queue: deferred, <anna@example.org> -> <bob@example.net>, <carl@example.net>, since 2026-11-22T08:24:54Z
            "#]],
        );
        check(
            "",
            &[recipient("null", "active")],
            &expect![[r#"
                mx1 4A message only in the archive: active, <anna@example.org> -> ?, since 2026-11-22T08:24:54Z
            "#]],
        );
    }

    #[test]
    fn other_hosts_are_not_compared_where_one_is_named() {
        let other = recipient("null", "active").replace("mx1", "mx2");
        check("", &[other], &expect![""]);
    }
}
