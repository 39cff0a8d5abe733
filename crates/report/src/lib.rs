//! Rows in, the summary of a log out: counts, rankings, percentiles, as text, JSON or a page.
//!
//! It is not for finding out what happened (`correlate`), nor for one message's journey (`journey`),
//! nor for reading files or writing to a terminal: a [`Tally`] takes [`model::Row`]s and
//! [`model::Link`]s, a [`Summary`] is plain data, and [`text()`], [`json()`] and [`html()`] make
//! strings of it.
//!
//! A message is counted once, however many queues of ours it goes through: links tell the tally
//! which queue items are the same message, also after both were counted. Beside these numbers stand
//! those that pflogsumm would give ([`PlainTotals`]), since postmasters compare.
//!
//! Memory is bounded by `limits.rs`: rankings fold their rarest names, messages are forgotten when
//! nothing can be linked to them any more.

mod addresses;
mod calendar;
mod histogram;
mod html;
mod items;
mod json;
mod limits;
mod ranking;
mod reason;
mod reason_counts;
mod shown;
mod summary;
mod tally;
mod text;
mod traffic;
mod units;

pub use calendar::Offset;
pub use histogram::Percentiles;
pub use html::html;
pub use json::json;
pub use ranking::{Named, Top};
pub use summary::{
    ClientCount, Coverage, Day, Delays, LoginCount, Logins, MailCount, Open, OpenCount,
    PlainTotals, Reason, Reasons, RecipientCount, RelayCount, Sessions, Summary, TlsUse, Totals,
    VerdictCount,
};
pub use tally::Tally;
pub use text::{Options, text};
pub use traffic::Traffic;
