//! The columns of the table `events`: one list for the writer, the readers and the documentation.

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::{Arc, LazyLock};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Microseconds since 1970-01-01 UTC.
    Time,
    /// UTF-8; bytes of a log that are not valid are replaced.
    Text,
    /// 64 bits, signed.
    Number,
    /// 32 bits.
    Float,
    /// Yes or no.
    Flag,
}

impl Type {
    /// As Arrow has it.
    pub fn arrow(self) -> DataType {
        match self {
            Type::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Type::Text => DataType::Utf8,
            Type::Number => DataType::Int64,
            Type::Float => DataType::Float32,
            Type::Flag => DataType::Boolean,
        }
    }
}

macro_rules! columns {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal: $type:ident,)*) => {
        /// A column of the table, but for the two that partition it (`day`, `class`).
        ///
        /// The order is part of the format: original lines refer to columns by number. New ones come
        /// last.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Column {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Column {
            /// All, in the order of the table.
            pub const ALL: &'static [Column] = &[$(Column::$variant,)*];

            /// Its name in SQL.
            pub const fn name(self) -> &'static str {
                match self { $(Column::$variant => $name,)* }
            }

            /// What it holds.
            pub const fn holds(self) -> Type {
                match self { $(Column::$variant => Type::$type,)* }
            }

            /// One sentence on it.
            pub const fn doc(self) -> &'static str {
                match self { $(Column::$variant => concat!($($doc),*).trim_ascii(),)* }
            }

            /// The column of this name.
            pub fn named(name: &str) -> Option<Column> {
                match name { $($name => Some(Column::$variant),)* _ => None }
            }
        }
    };
}

