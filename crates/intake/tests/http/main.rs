//! Lines over HTTP as clients send them, through a real listener into a journal.

mod bulk;
mod clients;
mod limits;
mod loki;
mod otlp;
mod own;
mod random;
mod site;
