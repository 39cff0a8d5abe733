//! The machines, their queues and their programs.

/// A host of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Host {
    Mx1,
    Mx2,
    Store1,
    Store2,
    Out1,
    Gw1,
    Exim1,
    Exim2,
}

pub(crate) const HOSTS: usize = 8;

impl Host {
    /// As syslog writes it.
    pub(crate) fn label(self) -> &'static str {
        [
            "mx1", "mx2", "store1", "store2", "out1", "gw1", "exim1", "exim2",
        ][self as usize]
    }
}

/// One queue: a Postfix instance or the Exim on a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Queue {
    Mx1,
    Mx2,
    Store1,
    Store2,
    Out1,
    GwIn,
    GwOut,
    Exim1,
    Exim2,
}

pub(crate) const QUEUES: usize = 9;

use Queue::*;

impl Queue {
    pub(crate) const ALL: [Queue; QUEUES] =
        [Mx1, Mx2, Store1, Store2, Out1, GwIn, GwOut, Exim1, Exim2];
    /// Those of Postfix.
    pub(crate) const POSTFIX: [Queue; 7] = [Mx1, Mx2, Store1, Store2, Out1, GwIn, GwOut];

    pub(crate) fn host(self) -> Host {
        match self {
            Mx1 => Host::Mx1,
            Mx2 => Host::Mx2,
            Store1 => Host::Store1,
            Store2 => Host::Store2,
            Out1 => Host::Out1,
            GwIn | GwOut => Host::Gw1,
            Exim1 => Host::Exim1,
            Exim2 => Host::Exim2,
        }
    }

    pub(crate) fn instance(self) -> &'static str {
        match self {
            GwIn => "postfix-in",
            GwOut => "postfix-out",
            Exim1 | Exim2 => "exim",
            _ => "postfix",
        }
    }

    /// `$myhostname`.
    pub(crate) fn fqdn(self) -> &'static str {
        match self.host() {
            Host::Mx1 => "mx1.waypost.example",
            Host::Mx2 => "mx2.waypost.example",
            Host::Store1 => "store1.waypost.example",
            Host::Store2 => "store2.waypost.example",
            Host::Out1 => "out1.waypost.example",
            Host::Gw1 => "gw1.waypost.example",
            Host::Exim1 => "exim1.waypost.example",
            Host::Exim2 => "exim2.waypost.example",
        }
    }

    /// Address inside our network.
    pub(crate) fn address(self) -> &'static str {
        match self.host() {
            Host::Mx1 => "10.0.0.11",
            Host::Mx2 => "10.0.0.12",
            Host::Store1 => "10.0.1.21",
            Host::Store2 => "10.0.1.22",
            Host::Out1 => "10.0.0.31",
            Host::Gw1 => "10.0.0.41",
            Host::Exim1 => "10.0.2.51",
            Host::Exim2 => "10.0.2.52",
        }
    }

    /// Address to the world.
    pub(crate) fn public_address(self) -> &'static str {
        match self.host() {
            Host::Mx1 => "192.0.2.11",
            Host::Mx2 => "192.0.2.12",
            Host::Store1 => "192.0.2.21",
            Host::Store2 => "192.0.2.22",
            Host::Out1 => "192.0.2.31",
            Host::Gw1 => "192.0.2.41",
            Host::Exim1 => "192.0.2.13",
            Host::Exim2 => "192.0.2.14",
        }
    }

    /// `enable_long_queue_ids`.
    pub(crate) fn long_ids(self) -> bool {
        matches!(self, Mx1 | Store1 | Out1)
    }

    /// Runs Postfix 3.10, the others 3.7.6.
    pub(crate) fn modern(self) -> bool {
        matches!(self, Mx1 | Store1 | Out1)
    }

    /// Exim 4.96 on `exim1`, 4.98 on `exim2`.
    pub(crate) fn is_exim(self) -> bool {
        matches!(self, Exim1 | Exim2)
    }

    pub(crate) fn is_store(self) -> bool {
        matches!(self, Store1 | Store2)
    }
}

/// A program as its tag names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Smtpd,
    Reinject,
    Submission,
    Submissions,
    Proxy,
    AfterProxy,
    Cleanup,
    Qmgr,
    Smtp,
    Lmtp,
    Bounce,
    Error,
    Local,
    Pipe,
    Pickup,
    Postscreen,
    Dnsblog,
    Anvil,
    Postsuper,
    Master,
    Rewrite,
    Amavis,
    Dovecot,
    DovecotLmtp,
    Exim,
}

pub(crate) const SERVICES: usize = 25;

impl Service {
    pub(crate) const ALL: [Service; SERVICES] = {
        use Service::*;
        [
            Smtpd,
            Reinject,
            Submission,
            Submissions,
            Proxy,
            AfterProxy,
            Cleanup,
            Qmgr,
            Smtp,
            Lmtp,
            Bounce,
            Error,
            Local,
            Pipe,
            Pickup,
            Postscreen,
            Dnsblog,
            Anvil,
            Postsuper,
            Master,
            Rewrite,
            Amavis,
            Dovecot,
            DovecotLmtp,
            Exim,
        ]
    };

    pub(crate) fn label(self) -> &'static str {
        match self {
            Service::Smtpd => "smtpd",
            Service::Reinject => "reinject/smtpd",
            Service::Submission => "submission/smtpd",
            Service::Submissions => "submissions/smtpd",
            Service::Proxy => "proxy/smtpd",
            Service::AfterProxy => "afterproxy/smtpd",
            Service::Cleanup => "cleanup",
            Service::Qmgr => "qmgr",
            Service::Smtp => "smtp",
            Service::Lmtp => "lmtp",
            Service::Bounce => "bounce",
            Service::Error => "error",
            Service::Local => "local",
            Service::Pipe => "pipe",
            Service::Pickup => "pickup",
            Service::Postscreen => "postscreen",
            Service::Dnsblog => "dnsblog",
            Service::Anvil => "anvil",
            Service::Postsuper => "postsuper",
            Service::Master => "master",
            Service::Rewrite => "trivial-rewrite",
            Service::Amavis => "amavis",
            Service::Dovecot | Service::DovecotLmtp => "dovecot",
            Service::Exim => "exim",
        }
    }

    pub(crate) fn is_postfix(self) -> bool {
        !matches!(
            self,
            Service::Amavis | Service::Dovecot | Service::DovecotLmtp | Service::Exim
        )
    }

    /// One process for the life of the instance.
    pub(crate) fn is_single(self) -> bool {
        matches!(
            self,
            Service::Qmgr
                | Service::Pickup
                | Service::Postscreen
                | Service::Anvil
                | Service::Master
                | Service::Rewrite
        )
    }
}
