//! Who may see what: customers with their domains, users with their roles, keys, sessions; and the record of who
//! looked at what.
//!
//! Not for showing anything: it knows neither HTTP nor rows of mail. Who asks is a [`Principal`] with a [`Reach`];
//! what that means for an answer is the asker's business.
//!
//! Invariants:
//! - Time is an argument.
//! - What changes who may see what is changed in one transaction with its entry in the audit log.
//! - What a principal may not reach is not found: it cannot be told from what is not there.
//! - Passwords are stored as argon2id; all that is random (keys, sessions, links, recovery codes) as SHA-256, but for
//!   the keys with which we sign.

mod limits;

mod error;
mod ids;
mod names;
mod role;
mod secret;
mod token;

mod db;
mod schema;

mod cache;
mod entry;
mod password;
mod principal;
mod throttle;

mod tenancy;
mod who;

mod alerts;
mod audit;
mod customers;
mod jobs;
mod keys;
mod links;
mod schedules;
mod searches;
mod second_factor;
mod sessions;
mod users;
mod webhooks;

pub use alerts::{Alert, AlertMessage, Finding, Firing, NewAlert, Watched};
pub use audit::{AuditEntry, AuditFilter, Chain};
pub use customers::{Customer, NewCustomer};
pub use entry::Action;
pub use error::{Error, Result};
pub use ids::{
    AlertId, AlertMessageId, CustomerId, DeadEventId, JobId, KeyId, ScheduleId, ScheduleMailId,
    ScheduleRunId, SearchId, UserId, WebhookId,
};
pub use jobs::{Job, JobEnd, JobPlace, JobState, NewJob, Written};
pub use keys::{Key, KeyOwner, NewKey};
pub use principal::{Asker, Principal, Reach, Who};
pub use role::{Right, Rights, Role};
pub use schedules::{DueRun, NewRun, NewSchedule, Schedule, ScheduleMail, ScheduleRun, SentMail};
pub use searches::{NewSearch, SavedSearch};
pub use second_factor::Enrolment;
pub use secret::Secret;
pub use sessions::{Login, NewSession, Session, Vouched};
pub use tenancy::{Page, Tenancy};
pub use users::{NewUser, Preferences, User};
pub use webhooks::{DeadEvent, Due, NewWebhook, Place, WEBHOOK_EVENTS, Webhook};
