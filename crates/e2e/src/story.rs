//! Logs in, journeys out: the way that `waybill` goes, in one call.

use crate::told;
use anyhow::{Context, ensure};
use correlate::{Correlator, Read, Sink};
use jiff::tz::TimeZone;
use journey::{Gathering, Journey, What};
use model::{Kind, Link, Row, Timestamp, Value};
use pipeline::{Seed, Settings, WINDOW_MS};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// What Waybill tells of the logs of a test.
pub struct Story {
    logs: Vec<PathBuf>,
    lines: Vec<LineRead>,
    journeys: Vec<Journey>,
}

/// A line as `waybill parse` tells it.
#[derive(Clone, Debug)]
pub struct LineRead {
    /// Program as understood.
    pub program: String,
    /// What happened.
    pub kind: Kind,
    /// The rule that read it; empty where none did.
    pub rule: &'static str,
    /// Fields by name.
    pub fields: Vec<(&'static str, String)>,
    /// As written.
    pub raw: String,
}

impl LineRead {
    /// A field's value; empty where the line does not say.
    pub fn field(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(it, _)| *it == name);
        found.map_or("", |(_, value)| value)
    }
}

struct Collecting(Gathering);

impl Sink for Collecting {
    fn row(&mut self, row: &Row<'_>) {
        self.0.row(row);
    }

    fn link(&mut self, link: &Link) {
        self.0.link(link);
    }
}

impl Story {
    /// Reads all lines of these logs.
    pub fn of(logs: &[&Path]) -> anyhow::Result<Self> {
        let mut logs: Vec<PathBuf> = logs.iter().map(|it| it.to_path_buf()).collect();
        logs.sort();
        logs.dedup();
        let mut lines = Vec::new();
        let journeys = journeys(&logs, |sets, settings, take| {
            let outcome = pipeline::run(sets, settings, &progress(), |read| {
                lines.push(line(&read));
                take(read);
            });
            ensure!(outcome.problems.is_empty(), "{:?}", outcome.problems);
            Ok(())
        })?;
        Ok(Story {
            logs,
            lines,
            journeys,
        })
    }

    /// All lines, in order of time.
    pub fn lines(&self) -> &[LineRead] {
        &self.lines
    }

    /// Lines of a kind.
    pub fn of_kind(&self, kind: Kind) -> Vec<&LineRead> {
        self.lines.iter().filter(|it| it.kind == kind).collect()
    }

    /// Lines that no rule knows, as written.
    pub fn unknown(&self) -> Vec<&str> {
        let unknown = self.of_kind(Kind::Unknown);
        unknown.into_iter().map(|it| it.raw.as_str()).collect()
    }

    /// All journeys, by arrival.
    pub fn journeys(&self) -> &[Journey] {
        &self.journeys
    }

    /// What became of the message with this Message-ID, without what differs from run to run: one
    /// journey, or more where Waybill does not know that they belong together.
    ///
    /// Errs unless `waybill trace`, which looks for lines in another way, tells the same.
    pub fn told(&self, message_id: &str) -> anyhow::Result<String> {
        let what = What::message_id(message_id);
        let whole = self.told_of_all_lines(message_id)?;
        let sought = self.sought(&what, message_id)?;
        let traced = told::all(&sought, &what).context("as `waybill trace` finds it")?;
        ensure!(
            whole == traced,
            "`waybill trace` tells:\n{traced}\nand not:\n{whole}"
        );
        Ok(whole)
    }

    /// The same, whatever `waybill trace` tells.
    pub fn told_of_all_lines(&self, message_id: &str) -> anyhow::Result<String> {
        told::all(&self.journeys, &What::message_id(message_id))
    }

    /// What `waybill trace` finds.
    fn sought(&self, what: &What, text: &str) -> anyhow::Result<Vec<Journey>> {
        let text = match what {
            What::MessageId(text) => text.to_vec(),
            What::QueueId(_) | What::Address(_) => text.into(),
        };
        let seed = Seed {
            text,
            ignore_case: false,
            followed_max: 1_000,
        };
        journeys(&self.logs, |sets, settings, take| {
            let found = pipeline::seek(sets, settings, &progress(), &seed, take);
            let problems = found.outcome.problems;
            ensure!(problems.is_empty(), "{problems:?}");
            Ok(())
        })
    }
}

/// Has logs read in some way, and joins what is read.
fn journeys(
    logs: &[PathBuf],
    read: impl FnOnce(&[ingest::LogSet], &Settings, &mut dyn FnMut(Read<'_>)) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<Journey>> {
    let args: Vec<OsString> = logs.iter().map(OsString::from).collect();
    let found = ingest::find(&args);
    ensure!(found.problems.is_empty(), "{:?}", found.problems);
    let settings = Settings {
        zone: TimeZone::system(),
        year: None,
        now: latest(logs)?,
        window_ms: WINDOW_MS,
        // All servers of a test are one host, which files of their own do not name.
        host: Some("mx1".into()),
        workers: 1,
    };
    let mut gathering = Collecting(Gathering::with_lines());
    let mut correlator = Correlator::new(correlate::Settings { keep_text: true });
    read(&found.sets, &settings, &mut |read| {
        correlator.apply(read, &mut gathering);
    })?;
    correlator.finish(&mut gathering);
    Ok(gathering.0.journeys())
}

fn progress() -> Arc<AtomicU64> {
    Arc::default()
}

fn latest(logs: &[PathBuf]) -> anyhow::Result<Timestamp> {
    let times: Result<Vec<_>, _> = logs
        .iter()
        .map(|log| fs::metadata(log).and_then(|it| it.modified()))
        .collect();
    let latest = times?.into_iter().max().context("no logs")?;
    Ok(pipeline::timestamp(latest))
}

fn line(read: &Read<'_>) -> LineRead {
    let mut fields = Vec::new();
    read.event
        .each_field(&mut |name, value| fields.push((name, shown(&value))));
    LineRead {
        program: read.event.program.to_string(),
        kind: read.event.kind(),
        rule: read.event.rule,
        fields,
        raw: String::from_utf8_lossy(read.line.raw).into_owned(),
    }
}

fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Word(word) => (*word).to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Signed(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Shown(value) => value.to_string(),
    }
}
