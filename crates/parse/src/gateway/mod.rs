//! Gateways and cloud filters that give their log as JSON, one object a line: Proofpoint on Demand,
//! Mimecast, Retarus, Trend Micro Email Security, Vade for Microsoft 365.
//!
//! Most tell one message in one record, so a record is a verdict with all that is known; only
//! Mimecast and Proofpoint's sendmail tell reception and delivery apart.

pub(crate) mod mimecast;
pub(crate) mod proofpoint;
pub(crate) mod retarus;
pub(crate) mod trend;
pub(crate) mod vade;

use crate::rule::Rule;

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("", proofpoint::RULES),
    ("", mimecast::RULES),
    ("", retarus::RULES),
    ("", trend::RULES),
    ("", vade::RULES),
];

#[cfg(test)]
mod tests;
