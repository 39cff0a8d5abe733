//! The sections of the text.

mod access;
mod failures;
mod mail;
mod rankings;

pub(super) use access::{filters, logins, sessions, tls, warnings};
pub(super) use failures::{failures, rejections};
pub(super) use mail::{days, delays, header, hours, open, pflogsumm, totals};
pub(super) use rankings::{clients, recipients, relays, senders};
