//! Where answers come from.

use jiff::Timestamp;
use search::{Filter, TimeRange};
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use tenancy::CustomerId;

/// Answers questions about mail, each within what its owner sees; `None` owns the whole installation.
pub trait Source: Send + Sync + 'static {
    /// Rows that are wanted, counted: the largest groups first.
    fn groups(&self, owner: Option<CustomerId>, asked: Asked) -> Answer<'_, Vec<Group>>;

    /// Accounts of rows that are wanted, each with the countries (ISO 3166-1, two letters) of their client
    /// addresses, in order.
    fn countries(
        &self,
        owner: Option<CustomerId>,
        filter: Filter,
        range: TimeRange,
    ) -> Answer<'_, Vec<(String, Vec<String>)>>;

    /// Attempts to deliver that are wanted, by the domain of the recipient, beside all that ended or
    /// were put off.
    fn destinations(
        &self,
        owner: Option<CustomerId>,
        filter: Filter,
        range: TimeRange,
    ) -> Answer<'_, Vec<Destination>>;

    /// Hosts that wrote within a range, and when they did last, microseconds.
    fn hosts(&self, range: TimeRange) -> Answer<'_, Vec<(String, i64)>>;

    /// Recipients in the queue at a time, microseconds.
    fn queued(&self, owner: Option<CustomerId>, at: i64) -> Answer<'_, u64>;

    /// The newest rows that are wanted, the first so many.
    fn samples(
        &self,
        owner: Option<CustomerId>,
        wanted: (Filter, TimeRange),
        limit: usize,
    ) -> Answer<'_, Vec<Sample>>;

    /// The time.
    fn now(&self) -> Timestamp;
}

/// An answer, when it is there; or why there is none.
pub type Answer<'s, T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send + 's>>;

/// What is to be counted.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which rows.
    pub filter: Filter,
    /// Of which time.
    pub range: TimeRange,
    /// By which column, or by [`crate::CUSTOMER`]; `None`: all together.
    pub by: Option<String>,
    /// A column of which different values are counted too.
    pub different: Option<&'static str>,
    /// Groups at the most.
    pub limit: usize,
}

/// Rows that have a value in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The value; `None` for rows that have none, or where all are counted together.
    pub value: Option<String>,
    /// How many.
    pub rows: u64,
    /// How many different values of another column they have.
    pub different: u64,
}

/// Attempts to deliver to a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The domain.
    pub domain: String,
    /// Those that are wanted.
    pub wanted: u64,
    /// All.
    pub all: u64,
}

/// A row, as a message shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// The host that wrote it; empty where the owner does not know of it.
    pub host: String,
    /// What happened, in a few words.
    pub sentence: String,
    /// The reply or reason, as it was written.
    pub reply: Option<String>,
}
