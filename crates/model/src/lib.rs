//! The words of mail as plain types: what one log line says ([`Event`]), what a history keeps of
//! it ([`Row`], [`Link`]), and the small values that both are made of.
//!
//! It is not the place for anything that reads, waits or stores: no I/O, no async, no engine, no
//! serialization. Who needs bytes on disk or on a wire makes its own structs from these.
//!
//! Words follow RFC 5321 (envelope, session), RFC 5322 (headers), RFC 3463 (enhanced status codes),
//! RFC 3464 (notifications) and, where those are silent, Postfix. In all types here
//! `None` means "the line does not say"; an empty `mail_from` is the null sender `<>`, which is
//! something else.

mod event;
mod fields;
mod kind;
mod line;
mod peer;
mod queue;
mod row;
mod status;
mod time;

pub use bstr::{BStr, ByteSlice};

pub use event::{
    AccessAction, AccessCheck, AdminAction, Agent, AttemptFailed, AuthFailure, AuthResult, Became,
    Body, Connected, ContentCheck, Delays, Delivery, DeliveryEnded, DeliveryStarted,
    DeliveryStatus, Disconnected, Envelope, Event, ListedInQueue, Login, Logout, MailEvent,
    MailboxAction, MessageIdLogged, Notice, Notification, NotificationKind, PickedUp, QueueExpired,
    Queued, Received, Removed, RemovedBy, Screened, SessionAborted, Severity, Source, Submitted,
    Tls, TlsFailed, Transaction, Verdict, Violation, WebRequest, is_gateway_reply,
};
pub use fields::{Take, Value};
pub use kind::Kind;
pub use line::{Line, LineId, Lines, LinesOf};
pub use peer::Peer;
pub use queue::QueueStep;
pub use row::{ItemKey, Link, LinkKind, MessageFacts, Row, SessionFacts, Texts, TlsFacts};
pub use status::{EnhancedStatus, FailureClass, ReplyCode};
pub use time::{Civil, Precision, Stamp, TimeOrigin, Timestamp, days_from_civil};
