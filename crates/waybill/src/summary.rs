//! `waybill report`: the summary of the logs.

use crate::Ended;
use crate::again::Again;
use crate::args::{Report, ReportFormat};
use crate::asker::Asker;
use crate::input::{Logs, progress_bar};
use correlate::{Correlator, Settings, Sink};
use jiff::tz::TimeZone;
use model::{Link, Row, Timestamp};
use query::Sight;
use report::{Coverage, Offset, Summary, Tally};
use std::sync::Arc;

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

pub(crate) fn run(command: &Report, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    match command.input.files.is_empty() {
        true => of_archive(command, asker),
        false => of_logs(command, asker),
    }
}

/// The lines of the archive, correlated again.
fn of_archive(command: &Report, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let zone = asker.zone(command.input.timezone.as_deref())?;
    let range = asker.range(command.range.as_deref(), &zone)?;
    let archive = asker.archive(&command.data)?;
    let bytes = archive.files().iter().map(|file| file.size).sum();
    // A daemon's terminal is not the asker's.
    let bar = progress_bar(bytes, command.input.quiet || asker.live.is_some());
    let now = Timestamp::from_seconds(asker.manner.now.as_second());
    let mut tally = Counting(Tally::with_offsets(offsets(&zone, now)));
    let mut again = Again::new(false);
    let read = |bytes| bar.set_position(bytes);
    let take = |at, line: &[u8]| again.line(at, line, &mut tally);
    query::replay(&Sight::whole(Arc::clone(&archive)), range, read, take)?;
    bar.finish_and_clear();
    let coverage = Coverage {
        files: archive.files().len() as u64,
        lines: again.lines,
        unknown: again.unknown,
        from: None,
        to: None,
        zone: zone_name(&zone),
    };
    let is_empty = again.lines == 0;
    again.finish(&mut tally);
    write(command, &tally.0.finish(coverage), asker)?;
    Ok(Ended::by(is_empty))
}

fn of_logs(command: &Report, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
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
        write(command, &tally.0.finish(coverage), asker)?;
    }
    Ok(ended)
}

fn write(command: &Report, summary: &Summary, asker: &mut Asker<'_>) -> anyhow::Result<()> {
    let written = match command.format {
        ReportFormat::Text => {
            let options = report::Options {
                color: command.output.is_none(),
                top_n: command.top,
            };
            report::text(summary, &options)
        }
        ReportFormat::Json => format!("{:#}\n", report::json(summary)),
        ReportFormat::Html => report::html(summary),
    };
    Ok(asker.out.write_all(written.as_bytes())?)
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
