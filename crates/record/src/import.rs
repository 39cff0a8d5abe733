//! Log files into the archive.

use crate::error::Error;
use crate::limits::{COMMIT_BYTES, HISTORY_SECONDS};
use crate::recorder::Recorder;
use crate::state::State;
use ingest::{LogSet, Problem};
use pipeline::Settings;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use store::Writer;

/// How files are imported.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Take lines also of files that were imported before.
    pub anew: bool,
    /// Commit after so many bytes of lines at the latest; fewer lose less when power does, more make
    /// fewer and smaller files.
    pub commit_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            anew: false,
            commit_bytes: COMMIT_BYTES,
        }
    }
}

/// What was imported.
#[derive(Debug, Default)]
pub struct Imported {
    /// Lines read.
    pub lines_read: u64,
    /// Lines taken; the others were there already.
    pub lines_taken: u64,
    /// Lines taken that no rule knows.
    pub unknown: u64,
    /// Bytes of the lines taken.
    pub bytes_taken: u64,
    /// Rows written, those of what is open not counted.
    pub rows: u64,
    /// Bytes written for them.
    pub bytes_written: u64,
    /// What could not be read, or only in part.
    pub problems: Vec<Problem>,
}

/// Imports all sets, side by side in order of time, and commits as it goes on.
pub fn import(
    writer: Writer,
    sets: &[LogSet],
    settings: &Settings,
    options: Options,
    progress: &Arc<AtomicU64>,
) -> Result<(Writer, Imported), Error> {
    let mut state = State::of(writer.archive())?;
    let mut place = |set: &LogSet, file| state.kept.ledger.place_of(set, file, options.anew);
    let places: Vec<Vec<usize>> = sets
        .iter()
        .map(|set| (0..set.files.len()).map(|file| place(set, file)).collect())
        .collect();
    let mut recorder = Recorder::new(writer, state, options.commit_bytes);
    let mut imported = Imported::default();
    let mut failed = None;
    let outcome = pipeline::run_with_positions(sets, settings, progress, |read, position| {
        if failed.is_some() {
            return;
        }
        let taken = &mut recorder.kept.ledger.files[places[position.set][position.file]];
        if !taken.take(position.index, read.line.raw) {
            return;
        }
        if imported.lines_taken == 0 && is_history(&recorder, read.at().as_seconds()) {
            recorder.begin_anew();
        }
        imported.lines_taken += 1;
        imported.bytes_taken += read.line.raw.len() as u64;
        imported.unknown += u64::from(read.event.rule.is_empty());
        recorder.line(read);
        if recorder.is_full() {
            failed = recorder.commit(Vec::new()).err();
        }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    imported.lines_read = outcome.lines;
    imported.problems = outcome.problems;
    let finished = recorder.finish()?;
    imported.rows = finished.rows;
    imported.bytes_written = finished.bytes;
    Ok((finished.writer, imported))
}

/// Whether lines that begin at this time (seconds) are older than all that is open.
fn is_history(recorder: &Recorder, first: i64) -> bool {
    let come_to = recorder.kept.come_to;
    come_to.is_some_and(|come_to| first < come_to - HISTORY_SECONDS)
}
