//! Who asks, and what is his.

use crate::error::{Error, Result};
use crate::ids::{CustomerId, KeyId, UserId};
use crate::names;
use crate::role::{Right, Rights, Role};
use jiff::Timestamp;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// Who somebody is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Who {
    /// A user who logged in.
    User(UserId),
    /// A program with a key.
    Key(KeyId),
    /// Whoever may use the machine's command line.
    Console,
    /// Somebody who is not logged in.
    Nobody,
}

impl Who {
    /// Reads what it is written as.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| text.trim().parse().ok();
        Some(match text.split_once(' ') {
            Some(("user", id)) => Who::User(UserId(number(id)?)),
            Some(("key", id)) => Who::Key(KeyId(number(id)?)),
            _ if text == Who::Console.to_string() => Who::Console,
            _ if text == Who::Nobody.to_string() => Who::Nobody,
            _ => return None,
        })
    }
}

impl fmt::Display for Who {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(to, "user {id}"),
            Self::Key(id) => write!(to, "key {id}"),
            Self::Console => to.write_str("console"),
            Self::Nobody => to.write_str("nobody"),
        }
    }
}

/// Whose mail somebody may see. Domains and addresses are in lower case, sorted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reach {
    /// All mail.
    Everything,
    /// The mail of a customer: of all addresses in his domains, and of his accounts in domains of nobody.
    Domains {
        /// The customer.
        customer: CustomerId,
        /// His domains, as A-labels.
        domains: Arc<[String]>,
        /// His mailboxes in other domains.
        accounts: Arc<[String]>,
    },
    /// The mail of these mailboxes alone; none may be left.
    Mailboxes(Arc<[String]>),
}

impl Reach {
    /// Whether the mail of this account, an address in lower case, may be seen.
    #[must_use]
    pub fn covers(&self, account: &str) -> bool {
        let among =
            |set: &[String], it: &str| set.binary_search_by(|own| own.as_str().cmp(it)).is_ok();
        match self {
            Self::Everything => true,
            Self::Domains {
                domains, accounts, ..
            } => among(domains, names::domain_of(account)) || among(accounts, account),
            Self::Mailboxes(mailboxes) => among(mailboxes, account),
        }
    }
}

/// Somebody who was recognised.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Who he is.
    pub who: Who,
    /// The user, or the user whom the key belongs to; `None` for a customer's key and the console.
    pub user: Option<UserId>,
    /// The customer whom he belongs to; `None` for those who run the system.
    pub customer: Option<CustomerId>,
    /// Login, or name of the key.
    pub name: String,
    /// What he is; of a key what its owner is.
    pub role: Role,
    /// What he may do; of a key those that it was given and its owner still has.
    pub rights: Rights,
    /// Whose mail he may see.
    pub reach: Reach,
    /// The handle of his session.
    pub(crate) session: Option<String>,
}

impl Principal {
    /// Whoever may use the machine's command line: he could change the database anyway.
    #[must_use]
    pub fn console() -> Arc<Self> {
        Arc::new(Self {
            who: Who::Console,
            user: None,
            customer: None,
            name: "console".to_owned(),
            role: Role::Owner,
            rights: Role::Owner.rights(),
            reach: Reach::Everything,
            session: None,
        })
    }

    /// Whether he may do this, within his reach.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(right)
    }
}

/// Somebody who asks for something now.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Who asks.
    pub principal: Arc<Principal>,
    /// From where; `None` at the command line.
    pub address: Option<IpAddr>,
    /// The present.
    pub now: Timestamp,
}

impl Asker {
    /// Errs with [`Error::Forbidden`] if he may not.
    pub fn must(&self, right: Right) -> Result<()> {
        if self.principal.may(right) {
            Ok(())
        } else {
            Err(Error::Forbidden(right))
        }
    }

    /// Errs as if there were no such customer if it is not his.
    pub(crate) fn must_reach(&self, customer: Option<CustomerId>) -> Result<()> {
        match &self.principal.reach {
            Reach::Everything => Ok(()),
            Reach::Domains { customer: own, .. } if Some(*own) == customer => Ok(()),
            Reach::Domains { .. } | Reach::Mailboxes(_) => Err(Error::NotFound("customer")),
        }
    }

    /// The user at a session, not a key of theirs: a key shall not change how its owner logs in.
    pub fn user(&self) -> Result<UserId> {
        match self.principal.who {
            Who::User(id) => Ok(id),
            Who::Key(_) | Who::Console | Who::Nobody => Err(Error::NotFound("user")),
        }
    }

    /// The customer that he is held to; `None` for those who reach all.
    pub(crate) fn held_to(&self) -> Option<CustomerId> {
        match self.principal.reach {
            Reach::Everything => None,
            Reach::Domains { customer, .. } => Some(customer),
            // Nobody has a number below one.
            Reach::Mailboxes(_) => Some(CustomerId(0)),
        }
    }
}
