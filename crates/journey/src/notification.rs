//! What the sender or the postmaster was told.

use crate::Outcome;
use crate::text::Text;
use model::{ItemKey, NotificationKind, Timestamp};

/// A notification about a message: a message of its own.
#[derive(Clone, Debug)]
pub struct Notification {
    /// What it tells.
    pub kind: NotificationKind,
    /// Whether the postmaster gets it, not the sender.
    pub to_postmaster: bool,
    /// When it was made.
    pub at: Timestamp,
    /// The queue item that it is about.
    pub about: ItemKey,
    /// Its queue id; `None` where none was made, or none is logged.
    pub queue_id: Option<Text>,
    /// Its queue item, where the logs show it.
    pub item: Option<ItemKey>,
    /// Why none was made, as written; `None` where one was.
    pub reason: Option<Text>,
    /// What came of it, where the logs show it.
    pub fate: Option<NotificationFate>,
}

/// What came of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationFate {
    /// Its recipient; `None` where the logs do not name it.
    pub rcpt_to: Option<Text>,
    /// How it ended.
    pub outcome: Outcome,
}
