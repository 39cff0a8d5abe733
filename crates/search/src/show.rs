//! Canonical text: what a filter is, in the grammar's words.

use crate::address::AddressTest;
use crate::field::{Field, FieldType, Unit};
use crate::filter::{Filter, Term, Test};
use crate::kinds;
use crate::pattern::Pattern;
use std::fmt::{self, Display, Formatter, Write};

/// Canonical text; [`Filter::parse`] makes the same tree of it, if the grammar could make the tree
/// and the text is not longer than it takes.
impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Filter::All => f.write_char('*'),
            Filter::And(all) if all.is_empty() => f.write_char('*'),
            Filter::And(all) => joined(f, all, " "),
            Filter::Or(any) if any.is_empty() => f.write_str("-*"),
            Filter::Or(any) => match one_field(any) {
                Some(terms) => list(f, &terms),
                None => joined(f, any, " OR "),
            },
            Filter::Not(inner) => {
                f.write_char('-')?;
                grouped(f, inner)
            }
            Filter::Term(term) => write!(f, "{term}"),
        }
    }
}

fn joined(f: &mut Formatter<'_>, filters: &[Filter], between: &str) -> fmt::Result {
    for (at, filter) in filters.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        grouped(f, filter)?;
    }
    Ok(())
}

/// With parentheses where it is of several parts.
fn grouped(f: &mut Formatter<'_>, filter: &Filter) -> fmt::Result {
    match filter {
        Filter::And(parts) if parts.len() > 1 => write!(f, "({filter})"),
        Filter::Or(parts) if parts.len() > 1 && one_field(parts).is_none() => {
            write!(f, "({filter})")
        }
        _ => write!(f, "{filter}"),
    }
}

/// The conditions, where all are on one field and can be written as `field:a,b`. A list of kinds is
/// one condition, and texts have no field's name.
fn one_field(any: &[Filter]) -> Option<Vec<&Term>> {
    let terms = any.iter().map(|filter| match filter {
        Filter::Term(term) => Some(term),
        _ => None,
    });
    let terms: Vec<&Term> = terms.collect::<Option<_>>()?;
    let field = terms.first()?.field;
    let is_list = field != Field::Text && field.field_type() != FieldType::Kind;
    (is_list && terms.iter().all(|term| term.field == field)).then_some(terms)
}

fn list(f: &mut Formatter<'_>, terms: &[&Term]) -> fmt::Result {
    for (at, term) in terms.iter().enumerate() {
        match at {
            0 => write!(f, "{term}")?,
            _ => write!(f, ",{}", value(term))?,
        }
    }
    Ok(())
}

/// `field:value`; words of texts are quoted instead, so that nothing else is seen in them.
impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.field != Field::Text || self.test == Test::Present {
            write!(f, "{}:", self.field.name())?;
        }
        write!(f, "{}", value(self))
    }
}

fn value(term: &Term) -> impl Display + '_ {
    fmt::from_fn(move |f| match &term.test {
        Test::Present => f.write_char('*'),
        Test::Address(test) => address(f, test),
        Test::Net(net) => write!(f, "{net}"),
        Test::Name(pattern) | Test::Id(pattern) => open(f, pattern),
        Test::Words(phrase) => {
            let star = if phrase.open_end { "*" } else { "" };
            write!(f, "\"{}{star}\"", phrase.words.join(" "))
        }
        Test::Number(test) => write!(f, "{}", test.shown(unit(term.field))),
        Test::Kind(kinds) => f.write_str(&kinds::names(kinds).join(",")),
        Test::Severity(severity) => f.write_str(severity.name()),
        Test::Time(range) => write!(f, "{range}"),
    })
}

fn unit(field: Field) -> Unit {
    match field.field_type() {
        FieldType::Number(unit) => unit,
        _ => Unit::Plain,
    }
}

fn address(f: &mut Formatter<'_>, test: &AddressTest) -> fmt::Result {
    match test {
        AddressTest::Null => f.write_str("<>"),
        AddressTest::Whole(whole) => quoted(f, whole),
        AddressTest::Local(local) => quoted(f, &format!("{local}@")),
        AddressTest::Domain(domain) => quoted(f, &format!("@{domain}")),
        AddressTest::Below(parent) => quoted(f, &format!(".{parent}")),
        AddressTest::Like(pattern) => open(f, pattern),
    }
}

fn open(f: &mut Formatter<'_>, pattern: &Pattern) -> fmt::Result {
    let star = |is_open| if is_open { "*" } else { "" };
    f.write_str(star(pattern.open_start))?;
    quoted(f, &pattern.text)?;
    f.write_str(star(pattern.open_end))
}

/// In quotes where it is needed.
fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    let is_special = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | '"' | '\\' | '*');
    if !text.is_empty() && !text.contains(is_special) {
        return f.write_str(text);
    }
    f.write_char('"')?;
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '*') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}
