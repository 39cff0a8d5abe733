//! One recipient, from the first hop to where it ended.

use crate::text::Text;
use crate::{Attempt, MailboxEntry, Outcome};
use model::{ItemKey, Kind, Timestamp};

/// One recipient, from the first hop to where it ended.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The address at the hop where it ended.
    pub rcpt_to: Text,
    /// The one before the first alias; `None` where it is the same.
    pub orig_rcpt_to: Option<Text>,
    /// How it ended.
    pub outcome: Outcome,
    /// All tries over all hops, those of earlier hops first.
    pub attempts: Vec<Attempt>,
    /// What the mail store did, in order of time.
    pub mailbox: Vec<MailboxEntry>,
    /// What the user did with it in the mailbox afterwards, in order of time.
    pub afterwards: Vec<MailboxEntry>,
    /// The queue item in which it ended.
    pub item: ItemKey,
    /// When it ended; `None` while it is open, and where no line tells.
    pub ended: Option<Timestamp>,
}

/// Recipients that are counted in the log but never named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unnamed {
    /// The queue item.
    pub item: ItemKey,
    /// How many.
    pub count: u32,
    /// What became of them.
    pub outcome: Outcome,
}

impl Recipient {
    /// How often it was deferred.
    pub fn deferrals(&self) -> usize {
        self.attempts
            .iter()
            .filter(|it| it.kind == Kind::Deferred)
            .count()
    }

    /// Mailbox (folder) that it was saved in.
    pub fn saved_in(&self) -> Option<&Text> {
        let saved = |it: &&MailboxEntry| it.kind == Kind::MailboxSaved;
        self.mailbox
            .iter()
            .rev()
            .find(saved)
            .and_then(|it| it.mailbox.as_ref())
    }
}
