//! Reports: what of mail is told in figures, and sent to people on a schedule.
//!
//! A table of figures ([`Table`]) is a question in SQL, the same for the page and for a mail. A [`Rule`]
//! says when a report is due and of which time it is; what is due, and who has it, stands in `tenancy`, so
//! that each gets the report of a time once. Not for how rows are found, nor for who may see them.
//!
//! Time is an argument, and the source's.

mod limits;

mod figures;
mod language;
mod report;
mod rule;
mod shown;
mod source;
mod span;

mod html;
mod plain;

mod poster;
mod watch;

pub use figures::{Figure, Line, Series, Table, Traffic};
pub use limits::STRETCHES_MAX;
pub use poster::Poster;
pub use report::Report;
pub use rule::{Every, Rule};
pub use source::{Answer, Coverage, Host, Map, Source, rows};
pub use span::{Compared, Span};
pub use watch::{Settings, run};
