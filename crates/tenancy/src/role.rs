//! Roles, and what each may do: one table.

use std::fmt;

/// One thing that somebody may do, within his reach.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Right {
    /// Search and trace mail, read histories and the queue.
    ReadMail,
    /// Read events by the interfaces for programs.
    ReadEvents,
    /// Send events of applications in.
    SendEvents,
    /// See which hosts send lines, what is covered, and how the daemon is.
    ReadSources,
    /// Compact, let go what expired, hold, erase, check.
    RunUpkeep,
    /// Add, change and remove customers and their domains.
    ManageCustomers,
    /// Add, change and remove users of the roles below one's own.
    ManageUsers,
    /// Make and revoke keys.
    ManageKeys,
    /// Have events sent to a customer's receivers.
    ManageWebhooks,
    /// Have somebody told when a rule over mail holds.
    ManageAlerts,
    /// Have reports sent on a schedule.
    ManageSchedules,
    /// Read the audit log.
    ReadAudit,
    /// Keep searches under a name, and share them.
    SaveSearches,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::ReadMail,
        Self::ReadEvents,
        Self::SendEvents,
        Self::ReadSources,
        Self::RunUpkeep,
        Self::ManageCustomers,
        Self::ManageUsers,
        Self::ManageKeys,
        Self::ManageWebhooks,
        Self::ManageAlerts,
        Self::ManageSchedules,
        Self::ReadAudit,
        Self::SaveSearches,
    ];

    /// As it is stored and shown: `read_mail`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadMail => "read_mail",
            Self::ReadEvents => "read_events",
            Self::SendEvents => "send_events",
            Self::ReadSources => "read_sources",
            Self::RunUpkeep => "run_upkeep",
            Self::ManageCustomers => "manage_customers",
            Self::ManageUsers => "manage_users",
            Self::ManageKeys => "manage_keys",
            Self::ManageWebhooks => "manage_webhooks",
            Self::ManageAlerts => "manage_alerts",
            Self::ManageSchedules => "manage_schedules",
            Self::ReadAudit => "read_audit",
            Self::SaveSearches => "save_searches",
        }
    }

    /// The right of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

impl fmt::Display for Right {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.as_str())
    }
}

/// Some rights.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights(u16);

impl Rights {
    /// Whether this right is among them.
    #[must_use]
    pub fn contains(self, right: Right) -> bool {
        self.0 & bit(right) != 0
    }

    /// Whether all of the others are among them.
    #[must_use]
    pub fn contains_all(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    /// Those that are in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Right> {
        Right::ALL.into_iter().filter(move |&it| self.contains(it))
    }

    /// As it is stored: `read_mail read_events`.
    pub(crate) fn to_text(self) -> String {
        self.iter().map(Right::as_str).collect::<Vec<_>>().join(" ")
    }

    /// The rights of these names; `None` if one is not known.
    pub(crate) fn read(text: &str) -> Option<Self> {
        text.split(' ')
            .filter(|it| !it.is_empty())
            .map(Right::parse)
            .collect()
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        Self(rights.into_iter().map(bit).fold(0, |all, it| all | it))
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_set().entries(self.iter()).finish()
    }
}

fn bit(right: Right) -> u16 {
    1 << right as u16
}

/// What somebody is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// May do everything.
    Owner,
    /// Runs the system: all mail, queue, sources, upkeep, customers.
    Operator,
    /// Answers customers: reads all mail.
    Support,
    /// Reads everything, the audit log too, and changes nothing.
    Auditor,
    /// Reads the mail of his customer, and manages its users and keys.
    CustomerAdmin,
    /// Reads the mail of his own mailboxes.
    MailboxUser,
}

impl Role {
    /// All of them, the most powerful first.
    pub const ALL: [Self; 6] = [
        Self::Owner,
        Self::Operator,
        Self::Support,
        Self::Auditor,
        Self::CustomerAdmin,
        Self::MailboxUser,
    ];

    /// As it is stored and shown: `customer_admin`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Operator => "operator",
            Self::Support => "support",
            Self::Auditor => "auditor",
            Self::CustomerAdmin => "customer_admin",
            Self::MailboxUser => "mailbox_user",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// Whether this role has this right.
    #[must_use]
    pub fn may(self, right: Right) -> bool {
        self.rights().contains(right)
    }

