//! What a stored row says to the conditions of a question.

use model::{Kind, Severity};
use search::{Facts, Field, FieldValue, Filter, TimeRange};
use std::collections::BTreeSet;
use store::{Column, View};

/// A row of a block that was read.
pub(crate) struct Stored<'a> {
    pub(crate) view: &'a View,
    pub(crate) row: usize,
}

impl Facts for Stored<'_> {
    fn each(&self, field: Field, take: &mut dyn FnMut(FieldValue<'_>)) {
        for &column in columns(field) {
            if column == Column::Text {
                if let Some(reply) = self.view.reply(self.row) {
                    take(FieldValue::Text(reply.as_bytes()));
                }
                continue;
            }
            if let Some(value) = self.value(field, column) {
                match (value, is_of_addresses(column)) {
                    (FieldValue::Text(list), true) => {
                        let list = std::str::from_utf8(list).unwrap_or_default();
                        for address in store::addresses(list) {
                            take(FieldValue::Text(address.as_bytes()));
                        }
                    }
                    (value, _) => take(value),
                }
            }
        }
    }
}

impl Stored<'_> {
    fn value(&self, field: Field, column: Column) -> Option<FieldValue<'_>> {
        let Stored { view, row } = *self;
        let text = || view.text(column, row).map(str::as_bytes);
        Some(match field {
            Field::Time => FieldValue::Time(view.at(row)),
            Field::Kind => FieldValue::Kind(kind(view.text(column, row)?)?),
            Field::Severity => FieldValue::Severity(severity(view.text(column, row)?)?),
            Field::Score => FieldValue::Number(view.float(column, row)?),
            _ => match view.number(column, row) {
                Some(number) => FieldValue::Number(number as f64),
                None => FieldValue::Text(text()?),
            },
        })
    }
}

/// Whether a filter wants a row of a block of which all columns were read.
pub fn fits(filter: &Filter, view: &View, row: usize) -> bool {
    filter.matches(&Stored { view, row })
}

/// The rows of a block that a filter wants, in order.
pub(crate) fn wanted_rows(view: &View, filter: &Filter, range: TimeRange) -> Vec<usize> {
    let mut rows = (0..view.rows()).collect();
    if range != TimeRange::ALL {
        retain(&mut rows, |row| range.contains(view.at(row)));
    }
    narrow(view, filter, &mut rows);
    rows
}

/// Leaves of some rows of a block those that a filter wants. A condition on a column of words is looked
/// up once for each word.
fn narrow(view: &View, filter: &Filter, rows: &mut Vec<usize>) {
    match filter {
        Filter::All => {}
        Filter::And(all) => all.iter().for_each(|filter| narrow(view, filter, rows)),
        Filter::Or(any) => {
            let mut rest = std::mem::take(rows);
            for filter in any {
                let mut hit = rest.clone();
                narrow(view, filter, &mut hit);
                without(&mut rest, &hit);
                rows.extend(hit);
            }
            rows.sort_unstable();
        }
        Filter::Not(inner) => {
            let mut hit = rows.clone();
            narrow(view, inner, &mut hit);
            without(rows, &hit);
        }
        Filter::Term(term) => match columns(term.field) {
            &[column] if column.is_of_words() => {
                let fits = |word: &str| filter.matches(&Word(term.field, word));
                let fits = view.meaning(column, fits);
                retain(rows, |row| fits.get(row) == Some(&true));
            }
            _ => retain(rows, |row| filter.matches(&Stored { view, row })),
        },
    }
}

fn retain(rows: &mut Vec<usize>, wanted: impl Fn(usize) -> bool) {
    rows.retain(|row| wanted(*row));
}

/// Takes rows out of others; both are in order.
fn without(rows: &mut Vec<usize>, others: &[usize]) {
    let mut others = others.iter().peekable();
    rows.retain(|row| others.next_if_eq(&row).is_none());
}

/// What the only column of a field has in a row.
struct Word<'a>(Field, &'a str);

impl Facts for Word<'_> {
    fn each(&self, field: Field, take: &mut dyn FnMut(FieldValue<'_>)) {
        let Word(of, text) = *self;
        let value = match field {
            _ if field != of => None,
            Field::Kind => kind(text).map(FieldValue::Kind),
            Field::Severity => severity(text).map(FieldValue::Severity),
            _ => Some(FieldValue::Text(text.as_bytes())),
        };
        value.into_iter().for_each(take);
    }
}

/// Whether a column may hold several addresses.
fn is_of_addresses(column: Column) -> bool {
    matches!(
        column,
        Column::Account | Column::MailFrom | Column::RcptTo | Column::OrigRcptTo | Column::User
    )
}

/// A kind by its name.
pub(crate) fn kind(name: &str) -> Option<Kind> {
    Kind::ALL.iter().copied().find(|kind| kind.name() == name)
}

fn severity(name: &str) -> Option<Severity> {
    [
        Severity::Debug,
        Severity::Info,
        Severity::Warning,
        Severity::Error,
        Severity::Fatal,
        Severity::Panic,
    ]
    .into_iter()
    .find(|severity| severity.name() == name)
}

