//! Log files that grow, followed into the journal, each line once.
//!
//! Not for what lines mean, nor for lines that come by network. It knows no runtime: a [`Follower`] is one thread that
//! mostly sleeps.

mod limits;

mod error;
mod follower;
mod handle;

mod cut;
mod files;
mod log;
mod mark;
mod recognise;
mod state;
mod taken;
mod wake;

pub use error::Error;
pub use follower::{Follower, Settings};
pub use handle::{Counts, Handle};
pub use mark::source_name;
