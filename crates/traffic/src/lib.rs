//! A generated mail infrastructure's day as log lines, with the true journey of each message beside it.
//!
//! It knows neither parser nor model, so that both can be measured against it; it is not a load
//! generator, nothing is sent anywhere.
//!
//! Eight hosts (two incoming, two stores, one outgoing, one gateway with two Postfix instances, two with
//! Exim that do all by themselves) are simulated event by event. Invariants: equal plans give equal bytes; memory holds what is in flight, besides the
//! tables of people (a few megabytes) and 8 bytes for each short queue id ever used.
//!
//! Start reading at `world` (events), then `delivery` (one item's life), then the files named by place:
//! `inbound`, `filter`, `relay`, `store`, `submission`, `outbound`, `gateway`, `exim`.

mod admin;
mod bots;
mod chance;
mod clock;
mod delivery;
mod draft;
mod exim;
mod filter;
mod gateway;
mod hosts;
mod inbound;
mod items;
mod logins;
mod message;
mod outbound;
mod people;
mod plan;
mod pool;
mod queue_id;
mod reading;
mod reject;
mod relay;
mod session;
mod store;
mod submission;
mod truth;
mod wire;
mod words;
mod world;

pub use plan::{Plan, Stamps};
pub use truth::{ItemKey, Outcome, Summary, TrueItem, TrueMessage, TrueRecipient};

/// Writes the planned traffic: each line, without its end, with the host it is from, as a central collector
/// would receive it; and each message when it has ended, those still open at the end.
///
/// Never errs; equal plans give equal calls.
pub fn write_day(
    plan: &Plan,
    lines: &mut dyn FnMut(&str, &[u8]),
    truth: &mut dyn FnMut(&TrueMessage),
) -> Summary {
    world::World::new(plan, lines, truth).run()
}
