//! Numbers of things, each kind its own.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(to)
            }
        }
    };
}

id! {
    /// The number of a customer; never given again.
    CustomerId
}
id! {
    /// The number of a user; never given again.
    UserId
}
id! {
    /// The number of a key; never given again.
    KeyId
}
id! {
    /// The number of a webhook; never given again.
    WebhookId
}
id! {
    /// The number of an event that a receiver did not take; never given again.
    DeadEventId
}
id! {
    /// The number of an alert; never given again.
    AlertId
}
id! {
    /// The number of a message of an alert; never given again.
    AlertMessageId
}
id! {
    /// The number of an export; never given again.
    JobId
}
id! {
    /// The number of a report that is sent on a schedule; never given again.
    ScheduleId
}
id! {
    /// The number of a report that was to be sent; never given again.
    ScheduleRunId
}
id! {
    /// The number of a mail with a report; never given again.
    ScheduleMailId
}
id! {
    /// The number of a saved search; never given again.
    SearchId
}
