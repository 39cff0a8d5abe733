//! Makes a condition of a field and the values written behind it.

use crate::address::AddressTest;
use crate::error::{Error, Problem, nearest};
use crate::field::{Field, FieldType};
use crate::filter::{Filter, Test};
use crate::kinds;
use crate::lex::Value;
use crate::net::Net;
use crate::number::NumberTest;
use crate::pattern::{Pattern, bare};
use crate::time;
use crate::words::{Phrase, words};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{Kind, Severity};

/// Categories of a filter's verdict that are words for what happened.
const VERDICTS: &[(&str, &str)] = &[("clean", "clean"), ("spam", "spam"), ("virus", "infected")];

const SEVERITIES: &[Severity] = &[
    Severity::Debug,
    Severity::Info,
    Severity::Warning,
    Severity::Error,
    Severity::Fatal,
    Severity::Panic,
];

/// When and where a question is asked.
#[derive(Clone, Copy)]
pub(crate) struct Here<'z> {
    pub(crate) now: Timestamp,
    pub(crate) zone: &'z TimeZone,
}

/// Any of several values; `name` is the field's as written.
pub(crate) fn any(
    field: Field,
    name: &str,
    values: &[Value],
    here: Here<'_>,
) -> Result<Filter, Error> {
    if field.field_type() == FieldType::Kind && !values.iter().any(Value::is_star) {
        return kind(values);
    }
    let each = values
        .iter()
        .map(|value| Ok(Filter::term(field, test(field, name, value, here)?)));
    Ok(Filter::or(each.collect::<Result<Vec<_>, Error>>()?))
}

fn test(field: Field, name: &str, value: &Value, here: Here<'_>) -> Result<Test, Error> {
    if value.is_star() {
        return Ok(Test::Present);
    }
    match field.field_type() {
        FieldType::Address => address(value),
        FieldType::Host => Ok(host(&value.pattern)),
        FieldType::Ip => net(value),
        FieldType::Name => Ok(Test::Name(folded(&value.pattern))),
        FieldType::Id => id(value),
        FieldType::Words => phrase(value).map(Test::Words),
        FieldType::Number(unit) => NumberTest::parse(&shown(value), unit)
            .map(Test::Number)
            .map_err(|problem| problem.at(value.span.clone())),
        FieldType::Kind => kinds(value).map(Test::Kind),
        FieldType::Severity => severity(value),
        FieldType::Time => moment(name, value, here),
    }
}

/// The value as a text in which stars are stars.
fn shown(value: &Value) -> String {
    let star = |is_open| if is_open { "*" } else { "" };
    let Pattern {
        text,
        open_start,
        open_end,
    } = &value.pattern;
    format!("{}{text}{}", star(*open_start), star(*open_end))
}

fn not_a(value: &Value, wanted: &'static str) -> Error {
    let problem = Problem::NotA {
        value: shown(value),
        wanted,
    };
    problem.at(value.span.clone())
}

fn folded(pattern: &Pattern) -> Pattern {
    Pattern {
        text: pattern.text.to_ascii_lowercase(),
        ..*pattern
    }
}

fn address(value: &Value) -> Result<Test, Error> {
    match AddressTest::new(&value.pattern) {
        Some(AddressTest::Like(open)) if open.text.is_empty() => Ok(Test::Present),
        Some(test) => Ok(Test::Address(test)),
        None => Err(not_a(value, "an address or domain")),
    }
}

/// A name, an address or network, or with a leading dot any name below.
fn host(pattern: &Pattern) -> Test {
    let is_whole = !pattern.open_start && !pattern.open_end;
    if let Some(net) = Net::parse(&pattern.text).filter(|_| is_whole) {
        return Test::Net(net);
    }
    let mut name = folded(pattern);
    name.open_start |= name.text.starts_with('.');
    Test::Name(name)
}

