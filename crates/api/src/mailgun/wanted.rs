//! What events can be asked for by, as conditions on rows.

use super::event::{KINDS, Told};
use super::expression::Expression;
use crate::problem::{Problem, Result};
use search::{AddressTest, Field, Filter, NumberTest, Pattern, Phrase, Test};
use serde::{Deserialize, Serialize};

/// What a filter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Attribute {
    Event,
    Severity,
    Reason,
    Domain,
    Recipient,
    RecipientDomain,
    From,
    Sender,
    To,
    MessageId,
    Subject,
    Size,
    /// The name that webhooks have for it.
    Webhook,
}

/// A filter.
pub(super) type Want = (Attribute, Expression);

impl Attribute {
    /// The attribute of a name; `_` stands for `-` in some of Mailgun's interfaces.
    pub(super) fn named(name: &str) -> Result<Self> {
        Ok(match name.replace('_', "-").as_str() {
            "event" => Attribute::Event,
            "severity" => Attribute::Severity,
            "reason" => Attribute::Reason,
            "domain" | "domain-name" => Attribute::Domain,
            "recipient" | "recipients" => Attribute::Recipient,
            "recipient-domain" => Attribute::RecipientDomain,
            "from" => Attribute::From,
            "sender" => Attribute::Sender,
            "to" => Attribute::To,
            "message-id" => Attribute::MessageId,
            "subject" => Attribute::Subject,
            "size" => Attribute::Size,
            "list" | "attachment" | "tag" | "tags" => {
                let detail = format!("`{name}` cannot be filtered by: logs of mail do not tell it");
                return Err(Problem::wrong(detail));
            }
            _ => return Err(Problem::wrong(format!("there is no filter `{name}`"))),
        })
    }
}

/// The rows that events are made of which all filters want. May want more where several recipients
/// stand in one row: each event is to be looked at with [`wants`].
pub(super) fn filter(all: &[Want]) -> Result<Filter> {
    let told = |told: &Told| all.iter().all(|it| is_told(it, told));
    let kinds = KINDS.iter().filter(|(_, it)| told(it));
    let kinds = kinds.map(|(kind, _)| *kind).collect();
    let mut filters = vec![Filter::term(Field::Kind, Test::Kind(kinds))];
    for (attribute, expression) in all {
        filters.push(of_rows(*attribute, expression)?);
    }
    Ok(Filter::and(filters))
}

/// Whether an event is wanted for what its kind tells.
fn is_told((attribute, expression): &Want, told: &Told) -> bool {
    let value = match attribute {
        Attribute::Event => Some(told.event),
        Attribute::Severity => told.severity,
        Attribute::Reason => told.reason,
        Attribute::Webhook => Some(told.webhook()),
        _ => return true,
    };
    expression.fits(&|word| match word {
        Expression::Is(word) => value.is_some_and(|it| it.eq_ignore_ascii_case(word)),
        Expression::Holds(part) => value.is_some_and(|it| it.contains(&part.to_lowercase())),
        _ => false,
    })
}

/// Whether an event for this recipient is wanted.
pub(super) fn wants(all: &[Want], recipient: Option<&str>) -> bool {
    let Some(recipient) = recipient else {
        return true;
    };
    let of_recipient = |attribute| {
        matches!(
            attribute,
            Attribute::Recipient | Attribute::RecipientDomain | Attribute::To
        )
    };
    let mut all = all.iter().filter(|(it, _)| of_recipient(*it));
    all.all(|(attribute, expression)| {
        expression.fits(&|word| address(*attribute, word).matches(recipient.as_bytes()))
    })
}

fn of_rows(attribute: Attribute, expression: &Expression) -> Result<Filter> {
    let field = match attribute {
        Attribute::Event | Attribute::Severity | Attribute::Reason | Attribute::Webhook => {
            return Ok(Filter::All);
        }
        Attribute::Recipient | Attribute::RecipientDomain | Attribute::To => {
            if has_not(expression) {
                // One recipient of a row may be wanted where another is not.
                return Ok(Filter::All);
            }
            Field::RcptTo
        }
        Attribute::Domain => Field::Account,
        Attribute::From | Attribute::Sender => Field::MailFrom,
        Attribute::MessageId => Field::MessageId,
        Attribute::Subject => Field::Subject,
        Attribute::Size => Field::Size,
    };
    expression.filter(&mut |word| {
        let test = match attribute {
            Attribute::MessageId => Test::Id(Pattern {
                text: text(word).trim_matches(['<', '>']).to_owned(),
                ..part(word)
            }),
            Attribute::Subject => Test::Words(phrase(word)?),
            Attribute::Size => Test::Number(number(text(word))?),
            _ => Test::Address(address(attribute, word)),
        };
        let wanted = Filter::term(field, test);
        Ok(match attribute {
            // The header is seldom logged; who wrote it mostly is the envelope's sender.
            Attribute::From => {
                let header = Filter::term(Field::HeaderFrom, Test::Words(phrase(word)?));
                Filter::or([wanted, header])
            }
            _ => wanted,
        })
    })
}

fn has_not(expression: &Expression) -> bool {
    match expression {
        Expression::Not(_) => true,
        Expression::All(all) | Expression::Any(all) => all.iter().any(has_not),
        Expression::Is(_) | Expression::Holds(_) => false,
    }
}

fn text(word: &Expression) -> &str {
    match word {
        Expression::Is(text) | Expression::Holds(text) => text,
        _ => "",
    }
}

/// Where a word may stand in the value.
fn part(word: &Expression) -> Pattern {
    let is_part = matches!(word, Expression::Holds(_));
    Pattern {
        text: text(word).to_lowercase(),
        open_start: is_part,
        open_end: is_part,
    }
}

fn address(attribute: Attribute, word: &Expression) -> AddressTest {
    let pattern = part(word);
    let is_domain = matches!(attribute, Attribute::Domain | Attribute::RecipientDomain);
    if pattern.open_start {
        return AddressTest::Like(pattern);
    }
    let text = pattern.text.trim_matches(['<', '>']);
    match text.rsplit_once('@') {
        Some(("", domain)) => AddressTest::Domain(domain.to_owned()),
        Some(_) => AddressTest::Whole(text.to_owned()),
        None if is_domain || text.contains('.') => AddressTest::Domain(text.to_owned()),
        None => AddressTest::Local(text.to_owned()),
    }
}

fn phrase(word: &Expression) -> Result<Phrase> {
    let words: Vec<String> = search::words(text(word).as_bytes())
        .map(|it| it.into_owned())
        .collect();
    if words.is_empty() {
        return Err(Problem::wrong(format!("`{}` has no word", text(word))));
    }
    let open_end = matches!(word, Expression::Holds(_));
    Ok(Phrase { words, open_end })
}

fn number(text: &str) -> Result<NumberTest> {
    let of = |text: &str| text.parse::<f64>().ok().filter(|it| it.is_finite());
    let read = match text.as_bytes() {
        [b'>', ..] => of(&text[1..]).map(NumberTest::More),
        [b'<', ..] => of(&text[1..]).map(NumberTest::Less),
        _ => of(text).map(|it| NumberTest::Between(it, it)),
    };
    read.ok_or_else(|| {
        Problem::wrong(format!("`{text}` is no size")).hint("in bytes, as `>10000 <20000`")
    })
}
