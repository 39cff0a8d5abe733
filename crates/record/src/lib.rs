//! Log files in, committed history out: lines are correlated, rows are written, and each commit says
//! which lines it holds, so that no line is kept twice and none is lost.
//!
//! It is not for reading files (`ingest`, `pipeline`), nor for what a row is (`correlate`), nor for how
//! it is stored (`store`).
//!
//! A commit holds rows, the rows of what is still open, the correlator's state, and the ledger: of
//! each file the lines that were taken. After a crash the files are read again, and lines that the
//! ledger has are passed over. A file is known by its content and not by its name: rotated, packed or
//! copied it is the same, and one that grew goes on where it ended.

mod error;
mod followers;
mod heard;
mod hot;
mod import;
mod ledger;
mod limits;
mod live;
mod recent;
mod recorder;
mod state;
mod taken;

pub use error::Error;
pub use heard::{Heard, Speaker, Who};
pub use import::{Imported, Options, import};
pub use live::{Clocks, Listener, Settings, View, live};
pub use recorder::Upkeep;
pub use state::lines_taken;
pub use taken::{Taken, TakenLines};
