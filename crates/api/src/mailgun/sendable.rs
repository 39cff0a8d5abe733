//! Events for those to whom they are sent.

use super::expression::Expression;
use super::listing::Listing;
use super::wanted::Attribute;
use crate::problem::Result;
use query::Sight;
use search::{Cursor, TimeRange};
use serde_json::Value;

/// A row, and its events that are wanted, each with its id and as JSON.
pub type Sendable = (Cursor, Vec<(String, String)>);

/// The next rows behind one, before a time in microseconds, of events with these names.
pub(crate) async fn behind(
    sight: &Sight,
    names: &[String],
    place: Cursor,
    (until, limit): (i64, usize),
) -> Result<Vec<Sendable>> {
    let any = names.iter().cloned().map(Expression::Is).collect();
    let wants = vec![(Attribute::Webhook, Expression::Any(any))];
    let range = TimeRange {
        from: place.moment,
        until,
    };
    let listing = Listing::new(range, true, limit, wants)?.behind(place);
    let rows = listing.rows(sight).await?.into_iter();
    let sendable = |(place, events): (Cursor, Vec<super::event::Event>)| {
        let events = events.into_iter().map(|event| {
            let id = event.object.get("id").and_then(Value::as_str);
            let id = id.unwrap_or_default().to_owned();
            (id, Value::Object(event.object).to_string())
        });
        (place, events.collect())
    };
    Ok(rows.map(sendable).collect())
}
