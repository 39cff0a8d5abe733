//! What rows mean for a mail queue.

/// What a row tells of a message's stay in a queue; of steps at one time the smaller comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueueStep {
    /// It is there.
    Begins,
    /// It is on hold.
    Held,
    /// It is on hold no longer.
    Released,
    /// A recipient is to be tried again.
    Deferred,
    /// A recipient is done with.
    Done,
    /// All of it is gone.
    Ends,
}

impl QueueStep {
    /// By the name of a row's kind; `None` where it tells nothing of a queue.
    pub fn of(kind: &str) -> Option<Self> {
        Some(match kind {
            "message.accepted" | "message.submitted" => QueueStep::Begins,
            "message.held" => QueueStep::Held,
            "message.released" => QueueStep::Released,
            "delivery.deferred" => QueueStep::Deferred,
            "delivery.delivered"
            | "delivery.relayed"
            | "delivery.handed_over"
            | "delivery.bounced"
            | "delivery.expired"
            | "delivery.discarded"
            | "delivery.expanded" => QueueStep::Done,
            "message.closed" | "message.deleted" | "message.expired" | "message.discarded"
            | "message.aborted" | "message.rejected" | "message.requeued" => QueueStep::Ends,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::QueueStep;
    use crate::Kind;

    #[test]
    fn kinds_that_are_steps_are_kinds() {
        let steps = Kind::ALL
            .iter()
            .filter_map(|kind| QueueStep::of(kind.name()));
        assert_eq!(steps.count(), 19);
    }
}