columns! {
    /// When it happened: the time of the line that says so.
    At = "at": Time,
    /// What happened, as `area.verb`.
    Kind = "kind": Text,
    /// Domain of the account, in small letters; empty where there is no account.
    AccountDomain = "account_domain": Text,
    /// The mailbox of ours that the row belongs to: recipient of what comes in, sender of what goes
    /// out, user of a login; in small letters; empty where there is none.
    Account = "account": Text,
    /// Host as written.
    Host = "host": Text,
    /// Program.
    Program = "program": Text,
    /// Program with its instance or service, as written.
    Label = "label": Text,
    /// Process id.
    Pid = "pid": Number,
    /// Severity of the line.
    Severity = "severity": Text,
    /// How the time was found: `written`, `zone_assumed`, `year_assumed`, `inherited`.
    TimeOrigin = "time_origin": Text,
    /// Queue id as written.
    QueueId = "queue_id": Text,
    /// Message-ID with its `<>`.
    MessageId = "message_id": Text,
    /// Id of the session or check, as the program prints it.
    SessionId = "session_id": Text,
    /// Queue or session id that the next hop gave the message, or that a notification has.
    NextQueueId = "next_queue_id": Text,
    /// Queue id that the message had before.
    OrigQueueId = "orig_queue_id": Text,
    /// Envelope sender; empty is the null sender.
    MailFrom = "mail_from": Text,
    /// Envelope recipient; several, separated by commas, where one result stands for all.
    RcptTo = "rcpt_to": Text,
    /// Envelope recipient before aliases.
    OrigRcptTo = "orig_rcpt_to": Text,
    /// From header as written.
    HeaderFrom = "header_from": Text,
    /// Subject as written.
    Subject = "subject": Text,
    /// Bytes of the message.
    Size = "size": Number,
    /// How many recipients the message has in its queue.
    Recipients = "recipients": Number,
    /// Name of the client as written.
    ClientName = "client_name": Text,
    /// Address of the client.
    ClientAddress = "client_address": Text,
    /// Port of the client.
    ClientPort = "client_port": Number,
    /// Address that the client had at the hop before.
    OrigClientAddress = "orig_client_address": Text,
    /// HELO argument.
    Helo = "helo": Text,
    /// Protocol as written: `ESMTP`, `imap`.
    Protocol = "protocol": Text,
    /// User that logged in or was meant to.
    User = "user": Text,
    /// How the user proved who he is: `PLAIN`.
    AuthMethod = "auth_method": Text,
    /// TLS protocol and cipher of the connection.
    Tls = "tls": Text,
    /// Name of the next hop; for local deliveries the service.
    RelayName = "relay_name": Text,
    /// Address of the next hop.
    RelayAddress = "relay_address": Text,
    /// Port of the next hop.
    RelayPort = "relay_port": Number,
    /// Kind of program that made the attempt: `smtp`, `lmtp`, `local`, ...
    Agent = "agent": Text,
    /// Reply code.
    Code = "code": Number,
    /// Enhanced status code.
    EnhancedStatus = "enhanced_status": Text,
    /// Reply or reason as written, but that `{next_queue_id}` stands for the id in the column of that
    /// name; of a line that no rule knows the line.
    Text = "text": Text,
    /// Whether the text quotes the other side.
    RemoteReply = "remote_reply": Flag,
    /// Milliseconds since the message arrived, of attempts and of what ends its stay in a queue.
    DelayMs = "delay_ms": Number,
    /// Milliseconds before the queue manager.
    DelayBeforeQueueMs = "delay_before_queue_ms": Number,
    /// Milliseconds in the active queue.
    DelayQueueMs = "delay_queue_ms": Number,
    /// Milliseconds of connection setup.
    DelayConnectMs = "delay_connect_ms": Number,
    /// Milliseconds of transmission.
    DelayTransmitMs = "delay_transmit_ms": Number,
    /// What was decided: `reject`, `hold`, `{DiscardedInbound,Quarantined}`.
    Action = "action": Text,
    /// What kind of rule decided.
    Source = "source": Text,
    /// Stage of the protocol: `RCPT`.
    Stage = "stage": Text,
    /// Category of a filter's verdict: `SPAM`, `CLEAN`.
    Verdict = "verdict": Text,
    /// Result of a check of the sender's domain, of a screening, or kind of a notification.
    Result = "result": Text,
    /// Which check of the sender's domain: `spf`, `dkim`, `dmarc`, `arc`.
    Check = "check": Text,
    /// Domain that was checked or signed for.
    CheckedDomain = "checked_domain": Text,
    /// List that a client stands on (DNSBL).
    DnsList = "dns_list": Text,
    /// Rules of a filter that hit, as written.
    Tests = "tests": Text,
    /// Whether a filter let the message go on.
    Passed = "passed": Flag,
    /// Name of the malware or banned part that a filter found.
    Found = "found": Text,
    /// Score of a filter.
    Score = "score": Float,
    /// Id under which a filter keeps the message, or the place in its quarantine.
    MailId = "mail_id": Text,
    /// Milliseconds that a filter or request took.
    TookMs = "took_ms": Number,
    /// Mailbox (folder).
    Mailbox = "mailbox": Text,
    /// Mailbox that a copy came from, or old name.
    SourceMailbox = "source_mailbox": Text,
    /// Target of a redirect, or recipient of a reply.
    Target = "target": Text,
    /// UID in the mailbox, or user id of a local submitter.
    Uid = "uid": Number,
    /// Milliseconds that the session lasted.
    DurationMs = "duration_ms": Number,
    /// Counters of a session as written.
    Counts = "counts": Text,
    /// Bytes from the client.
    BytesIn = "bytes_in": Number,
    /// Bytes to the client.
    BytesOut = "bytes_out": Number,
    /// Logins that were tried.
    Attempts = "attempts": Number,
    /// Queue that a listing found the message in.
    QueueName = "queue_name": Text,
    /// Method of a web request: `GET`.
    HttpMethod = "http_method": Text,
    /// Status of the answer to a web request.
    HttpStatus = "http_status": Number,
    /// Path asked for at a webmail, or link of a message that was followed.
    Path = "path": Text,
    /// Browser or program of the client.
    UserAgent = "user_agent": Text,
    /// How many times the line stands for itself.
    Repeated = "repeated": Number,
    /// How many original lines the row was made of; 0 where it was concluded.
    Lines = "lines": Number,
}

impl Column {
    /// Whether its texts are few words that come again and again: then they are read as words and
    /// their numbers.
    pub fn is_of_words(self) -> bool {
        use Column as C;
        matches!(
            self,
            C::Kind
                | C::AccountDomain
                | C::Host
                | C::Program
                | C::Label
                | C::Severity
                | C::TimeOrigin
                | C::Protocol
                | C::AuthMethod
                | C::Tls
                | C::Agent
                | C::EnhancedStatus
                | C::Action
                | C::Source
                | C::Stage
                | C::Verdict
                | C::Result
                | C::Check
                | C::DnsList
                | C::QueueName
                | C::HttpMethod
        )
    }
}

/// The columns as Arrow has them; only `at` and `kind` are never null.
pub fn schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let field = |column: &Column| {
            let required = matches!(column, Column::At | Column::Kind);
            Field::new(column.name(), column.holds().arrow(), !required)
        };
        Arc::new(Schema::new(
            Column::ALL.iter().map(field).collect::<Vec<_>>(),
        ))
    });
    Arc::clone(&SCHEMA)
}
