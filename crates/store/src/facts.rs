//! What a row says, by column.

use crate::columns::Column;
use crate::limits::{ID_BYTES_MIN, UNKNOWN_BYTES_MAX};
use crate::view::NEXT_QUEUE_ID;
use memchr::memmem;
use model::{Agent, Body, Kind, Row, TimeOrigin, Timestamp, Value};
use std::io::Write;

/// The values of one row; used again for the next, so that nothing is allocated for each.
#[derive(Debug)]
pub(crate) struct Facts {
    bytes: Vec<u8>,
    values: [Stored; Column::ALL.len()],
}

#[derive(Clone, Copy, Debug, Default)]
enum Stored {
    #[default]
    Absent,
    Text(u32, u32),
    Number(i64),
    Float(f32),
    Flag(bool),
}

impl Default for Facts {
    fn default() -> Self {
        Facts {
            bytes: Vec::new(),
            values: [Stored::Absent; Column::ALL.len()],
        }
    }
}

impl Facts {
    /// Takes all that a row says.
    pub(crate) fn fill(&mut self, row: &Row<'_>) {
        self.bytes.clear();
        self.values.fill(Stored::Absent);
        self.header(row);
        if let Some(body) = row.body {
            let inbound = is_inbound(body);
            body.each_field(&mut |name, value| self.field(name, inbound, &value));
            self.put_together(body);
        }
        self.message(row);
        self.session(row);
        if let Some(delay) = row.delay_ms().or_else(|| stay_ms(row)) {
            self.number(Column::DelayMs, delay);
        }
        self.shorten();
    }

    /// The text of a column; `None` where the row has none.
    pub(crate) fn text_of(&self, column: Column) -> Option<&[u8]> {
        match self.values[column as usize] {
            Stored::Text(start, end) => Some(&self.bytes[start as usize..end as usize]),
            _ => None,
        }
    }

