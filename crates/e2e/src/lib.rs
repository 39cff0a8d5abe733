//! Real mail servers on loopback, and what Waybill tells of the logs that they write.
//!
//! Tests start servers of the distribution ([`Postfix`], [`Dovecot`], [`Amavis`], [`Exim`],
//! [`Sendmail`], [`OpenSmtpd`], [`Courier`], [`Cyrus`], [`Rsyslog`], [`Filter`]s) in a temporary folder
//! ([`Place`]) with free ports on 127.0.0.1, send and fetch mail with the small clients ([`smtp`], [`imap`], [`pop3`]), wait until the log says so ([`wait`]), and read the logs
//! the way `waybill report` and `waybill trace` do ([`Story`]).
//!
//! It is not for lines: each rule has its samples in `parse`. What is asserted here is what became of
//! a message, because only a real server shows which lines come, in which order, and which do not.
//!
//! A server is stopped when its value is dropped, by its own process id. Most servers must be started
//! by root, since they change to users of their own; [`can_run`] tells whether a test can run here.

pub mod imap;
pub mod pop3;
pub mod smtp;
pub mod wait;

mod amavis;
mod conversation;
mod courier;
mod cyrus;
mod dovecot;
mod exim;
mod filters;
mod needs;
mod opensmtpd;
mod place;
mod postfix;
mod process;
mod python;
mod rsyslog;
mod sendmail;
mod story;
mod told;
mod unpacked;

pub use amavis::Amavis;
pub use courier::Courier;
pub use cyrus::Cyrus;
pub use dovecot::{Dovecot, DovecotSetup, PASSWORD};
pub use exim::Exim;
pub use filters::{Filter, RspamdLog};
pub use needs::{Server, can_run, can_run_all};
pub use opensmtpd::OpenSmtpd;
pub use place::{Place, free_port};
pub use postfix::{Postfix, PostfixSetup};
pub use python::python;
pub use rsyslog::Rsyslog;
pub use sendmail::Sendmail;
pub use story::{LineRead, Story};