fn net(value: &Value) -> Result<Test, Error> {
    let net = Net::parse(&shown(value)).map(Test::Net);
    net.ok_or_else(|| not_a(value, "an IP address or network").hinted("like `10.0.0.0/8`"))
}

fn id(value: &Value) -> Result<Test, Error> {
    let text = bare(&value.pattern.text).to_owned();
    if text.is_empty() {
        return Err(not_a(value, "an identifier"));
    }
    Ok(Test::Id(Pattern {
        text,
        ..value.pattern
    }))
}

fn phrase(value: &Value) -> Result<Phrase, Error> {
    let Pattern {
        text,
        open_start,
        open_end,
    } = &value.pattern;
    if *open_start {
        return Err(Problem::StarBeforeWords.at(value.span.clone()));
    }
    let words: Vec<String> = words(text.as_bytes()).map(Into::into).collect();
    if words.is_empty() {
        return Err(Problem::NoWords(shown(value)).at(value.span.clone()));
    }
    let open_end = *open_end && text.ends_with(char::is_alphanumeric);
    Ok(Phrase { words, open_end })
}

/// All kinds that the words mean are one condition; verdicts stand beside it.
fn kind(values: &[Value]) -> Result<Filter, Error> {
    let mut all = Vec::new();
    let mut any = Vec::new();
    for value in values {
        let word = shown(value).to_ascii_lowercase();
        match VERDICTS.iter().find(|(it, _)| *it == word) {
            Some((_, category)) => any.push(verdict_of(category)),
            None => all.extend(kinds(value)?),
        }
    }
    all.sort_by_key(|kind| Kind::ALL.iter().position(|it| it == kind));
    all.dedup();
    if !all.is_empty() {
        any.insert(0, Filter::term(Field::Kind, Test::Kind(all)));
    }
    Ok(Filter::or(any))
}

fn kinds(value: &Value) -> Result<Vec<Kind>, Error> {
    let kinds = kinds::meant(&folded(&value.pattern));
    if kinds.is_empty() {
        let words = kinds::words().chain(VERDICTS.iter().map(|(word, _)| *word));
        let hint = nearest(&shown(value), words);
        return Err(unknown_word(Field::Kind, value, hint));
    }
    Ok(kinds)
}

fn verdict_of(category: &str) -> Filter {
    let category = Pattern {
        text: category.to_owned(),
        open_start: false,
        // `SPAM` and `SPAMMY`.
        open_end: true,
    };
    Filter::and([
        Filter::term(Field::Kind, Test::Kind(vec![Kind::FilterVerdict])),
        Filter::term(Field::Verdict, Test::Name(category)),
    ])
}

fn unknown_word(field: Field, value: &Value, hint: Option<String>) -> Error {
    let problem = Problem::UnknownWord {
        field: field.name(),
        word: shown(value),
    };
    Error {
        hint,
        ..problem.at(value.span.clone())
    }
}

/// `warning`, also `warn`.
fn severity(value: &Value) -> Result<Test, Error> {
    let word = shown(value).to_ascii_lowercase();
    let is_meant = |it: &&Severity| word.len() >= 3 && it.name().starts_with(&word);
    let severity = SEVERITIES.iter().find(is_meant);
    severity.map(|it| Test::Severity(*it)).ok_or_else(|| {
        let hint = nearest(&word, SEVERITIES.iter().map(|it| it.name()));
        unknown_word(Field::Severity, value, hint)
    })
}

fn moment(name: &str, value: &Value, here: Here<'_>) -> Result<Test, Error> {
    let text = match name {
        "time" => shown(value),
        verb => format!("{verb} {}", shown(value)),
    };
    let range = time::range(&text, here.now, here.zone);
    range.map(Test::Time).map_err(|problem| match problem {
        // The value alone is what was written.
        Problem::NotA { wanted, .. } => {
            not_a(value, wanted).hinted("like `2026-11-01`, `yesterday`, `7d`")
        }
        other => other.at(value.span.clone()),
    })
}
