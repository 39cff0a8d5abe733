//! Who asks, and what is his.

use crate::error::{Error, Result};
use crate::ids::{CustomerId, KeyId, UserId};
use crate::names;
use crate::role::{Right, Rights, Role};
use jiff::Timestamp;
use serde_json::{Value, json};
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

    /// Whether all mail of another reach may be seen.
    #[must_use]
    pub fn covers_all(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Everything, _) => true,
            (_, Self::Everything) => false,
            (
                Self::Domains { domains: own, .. },
                Self::Domains {
                    domains, accounts, ..
                },
            ) => {
                domains.iter().all(|it| own.binary_search(it).is_ok())
                    && accounts.iter().all(|it| self.covers(it))
            }
            (
                Self::Mailboxes(_),
                Self::Domains {
                    domains, accounts, ..
                },
            ) => domains.is_empty() && accounts.iter().all(|it| self.covers(it)),
            (_, Self::Mailboxes(mailboxes)) => mailboxes.iter().all(|it| self.covers(it)),
        }
    }

    /// As it is stored.
    pub(crate) fn to_text(&self) -> String {
        let told = match self {
            Self::Everything => json!({}),
            Self::Domains {
                customer,
                domains,
                accounts,
            } => json!({ "customer": customer.0, "domains": **domains, "accounts": **accounts }),
            Self::Mailboxes(mailboxes) => json!({ "mailboxes": **mailboxes }),
        };
        told.to_string()
    }

    /// Reads what [`to_text`](Self::to_text) wrote.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let told: Value = serde_json::from_str(text).ok()?;
        let told = told.as_object()?;
        let list = |name: &str| -> Option<Arc<[String]>> {
            let items = told.get(name)?.as_array()?.iter();
            items.map(|it| it.as_str().map(str::to_owned)).collect()
        };
        if told.is_empty() {
            return Some(Self::Everything);
        }
        let Some(customer) = told.get("customer") else {
            return list("mailboxes").map(Self::Mailboxes);
        };
        Some(Self::Domains {
            customer: CustomerId(customer.as_i64()?),
            domains: list("domains")?,
            accounts: list("accounts")?,
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(all: &[&str]) -> Arc<[String]> {
        all.iter().map(|it| (*it).to_owned()).collect()
    }

    fn domains(domains: &[&str], accounts: &[&str]) -> Reach {
        Reach::Domains {
            customer: CustomerId(7),
            domains: texts(domains),
            accounts: texts(accounts),
        }
    }

    #[test]
    fn a_reach_is_read_as_it_is_written() {
        for reach in [
            Reach::Everything,
            domains(&["a.example", "b.example"], &["x@c.example"]),
            domains(&[], &[]),
            Reach::Mailboxes(texts(&["x@a.example"])),
            Reach::Mailboxes(texts(&[])),
        ] {
            assert_eq!(Reach::read(&reach.to_text()), Some(reach));
        }
        assert_eq!(Reach::read("{\"mailboxes\":7}"), None);
        assert_eq!(Reach::read(""), None);
    }

    #[test]
    fn what_has_shrunk_does_not_cover_what_it_was() {
        let was = domains(&["a.example", "b.example"], &["x@c.example"]);
        let more = domains(&["a.example", "b.example", "c.example"], &[]);
        let less = domains(&["a.example"], &["x@c.example"]);
        let mailbox = Reach::Mailboxes(texts(&["x@a.example", "x@c.example"]));
        for (reach, other, covers) in [
            (&was, &was, true),
            (&more, &was, true),
            (&less, &was, false),
            (&was, &less, true),
            (&was, &mailbox, true),
            (&domains(&["b.example"], &["x@c.example"]), &mailbox, false),
            (&mailbox, &less, false),
            (&mailbox, &domains(&[], &["x@c.example"]), true),
            (&Reach::Everything, &was, true),
            (&was, &Reach::Everything, false),
            (&Reach::Mailboxes(texts(&["x@a.example"])), &mailbox, false),
        ] {
            assert_eq!(reach.covers_all(other), covers, "{reach:?} {other:?}");
        }
    }
}
