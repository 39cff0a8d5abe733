//! `waybill queue`: what waited in the mail queues, now or at any time.

mod compare;
mod outlook;

use crate::Ended;
use crate::args::{NOTE, Queue, QueueBy, QueueFormat};
use crate::asker::Asker;
use crate::shown::{instant, second, visible};
use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use jiff::tz::TimeZone;
pub(crate) use outlook::Rules;
use query::{Outlook, Queued, Server, State, csv_field as csv};
use std::collections::HashMap;
use std::io::Write;

pub(crate) fn run(command: &Queue, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    if let Some(listing) = &command.compare {
        return compare::run(command, listing, asker);
    }
    let zone = asker.zone(command.zone.timezone.as_deref())?;
    let sight = asker.sight(&command.data)?;
    let newest = sight.newest().unwrap_or(0);
    let at = match &command.at {
        Some(text) => moment(text, asker.manner.now, &zone)?,
        None => newest.min(asker.manner.now.as_microsecond()),
    };
    let mut queued = sight.wait(query::queue(&sight, at))?;
    let words: Vec<_> = command.words.iter().map(|it| it.to_lowercase()).collect();
    queued.retain(|it| words.iter().all(|word| it.holds(word)));
    let is_of_host = |it: &Queued| {
        let host = command.host.as_deref();
        host.is_none_or(|host| host.eq_ignore_ascii_case(&it.host))
    };
    queued.retain(is_of_host);
    let mut rules = Rules::new(asker.archive(&command.data)?.root());
    let told = queued.iter().take(command.limit);
    let told = told.map(|it| Ok((it, rules.outlook(it)?)));
    let told: Vec<(&Queued, Outlook)> = told.collect::<anyhow::Result<_>>()?;
    let out = &mut *asker.out;
    match (command.by, command.format) {
        (Some(by), format) => {
            let sums = sums(&queued, by, at, command.limit);
            write_sums(&sums, at, format, out)?;
        }
        (None, QueueFormat::Table) => table(&told, at, &zone, out)?,
        (None, QueueFormat::Json) => json(&told, out)?,
        (None, QueueFormat::Csv) => csv_rows(&told, out)?,
    }
    let mut messages: Vec<_> = queued.iter().map(|it| (&it.host, &it.queue_id)).collect();
    messages.dedup();
    writeln!(
        asker.notes,
        "{NOTE}note:{NOTE:#} {} recipients of {} messages at {}",
        queued.len(),
        messages.len(),
        second(at, &zone)
    )?;
    if at > newest {
        writeln!(
            asker.notes,
            "{NOTE}note:{NOTE:#} the archive has nothing after {}: what came then is not known",
            second(newest, &zone)
        )?;
    }
    Ok(Ended::by(queued.is_empty()))
}

/// The beginning of what a text names.
fn moment(text: &str, now: Timestamp, zone: &TimeZone) -> anyhow::Result<i64> {
    let read = |text: &str| search::time::range(&format!("since {text}"), now, zone);
    let range = read(text).or_else(|_| read(&text.trim().replacen(' ', "T", 1)));
    let range = range.map_err(|_| {
        anyhow::anyhow!("`--at {text}` is no time: `2026-11-16 14:05`, `14:05`, `2 hours ago`")
    })?;
    Ok(range.from)
}

