//! Questions to the archive: a [`search::Search`] in, pages of rows, traces and sums out.
//!
//! It is not for the grammar of questions (`search`), nor for the form of files (`store`).
//!
//! Invariant: the index only rules blocks out; every row that is given was looked at and wanted.

mod account;
mod blocks;
mod cells;
mod counted;
mod coverage;
mod csv;
mod facts;
mod nesting;
mod parquet;
mod queue;
mod replay;
mod retry;
mod rows;
mod scope;
mod sight;
mod statement;
mod sums;
mod table;
mod trace;
mod walk;

pub use account::{Story, Used, account};
pub use cells::{Rows, Shape, Value};
pub use counted::counted;
pub use coverage::{Coverage, Host, coverage};
pub use csv::{csv_field, csv_names, csv_row};
pub use facts::fits;
pub use parquet::ParquetRows;
pub use queue::{Queued, Server, State, queue};
pub use replay::{ReplayError, replay};
pub use retry::{Outlook, Retry};
pub use rows::{Found, Looked, Page, fresh, search};
pub use scope::{HIDDEN, Scope};
pub use sight::Sight;
pub use statement::{Named, Question, SERVER_VERSION, What, Wrong, setting, split};
pub use sums::{Bar, Facet, Group, Table, Tally, facet, groups, histogram, sql, tally};
pub use trace::{Traced, trace};
pub use walk::{Lines, Piece, Walk, days, walk};

pub use model::{Kind, Severity};
pub use store::{Archive, Column, Hot, Type, addresses};

/// Why a question could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The archive could not be read.
    #[error("archive could not be read")]
    Store(#[from] store::Error),
    /// The engine could not answer.
    #[error("query failed")]
    Engine(#[from] datafusion::error::DataFusionError),
    /// The archive was closed meanwhile.
    #[error("query was stopped")]
    Stopped,
    /// It took longer than it may.
    #[error("query took longer than it may: seconds=`{}`", .0.as_secs())]
    TooLong(std::time::Duration),
}

/// What was asked for, or why not.
pub type Result<T> = std::result::Result<T, Error>;
