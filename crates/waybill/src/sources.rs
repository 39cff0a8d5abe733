//! `waybill sources`: who sends lines, how many, and what is wrong with them.

use crate::Ended;
use crate::args::{NOTE, Sources};
use crate::asker::Asker;
use crate::serve::Daemon;
use crate::shown::{instant, second, visible};
use anstyle::{AnsiColor, Style};
use intake::Counts;
use model::Timestamp;
use record::{Speaker, Who};
use serde_json::Value;
use std::collections::BTreeMap;

/// A clock that is off by more, in milliseconds, is told in colour.
const SKEW_MS: i64 = 5_000;
/// A host that was silent for longer than this many seconds is told in colour.
const SILENT_SECONDS: i64 = 900;

pub(crate) fn run(command: &Sources, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let daemon = asker.daemon(&command.data)?;
    let counts = counts(daemon);
    if command.json {
        for told in documents(daemon, asker.manner.now) {
            writeln!(asker.out, "{told}")?;
        }
        return Ok(Ended::by(counts.is_empty()));
    }
    let heard = daemon.view.heard();
    if counts.is_empty() {
        writeln!(
            asker.notes,
            "{NOTE}note:{NOTE:#} nobody has sent a line yet; docs/serve.md has snippets for each sender"
        )?;
    }
    let mut again: BTreeMap<&str, u64> = BTreeMap::new();
    for (who, speaker) in heard.all() {
        *again.entry(&who.source).or_default() += speaker.again;
    }
    let zone = asker.manner.zone.clone();
    for (source, counts) in &counts {
        let lost = counts.dropped + counts.cut;
        let colour = if lost > 0 {
            AnsiColor::Red.on_default()
        } else {
            Style::new()
        };
        writeln!(
            asker.out,
            "{}  {} lines, {} open connections, {colour}{} dropped, {} cut{colour:#}, {} made to wait, {} duplicate",
            visible(source),
            counts.lines,
            counts.connections,
            counts.dropped,
            counts.cut,
            counts.refused,
            again.get(&**source).unwrap_or(&0)
        )?;
        for (who, speaker) in heard.all().filter(|(who, _)| who.source == *source) {
            line(who, speaker, &zone, asker)?;
        }
    }
    Ok(Ended::by(counts.is_empty()))
}

/// What was counted of each source.
fn counts(daemon: &Daemon) -> BTreeMap<String, Counts> {
    let mut counts: BTreeMap<String, Counts> = daemon.counted().into_iter().collect();
    for (path, of) in daemon.followed.counts() {
        let counts = counts
            .entry(format!("file {}", path.display()))
            .or_default();
        counts.lines += of.lines;
        counts.bytes += of.bytes;
        counts.cut += of.cut;
    }
    counts
}

fn line(
    who: &Who,
    speaker: &Speaker,
    zone: &jiff::tz::TimeZone,
    asker: &mut Asker<'_>,
) -> anyhow::Result<()> {
    let now = at(asker.manner.now);
    let skew = speaker.skew_ms();
    let is_silent = now.as_seconds() - speaker.received.as_seconds() > SILENT_SECONDS;
    let warn = |is_odd| match is_odd {
        true => AnsiColor::Yellow.on_default(),
        false => Style::new(),
    };
    let (last, clock) = (warn(is_silent), warn(skew.abs() > SKEW_MS));
    let unknown = 100.0 * speaker.unknown as f64 / speaker.lines.max(1) as f64;
    Ok(writeln!(
        asker.out,
        "  {:<20} {:<24} {:>10} lines {:>8.1}/s  {last}last {}{last:#}  {clock}clock {:+.1} s{clock:#}  \
         {unknown:.1} % unknown",
        visible(&who.host),
        visible(&who.program),
        speaker.lines,
        speaker.rate(now),
        second(speaker.received.as_nanos() / 1_000, zone),
        skew as f64 / 1_000.0,
    )?)
}

/// A time as lines have it.
fn at(now: jiff::Timestamp) -> Timestamp {
    Timestamp::from_nanos(now.as_microsecond().saturating_mul(1_000))
}

/// Each host and program that was heard from a source.
pub(crate) fn documents(daemon: &Daemon, now: jiff::Timestamp) -> Vec<Value> {
    let (counts, now) = (counts(daemon), at(now));
    let document = |(who, speaker): &(Who, Speaker)| {
        let of = counts.get(&who.source).copied().unwrap_or_default();
        serde_json::json!({
            "source": who.source, "host": who.host, "program": who.program,
            "lines": speaker.lines, "duplicate": speaker.again, "unknown": speaker.unknown,
            "rate": speaker.rate(now),
            "last": instant(speaker.received.as_nanos() / 1_000),
            "clock_ms": speaker.skew_ms(), "dropped": of.dropped, "cut": of.cut,
            "refused": of.refused, "connections": of.connections,
        })
    };
    daemon.view.heard().all().map(document).collect()
}