    /// The number or time of a column.
    pub(crate) fn number_of(&self, column: Column) -> Option<i64> {
        match self.values[column as usize] {
            Stored::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The flag of a column.
    pub(crate) fn flag_of(&self, column: Column) -> Option<bool> {
        match self.values[column as usize] {
            Stored::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    /// The number with a fraction of a column.
    pub(crate) fn float_of(&self, column: Column) -> Option<f32> {
        match self.values[column as usize] {
            Stored::Float(float) => Some(float),
            _ => None,
        }
    }

    fn header(&mut self, row: &Row<'_>) {
        self.time(Column::At, row.at);
        self.text(Column::Kind, row.kind.name().as_bytes());
        self.named(Column::Host, row.host);
        self.named(Column::Program, row.program);
        self.named(Column::Label, row.label);
        self.maybe(Column::Pid, row.pid);
        self.text(Column::Severity, row.severity.name().as_bytes());
        let origin = match row.time_origin {
            TimeOrigin::Written => "written",
            TimeOrigin::ZoneAssumed => "zone_assumed",
            TimeOrigin::YearAssumed => "year_assumed",
            TimeOrigin::Inherited => "inherited",
        };
        self.text(Column::TimeOrigin, origin.as_bytes());
        self.some(Column::QueueId, row.queue_id);
        self.named(Column::SessionId, row.session_id);
        self.number(Column::Repeated, u64::from(row.repeated));
        self.number(Column::Lines, row.lines.len() as u64);
        self.some(Column::RcptTo, row.rcpt_to);
        self.some(Column::OrigRcptTo, row.orig_rcpt_to);
        if let (Kind::Unknown, Some(line)) = (row.kind, row.lines.last) {
            let length = line.raw.len().min(UNKNOWN_BYTES_MAX);
            self.text(Column::Text, &line.raw[..length]);
        }
        if let Some(tls) = row.tls {
            let parts = [tls.protocol(), tls.cipher()];
            self.joined(Column::Tls, &parts.map(Option::unwrap_or_default));
        }
    }

    fn field(&mut self, name: &str, inbound: bool, value: &Value<'_>) {
        let Some(column) = column_of(name, inbound, value) else {
            return;
        };
        if self.is_set(column) {
            return;
        }
        match *value {
            Value::Text(text) if column == Column::RcptTo => self.text(column, bare(text)),
            Value::Text(text) => self.text(column, text),
            Value::Word(word) => self.text(column, word.as_bytes()),
            Value::Number(number) => self.number(column, number),
            Value::Signed(number) => self.set(column, Stored::Number(number)),
            Value::Float(float) => self.set(column, Stored::Float(float)),
            Value::Flag(flag) => self.set(column, Stored::Flag(flag)),
            Value::Shown(shown) => {
                let start = self.bytes.len();
                // Writing to memory does not fail.
                let _ = write!(self.bytes, "{shown}");
                let end = self.bytes.len();
                let written = std::str::from_utf8(&self.bytes[start..end]);
                let number = written.ok().and_then(|it| it.parse().ok());
                match (column.holds(), number) {
                    (crate::Type::Number, Some(number)) => self.set(column, Stored::Number(number)),
                    (crate::Type::Text, _) => {
                        self.set(column, Stored::Text(start as u32, end as u32));
                    }
                    _ => {}
                }
            }
        }
    }

    /// What several fields of a body make together.
    fn put_together(&mut self, body: &Body<'_>) {
        match body {
            Body::Tls(it) => self.joined(Column::Tls, &[it.protocol, it.cipher]),
            Body::Content(it) if it.header_name.eq_ignore_ascii_case(b"subject") => {
                self.named(Column::Subject, it.content);
            }
            Body::Content(it) => self.named(Column::Text, it.content),
            _ => {}
        }
    }

    fn message(&mut self, row: &Row<'_>) {
        let Some(message) = row.message else { return };
        let texts = [
            (Column::MessageId, message.message_id()),
            (Column::MailFrom, message.mail_from()),
            (Column::Subject, message.subject()),
            (Column::HeaderFrom, message.header_from()),
            (Column::ClientName, message.client_name()),
            (Column::ClientAddress, message.client_address()),
            (Column::Helo, message.helo()),
            (Column::Protocol, message.protocol()),
            (Column::AuthMethod, message.sasl_method()),
            (Column::User, message.sasl_username()),
            (Column::User, message.local_user()),
            (Column::OrigClientAddress, message.orig_client_address()),
        ];
        for (column, text) in texts {
            self.some(column, text);
        }
        // TLS of an attempt is that of its own connection.
        if !matches!(row.body, Some(Body::Delivery(_) | Body::DeliveryEnded(_))) {
            self.some(Column::Tls, message.tls_version());
        }
        self.maybe(Column::Uid, message.uid);
        if matches!(
            row.kind,
            Kind::MessageAccepted | Kind::Delivered | Kind::Relayed
        ) {
            self.maybe(Column::Size, message.size);
        }
        if row.kind == Kind::MessageAccepted {
            self.maybe(Column::Recipients, message.recipients);
            self.maybe(Column::ClientPort, message.client_port);
        }
    }

    fn session(&mut self, row: &Row<'_>) {
        let Some(session) = row.session else { return };
        let texts = [
            (Column::ClientName, session.client_name()),
            (Column::ClientAddress, session.client_address()),
            (Column::Helo, session.helo()),
            (Column::Tls, session.tls_version()),
            (Column::Counts, session.counts()),
            (Column::Text, session.reason()),
            (Column::Stage, session.stage()),
            (Column::User, session.user()),
        ];
        for (column, text) in texts {
            self.some(column, text);
        }
        self.maybe(Column::ClientPort, session.client_port);
        let lasted = session.ended.millis_since(session.started);
        self.number(Column::DurationMs, u64::try_from(lasted).unwrap_or(0));
    }

    /// Whose row it is, in small letters, and whether that is more than a guess; `None` where the row
    /// names nobody.
    ///
    /// Of a login the user; of a message the sender, where one of ours handed it in or it goes out;
    /// else the recipient. That a message came from somewhere is a guess at whose it is, for its
    /// recipients are told by other rows.
    pub(crate) fn owner(&self, row: &Row<'_>) -> Option<(Vec<u8>, bool)> {
        let named = |column| self.text_of(column).filter(|text| !text.is_empty());
        let (user, mail_from) = (named(Column::User), named(Column::MailFrom));
        let rcpt_to = named(Column::RcptTo);
        let (owner, is_sure) = match user {
            Some(user) if is_of_user(row.kind) || user.contains(&b'@') => (user, true),
            Some(user) => (mail_from.unwrap_or(user), true),
            None if goes_out(row) => (mail_from.or(rcpt_to)?, true),
            None => match rcpt_to {
                Some(rcpt_to) => (rcpt_to, true),
                None => (mail_from?, false),
            },
        };
        let first = owner.split(|&byte| byte == b',').next().unwrap_or(owner);
        let account = first.trim_ascii();
        let account = account.strip_prefix(b"<").unwrap_or(account);
        let account = account.strip_suffix(b">").unwrap_or(account);
        Some((account.to_ascii_lowercase(), is_sure))
    }

    /// Leaves out of the reply the id that stands in a column of its own.
    fn shorten(&mut self) {
        let ids = (
            self.text_of(Column::Text),
            self.text_of(Column::NextQueueId),
        );
        let (Some(text), Some(id)) = ids else { return };
        if id.len() < ID_BYTES_MIN || memmem::find(text, NEXT_QUEUE_ID).is_some() {
            return;
        }
        let Some(at) = memmem::find(text, id) else {
            return;
        };
        let short = [&text[..at], NEXT_QUEUE_ID, &text[at + id.len()..]].concat();
        self.values[Column::Text as usize] = Stored::Absent;
        self.text(Column::Text, &short);
    }

    fn is_set(&self, column: Column) -> bool {
        !matches!(self.values[column as usize], Stored::Absent)
    }

    /// Sets a column that is not set yet; the first to tell is nearest to what happened.
    fn set(&mut self, column: Column, value: Stored) {
        let place = &mut self.values[column as usize];
        if matches!(place, Stored::Absent) {
            *place = value;
        }
    }

    fn text(&mut self, column: Column, text: &[u8]) {
        if self.is_set(column) {
            return;
        }
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(text);
        self.set(column, Stored::Text(start, self.bytes.len() as u32));
    }

    /// A text of which empty means that the line does not say.
    fn named(&mut self, column: Column, text: &[u8]) {
        if !text.is_empty() {
            self.text(column, text);
        }
    }

    fn some(&mut self, column: Column, text: Option<&model::BStr>) {
        if let Some(text) = text {
            self.text(column, text);
        }
    }

    fn joined(&mut self, column: Column, parts: &[&model::BStr; 2]) {
        match *parts {
            [first, second] if !first.is_empty() && !second.is_empty() => {
                self.text(column, &[&**first, b" ", second].concat());
            }
            [first, _] => self.named(column, first),
        }
    }

    fn number(&mut self, column: Column, number: u64) {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        self.set(column, Stored::Number(number));
    }

    fn maybe<N: Into<u64>>(&mut self, column: Column, number: Option<N>) {
        if let Some(number) = number {
            self.number(column, number.into());
        }
    }

    fn time(&mut self, column: Column, at: Timestamp) {
        self.set(column, Stored::Number(at.as_nanos().div_euclid(1_000)));
    }
}

/// A recipient that stands between `<` and `>`, as other rows tell it; several stay as written.
fn bare(text: &[u8]) -> &[u8] {
    let inner = text.strip_prefix(b"<").and_then(|it| it.strip_suffix(b">"));
    inner.filter(|it| !it.contains(&b'<')).unwrap_or(text)
}

/// Whether the row tells of mail on its way to somebody else's server.
fn goes_out(row: &Row<'_>) -> bool {
    match row.body {
        Some(Body::Delivery(it)) => it.agent == Agent::Smtp && row.kind != Kind::HandedOver,
        _ => row.kind == Kind::Relayed,
    }
}

/// Milliseconds that a message was in its queue, of what ends that.
fn stay_ms(row: &Row<'_>) -> Option<u64> {
    let ends = matches!(
        row.kind,
        Kind::MessageClosed | Kind::MessageExpired | Kind::MessageDeleted
    );
    let message = row.message.filter(|_| ends)?;
    u64::try_from(row.at.millis_since(message.arrived)).ok()
}

/// Whether the other side of what the body tells is a client of ours.
fn is_inbound(body: &Body<'_>) -> bool {
    match body {
        Body::Tls(it) => it.inbound,
        Body::TlsFailed(it) => it.inbound,
        Body::Notice(_) => true,
        _ => false,
    }
}

/// Kinds that belong to a user, whoever wrote or got a message.
fn is_of_user(kind: Kind) -> bool {
    let area = kind.name().split_once('.').map_or("", |(area, _)| area);
    matches!(
        area,
        "auth" | "mailbox" | "folder" | "sieve" | "autoreply" | "session" | "web"
    )
}

/// The column that a body's field goes to; `None` for what is told by the original line only.
fn column_of(name: &str, inbound: bool, value: &Value<'_>) -> Option<Column> {
    let is_text = matches!(value, Value::Text(_));
    Some(match name {
        "tls" if !is_text => return None,
        "recipients" if is_text => Column::RcptTo,
        "peer_name" if inbound => Column::ClientName,
        "peer_address" if inbound => Column::ClientAddress,
        "peer_port" if inbound => Column::ClientPort,
        "peer_name" => Column::RelayName,
        "peer_address" => Column::RelayAddress,
        "peer_port" => Column::RelayPort,
        "origin_address" => Column::OrigClientAddress,
        "reason" | "ending" | "answer" => Column::Text,
        "violation" | "verdict" | "notification" => Column::Result,
        "category" => Column::Verdict,
        "sasl_method" => Column::AuthMethod,
        "method" => Column::Check,
        "sasl_username" | "local_user" => Column::User,
        "resent_message_id" | "orig_message_id" => Column::MessageId,
        "part" => Column::Stage,
        "decided_by" | "header_name" => Column::Source,
        "dsn_queue_id" | "queued_as" => Column::NextQueueId,
        "actions" => Column::Action,
        "quarantine" => Column::MailId,
        "domain" => Column::CheckedDomain,
        "url" => Column::Path,
        "bytes" => Column::BytesOut,
        "delay_ms" => return None,
        _ => return Column::named(name),
    })
}
