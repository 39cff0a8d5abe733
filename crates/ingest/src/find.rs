//! From what the user named to rotated sets, each file once.

use std::{
    collections::{HashMap, HashSet},
    ffi::{OsStr, OsString},
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
};

use crate::{
    limits::{COPY_CHECK_BYTES, DIRECTORY_DEPTH_MAX, FILES_MAX},
    problem::{Problem, ProblemKind, Severity},
    rotation::{self, Age},
    set::{LogFile, LogSet},
    unpack::{Content, Counters},
};

/// What was found, and what was not.
#[derive(Debug, Default)]
pub struct Found {
    /// Rotated sets in the order in which they were named.
    pub sets: Vec<LogSet>,
    /// What could not be found or listed.
    pub problems: Vec<Problem>,
}

/// Finds what the user named: paths, patterns (`*`, `?`, `[…]`, `**`), directories, or `-` for standard input.
///
/// A path that exists is never taken for a pattern. Directories are searched through all levels, without hidden
/// files and without what by its name is no log. A file that is reached in several ways is read once. Files of one
/// directory that differ only in what rotation adds to a name form one set, oldest first; whether a file can be
/// opened shows when it is read.
pub fn find(args: &[OsString]) -> Found {
    let mut search = Search::default();
    for arg in args {
        search.argument(arg);
    }
    if search.files.len() == FILES_MAX {
        let path = search
            .files
            .last()
            .map(|file| file.path.clone())
            .unwrap_or_default();
        search.problem(
            &path,
            ProblemKind::TooManyFiles { limit: FILES_MAX },
            Severity::Warning,
        );
    }
    let Search {
        files,
        mut problems,
        ..
    } = search;
    let sets = sets(files, &mut problems);
    Found { sets, problems }
}

/// The files beside a path that are one log with it by their names: itself, where it is there, and what rotation
/// made of it. In no order; errs if the directory cannot be listed.
pub fn generations(path: &Path) -> io::Result<Vec<PathBuf>> {
    let (parent, base) = rotation::log(path);
    let mut paths = Vec::new();
    for entry in fs::read_dir(&parent)? {
        let path = parent.join(entry?.file_name());
        if rotation::log(&path).1 == base {
            paths.push(path);
        }
    }
    Ok(paths)
}

#[derive(Default)]
struct Search {
    files: Vec<LogFile>,
    seen: HashSet<Identity>,
    problems: Vec<Problem>,
}

/// What makes two paths the same file or directory.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    StandardInput,
    #[cfg(unix)]
    Inode {
        device: u64,
        inode: u64,
    },
    #[cfg(not(unix))]
    Path(PathBuf),
}

impl Identity {
    #[cfg(unix)]
    fn of(_: &Path, metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self::Inode {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }

    #[cfg(not(unix))]
    fn of(path: &Path, _: &Metadata) -> Self {
        Self::Path(path.canonicalize().unwrap_or_else(|_| path.into()))
    }
}

impl Search {
    fn argument(&mut self, arg: &OsStr) {
        let path = Path::new(arg);
        if arg == "-" {
            if self.seen.insert(Identity::StandardInput) {
                self.files.push(LogFile::standard_input());
            }
            return;
        }
        match fs::metadata(path) {
            Ok(metadata) => self.named(path, &metadata),
            // A dangling link is there, even though what it points to is not.
            Err(cause) if fs::symlink_metadata(path).is_ok() => {
                self.problem(path, ProblemKind::Unreadable { cause }, Severity::Error);
            }
            Err(cause) if cause.kind() == std::io::ErrorKind::PermissionDenied => {
                self.problem(path, ProblemKind::Unreadable { cause }, Severity::Error);
            }
            Err(_) => match arg.to_str().filter(|arg| arg.contains(['*', '?', '['])) {
                Some(pattern) => self.pattern(pattern),
                None => self.problem(path, ProblemKind::Missing, Severity::Error),
            },
        }
    }