/// The columns that a field's values are in.
pub(crate) fn columns(field: Field) -> &'static [Column] {
    use Column as C;
    match field {
        Field::Time => &[C::At],
        Field::Kind => &[C::Kind],
        Field::Severity => &[C::Severity],
        Field::MailFrom => &[C::MailFrom],
        Field::RcptTo => &[C::RcptTo],
        Field::OrigRcptTo => &[C::OrigRcptTo],
        Field::Account => &[C::Account],
        Field::Address => &[C::Account, C::MailFrom, C::RcptTo, C::OrigRcptTo, C::User],
        Field::HeaderFrom => &[C::HeaderFrom],
        Field::Subject => &[C::Subject],
        Field::Text => &[C::Text, C::Subject],
        Field::Id => &[
            C::QueueId,
            C::MessageId,
            C::SessionId,
            C::NextQueueId,
            C::OrigQueueId,
            C::MailId,
        ],
        Field::QueueId => &[C::QueueId],
        Field::MessageId => &[C::MessageId],
        Field::SessionId => &[C::SessionId],
        Field::NextQueueId => &[C::NextQueueId],
        Field::MailId => &[C::MailId],
        Field::Ip => &[C::ClientAddress, C::OrigClientAddress, C::RelayAddress],
        Field::Client => &[C::ClientName, C::ClientAddress],
        Field::OrigClient => &[C::OrigClientAddress],
        Field::Relay => &[C::RelayName, C::RelayAddress],
        Field::Helo => &[C::Helo],
        Field::Host => &[C::Host],
        Field::Program => &[C::Program],
        Field::Label => &[C::Label],
        Field::Pid => &[C::Pid],
        Field::User => &[C::User],
        Field::Uid => &[C::Uid],
        Field::AuthMethod => &[C::AuthMethod],
        Field::Protocol => &[C::Protocol],
        Field::Tls => &[C::Tls],
        Field::Stage => &[C::Stage],
        Field::Action => &[C::Action],
        Field::Agent => &[C::Agent],
        Field::Queue => &[C::QueueName],
        Field::Verdict => &[C::Verdict],
        Field::Found => &[C::Found],
        Field::Tests => &[C::Tests],
        Field::DnsList => &[C::DnsList],
        Field::Check => &[C::Check],
        Field::Result => &[C::Result],
        Field::CheckedDomain => &[C::CheckedDomain],
        Field::Mailbox => &[C::Mailbox, C::SourceMailbox],
        Field::UserAgent => &[C::UserAgent],
        Field::Code => &[C::Code],
        Field::Enhanced => &[C::EnhancedStatus],
        Field::Score => &[C::Score],
        Field::Size => &[C::Size],
        Field::Recipients => &[C::Recipients],
        Field::Delay => &[C::DelayMs],
        Field::DelayBeforeQueue => &[C::DelayBeforeQueueMs],
        Field::DelayQueue => &[C::DelayQueueMs],
        Field::DelayConnect => &[C::DelayConnectMs],
        Field::DelayTransmit => &[C::DelayTransmitMs],
        Field::Took => &[C::TookMs],
        Field::ClientPort => &[C::ClientPort],
        Field::Attempts => &[C::Attempts],
        Field::BytesIn => &[C::BytesIn],
        Field::BytesOut => &[C::BytesOut],
        Field::HttpStatus => &[C::HttpStatus],
    }
}

/// The part of a filter that is looked at first: conditions on columns that cost little to read. All
/// rows that the filter wants, it wants.
pub(crate) fn at_first(filter: &Filter) -> Filter {
    match filter {
        Filter::And(all) => Filter::and(all.iter().map(at_first)),
        _ if is_cheap(filter) => filter.clone(),
        _ => Filter::All,
    }
}

fn is_cheap(filter: &Filter) -> bool {
    match filter {
        Filter::All => true,
        Filter::And(all) | Filter::Or(all) => all.iter().all(is_cheap),
        Filter::Not(inner) => is_cheap(inner),
        Filter::Term(term) => {
            let is_cheap = |it: &Column| it.is_of_words() || *it == Column::Pid;
            columns(term.field).iter().all(is_cheap)
        }
    }
}

/// The columns that a filter looks at, and the time.
pub(crate) fn columns_of(filter: &Filter) -> Vec<Column> {
    let mut wanted = BTreeSet::from([Column::At]);
    gather(filter, &mut wanted);
    wanted.into_iter().collect()
}

fn gather(filter: &Filter, wanted: &mut BTreeSet<Column>) {
    match filter {
        Filter::All => {}
        Filter::And(all) | Filter::Or(all) => all.iter().for_each(|it| gather(it, wanted)),
        Filter::Not(inner) => gather(inner, wanted),
        Filter::Term(term) => {
            wanted.extend(columns(term.field));
            if term.field == Field::Text {
                // It stands in the reply.
                wanted.insert(Column::NextQueueId);
            }
        }
    }
}
