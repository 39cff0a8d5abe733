//! Bounds of the work on one journey, each with its reason.

/// Pairs of a recipient and one of the next queue's that are joined where no address tells which
/// goes on as which; beyond, they stay apart. A list of a hundred rewritten addresses fits.
pub(crate) const BLIND_PAIRS_MAX: usize = 10_000;

/// How long before a message's first line an access rule may have said to hold or discard it, in
/// milliseconds: both stand in one SMTP session, of which `smtpd_timeout` ends a silent one after
/// 300 s.
pub(crate) const RULED_BEFORE_MS: i64 = 300_000;

/// How far a message's first line may be from the one that says that it was handed in, in
/// milliseconds: the webmail's clock may differ, and the reply comes at the end of the message.
pub(crate) const HANDED_IN_WITHIN_MS: i64 = 300_000;

/// How long before a message's first line a policy service may have judged it, in milliseconds: who
/// is greylisted comes again within a day, or not at all.
pub(crate) const JUDGED_BEFORE_MS: i64 = 86_400_000;
