//! Who asks: where the answer goes, which archive is asked, and what a command must know of the
//! person before the screen.
//!
//! The same command answers at a terminal and inside a daemon that answers for others. So it knows
//! nothing of the process that it runs in but this: no standard output, terminal, clock or system's
//! zone.

use crate::args::{Data, When};
use crate::input;
use crate::serve::Daemon;
use ::upkeep::Rules;
use anyhow::Context;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use query::Sight;
use search::{Search, TimeRange};
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use store::{Archive, Writer};

/// Columns where there is no terminal.
const WIDTH: usize = 100;

/// Who asks.
pub(crate) struct Asker<'a> {
    /// Takes the answer, with colours; whoever gave it takes them out where they are not wanted.
    pub(crate) out: &'a mut dyn Write,
    /// Takes what is said beside the answer.
    pub(crate) notes: &'a mut dyn Write,
    /// The archive of a daemon; `None`: the one on disk that the command names.
    pub(crate) live: Option<Arc<Archive>>,
    /// The daemon itself, where it is one that answers.
    pub(crate) daemon: Option<&'a Daemon>,
    pub(crate) manner: Manner,
}

/// How an answer is wanted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Manner {
    /// The time, for words such as `yesterday`.
    pub(crate) now: Timestamp,
    /// Zone of times where the command names none.
    pub(crate) zone: TimeZone,
    /// Columns of the terminal.
    pub(crate) width: usize,
    /// Whether the answer goes to a terminal.
    pub(crate) is_terminal: bool,
}

impl Manner {
    /// That of this process.
    pub(crate) fn here() -> Self {
        Manner {
            now: input::now(),
            zone: TimeZone::system(),
            width: terminal_size::terminal_size().map_or(WIDTH, |(width, _)| width.0.into()),
            is_terminal: std::io::stdout().is_terminal(),
        }
    }
}

impl Asker<'_> {
    /// The archive, which must be there.
    pub(crate) fn archive(&self, data: &Data) -> anyhow::Result<Arc<Archive>> {
        match &self.live {
            Some(archive) => Ok(Arc::clone(archive)),
            None => Ok(Arc::new(data.open()?)),
        }
    }

    /// The archive as whoever may read its files sees it: whole.
    pub(crate) fn sight(&self, data: &Data) -> anyhow::Result<Sight> {
        Ok(Sight::whole(self.archive(data)?))
    }

    /// The daemon of an archive, which must be the one that answers.
    pub(crate) fn daemon(&self, data: &Data) -> anyhow::Result<&Daemon> {
        self.daemon.with_context(|| {
            let folder = data.folder();
            format!(
                "no daemon has the archive in `{}`; `waybill serve` is one",
                folder.display()
            )
        })
    }

    /// Does something to stored rows: here, or between two commits of the daemon.
    pub(crate) fn with_writer<T: Send + 'static>(
        &self,
        data: &Data,
        work: impl FnOnce(&mut Writer, &Rules) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let Some(daemon) = self.daemon else {
            let (mut writer, rules) = data.open_to_write()?;
            return work(&mut writer, &rules);
        };
        let (done, outcome) = sync_channel(1);
        daemon.view.upkeep(Box::new(move |writer| {
            let rules = Rules::load(writer.archive().root()).map_err(anyhow::Error::from);
            let _ = done.send(rules.and_then(|rules| {
                writer.set_classes(rules.classes());
                work(writer, &rules)
            }));
        }));
        outcome
            .recv()
            .context("the daemon ended before it was done")?
    }

    /// Says no where bytes would go to a terminal.
    pub(crate) fn wants_bytes(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            !self.manner.is_terminal,
            "Parquet is for programs: add `> rows.parquet`"
        );
        Ok(())
    }

    /// The zone of a name; the asker's where there is none.
    pub(crate) fn zone(&self, name: Option<&str>) -> anyhow::Result<TimeZone> {
        match name {
            Some(name) => input::zone(name),
            None => Ok(self.manner.zone.clone()),
        }
    }

    /// The time that was named, and the zone.
    pub(crate) fn when(&self, when: &When) -> anyhow::Result<(TimeRange, TimeZone)> {
        let zone = self.zone(when.zone.timezone.as_deref())?;
        Ok((self.range(when.range.as_deref(), &zone)?, zone))
    }

    /// What a text asks for, of the time that was named; and the zone.
    pub(crate) fn question(&self, text: &str, when: &When) -> anyhow::Result<(Search, TimeZone)> {
        let zone = self.zone(when.zone.timezone.as_deref())?;
        let mut search = Search::parse(text, self.manner.now, &zone)
            .map_err(|error| anyhow::anyhow!("{}", error.under(text)))?;
        search.range = search.range.and(self.range(when.range.as_deref(), &zone)?);
        Ok((search, zone))
    }

    /// The time that a text names; all time where there is none.
    pub(crate) fn range(&self, text: Option<&str>, zone: &TimeZone) -> anyhow::Result<TimeRange> {
        let Some(text) = text else {
            return Ok(TimeRange::ALL);
        };
        search::time::range(text, self.manner.now, zone)
            .map_err(|problem| anyhow::anyhow!("`--range {text}`: {problem}"))
    }
}
