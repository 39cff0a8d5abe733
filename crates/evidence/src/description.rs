//! What was asked, by whom, and of how much of the log the answer knows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why a package exists. All of it stands in the manifest, so it is signed and read by strangers.
///
/// Times are UTC, in the manifest as RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Which archive was asked.
    pub archive_id: String,
    /// The text of the question.
    pub query: String,
    /// Rows from this time on; `None` from the first.
    pub since: Option<Timestamp>,
    /// Rows before this time; `None` to the last.
    pub until: Option<Timestamp>,
    /// Who asked.
    pub asked_by: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// What the archive holds for the range.
    pub coverage: Coverage,
}

/// How complete the archive is in the range that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// The hosts whose logs it holds, in the caller's order; empty if none.
    pub hosts: Vec<HostCoverage>,
    /// Lines of log, of all hosts.
    pub lines: u64,
    /// Those of them that no rule reads.
    pub lines_unknown: u64,
}

/// What the archive holds of one host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostCoverage {
    /// The host's name as its log has it.
    pub host_name: String,
    /// Time of its first line in the range.
    pub first_line_at: Timestamp,
    /// Time of its last line in the range.
    pub last_line_at: Timestamp,
}
