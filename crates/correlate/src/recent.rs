//! What has lately happened on a host that a new message may be the answer to.

use crate::id::ItemRef;
use model::{LinkKind, Timestamp};
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
    /// Messages that the mail store sent on or answered, and of which no line has come yet.
    pub(crate) awaited: VecDeque<(Timestamp, Awaited)>,
}

/// A message of which the mail store spoke first: where stamps have whole seconds, and store and
/// server their own files, nothing tells which line was first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Awaited {
    pub(crate) message_id: Box<[u8]>,
    /// What the store made of it.
    pub(crate) kind: LinkKind,
}

/// Remembers what was at a time, forgets what is older than `ms` milliseconds.
pub(crate) fn remember<T>(list: &mut VecDeque<(Timestamp, T)>, at: Timestamp, item: T, ms: i64) {
    while list
        .front()
        .is_some_and(|(then, _)| at.millis_since(*then) > ms)
        || list.len() >= REMEMBERED_MAX
    {
        list.pop_front();
    }
    list.push_back((at, item));
}