/// `3d04h`, `5h12m`, `7m`, `30s`.
fn age(micros: i64) -> String {
    let seconds = micros.max(0) / 1_000_000;
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d{:02}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

fn table(
    queued: &[(&Queued, Outlook)],
    at: i64,
    zone: &TimeZone,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut before = None;
    for (it, outlook) in queued {
        let message = (&it.host, &it.queue_id);
        if before != Some(message) {
            before = Some(message);
            writeln!(
                out,
                "{} {:<12} {} {:>8} {:>9}  <{}>",
                visible(&it.host),
                visible(&it.queue_id),
                second(it.since, zone),
                age(at - it.since),
                it.size.map_or_else(|| "-".to_owned(), |it| it.to_string()),
                it.mail_from.as_deref().map_or("?".into(), visible)
            )?;
        }
        let colour = match it.state {
            State::Active => Style::new(),
            State::Deferred => AnsiColor::Yellow.on_default(),
            State::Held => AnsiColor::Magenta.on_default(),
        };
        let rcpt_to = it.rcpt_to.as_deref().map_or("?".into(), visible);
        write!(
            out,
            "    {colour}{:<8}{colour:#} <{rcpt_to}>",
            it.state.name()
        )?;
        if let Some(last) = it.last_attempt {
            let (attempts, ago) = (it.attempts, age(at - last));
            write!(out, "  {attempts} attempts, the last {ago} ago")?;
            if let Some(interval) = it.interval() {
                write!(out, ", {} after the one before", age(interval))?;
            }
        }
        write!(out, "{}", outlook::told(outlook, at))?;
        if let Some(reply) = &it.reply {
            let dim = Style::new().dimmed();
            write!(out, "\n        {dim}{}{dim:#}", visible(reply))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn json(queued: &[(&Queued, Outlook)], out: &mut dyn Write) -> anyhow::Result<()> {
    for (it, outlook) in queued {
        let mut object = serde_json::json!({
            "host": it.host, "queue_id": it.queue_id, "since": instant(it.since),
            "mail_from": it.mail_from, "rcpt_to": it.rcpt_to, "account": it.account,
            "size": it.size, "state": it.state.name(), "attempts": it.attempts,
            "first_attempt": it.first_attempt.map(instant),
            "last_attempt": it.last_attempt.map(instant),
            "interval_seconds": it.interval().map(|it| it / 1_000_000),
            "reply": it.reply, "relay_name": it.relay, "server": it.server.map(Server::name),
        });
        for (name, value) in outlook::fields(outlook) {
            object[name] = value.into();
        }
        writeln!(out, "{object}")?;
    }
    Ok(())
}

fn csv_rows(queued: &[(&Queued, Outlook)], out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(
        out,
        "host,queue_id,since,mail_from,rcpt_to,account,size,state,attempts,last_attempt,reply,\
         relay_name,first_attempt,interval_seconds,server,next_from,next_until,next_by,expires"
    )?;
    for (it, outlook) in queued {
        let text = |text: &Option<String>| csv(text.as_deref().unwrap_or_default());
        let time = |time: Option<i64>| time.map(instant).unwrap_or_default();
        let number = |number: Option<i64>| number.map(|it| it.to_string()).unwrap_or_default();
        let mut values = vec![
            csv(&it.host),
            csv(&it.queue_id),
            instant(it.since),
            text(&it.mail_from),
            text(&it.rcpt_to),
            text(&it.account),
            number(it.size),
            it.state.name().to_owned(),
            it.attempts.to_string(),
            time(it.last_attempt),
            text(&it.reply),
            text(&it.relay),
            time(it.first_attempt),
            number(it.interval().map(|it| it / 1_000_000)),
            it.server.map_or("", Server::name).to_owned(),
        ];
        let outlook = outlook::fields(outlook).into_iter();
        values.extend(outlook.map(|(_, value)| value.unwrap_or_default()));
        writeln!(out, "{}", values.join(","))?;
    }
    Ok(())
}

/// What all messages of one kind have in common.
fn group(it: &Queued, by: QueueBy, at: i64) -> String {
    let domain = |address: &Option<String>| {
        let address = address.as_deref().unwrap_or("?");
        let domain = address
            .rsplit_once('@')
            .map_or(address, |(_, domain)| domain);
        domain.to_lowercase()
    };
    match by {
        QueueBy::Destination => domain(&it.rcpt_to),
        QueueBy::Domain => domain(&it.account),
        QueueBy::Sender => match it.mail_from.as_deref() {
            Some("") => "<>".to_owned(),
            Some(sender) => sender.to_lowercase(),
            None => "?".to_owned(),
        },
        QueueBy::Reason => match &it.reply {
            Some(reply) => reply.clone(),
            None => it.state.name().to_owned(),
        },
        QueueBy::Host => it.host.clone(),
        QueueBy::Age => {
            let hours = (at - it.since).max(0) / 3_600_000_000;
            let bounds = [1, 4, 12, 24, 48, 96];
            match bounds.iter().find(|bound| hours < **bound) {
                Some(bound) => format!("under {bound} hours"),
                None => "96 hours and more".to_owned(),
            }
        }
    }
}

/// Recipients, bytes, and since when the oldest waits.
type Sum = (u64, i64, i64);

/// Sums by what messages have in common, the largest first.
fn sums(queued: &[Queued], by: QueueBy, at: i64, limit: usize) -> Vec<(String, Sum)> {
    let mut sums: HashMap<String, Sum> = HashMap::new();
    for it in queued {
        let sum = sums.entry(group(it, by, at)).or_insert((0, 0, i64::MAX));
        sum.0 += 1;
        sum.1 += it.size.unwrap_or(0);
        sum.2 = sum.2.min(it.since);
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|a, b| (b.1.0, &a.0).cmp(&(a.1.0, &b.0)));
    sums.truncate(limit);
    sums
}

fn write_sums(
    sums: &[(String, Sum)],
    at: i64,
    format: QueueFormat,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    if format == QueueFormat::Csv {
        writeln!(out, "value,recipients,bytes,oldest")?;
    }
    for (value, (recipients, bytes, oldest)) in sums {
        match format {
            QueueFormat::Table => {
                let oldest = age(at - oldest);
                writeln!(
                    out,
                    "{recipients:>8} {bytes:>12} {oldest:>8}  {}",
                    visible(value)
                )?;
            }
            QueueFormat::Json => {
                let object = serde_json::json!({
                    "value": value, "recipients": recipients, "bytes": bytes,
                    "oldest": instant(*oldest),
                });
                writeln!(out, "{object}")?;
            }
            QueueFormat::Csv => {
                let oldest = instant(*oldest);
                writeln!(out, "{},{recipients},{bytes},{oldest}", csv(value))?;
            }
        }
    }
    Ok(())
}