    /// All that this role may do.
    #[must_use]
    pub fn rights(self) -> Rights {
        use Right::{
            ManageAlerts, ManageCustomers, ManageKeys, ManageSchedules, ManageUsers,
            ManageWebhooks, ReadAudit, ReadEvents, ReadMail, ReadSources, RunUpkeep, SaveSearches,
            SendEvents,
        };
        let rights: &[Right] = match self {
            Self::Owner => &Right::ALL,
            Self::Operator => &[
                ReadMail,
                ReadEvents,
                SendEvents,
                ReadSources,
                RunUpkeep,
                ManageCustomers,
                ManageUsers,
                ManageKeys,
                ManageWebhooks,
                ManageAlerts,
                ManageSchedules,
                SaveSearches,
            ],
            Self::Support => &[ReadMail, ReadEvents, ReadSources, SaveSearches],
            Self::Auditor => &[ReadMail, ReadEvents, ReadSources, ReadAudit],
            Self::CustomerAdmin => &[
                ReadMail,
                ReadEvents,
                SendEvents,
                ManageUsers,
                ManageKeys,
                ManageWebhooks,
                ManageAlerts,
                ManageSchedules,
                SaveSearches,
            ],
            Self::MailboxUser => &[ReadMail, SaveSearches],
        };
        rights.iter().copied().collect()
    }

    /// Whether somebody of this role, who may manage users, may manage those of another. An auditor watches operators,
    /// so only owners make them.
    #[must_use]
    pub fn may_manage(self, other: Self) -> bool {
        match self {
            Self::Owner => true,
            Self::Operator => {
                matches!(
                    other,
                    Self::Support | Self::CustomerAdmin | Self::MailboxUser
                )
            }
            Self::CustomerAdmin => matches!(other, Self::CustomerAdmin | Self::MailboxUser),
            Self::Support | Self::Auditor | Self::MailboxUser => false,
        }
    }

    /// Whether those of this role reach the mail of all customers. What they look at goes into the audit log.
    #[must_use]
    pub fn reaches_everything(self) -> bool {
        !matches!(self, Self::CustomerAdmin | Self::MailboxUser)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Right::*;

    /// Owner, operator, support, auditor, customer administrator, mailbox user. docs/customers.md has the same.
    const TABLE: [(Right, &str); 13] = [
        (ReadMail, "yyyyyy"),
        (ReadEvents, "yyyyyn"),
        (SendEvents, "yynnyn"),
        (ReadSources, "yyyynn"),
        (RunUpkeep, "yynnnn"),
        (ManageCustomers, "yynnnn"),
        (ManageUsers, "yynnyn"),
        (ManageKeys, "yynnyn"),
        (ManageWebhooks, "yynnyn"),
        (ManageAlerts, "yynnyn"),
        (ManageSchedules, "yynnyn"),
        (ReadAudit, "ynnynn"),
        (SaveSearches, "yyynyy"),
    ];

    #[test]
    fn each_role_has_the_rights_of_the_table() {
        assert_eq!(TABLE.map(|(right, _)| right), Right::ALL);
        for (right, row) in TABLE {
            for (role, cell) in Role::ALL.into_iter().zip(row.chars()) {
                assert_eq!(role.may(right), cell == 'y', "{role} {right}");
            }
        }
    }

    #[test]
    fn each_role_manages_those_of_the_table() {
        let table = [
            (Role::Owner, "yyyyyy"),
            (Role::Operator, "nnynyy"),
            (Role::Support, "nnnnnn"),
            (Role::Auditor, "nnnnnn"),
            (Role::CustomerAdmin, "nnnnyy"),
            (Role::MailboxUser, "nnnnnn"),
        ];
        for (role, row) in table {
            for (other, cell) in Role::ALL.into_iter().zip(row.chars()) {
                assert_eq!(role.may_manage(other), cell == 'y', "{role} {other}");
            }
        }
    }

    #[test]
    fn nobody_manages_a_role_with_more_rights_or_reach() {
        for role in Role::ALL {
            for other in Role::ALL.into_iter().filter(|&it| role.may_manage(it)) {
                assert!(role.rights().contains_all(other.rights()), "{role} {other}");
                assert!(role.reaches_everything() || !other.reaches_everything());
            }
        }
    }

    #[test]
    fn rights_and_roles_are_read_as_they_are_written() {
        for right in Right::ALL {
            assert_eq!(Right::parse(right.as_str()), Some(right));
        }
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
            assert_eq!(Rights::read(&role.rights().to_text()), Some(role.rights()));
        }
        assert_eq!(Rights::read("read_mail fly"), None);
    }
}