    fn pattern(&mut self, pattern: &str) {
        let options = glob::MatchOptions {
            require_literal_leading_dot: true,
            ..Default::default()
        };
        let matches = match glob::glob_with(pattern, options) {
            Ok(matches) => matches,
            Err(error) => {
                let what = ProblemKind::BadPattern { reason: error.msg };
                return self.problem(Path::new(pattern), what, Severity::Error);
            }
        };
        let mut any = false;
        for entry in matches {
            any = true;
            match entry {
                Ok(path) => match fs::metadata(&path) {
                    Ok(metadata) => self.named(&path, &metadata),
                    Err(cause) => {
                        self.problem(&path, ProblemKind::Unreadable { cause }, Severity::Warning);
                    }
                },
                Err(error) => {
                    let path = error.path().to_owned();
                    let cause = error.into();
                    self.problem(&path, ProblemKind::Unreadable { cause }, Severity::Warning);
                }
            }
            if self.files.len() >= FILES_MAX {
                return;
            }
        }
        if !any {
            self.problem(Path::new(pattern), ProblemKind::NoMatch, Severity::Error);
        }
    }

    /// Takes what was named expressly, whatever its name looks like.
    fn named(&mut self, path: &Path, metadata: &Metadata) {
        if !metadata.is_dir() {
            return self.file(path, metadata);
        }
        if !self.seen.insert(Identity::of(path, metadata)) {
            return;
        }
        let problems_before = self.problems.len();
        if !self.directory(path, 0) && self.problems.len() == problems_before {
            self.problem(path, ProblemKind::EmptyDirectory, Severity::Error);
        }
    }

    /// Takes all logs below a directory; tells whether there were any, known or new.
    fn directory(&mut self, directory: &Path, depth: usize) -> bool {
        if depth > DIRECTORY_DEPTH_MAX {
            let what = ProblemKind::TooDeep {
                limit: DIRECTORY_DEPTH_MAX,
            };
            self.problem(directory, what, Severity::Warning);
            return false;
        }
        let severity = if depth == 0 {
            Severity::Error
        } else {
            Severity::Warning
        };
        let entries = fs::read_dir(directory).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut names: Vec<OsString> = match entries {
            Ok(entries) => entries.into_iter().map(|entry| entry.file_name()).collect(),
            Err(cause) => {
                self.problem(directory, ProblemKind::Unreadable { cause }, severity);
                return false;
            }
        };
        names.sort_unstable();
        let mut any = false;
        for name in names.into_iter().filter(|name| !is_hidden(name)) {
            let path = directory.join(&name);
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => {
                    // Also the way out of loops of symbolic links.
                    if self.seen.insert(Identity::of(&path, &metadata)) {
                        any |= self.directory(&path, depth + 1);
                    }
                }
                Ok(metadata) if metadata.is_file() && !is_foreign(&name) => {
                    any = true;
                    self.file(&path, &metadata);
                }
                Ok(_) => {}
                Err(cause) => {
                    self.problem(&path, ProblemKind::Unreadable { cause }, Severity::Warning);
                }
            }
            if self.files.len() >= FILES_MAX {
                return any;
            }
        }
        any
    }

    fn file(&mut self, path: &Path, metadata: &Metadata) {
        if self.files.len() >= FILES_MAX || !self.seen.insert(Identity::of(path, metadata)) {
            return;
        }
        let stream = !metadata.is_file();
        self.files.push(LogFile {
            path: path.into(),
            modified: metadata.modified().ok().filter(|_| !stream),
            bytes_on_disk: if stream { 0 } else { metadata.len() },
            stream,
            standard_input: false,
        });
    }

