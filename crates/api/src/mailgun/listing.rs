//! Pages of events, forwards and backwards, that stay right while rows come in.
//!
//! A page is told by the whole question and a row: the one behind which it begins, or before which it
//! ends. So the same page asked again may hold more, and nothing is lost between two of them.

use super::event::{Event, of_row};
use super::wanted::{Want, filter};
use crate::limits::COUNTS_MAX;
use crate::problem::{Problem, Result};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use query::Sight;
use search::{Cursor, Order, Search, TimeRange};
use serde::{Deserialize, Serialize};

/// So long that all time is one stretch.
const WHOLE: std::time::Duration = std::time::Duration::from_secs(1_000_000_000_000);

/// A question, and which page of its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Listing {
    /// Microseconds, the first that is within.
    #[serde(rename = "f")]
    pub(super) from: i64,
    /// Microseconds, the first that is not.
    #[serde(rename = "u")]
    pub(super) until: i64,
    /// The earliest first.
    #[serde(rename = "a")]
    pub(super) ascending: bool,
    /// Events of a page, at the most; but those of one row stay together.
    #[serde(rename = "l")]
    pub(super) limit: usize,
    #[serde(rename = "w")]
    pub(super) wants: Vec<Want>,
    /// The row behind which the page begins, or before which it ends; `None` for the first or last.
    #[serde(rename = "p")]
    place: Option<(i64, u64)>,
    /// Whether the page ends there.
    #[serde(rename = "b")]
    backwards: bool,
}

/// A page, and those beside it.
pub(super) struct Page {
    pub(super) events: Vec<Event>,
    pub(super) next: Listing,
    pub(super) previous: Listing,
    pub(super) first: Listing,
    pub(super) last: Listing,
}

impl Listing {
    /// The first page of a question.
    pub(super) fn new(
        range: TimeRange,
        ascending: bool,
        limit: usize,
        wants: Vec<Want>,
    ) -> Result<Self> {
        filter(&wants)?;
        Ok(Listing {
            from: range.from,
            until: range.until,
            ascending,
            limit,
            wants,
            place: None,
            backwards: false,
        })
    }

    /// The page that a token is of.
    pub(super) fn of_token(token: &str, limit_max: usize) -> Result<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
        let listing: Option<Listing> = bytes.and_then(|it| serde_json::from_slice(&it).ok());
        listing
            .filter(|it| (1..=limit_max).contains(&it.limit))
            .filter(|it| filter(&it.wants).is_ok())
            .ok_or_else(|| Problem::wrong("this is no page of events"))
    }

    /// What names the page for ever, in letters that any URL may have.
    pub(super) fn token(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }

    /// The page behind a row.
    pub(super) fn behind(&self, row: Cursor) -> Self {
        self.at(Some((row.moment, row.row)), false)
    }

    fn order(&self) -> Order {
        match self.ascending == self.backwards {
            true => Order::Newest,
            false => Order::Oldest,
        }
    }

    /// The same question from another place on.
    fn at(&self, place: Option<(i64, u64)>, backwards: bool) -> Self {
        Listing {
            place,
            backwards,
            ..self.clone()
        }
    }

    /// The other way from this page's place, with the row at the place.
    fn turned(&self) -> Self {
        let turned = self.at(None, !self.backwards);
        let beside = |place| match turned.order() {
            Order::Oldest => before(place),
            Order::Newest => behind(place),
        };
        match (self.place, self.backwards) {
            (None, true) => turned,
            // Nothing is before the first page.
            (None, false) => {
                let edge = match self.ascending {
                    true => (self.from, 0),
                    false => (self.until, 0),
                };
                self.at(Some(edge), true)
            }
            (Some(place), _) => Listing {
                place: Some(beside(place)),
                ..turned
            },
        }
    }

    /// Reads the page.
    pub(super) async fn page(&self, sight: &Sight) -> Result<Page> {
        let mut rows = self.rows(sight).await?;
        if self.backwards {
            rows.reverse();
        }
        let place = |it: &(Cursor, Vec<Event>)| Some((it.0.moment, it.0.row));
        let (next, previous) = match (rows.first(), rows.last()) {
            (Some(first), Some(last)) => (self.at(place(last), false), self.at(place(first), true)),
            _ if self.backwards => (self.turned(), self.clone()),
            _ => (self.clone(), self.turned()),
        };
        Ok(Page {
            events: rows.into_iter().flat_map(|(_, events)| events).collect(),
            next,
            previous,
            first: self.at(None, false),
            last: self.at(None, true),
        })
    }

    /// How many events there are on all pages.
    pub(super) async fn count(&self, sight: &Sight) -> Result<u64> {
        let range = TimeRange {
            from: self.from,
            until: self.until,
        };
        let tallies = query::tally(sight, &filter(&self.wants)?, range, WHOLE, COUNTS_MAX).await?;
        Ok(tallies.iter().map(|it| it.events).sum())
    }

    /// Rows with their events, in the order of the walk.
    pub(super) async fn rows(&self, sight: &Sight) -> Result<Vec<(Cursor, Vec<Event>)>> {
        let mut search = Search {
            filter: filter(&self.wants)?,
            range: TimeRange {
                from: self.from,
                until: self.until,
            },
            order: self.order(),
            limit: self.limit,
            after: self.place.map(|(moment, row)| Cursor { moment, row }),
        };
        let (mut rows, mut count) = (Vec::new(), 0);
        loop {
            let found = query::search(sight, &search).await?;
            let same = |a: &query::Found, b: &query::Found| (a.at(), a.id) == (b.at(), b.id);
            for alike in found.rows.chunk_by(same) {
                let (mut events, mut before) = (Vec::new(), 0);
                for row in alike {
                    events.extend(of_row(row, &self.wants, &mut before).await?);
                }
                if events.is_empty() {
                    continue;
                }
                if count > 0 && count + events.len() > self.limit {
                    return Ok(rows);
                }
                count += events.len();
                rows.push((crate::document::id(&alike[0]), events));
            }
            match found.next {
                Some(next) if count < self.limit => search.after = Some(next),
                _ => return Ok(rows),
            }
        }
    }
}

/// The place before one, by time and row.
fn before((moment, row): (i64, u64)) -> (i64, u64) {
    match row.checked_sub(1) {
        Some(row) => (moment, row),
        None => (moment.saturating_sub(1), u64::MAX),
    }
}

/// The place behind one.
fn behind((moment, row): (i64, u64)) -> (i64, u64) {
    match row.checked_add(1) {
        Some(row) => (moment, row),
        None => (moment.saturating_add(1), 0),
    }
}
