//! Formats of files, and what these are called.

use crate::limits::NAME_CHARS_MAX;
use tenancy::Job;

/// The format of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// One JSON object a line, as the API has rows.
    Ndjson,
    /// RFC 4180, with a head line.
    Csv,
    /// Parquet, with the columns of the archive.
    Parquet,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ndjson, Self::Csv, Self::Parquet];

    /// As it is stored, and how files end: `ndjson`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }

    /// The format of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// As HTTP calls it.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// Whether a file that was cut behind a row can be gone on with; Parquet tells at the end where all is.
    pub(crate) fn can_go_on(self) -> bool {
        self != Self::Parquet
    }
}

/// What the file of a job is called by who fetches it, in ASCII: `waybill-bounces-of-may-7.csv`.
#[must_use]
pub fn file_name(job: &Job) -> String {
    let mut name = String::from("waybill");
    let words = job.wanted.name.split(|c: char| !c.is_ascii_alphanumeric());
    for word in words.filter(|it| !it.is_empty()) {
        if name.len() + word.len() < NAME_CHARS_MAX {
            name.push('-');
            name.push_str(&word.to_ascii_lowercase());
        }
    }
    format!("{name}-{}.{}", job.id, job.wanted.format)
}
