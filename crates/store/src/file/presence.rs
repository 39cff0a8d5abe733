//! What a file has of each host: told without reading rows, for every answer says what it covers.

use crate::Column;
use crate::view::View;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const QUARTER_MICROS: i64 = 900_000_000;
const QUARTERS_A_DAY: i64 = 96;

/// What a file has of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Its name as written; empty for lines that name none.
    pub host: String,
    /// Times of its first and last row, microseconds.
    pub first: i64,
    /// See `first`.
    pub last: i64,
    /// Original lines.
    pub lines: u64,
    /// Those of them that no rule knows.
    pub lines_unknown: u64,
    /// The quarters of an hour of the day (UTC) in which it has rows, the first in the lowest bit.
    pub quarters: u128,
}

/// Gathers it while a file is written.
#[derive(Debug, Default)]
pub(crate) struct PresenceWriter(BTreeMap<String, Presence>);

impl PresenceWriter {
    pub(crate) fn row(&mut self, view: &View, row: usize) {
        let host = view.text(Column::Host, row).unwrap_or_default();
        let at = view.at(row);
        let presence = match self.0.get_mut(host) {
            Some(presence) => presence,
            None => self.0.entry(host.to_owned()).or_insert_with(|| Presence {
                host: host.to_owned(),
                first: at,
                last: at,
                lines: 0,
                lines_unknown: 0,
                quarters: 0,
            }),
        };
        let lines = view.number(Column::Lines, row).unwrap_or(0).max(0) as u64;
        presence.first = presence.first.min(at);
        presence.last = presence.last.max(at);
        presence.lines += lines;
        if view.text(Column::Kind, row) == Some(model::Kind::Unknown.name()) {
            presence.lines_unknown += lines;
        }
        presence.quarters |= 1 << (at.div_euclid(QUARTER_MICROS).rem_euclid(QUARTERS_A_DAY));
    }

    /// By host.
    pub(crate) fn finish(self) -> Vec<Presence> {
        self.0.into_values().collect()
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let all: Vec<_> = self.0.values().collect();
        // Numbers and texts can always be written.
        serde_json::to_vec(&all).unwrap_or_default()
    }
}
