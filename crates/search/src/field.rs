//! The fields that can be asked for: one table for the grammar, the help and the documents.

/// What a field holds, and so which tests it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// A mail address: whole, its domain, its local part.
    Address,
    /// A host's name or address.
    Host,
    /// An IP address or network.
    Ip,
    /// A short text, compared as a whole without regard to ASCII case.
    Name,
    /// An identifier, compared byte by byte without angle brackets.
    Id,
    /// A text, asked for by its words.
    Words,
    /// A number.
    Number(Unit),
    /// What happened.
    Kind,
    /// How bad it is.
    Severity,
    /// When.
    Time,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Things, codes, points.
    Plain,
    /// Bytes; texts may say `10MB` (10^6) or `10MiB` (2^20).
    Bytes,
    /// Milliseconds; texts may say `90s` or `2h`, and a bare number means seconds.
    Millis,
}

macro_rules! fields {
    ($(
        $(#[doc = $doc:literal])+
        $variant:ident = $name:literal $(| $alias:literal)*, $type:expr, $example:literal;
    )*) => {
        /// What a condition is about. A row may have none, one or several values of a field.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl Field {
            /// All fields, in the order of the help.
            pub const ALL: &'static [Field] = &[$(Field::$variant,)*];

            /// The name in canonical text.
            pub const fn name(self) -> &'static str {
                match self { $(Field::$variant => $name,)* }
            }

            /// Other names, which mean the same but for those of [`Field::Time`].
            pub const fn aliases(self) -> &'static [&'static str] {
                match self { $(Field::$variant => &[$($alias,)*],)* }
            }

            /// What it holds.
            pub const fn field_type(self) -> FieldType {
                match self { $(Field::$variant => $type,)* }
            }

            /// What it means, in one sentence for people.
            pub fn doc(self) -> &'static str {
                match self { $(Field::$variant => concat!($($doc),+).trim_start(),)* }
            }

            /// A condition that one may write.
            pub const fn example(self) -> &'static str {
                match self { $(Field::$variant => $example,)* }
            }
        }
    };
}

use FieldType::{Address as A, Host, Id, Ip, Kind as K, Name, Number, Severity as S, Time, Words};
use Unit::{Bytes, Millis, Plain};

