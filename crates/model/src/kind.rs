//! The kinds of things that happen to mail.

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What happened, as `area.verb`; the closed list of what Waybill tells apart.
        ///
        /// Names are stable: kinds may be added, never redefined.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $variant,)*
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant,)*];

            /// The stable name, such as `delivery.deferred`.
            pub const fn name(self) -> &'static str {
                match self { $(Kind::$variant => $name,)* }
            }
        }
    };
}

kinds! {
    /// A client connected.
    SessionOpened = "session.opened",
    /// A client left, or a session from connect to disconnect.
    SessionClosed = "session.closed",
    /// A connection lost, timed out, or ended for too many errors.
    SessionAborted = "session.aborted",
    /// Refused before any recipient was named.
    SessionRejected = "session.rejected",
    /// A client that breaks the protocol.
    SessionViolation = "session.violation",
    /// A screening result (postscreen).
    SessionScreened = "session.screened",
    /// A TLS handshake done.
    TlsEstablished = "tls.established",
    /// A TLS handshake that failed.
    TlsFailed = "tls.failed",
    /// A login.
    AuthSucceeded = "auth.succeeded",
    /// A login refused.
    AuthFailed = "auth.failed",
    /// A login given up by the client.
    AuthAborted = "auth.aborted",
    /// A transaction has begun; the message is not accepted yet.
    MessageStarted = "message.started",
    /// A user's program (webmail) handed a message in.
    MessageSubmitted = "message.submitted",
    /// The server took responsibility: the message is queued.
    MessageAccepted = "message.accepted",
    /// A transaction that was not completed.
    MessageAborted = "message.aborted",
    /// A header logged.
    MessageHeader = "message.header",
    /// Kept, for an application to fetch it.
    MessageStored = "message.stored",
    /// Refused in the SMTP session.
    MessageRejected = "message.rejected",
    /// Put on hold.
    MessageHeld = "message.held",
    /// Released from hold.
    MessageReleased = "message.released",
    /// Dropped by a rule; the client saw success.
    MessageDiscarded = "message.discarded",
    /// Moved to a new queue id.
    MessageRequeued = "message.requeued",
    /// Active again after a deferral.
    MessageRetryStarted = "message.retry_started",
    /// Changed by a rule (redirect, filter, bcc, prepend, replace, strip).
    MessageRewritten = "message.rewritten",
    /// The queue life is over.
    MessageExpired = "message.expired",
    /// Deleted by the administrator.
    MessageDeleted = "message.deleted",
    /// Left the queue.
    MessageClosed = "message.closed",
    /// Reported by a listing of the queue.
    MessageListed = "message.listed",
    /// An attempt began.
    DeliveryStarted = "delivery.started",
    /// In the mailbox, file, command or store.
    Delivered = "delivery.delivered",
    /// Accepted by another server.
    Relayed = "delivery.relayed",
    /// Accepted by an own filter or host.
    HandedOver = "delivery.handed_over",
    /// Will be tried again.
    Deferred = "delivery.deferred",
    /// Failed for good.
    Bounced = "delivery.bounced",
    /// Given up after the queue life.
    Expired = "delivery.expired",
    /// Dropped on the way.
    Discarded = "delivery.discarded",
    /// Replaced by other recipients (alias).
    Expanded = "delivery.expanded",
    /// One host failed, another one is tried.
    AttemptFailed = "delivery.attempt_failed",
    /// An address probe's result; nobody got mail.
    Probed = "delivery.probed",
    /// A notification was made.
    DsnSent = "dsn.sent",
    /// A notification was not made.
    DsnSuppressed = "dsn.suppressed",
    /// A notification about one of our messages came back as a message.
    DsnReceived = "dsn.received",
    /// A reader's provider passed on a complaint (feedback report, RFC 5965).
    ComplaintReceived = "complaint.received",
    /// A reader opened the message, as its sender's application tells.
    EngagementOpened = "engagement.opened",
    /// A reader followed a link of the message.
    EngagementClicked = "engagement.clicked",
    /// A reader wants no more of such messages.
    EngagementUnsubscribed = "engagement.unsubscribed",
    /// A filter's verdict.
    FilterVerdict = "filter.verdict",
    /// A check of the sender's domain (SPF, DKIM, DMARC, ARC).
    FilterAuthResult = "filter.auth_result",
    /// A DKIM or ARC signature was made.
    FilterSigned = "filter.signed",
    /// Put into a quarantine.
    QuarantineStored = "quarantine.stored",
    /// Let out of a quarantine.
    QuarantineReleased = "quarantine.released",
    /// An access decision that refuses nothing (permit, warn, info, would-reject).
    PolicyDecision = "policy.decision",
    /// Saved in a mailbox.
    MailboxSaved = "mailbox.saved",
    /// Could not be saved in a mailbox (quota, no such mailbox, lock).
    MailboxFailed = "mailbox.failed",
    /// Copied within the mailbox.
    MailboxCopied = "mailbox.copied",
    /// Marked as deleted.
    MailboxDeleted = "mailbox.deleted",
    /// Removed from the mailbox for good.
    MailboxExpunged = "mailbox.expunged",
    /// Moved to another folder.
    MailboxMoved = "mailbox.moved",
    /// Read or taken away (POP3, webmail).
    MailboxFetched = "mailbox.fetched",
    /// Flags changed.
    MailboxFlagged = "mailbox.flagged",
    /// A mailbox (folder) was made.
    FolderCreated = "folder.created",
    /// A mailbox (folder) was deleted with what was in it.
    FolderDeleted = "folder.deleted",
    /// A mailbox (folder) got another name.
    FolderRenamed = "folder.renamed",
    /// Forwarded by the user's Sieve script.
    SieveRedirected = "sieve.redirected",
    /// Refused by the user's Sieve script.
    SieveRejected = "sieve.rejected",
    /// Dropped by the user's Sieve script.
    SieveDiscarded = "sieve.discarded",
    /// A Sieve script that failed.
    SieveFailed = "sieve.failed",
    /// A vacation reply was sent.
    AutoreplySent = "autoreply.sent",
    /// A reply was not sent, on purpose (duplicate, mailing list, null sender).
    AutoreplySuppressed = "autoreply.suppressed",
    /// A request to a webmail that tells nothing more.
    WebRequest = "web.request",
    /// A daemon or the whole system started.
    ServiceStarted = "service.started",
    /// A daemon or the whole system stopped.
    ServiceStopped = "service.stopped",
    /// Settings were read again.
    ServiceReloaded = "service.reloaded",
    /// A limit was hit (rate, concurrency, processes).
    ServiceLimitReached = "service.limit_reached",
    /// Figures that a daemon reports of itself.
    ServiceStatistics = "service.statistics",
    /// Odd, but nothing lost.
    ServiceWarning = "service.warning",
    /// An error of the server.
    ServiceError = "service.error",
    /// What a daemon tells of its work; no mail event.
    ServiceInfo = "service.info",
    /// An administrator's command.
    AdminAction = "admin.action",
    /// A line that no rule knows.
    Unknown = "unknown",
}
