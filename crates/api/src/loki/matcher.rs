//! Matchers of labels, as conditions on rows.

use super::label::Label;
use crate::limits::LABEL_VALUES_MAX;
use crate::problem::{Problem, Result};
use query::{Column, Facet, Sight};
use regex::Regex;
use search::{Filter, Pattern, TimeRange};

/// What the value of a label must be.
#[derive(Clone, Debug)]
pub(super) struct Matcher {
    /// `None` for what no line has.
    pub(super) label: Option<Label>,
    /// Whether lines that fit are wanted, or all others.
    pub(super) is_wanted: bool,
    pub(super) value: Value,
}

/// A value, without regard to ASCII case.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    /// As written, and as what the whole value must fit.
    Expression(String, Regex),
}

/// The rows that all matchers want.
pub(super) async fn filter(
    matchers: &[Matcher],
    sight: &Sight,
    range: TimeRange,
) -> Result<Filter> {
    let mut filters = Vec::with_capacity(matchers.len());
    for matcher in matchers {
        filters.push(matcher.filter(sight, range).await?);
    }
    Ok(Filter::and(filters))
}

impl Matcher {
    async fn filter(&self, sight: &Sight, range: TimeRange) -> Result<Filter> {
        if let Some(filter) = self.plain() {
            return Ok(filter);
        }
        // Whatever else an expression may say, it is about the values that there are.
        let Some((label, column)) = self.label.and_then(|it| Some((it, it.column()?))) else {
            let Value::Expression(text, _) = &self.value else {
                return Ok(Filter::All);
            };
            let detail = format!("`{text}` is more than can be asked of this label");
            return Err(Problem::wrong(detail).hint(
                "names separated by `|`, with `.*` at an end, in which `.` is written `\\\\.`",
            ));
        };
        let values = values(sight, (&Filter::All, range), column).await?;
        Ok(self.among(label, &values))
    }

    /// The rows with one of these values that fits, or all others.
    fn among(&self, label: Label, values: &[String]) -> Filter {
        let fitting = values.iter().filter(|it| self.value.fits(it));
        let filters = fitting.filter_map(|it| label.fits(&whole(it)));
        let absent = self.value.fits("").then(|| label.absent());
        self.turned(Filter::or(filters.chain(absent)))
    }

    /// The same where it can be told without looking at values.
    pub(super) fn plain(&self) -> Option<Filter> {
        let Some(label) = self.label else {
            let fits = self.value.fits("");
            return Some(self.turned(if fits { Filter::All } else { Filter::or([]) }));
        };
        let fitting = match &self.value {
            Value::Text(text) if text.is_empty() => label.absent(),
            Value::Text(text) => label.fits(&whole(text))?,
            Value::Expression(text, _) if text == ".*" => Filter::All,
            Value::Expression(text, _) if text == ".+" => label.absent().not(),
            Value::Expression(text, _) => {
                let each = patterns(text)?;
                let each = each.iter().map(|it| match it.text.is_empty() {
                    true => None,
                    false => label.fits(it),
                });
                Filter::or(each.collect::<Option<Vec<_>>>()?)
            }
        };
        Some(self.turned(fitting))
    }

    fn turned(&self, filter: Filter) -> Filter {
        match self.is_wanted {
            true => filter,
            false => filter.not(),
        }
    }
}

impl Value {
    /// A regular expression.
    pub(super) fn expression(text: String) -> std::result::Result<Self, regex::Error> {
        let whole = format!("^(?i:{text})$");
        let mut builder = regex::RegexBuilder::new(&whole);
        let built = builder
            .size_limit(crate::limits::EXPRESSION_BYTES_MAX)
            .build()?;
        Ok(Value::Expression(text, built))
    }

    fn fits(&self, value: &str) -> bool {
        match self {
            Value::Text(text) => text.eq_ignore_ascii_case(value),
            Value::Expression(_, expression) => expression.is_match(value),
        }
    }
}

/// The values of a column in rows that a filter wants, in order.
pub(super) async fn values(
    sight: &Sight,
    (filter, range): (&Filter, TimeRange),
    column: Column,
) -> Result<Vec<String>> {
    let facets = query::facet(sight, filter, range, column, LABEL_VALUES_MAX).await?;
    if facets.len() >= LABEL_VALUES_MAX {
        let detail = format!("`{}` has more values than can be told", column.name());
        return Err(Problem::wrong(detail).hint("ask for less time, or for one value"));
    }
    let text = |it: Facet| it.value.filter(|it| !it.is_empty());
    let mut values: Vec<String> = facets.into_iter().filter_map(text).collect();
    values.sort_unstable();
    Ok(values)
}

