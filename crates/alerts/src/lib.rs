//! Tells people when something is wrong: rules over mail, looked at again and again, and who is told
//! what of them without a storm.
//!
//! A rule ([`Rule`]) is looked at ([`judge`]) by what a [`Source`] answers; its [`State`] says what is to
//! be told. Rules, states and messages that are not sent yet stand in `tenancy`, so that none is lost.
//! Not for how rows are found, nor for who may see them.
//!
//! Time is an argument, and the source's.

mod limits;

mod judge;
mod kind;
mod message;
mod receiver;
mod rule;
mod source;
mod state;
mod teller;
mod watch;
mod wrong;

pub use judge::{Subject, judge};
pub use kind::{CUSTOMER, Kind, Usual};
pub use limits::{QUIET_SECS_USUAL, SAMPLES_MAX, SUBJECTS_MAX};
pub use message::{Counted, Message};
pub use receiver::Receiver;
pub use rule::Rule;
pub use source::{Answer, Asked, Destination, Group, Sample, Source};
pub use state::{State, Turn};
pub use teller::{Teller, Untold};
pub use watch::{Settings, run};
pub use wrong::Wrong;
