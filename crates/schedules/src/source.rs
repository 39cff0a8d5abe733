//! Where answers come from.

use crate::span::Span;
use jiff::Timestamp;
use serde_json::Value;
use std::pin::Pin;
use tenancy::CustomerId;

/// Answers questions about mail, each within what its owner sees; `None` owns the whole installation.
pub trait Source: Send + Sync + 'static {
    /// Rows of the answer to a question in SQL.
    fn rows(&self, owner: Option<CustomerId>, question: String) -> Answer<'_, Vec<Map>>;

    /// What there is of a time.
    fn coverage(&self, owner: Option<CustomerId>, of: Span) -> Answer<'_, Coverage>;

    /// The time.
    fn now(&self) -> Timestamp;
}

/// An answer, when it is there; or why there is none.
pub type Answer<'s, T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send + 's>>;

/// A row of an answer: values by name; what is null is left out.
pub type Map = serde_json::Map<String, Value>;

/// Rows of an answer that was written as an object a line; errs where it is none.
pub fn rows(ndjson: &[u8]) -> Result<Vec<Map>, String> {
    let lines = serde_json::Deserializer::from_slice(ndjson).into_iter();
    let rows: Result<Vec<Map>, _> = lines.collect();
    rows.map_err(|error| error.to_string())
}

/// What there is of a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Time of the first row; `None` where there is none.
    pub first: Option<Timestamp>,
    /// Stretches in which there is nothing, though there is before and after.
    pub gaps: Vec<Span>,
    /// Of each host; empty for those who may not know of hosts.
    pub hosts: Vec<Host>,
}

/// What there is of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its name; empty for lines that name none.
    pub host: String,
    /// When it wrote last.
    pub last: Timestamp,
    /// Its lines.
    pub lines: u64,
    /// Those of them that no rule knows.
    pub lines_unknown: u64,
    /// Stretches in which it has nothing while others have.
    pub gaps: Vec<Span>,
}
