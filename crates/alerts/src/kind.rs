//! What can be watched.

/// What a rule watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Rows that a question wants.
    Search,
    /// Client addresses of an account's logins.
    ManyAddresses,
    /// Countries of an account's logins.
    ManyCountries,
    /// Failed logins of an account.
    ManyFailures,
    /// Messages that an account sends, beside what it usually sends.
    SuddenSending,
    /// Mail to a domain that was bounced or deferred, and its share.
    DestinationBounces,
    /// Replies with words of block lists.
    Blocklist,
    /// Recipients in the queue, and how their number has grown.
    QueueGrowth,
    /// Hosts that were heard of, and are not any more.
    SilentHost,
    /// Customers with mail each day, and none now.
    SilentCustomer,
}

/// What holds for a kind where nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    /// A number that is not to be reached.
    pub threshold: i64,
    /// A share or growth that is not to be reached; 0 for kinds that have none.
    pub percent: i64,
    /// Seconds that are looked at.
    pub window_secs: i64,
}

/// Words in replies of those who refuse mail for the sender's bad name. Source: the replies that Postfix'
/// `postconf(5)`, Spamhaus' "Understanding return codes", and the postmaster pages of Google, Microsoft
/// and Yahoo name.
const BLOCK_WORDS: &[&str] = &[
    "spamhaus",
    "spamcop",
    "barracudacentral",
    "sorbs",
    "uceprotect",
    "spamrats",
    "blacklist",
    "blacklisted",
    "blocklist",
    "blocklisted",
    "\"block list\"",
    "\"black list\"",
    "denylist",
    "rbl",
    "dnsbl",
    "reputation",
    "S3140",
    "S3150",
    "TSS04",
];

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 10] = [
        Kind::Search,
        Kind::ManyAddresses,
        Kind::ManyCountries,
        Kind::ManyFailures,
        Kind::SuddenSending,
        Kind::DestinationBounces,
        Kind::Blocklist,
        Kind::QueueGrowth,
        Kind::SilentHost,
        Kind::SilentCustomer,
    ];

    /// As it is stored and shown: `many_addresses`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Search => "search",
            Kind::ManyAddresses => "many_addresses",
            Kind::ManyCountries => "many_countries",
            Kind::ManyFailures => "many_failures",
            Kind::SuddenSending => "sudden_sending",
            Kind::DestinationBounces => "destination_bounces",
            Kind::Blocklist => "blocklist",
            Kind::QueueGrowth => "queue_growth",
            Kind::SilentHost => "silent_host",
            Kind::SilentCustomer => "silent_customer",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Kind::ALL.into_iter().find(|it| it.name() == name)
    }

    /// What holds where nothing is said.
    pub fn usual(self) -> Usual {
        let (threshold, percent, minutes) = match self {
            Kind::Search => (1, 0, 60),
            Kind::ManyAddresses => (10, 0, 60),
            Kind::ManyCountries => (2, 0, 60),
            Kind::ManyFailures => (50, 0, 60),
            Kind::SuddenSending => (200, 300, 60),
            Kind::DestinationBounces => (50, 50, 60),
            Kind::Blocklist => (5, 0, 60),
            Kind::QueueGrowth => (1_000, 200, 60),
            Kind::SilentHost => (0, 0, 30),
            Kind::SilentCustomer => (0, 0, 6 * 60),
        };
        Usual {
            threshold,
            percent,
            window_secs: minutes * 60,
        }
    }

    /// The rows that it is about.
    pub(crate) fn question(self) -> String {
        match self {
            Kind::Search | Kind::QueueGrowth | Kind::SilentHost | Kind::SilentCustomer => {
                String::new()
            }
            Kind::ManyAddresses | Kind::ManyCountries => "kind:auth.succeeded".to_owned(),
            Kind::ManyFailures => "kind:auth.failed".to_owned(),
            Kind::SuddenSending => "kind:message.accepted user:*".to_owned(),
            Kind::DestinationBounces => "kind:bounced,deferred,expired".to_owned(),
            Kind::Blocklist => {
                let words = BLOCK_WORDS.join(",");
                format!("kind:bounced,deferred text:{words}")
            }
        }
    }

    /// The column by which rows are counted; `None` where the rule may tell one.
    pub(crate) fn by(self) -> Option<&'static str> {
        match self {
            Kind::ManyAddresses
            | Kind::ManyCountries
            | Kind::ManyFailures
            | Kind::SuddenSending => Some("account"),
            Kind::Blocklist => Some("relay_name"),
            Kind::SilentCustomer => Some(CUSTOMER),
            Kind::Search | Kind::DestinationBounces | Kind::QueueGrowth | Kind::SilentHost => None,
        }
    }

    /// Whether a question narrows it.
    pub(crate) fn takes_question(self) -> bool {
        !matches!(self, Kind::QueueGrowth | Kind::SilentHost)
    }

    /// What a subject's number counts.
    pub(crate) fn counts(self) -> &'static str {
        match self {
            Kind::Search | Kind::SilentHost | Kind::SilentCustomer => "rows",
            Kind::ManyAddresses => "client addresses",
            Kind::ManyCountries => "countries",
            Kind::ManyFailures => "failed logins",
            Kind::SuddenSending => "messages",
            Kind::DestinationBounces => "bounced or deferred",
            Kind::Blocklist => "replies",
            Kind::QueueGrowth => "recipients in the queue",
        }
    }
}

/// Stands for the customer whose the account's domain is, where columns are named.
pub const CUSTOMER: &str = "customer";
