//! What must hold for any bytes, one function a fuzz target.
//!
//! `cargo xtask fuzz` gives these functions to libFuzzer; `tests/replay.rs` runs them over
//! `seeds/TARGET/*`, so that what was found once is looked for in every test run. A target returns
//! nothing: it panics where something does not hold.

mod archive;
mod correlate;
mod header;
#[cfg(feature = "network")]
mod http;
mod inside;
mod journal;
mod line;
mod lines;
mod manifest;
mod question;
#[cfg(feature = "network")]
mod streams;

pub use archive::archive;
pub use correlate::correlate;
pub use header::header;
#[cfg(feature = "network")]
pub use http::http;
pub use journal::journal;
pub use line::line;
pub use lines::lines;
pub use manifest::manifest;
pub use question::question;
#[cfg(feature = "network")]
pub use streams::streams;

/// A target: what must hold for any bytes.
pub type Target = fn(&[u8]);

/// All targets by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("archive", archive),
    ("correlate", correlate),
    ("header", header),
    #[cfg(feature = "network")]
    ("http", http),
    ("journal", journal),
    ("line", line),
    ("lines", lines),
    ("manifest", manifest),
    ("question", question),
    #[cfg(feature = "network")]
    ("streams", streams),
];