fields! {
    /// When it happened; `after:` and `since:` from the beginning of a time on, `before:` up to its
    /// beginning, `until:` up to its end, `last:` back from now, `on:` within.
    Time = "time" | "on" | "after" | "since" | "before" | "until" | "last", Time, "after:2026-11-01";
    /// What happened: a kind (`delivery.bounced`), an area (`delivery`) or a word (`bounced`).
    Kind = "kind" | "status" | "event", K, "status:bounced";
    /// At least as bad as this: debug, info, warning, error, fatal, panic.
    Severity = "severity" | "level", S, "severity:warning";
    /// Envelope sender; `<>` is the null sender of notifications.
    MailFrom = "from" | "mail_from" | "sender", A, "from:anna@x.example";
    /// Envelope recipient, after aliases.
    RcptTo = "to" | "rcpt_to" | "recipient", A, "to:y.example";
    /// Envelope recipient before aliases.
    OrigRcptTo = "orig_to" | "orig_rcpt_to", A, "orig_to:info@";
    /// The local mailbox that the row belongs to.
    Account = "account", A, "account:anna@x.example";
    /// An address in any of these four roles, or a user's name.
    Address = "any" | "address" | "with", A, "any:anna@x.example";
    /// The From header as written, by its words.
    HeaderFrom = "header_from", Words, "header_from:\"Anna Rossi\"";
    /// The subject, by its words.
    Subject = "subject", Words, "subject:invoice";
    /// Replies, reasons, subjects and lines that no rule knows, by their words; the field of bare
    /// words.
    Text = "text" | "reply" | "reason", Words, "\"user unknown\"";
    /// Any identifier: queue id, Message-ID, session, id at the next hop or in a filter.
    Id = "id", Id, "id:3F2A1C0D9B";
    /// The queue id.
    QueueId = "queue_id" | "qid", Id, "queue_id:4bXyZ10QzKz1r";
    /// The Message-ID header.
    MessageId = "message_id" | "msgid", Id, "message_id:<a1@x.example>";
    /// The session's id, as the program prints it.
    SessionId = "session" | "session_id", Id, "session:mJ4fWx";
    /// The queue id that the next hop gave the message.
    NextQueueId = "next_queue_id" | "queued_as", Id, "next_queue_id:8D1C2A3B4F";
    /// The id under which a filter or its quarantine keeps the message.
    MailId = "mail_id", Id, "mail_id:Xa9kQ2";
    /// An IP address of any side: client, relay, server, origin.
    Ip = "ip", Ip, "ip:10.0.0.0/8";
    /// The peer that connected to us, by name or address.
    Client = "client", Host, "client:.x.example";
    /// The client of the hop before, by name or address.
    OrigClient = "orig_client" | "origin", Host, "orig_client:192.0.2.0/24";
    /// The next hop that we connected to, by name or address.
    Relay = "relay" | "peer", Host, "relay:mx.y.example";
    /// What the client called itself in HELO or EHLO.
    Helo = "helo" | "ehlo", Host, "helo:localhost";
    /// The host that wrote the log.
    Host = "host", Host, "host:mx1";
    /// The program that wrote the line.
    Program = "program", Name, "program:smtpd";
    /// The program's label in front of its name.
    Label = "label" | "service", Name, "label:postfix/submission";
    /// Process id of the program.
    Pid = "pid", Number(Plain), "pid:4711";
    /// The user who logged in or tried to.
    User = "user" | "login" | "sasl_username", Name, "user:anna@x.example";
    /// Numeric id of the local user that submitted it.
    Uid = "uid", Number(Plain), "uid:33";
    /// How the user proved who he is.
    AuthMethod = "auth_method" | "sasl_method", Name, "auth_method:PLAIN";
    /// Protocol of the session: SMTP, ESMTP, IMAP, POP3, LMTP.
    Protocol = "protocol" | "proto", Name, "protocol:imap";
    /// TLS protocol, cipher or trust of the connection; `-tls:*` is without TLS.
    Tls = "tls", Name, "tls:TLSv1.2";
    /// Stage of the SMTP session at which it happened.
    Stage = "stage", Name, "stage:RCPT";
    /// What an access rule or filter decided: reject, hold, greylist, ...
    Action = "action", Name, "action:greylist";
    /// The kind of program that tried to deliver: smtp, lmtp, local, virtual, pipe.
    Agent = "agent", Name, "agent:lmtp";
    /// The queue that a listing found it in.
    Queue = "queue", Name, "queue:deferred";
    /// Category of a filter's verdict: CLEAN, SPAM, INFECTED, BANNED, ...
    Verdict = "verdict" | "category", Name, "verdict:spam*";
    /// The malware or banned part that a filter found, by its words.
    Found = "found" | "malware", Words, "found:eicar";
    /// Filter rules that hit, by their words.
    Tests = "tests" | "symbols", Words, "tests:BAYES_SPAM";
    /// The list that a client stands on (DNSBL).
    DnsList = "dns_list" | "dnsbl", Host, "dns_list:.dnsbl.example";
    /// Which check of the sender's domain: spf, dkim, dmarc, arc.
    Check = "check", Name, "check:dmarc";
    /// Its result: pass, fail, softfail, none, ...
    Result = "result", Name, "result:fail";
    /// The domain that was checked or signed for.
    CheckedDomain = "checked_domain", Host, "checked_domain:x.example";
    /// The mailbox (folder).
    Mailbox = "mailbox" | "folder", Name, "mailbox:INBOX";
    /// The program that the user read with, as it calls itself, by its words.
    UserAgent = "user_agent", Words, "user_agent:thunderbird";
    /// SMTP reply code; `5xx` for all of a hundred.
    Code = "code" | "reply_code", Number(Plain), "code:550";
    /// Enhanced status code, class.subject.detail.
    Enhanced = "enhanced" | "enhanced_status", Name, "enhanced:5.1.*";
    /// Score that a spam filter gave.
    Score = "score", Number(Plain), "score:>=5";
    /// Size of the message.
    Size = "size", Number(Bytes), "size:>10MB";
    /// Number of recipients of the message.
    Recipients = "recipients" | "nrcpt", Number(Plain), "recipients:>50";
    /// From arrival to the end of the attempt.
    Delay = "delay", Number(Millis), "delay:>=30s";
    /// Part of the delay before the queue manager.
    DelayBeforeQueue = "delay_before_queue", Number(Millis), "delay_before_queue:>5s";
    /// Part of the delay in the active queue.
    DelayQueue = "delay_queue", Number(Millis), "delay_queue:>1m";
    /// Part of the delay for connecting.
    DelayConnect = "delay_connect", Number(Millis), "delay_connect:>10s";
    /// Part of the delay for transmission.
    DelayTransmit = "delay_transmit", Number(Millis), "delay_transmit:>10s";
    /// Time that a filter or request took.
    Took = "took", Number(Millis), "took:>500ms";
    /// Port of the client.
    ClientPort = "client_port", Number(Plain), "client_port:25";
    /// Logins that were tried.
    Attempts = "attempts", Number(Plain), "attempts:>3";
    /// Bytes that the user's session received.
    BytesIn = "bytes_in", Number(Bytes), "bytes_in:>1MB";
    /// Bytes that the user's session sent out.
    BytesOut = "bytes_out", Number(Bytes), "bytes_out:>1GB";
    /// Status of a webmail's HTTP request.
    HttpStatus = "http_status", Number(Plain), "http_status:5xx";
}

impl Field {
    /// The field of this name or alias; ASCII case and `-` for `_` do not matter.
    pub fn named(name: &str) -> Option<Field> {
        let name = name.to_ascii_lowercase().replace('-', "_");
        let is_named = |field: &&Field| field.names().any(|it| it == name);
        Field::ALL.iter().find(is_named).copied()
    }

    /// The name and the aliases.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name()).chain(self.aliases().iter().copied())
    }
}
