//! What one may ask of a history of mail: the one question type, and the text that people write it
//! in.
//!
//! ```text
//! from:anna@x.example to:y.example status:bounced after:2026-11-01 ip:10.0.0.0/8 -kind:login "user unknown"
//! ```
//!
//! Command line, API and page read questions with [`Search::parse`] and pass them on as canonical
//! text ([`Search`]'s `Display`), which makes the same question again. Whoever answers walks the
//! tree ([`Filter`]); what an answer must be is said by [`Filter::matches`], the naive evaluation
//! row by row.
//!
//! Responsible for fields and their names ([`Field`]), the grammar (`grammar.rs`), ranges of time
//! ([`time`]), and what a word is ([`words`]). Not for finding rows, nor for who may see them: the
//! asker's scope is put in by who answers.
//!
//! Nothing here does I/O or asks a clock. No input panics; what cannot be understood is an [`Error`]
//! that tells where. A text takes at most [`limits::TEXT_BYTES_MAX`] bytes and
//! [`limits::TERMS_MAX`] conditions.

mod address;
mod cursor;
mod error;
mod facts;
mod field;
mod filter;
mod grammar;
mod guess;
mod kinds;
mod lex;
pub mod limits;
mod net;
mod number;
mod pattern;
mod question;
mod show;
pub mod time;
mod value;
mod words;

pub use address::AddressTest;
pub use cursor::{Cursor, NotACursor};
pub use error::{Error, Problem};
pub use facts::{Facts, FieldValue};
pub use field::{Field, FieldType, Unit};
pub use filter::{Filter, Term, Test};
pub use net::Net;
pub use number::NumberTest;
pub use pattern::Pattern;
pub use question::{Order, Search};
pub use time::TimeRange;
pub use words::{Phrase, words};
