//! What has lately happened on a host that a new message may be the answer to.

use crate::id::ItemRef;
use model::Timestamp;
use std::collections::VecDeque;

/// Failures and replies remembered of a host.
const REMEMBERED_MAX: usize = 1_000;

/// What has lately happened on a host that a new message may be the answer to.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Recent {
    /// Messages with a recipient that failed.
    pub(crate) failed: VecDeque<(Timestamp, ItemRef)>,
    /// Messages that the mail store said it answered.
    pub(crate) answered: VecDeque<(Timestamp, ItemRef)>,
    /// Messages that look like the mail store's answers.
    pub(crate) answers: VecDeque<(Timestamp, ItemRef)>,
}

/// Remembers an item of a time, forgets those older than `ms` milliseconds.
pub(crate) fn remember(
    list: &mut VecDeque<(Timestamp, ItemRef)>,
    at: Timestamp,
    item: ItemRef,
    ms: i64,
) {
    while list
        .front()
        .is_some_and(|(then, _)| at.millis_since(*then) > ms)
        || list.len() >= REMEMBERED_MAX
    {
        list.pop_front();
    }
    list.push_back((at, item));
}