fn whole(text: &str) -> Pattern {
    Pattern {
        text: text.to_owned(),
        open_start: false,
        open_end: false,
    }
}

/// What an expression means if it is but names separated by `|`, each perhaps with `.*` at its ends.
fn patterns(text: &str) -> Option<Vec<Pattern>> {
    let mut patterns = Vec::new();
    let mut pattern = whole("");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // Nothing stands behind an open end.
            _ if pattern.open_end && c != '|' => return None,
            '|' => patterns.push(std::mem::replace(&mut pattern, whole(""))),
            '.' if chars.next_if_eq(&'*').is_some() => {
                match pattern.text.is_empty() && !pattern.open_start {
                    true => pattern.open_start = true,
                    false => pattern.open_end = true,
                }
            }
            '\\' => match chars.next() {
                Some(c) if c.is_ascii_punctuation() => pattern.text.push(c),
                _ => return None,
            },
            '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' => return None,
            c => pattern.text.push(c),
        }
    }
    patterns.push(pattern);
    Some(patterns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(name: &str, is_wanted: bool, value: Value) -> Matcher {
        Matcher {
            label: Label::named(name),
            is_wanted,
            value,
        }
    }

    fn expression(text: &str) -> Value {
        Value::expression(text.to_owned()).expect("it is one")
    }

    #[test]
    fn matchers_are_conditions_of_questions() {
        for (name, text, asked) in [
            ("host", "MX1", "host:mx1"),
            ("host", "192.0.2.1", "host:192.0.2.1"),
            ("program", "smtpd", "program:smtpd"),
            ("service", "postfix/smtpd", "label:postfix/smtpd"),
            ("domain", "X.example", "account:@x.example"),
            ("account", "Anna@x.example", "account:anna@x.example"),
            ("account", "anna", "account:anna"),
            ("queue_id", "4F01", "queue_id:4F01"),
            ("kind", "delivery.bounced", "kind:delivery.bounced"),
            ("level", "warning", "severity:warning -severity:error"),
            ("level", "panic", "severity:panic"),
            ("host", "", "-host:*"),
        ] {
            let filter = matcher(name, true, Value::Text(text.to_owned())).plain();
            assert_eq!(
                filter.expect("it is plain").to_string(),
                asked,
                "{name}={text}"
            );
        }
        for (name, text, asked) in [
            ("host", "mx1|mx2", "host:mx1,mx2"),
            ("host", r"mx1\.x\.example", "host:mx1.x.example"),
            ("program", "smtp.*", "program:smtp*"),
            ("program", ".*smtp.*", "program:*smtp*"),
            ("from", ".*@x\\.example", "from:*@x.example"),
            ("kind", "delivery.*", "kind:delivery"),
            ("host", ".+", "host:*"),
        ] {
            let filter = matcher(name, true, expression(text)).plain();
            assert_eq!(
                filter.expect("it is plain").to_string(),
                asked,
                "{name}=~{text}"
            );
            let filter = matcher(name, false, expression(text)).plain();
            let turned = filter.expect("it is plain").not().to_string();
            assert_eq!(turned, asked, "{name}!~{text}");
        }
        let any = matcher("host", true, expression(".*")).plain();
        assert_eq!(any, Some(Filter::All));
        let never = matcher("__error__", true, Value::Text(String::new())).plain();
        assert_eq!(never, Some(Filter::All));
    }

    #[test]
    fn other_expressions_are_about_values_that_there_are() {
        let values = ["mx1", "mx2", "mx10", "store"].map(str::to_owned);
        let host = Label::named("host").expect("it is one");
        for (text, asked) in [
            ("mx[0-9]", "host:mx1,mx2"),
            ("(MX|st)o?[0-9]{2}", "host:mx10"),
            ("mx1.", "host:mx10"),
            ("m|", ""),
            ("nothing.", ""),
        ] {
            let matcher = matcher("host", true, expression(text));
            let filter = matcher
                .plain()
                .unwrap_or_else(|| matcher.among(host, &values));
            if !asked.is_empty() {
                assert_eq!(filter.to_string(), asked, "{text}");
            }
        }
        let or_none = matcher("host", true, expression("mx[12]|"));
        let filter = or_none.among(host, &values);
        assert_eq!(filter.to_string(), "host:mx1 OR host:mx2 OR -host:*");
    }
}
