//! Lines over HTTP as clients send them, through a real listener into a journal.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod bulk;
mod clients;
mod events;
mod limits;
mod loki;
mod otlp;
mod own;
mod random;
mod site;
mod upload;