    fn problem(&mut self, path: &Path, what: ProblemKind, severity: Severity) {
        self.problems.push(Problem {
            path: path.into(),
            line: None,
            what,
            severity,
        });
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// Tells by its name that a file in a directory is no log; such files are common beside logs and would each be
/// reported as binary.
fn is_foreign(name: &OsStr) -> bool {
    const EXTENSIONS: &[&str] = &[
        "journal", "lock", "lck", "pid", "swp", "tmp", "state", "offset", "db", "sqlite",
        "sqlite3", "rrd", "pcap", "gpg", "asc", "sig", "md5", "sha256", "zip", "tar", "tgz", "7z",
        "html", "png", "core",
    ];
    const NAMES: &[&str] = &["wtmp", "btmp", "utmp", "lastlog", "faillog", "tallylog"];
    let Some(name) = name.to_str() else {
        return false;
    };
    if name.ends_with('~') {
        return true;
    }
    let base = rotation::name(name).base;
    let extension = base
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    NAMES.contains(&base.as_str())
        || extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

/// A file with what its name told.
struct Member {
    file: LogFile,
    age: Age,
    packed: bool,
}

/// Puts files together that are one log, and in order.
fn sets(files: Vec<LogFile>, problems: &mut Vec<Problem>) -> Vec<LogSet> {
    let mut directories = HashMap::new();
    let mut places = HashMap::new();
    let mut sets: Vec<(String, Vec<Member>)> = Vec::new();
    for file in files {
        if file.stream {
            let name = file.path.display().to_string();
            sets.push((
                name,
                vec![Member {
                    file,
                    age: Age::Current,
                    packed: false,
                }],
            ));
            continue;
        }
        let parent = file.path.parent().unwrap_or(Path::new("")).to_owned();
        let file_name = file.path.file_name().unwrap_or_default();
        let name = file_name.to_str().map(rotation::name);
        let (base, age, packed) = match name {
            Some(name) => (OsString::from(name.base), name.age, name.packed),
            None => (file_name.to_owned(), Age::Current, false),
        };
        let shown = parent.join(&base).display().to_string();
        // `logs/` and `/srv/logs/` may be one directory.
        let directory = directories
            .entry(parent.clone())
            .or_insert_with(|| resolved(&parent))
            .clone();
        let place = *places.entry((directory, base)).or_insert_with(|| {
            sets.push((shown, Vec::new()));
            sets.len() - 1
        });
        sets[place].1.push(Member { file, age, packed });
    }
    sets.into_iter()
        .map(|(name, mut members)| {
            put_in_order(&mut members);
            drop_copies(&mut members, problems);
            LogSet {
                name,
                files: members.into_iter().map(|member| member.file).collect(),
            }
        })
        .collect()
}

fn resolved(directory: &Path) -> PathBuf {
    let directory = if directory.as_os_str().is_empty() {
        Path::new(".")
    } else {
        directory
    };
    directory
        .canonicalize()
        .unwrap_or_else(|_| directory.into())
}

/// Oldest first. Where a set has both numbers and dates (the rotation was changed one day) the time of the last
/// change decides between rotated files.
fn put_in_order(members: &mut [Member]) {
    let numbers = members
        .iter()
        .any(|member| matches!(member.age, Age::Numbered(_)));
    let dates = members
        .iter()
        .any(|member| matches!(member.age, Age::Dated { .. }));
    members.sort_by(|a, b| {
        let by_name = match (&a.age, &b.age) {
            (Age::Current, Age::Current) => std::cmp::Ordering::Equal,
            (Age::Current, _) => std::cmp::Ordering::Greater,
            (_, Age::Current) => std::cmp::Ordering::Less,
            _ if numbers && dates => std::cmp::Ordering::Equal,
            (Age::Numbered(a), Age::Numbered(b)) => b.cmp(a),
            (
                Age::Dated {
                    stamp: a,
                    part: a_part,
                },
                Age::Dated {
                    stamp: b,
                    part: b_part,
                },
            ) => (a, a_part).cmp(&(b, b_part)),
            (Age::Dated { .. }, Age::Numbered(_)) | (Age::Numbered(_), Age::Dated { .. }) => {
                std::cmp::Ordering::Equal
            }
        };
        // The name last, so that the order does not hang on that of the arguments.
        by_name
            .then(a.file.modified.cmp(&b.file.modified))
            .then(a.file.path.cmp(&b.file.path))
    });
}

/// Drops `mail.log.1.gz` where `mail.log.1` lies beside it and begins alike: a compression that is under way, or
/// was broken off. Both would be counted twice.
fn drop_copies(members: &mut Vec<Member>, problems: &mut Vec<Problem>) {
    let originals: HashMap<Age, LogFile> = members
        .iter()
        .filter(|member| !member.packed)
        .map(|member| (member.age.clone(), member.file.clone()))
        .collect();
    members.retain(|member| {
        let Some(original) = originals.get(&member.age).filter(|_| member.packed) else {
            return true;
        };
        let (copy, whole) = (head(&member.file), head(original));
        if copy.is_empty() || !whole.starts_with(&copy) {
            return true;
        }
        problems.push(Problem {
            path: member.file.path.clone(),
            line: None,
            what: ProblemKind::Copy {
                original: original.path.clone(),
            },
            severity: Severity::Note,
        });
        false
    });
}

fn head(file: &LogFile) -> Vec<u8> {
    let mut bytes = vec![0; COPY_CHECK_BYTES];
    let filled = match Content::open(file, Counters::default()) {
        Ok(mut content) => content.fill(&mut bytes).0,
        Err(_) => 0,
    };
    bytes.truncate(filled);
    bytes
}

#[cfg(test)]
mod tests;
