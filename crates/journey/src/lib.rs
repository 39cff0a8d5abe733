//! Rows and links of messages in, their journeys out: the tree that an answer tells.
//!
//! A [`Gathering`] takes the rows and links of a history in any order and gives one [`Journey`] for
//! each message: its queue items joined over filters, relays, requeues, forwards and redirects, and
//! each recipient followed over all of them to where it ended. Notifications, automatic replies and
//! what mailing lists send out are messages of their own, which point at each other.
//!
//! It is not for finding out what belongs together (`correlate` does), nor for sums (`report`).
//! Deliveries are counted where they end: a recipient that was handed to an own filter or host has
//! one outcome, that of its last queue. Each recipient that was handed over is linked to the queue
//! that took it, or has [`Outcome::HandedOver`], which says that nobody saw what came of it.
//!
//! Memory: about 1.7 kB for each queue item, the lines not counted.
//!
//! [`draw`] tells a journey to a person at a terminal, [`json`] to a program.

pub mod draw;
pub mod json;

mod assembly;
mod attempt;
mod checks;
mod facts;
mod gathering;
mod hop;
mod item;
mod joined;
mod journey;
mod limits;
mod loose;
mod mailbox;
mod notification;
mod outcome;
mod recipient;
mod refusal;
mod route;
mod text;
mod what;

pub use attempt::{Attempt, PeerName};
pub use checks::{HandedIn, SenderCheck};
pub use gathering::Gathering;
pub use hop::{CameBy, Decision, FilterVerdict, Hop, HopState};
pub use journey::{Cause, Journey, JourneyLine, Related};
pub use mailbox::MailboxEntry;
pub use notification::{Notification, NotificationFate};
pub use outcome::Outcome;
pub use recipient::{Recipient, Unnamed};
pub use refusal::Refusal;
pub use text::Text;
pub use what::{What, find, is_address};
