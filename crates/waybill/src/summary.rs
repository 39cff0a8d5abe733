//! `waybill report`: the summary of the logs.

use crate::Ended;
use crate::args::{Report, ReportFormat};
use crate::input::Logs;
use anyhow::Context;
use correlate::{Correlator, Settings, Sink};
use jiff::tz::TimeZone;
use model::{Link, Row, Timestamp};
use report::{Coverage, Offset, Summary, Tally};
use std::io::Write;

struct Counting(Tally);

impl Sink for Counting {
    #[inline]
    fn row(&mut self, row: &Row<'_>) {
        self.0.row(row);
    }
    fn link(&mut self, link: &Link) {
        self.0.link(link);
    }
}

pub(crate) fn run(command: &Report) -> anyhow::Result<Ended> {
    let logs = Logs::find(&command.input)?;
    let mut tally = Counting(Tally::with_offsets(offsets(
        &logs.settings.zone,
        logs.settings.now,
    )));
    let mut correlator = Correlator::new(Settings { keep_text: false });
    let mut unknown = 0;
    let outcome = logs.with_progress(|progress| {
        pipeline::run(&logs.sets, &logs.settings, progress, |read| {
            unknown += u64::from(read.event.rule.is_empty());
            correlator.apply(read, &mut tally);
        })
    });
    correlator.finish(&mut tally);
    let coverage = Coverage {
        files: logs.size().0 as u64,
        lines: outcome.lines,
        unknown,
        from: None,
        to: None,
        zone: zone_name(&logs.settings.zone),
    };
    let ended = logs.tell_problems(&outcome.problems, outcome.lines);
    if !matches!(ended, Ended::NothingRead) {
        write(command, &tally.0.finish(coverage))?;
    }
    Ok(ended)
}

fn write(command: &Report, summary: &Summary) -> anyhow::Result<()> {
    let written = match command.format {
        ReportFormat::Text => {
            // Standard output takes the colours out again where they are not wanted.
            let color = command.output.is_none();
            report::text(
                summary,
                &report::Options {
                    color,
                    top_n: command.top,
                },
            )
        }
        ReportFormat::Json => format!("{:#}\n", report::json(summary)),
        ReportFormat::Html => report::html(summary),
    };
    match &command.output {
        Some(path) => std::fs::write(path, written)
            .with_context(|| format!("cannot write `{}`", path.display())),
        None => Ok(anstream::stdout().lock().write_all(written.as_bytes())?),
    }
}

/// All offsets that a zone has had, up to a time.
fn offsets(zone: &TimeZone, until: Timestamp) -> Vec<Offset> {
    let since = |at: jiff::Timestamp, offset: jiff::tz::Offset| Offset {
        since: Timestamp::from_seconds(at.as_second()),
        seconds_east: offset.seconds(),
    };
    let epoch = jiff::Timestamp::UNIX_EPOCH;
    let first = Offset {
        since: Timestamp::MIN,
        ..since(epoch, zone.to_offset(epoch))
    };
    let later = zone
        .following(epoch)
        .take_while(|turn| turn.timestamp().as_second() <= until.as_seconds())
        .map(|turn| since(turn.timestamp(), turn.offset()));
    std::iter::once(first).chain(later).collect()
}

fn zone_name(zone: &TimeZone) -> String {
    match zone.iana_name() {
        Some(name) => name.to_owned(),
        None => zone
            .to_fixed_offset()
            .map_or_else(|_| "local time".to_owned(), |it| it.to_string()),
    }
}
