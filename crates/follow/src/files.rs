//! Which files there are: those that patterns name, and what rotation made of them.

use crate::mark::FileId;
use crate::state::Stamp;
use ingest::{LogFile, Problem, ProblemKind};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// A file that is there.
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// The path under which its log is written.
    pub(crate) log_path: PathBuf,
    pub(crate) file: FileId,
    pub(crate) stamp: Stamp,
    /// Rotation, or compression, changed its name: nobody should write to it.
    pub(crate) is_rotated: bool,
    /// The pattern names it, not only its log.
    pub(crate) is_named: bool,
    /// Its pattern is followed for the first time.
    pub(crate) is_new_pattern: bool,
}

/// What there is, of each log the oldest first.
#[derive(Default)]
pub(crate) struct Files {
    pub(crate) found: Vec<Found>,
    /// In which names may come and go.
    pub(crate) folders: BTreeSet<PathBuf>,
    pub(crate) problems: Vec<Problem>,
}

impl Files {
    /// Files of a pattern, with the rotated ones beside those that it names.
    pub(crate) fn of_pattern(pattern: &OsString) -> Self {
        let mut files = Files::default();
        let named = ingest::find(std::slice::from_ref(pattern));
        files.problems = named.problems;
        let sets = named.sets.into_iter().flat_map(|set| set.files);
        let named: Vec<LogFile> = sets.filter(|file| !file.stream).collect();
        let mut logs: BTreeSet<PathBuf> = named.iter().filter_map(written).collect();
        // Between a rotation and the next line there may be rotated files only.
        if !has_wildcards(pattern) && !Path::new(pattern).is_dir() {
            logs.insert(pattern.into());
        }
        let named: BTreeSet<PathBuf> = named.into_iter().map(|file| file.path).collect();
        files.add(&logs, &named);
        files
    }

    /// Files of logs that are written under these paths.
    pub(crate) fn of_logs(logs: &BTreeSet<PathBuf>) -> Self {
        let mut files = Files::default();
        files.add(logs, &BTreeSet::new());
        files
    }

    fn add(&mut self, logs: &BTreeSet<PathBuf>, named: &BTreeSet<PathBuf>) {
        let mut paths = named.clone();
        for log in logs {
            self.add_generations(log, &mut paths);
            // Where a link leads to there may be rotation too.
            if let Ok(target) = fs::read_link(log).and_then(|_| log.canonicalize()) {
                self.add_generations(&target, &mut paths);
            }
        }
        self.folders
            .extend(paths.iter().filter_map(|it| folder(it)));
        let paths: Vec<OsString> = paths.into_iter().map(OsString::from).collect();
        let sets = ingest::find(&paths).sets.into_iter();
        let files = sets.flat_map(|set| set.files).filter(|it| !it.stream);
        self.found
            .extend(files.filter_map(|file| found(file, named)));
    }

    fn add_generations(&mut self, log: &Path, paths: &mut BTreeSet<PathBuf>) {
        self.folders.extend(folder(log));
        // That a folder cannot be listed is told where the pattern is looked for.
        paths.extend(ingest::generations(log).unwrap_or_default());
    }

    /// What is worth telling: not that there is a packed copy of a file that is read.
    pub(crate) fn take_problems(&mut self) -> Vec<Problem> {
        let mut problems = std::mem::take(&mut self.problems);
        problems.retain(|it| !matches!(it.what, ProblemKind::Copy { .. }));
        problems
    }
}

fn has_wildcards(pattern: &OsString) -> bool {
    let bytes = pattern.as_encoded_bytes();
    bytes.iter().any(|byte| b"*?[".contains(byte)) && fs::symlink_metadata(pattern).is_err()
}

fn folder(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    Some(match folder.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => folder.to_owned(),
    })
}

/// The path of a file under which a log is written.
fn written(file: &LogFile) -> Option<PathBuf> {
    (!is_rotated(file)).then(|| file.path.clone())
}

fn is_rotated(file: &LogFile) -> bool {
    file.log_path().file_name() != file.path.file_name()
}

fn found(file: LogFile, named: &BTreeSet<PathBuf>) -> Option<Found> {
    // Gone since: found again where it went.
    let metadata = fs::metadata(&file.path).ok()?;
    Some(Found {
        log_path: file.log_path(),
        file: FileId::of(&metadata),
        stamp: Stamp::of(&metadata),
        is_rotated: is_rotated(&file),
        is_named: named.contains(&file.path),
        is_new_pattern: false,
        path: file.path,
    })
}
