//! What went wrong while finding and reading, as values that the caller can count, sort and print.

use std::{fmt, io, path::PathBuf};

use crate::{limits::LINE_BYTES_MAX, unpack::Format};

/// Tells of one thing that was not as it should be; the rest was read.
#[derive(Debug)]
pub struct Problem {
    /// The file, directory or pattern as it was named or found; `-` for standard input.
    pub path: PathBuf,
    /// Line at which it happened, 1-based; for a file that ends early the last line that was read. `None` if no
    /// line is concerned or none was read.
    pub line: Option<u64>,
    /// What happened.
    pub what: ProblemKind,
    /// How bad it is.
    pub severity: Severity,
}

/// How bad a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is lost.
    Note,
    /// Something may be missing: part of a file, or part of a line.
    Warning,
    /// What was named is not read at all.
    Error,
}

/// What happened; one variant for each thing that a caller might treat differently.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The named path does not exist.
    Missing,
    /// The pattern matches no file.
    NoMatch,
    /// The pattern is not well formed.
    BadPattern {
        /// Why, in the words of the pattern parser.
        reason: &'static str,
    },
    /// The directory holds nothing that could be a log.
    EmptyDirectory,
    /// The file or directory cannot be opened or listed.
    Unreadable {
        /// What the operating system said.
        cause: io::Error,
    },
    /// Directories are nested more deeply than `limit`; what lies below is not read.
    TooDeep {
        /// Levels that are read.
        limit: usize,
    },
    /// More files than `limit`; the others are not read.
    TooManyFiles {
        /// Files that are read.
        limit: usize,
    },
    /// The file begins like `original`, of which it is the compressed copy; it is not read a second time.
    Copy {
        /// The file that is read.
        original: PathBuf,
    },
    /// Reading failed in the middle of a file.
    ReadFailed {
        /// What the operating system said.
        cause: io::Error,
    },
    /// The archive ends too early.
    TruncatedArchive {
        /// How it is compressed.
        format: Format,
        /// What the decompressor said.
        cause: io::Error,
    },
    /// The archive cannot be decompressed beyond some place.
    CorruptArchive {
        /// How it is compressed.
        format: Format,
        /// What the decompressor said.
        cause: io::Error,
    },
    /// The content is not text.
    Binary {
        /// What it looks like, with what can be done; `None` if that is not known.
        looks_like: Option<&'static str>,
    },
    /// The line is longer than [`LINE_BYTES_MAX`](crate::LINE_BYTES_MAX); only its beginning is kept.
    LineTooLong {
        /// Bytes of the whole line.
        bytes: u64,
    },
    /// The last line has no newline: it is being written just now ([`Severity::Note`], in the newest file of a
    /// set) or was cut ([`Severity::Warning`]). What there is of it is delivered.
    TornLine,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        f.write_str(": ")?;
        match &self.what {
            ProblemKind::Missing => f.write_str("no such file or directory"),
            ProblemKind::NoMatch => f.write_str("no file matches this pattern"),
            ProblemKind::BadPattern { reason } => {
                write!(f, "no such file, and not a pattern either ({reason})")
            }
            ProblemKind::EmptyDirectory => f.write_str("no log files in this directory"),
            ProblemKind::Unreadable { cause } => {
                write!(f, "cannot be read ({})", sentence(cause))?;
                if cause.kind() == io::ErrorKind::PermissionDenied {
                    f.write_str("; logs often need root or membership in the group `adm`")?;
                }
                Ok(())
            }
            ProblemKind::TooDeep { limit } => {
                write!(
                    f,
                    "directories below {limit} levels are not read; name them directly"
                )
            }
            ProblemKind::TooManyFiles { limit } => {
                write!(
                    f,
                    "more than {limit} files, the others are not read; name the log directory"
                )
            }
            ProblemKind::Copy { original } => {
                write!(
                    f,
                    "compressed copy of `{}`, not read a second time",
                    original.display()
                )
            }
            ProblemKind::ReadFailed { cause } => {
                write!(f, "reading failed ({}); {}", sentence(cause), self.rest())
            }
            ProblemKind::TruncatedArchive { format, .. } => {
                write!(
                    f,
                    "archive ends too early (unexpected end of {format} data); {}",
                    self.rest()
                )
            }
            ProblemKind::CorruptArchive { format, cause } => write!(
                f,
                "archive is corrupt, here or before ({format}: {}); {}",
                sentence(cause),
                self.rest()
            ),
            ProblemKind::Binary {
                looks_like: Some(what),
            } => write!(f, "not a text file: {what}"),
            ProblemKind::Binary { looks_like: None } => f.write_str("not a text file, not read"),
            ProblemKind::LineTooLong { bytes } => {
                write!(
                    f,
                    "line of {bytes} bytes, only the first {} are kept",
                    LINE_BYTES_MAX
                )
            }
            ProblemKind::TornLine if self.severity == Severity::Note => {
                f.write_str("last line has no newline; it may be in the course of being written")
            }
            ProblemKind::TornLine => {
                f.write_str("last line has no newline; its end may be missing")
            }
        }
    }
}

impl std::error::Error for Problem {}

impl Problem {
    fn rest(&self) -> &'static str {
        match self.line {
            Some(_) => "the lines up to here were read",
            None => "no line could be read",
        }
    }
}

/// The words of an I/O error in our style: lower case first, without the error number.
fn sentence(cause: &io::Error) -> String {
    let mut text = cause.to_string();
    if let Some(at) = text.find(" (os error") {
        text.truncate(at);
    }
    let upper = text
        .chars()
        .take(2)
        .filter(char::is_ascii_uppercase)
        .count();
    if upper == 1 && text.is_char_boundary(1) {
        text[..1].make_ascii_lowercase();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: Option<u64>, what: ProblemKind, severity: Severity, expected: &str) {
        let problem = Problem {
            path: PathBuf::from("mail.log.2.gz"),
            line,
            what,
            severity,
        };
        assert_eq!(problem.to_string(), expected);
    }

    #[test]
    fn problems_read_well() {
        check(
            Some(51234),
            ProblemKind::TruncatedArchive {
                format: Format::Gzip,
                cause: io::ErrorKind::UnexpectedEof.into(),
            },
            Severity::Warning,
            "`mail.log.2.gz`, line 51234: archive ends too early (unexpected end of gzip data); \
             the lines up to here were read",
        );
        check(
            None,
            ProblemKind::Unreadable {
                cause: io::Error::from_raw_os_error(13),
            },
            Severity::Error,
            "`mail.log.2.gz`: cannot be read (permission denied); \
             logs often need root or membership in the group `adm`",
        );
        check(
            None,
            ProblemKind::CorruptArchive {
                format: Format::Xz,
                cause: io::Error::new(io::ErrorKind::InvalidData, "corrupt xz stream"),
            },
            Severity::Warning,
            "`mail.log.2.gz`: archive is corrupt, here or before (xz: corrupt xz stream); \
             no line could be read",
        );
        check(
            Some(3),
            ProblemKind::LineTooLong { bytes: 3_000_000 },
            Severity::Warning,
            "`mail.log.2.gz`, line 3: line of 3000000 bytes, only the first 1048576 are kept",
        );
    }
}
