//! LogQL, as far as it is understood.

use super::label::{self, Label};
use super::lex::Text;
use super::matcher::{Matcher, Value};
use super::time;
use crate::limits::{EXPRESSION_BYTES_MAX, MATCHERS_MAX, QUERY_BYTES_MAX, WINDOW_MAX};
use crate::problem::{Problem, Result};
use regex::bytes::{Regex, RegexBuilder};
use std::collections::BTreeSet;

/// What a query asks for.
#[derive(Clone, Debug)]
pub(super) enum Query {
    Lines(Lines),
    Samples(Samples),
}

/// Which lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    pub(super) matchers: Vec<Matcher>,
    pub(super) filters: Vec<LineFilter>,
}

/// What must stand in a line, or must not.
#[derive(Clone, Debug)]
pub(super) struct LineFilter {
    is_wanted: bool,
    any: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(Vec<u8>),
    Expression(Regex),
}

/// Numbers over time.
#[derive(Clone, Debug)]
pub(super) enum Samples {
    /// The same at each time.
    Number(f64),
    /// What is counted of the lines of a window that ends at each time.
    Over {
        what: Counted,
        lines: Lines,
        /// Microseconds.
        window: i64,
    },
    /// Of several series fewer.
    Folded {
        fold: Fold,
        by: Grouping,
        inner: Box<Samples>,
    },
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// Bytes of lines, or lines.
    pub(super) bytes: bool,
    /// In a second, or in all.
    pub(super) a_second: bool,
}

/// What becomes of series that are in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    Sum,
    Average,
    Least,
    Most,
    Count,
    /// So many with the highest values stay.
    Top(usize),
    /// So many with the lowest values stay.
    Bottom(usize),
}

/// Which series are a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Grouping {
    /// Those that have these labels in common.
    By(BTreeSet<String>),
    /// Those that have all but these in common.
    Without(BTreeSet<String>),
}

impl Query {
    /// Reads a query.
    pub(super) fn parse(text: &str) -> Result<Self> {
        if text.len() > QUERY_BYTES_MAX {
            let detail = format!("the query is longer than {QUERY_BYTES_MAX} bytes");
            return Err(Problem::wrong(detail));
        }
        let mut text = Text::new(text);
        let query = match text.rest().starts_with('{') {
            true => Query::Lines(lines(&mut text)?),
            false => Query::Samples(sum(&mut text, 0)?),
        };
        match text.rest().is_empty() {
            true => Ok(query),
            false => Err(text.unexpected("the end")),
        }
    }

    /// Reads a query for lines.
    pub(super) fn parse_lines(text: &str) -> Result<Lines> {
        match Query::parse(text)? {
            Query::Lines(lines) => Ok(lines),
            Query::Samples(_) => Err(Problem::wrong("only log selectors are supported")),
        }
    }
}

impl Lines {
    /// Whether a line is wanted.
    pub(super) fn wants(&self, line: &[u8]) -> bool {
        self.filters.iter().all(|it| it.wants(line))
    }
}

impl LineFilter {
    fn wants(&self, line: &[u8]) -> bool {
        let is_in = |part: &Part| match part {
            Part::Text(text) => memchr::memmem::find(line, text).is_some(),
            Part::Expression(expression) => expression.is_match(line),
        };
        self.any.iter().any(is_in) == self.is_wanted
    }
}

/// `{host="mx1"} |= "bounced" | level="error"`
fn lines(text: &mut Text<'_>) -> Result<Lines> {
    let mut read = Lines::default();
    text.wants("{")?;
    while !text.takes("}") {
        let matcher = matcher(text)?;
        read.matchers.push(matcher);
        if !text.takes(",") {
            text.wants("}")?;
            break;
        }
    }
    pipeline(text, &mut read)?;
    Ok(read)
}

fn matcher(text: &mut Text<'_>) -> Result<Matcher> {
    let at = text.place();
    let name = text.name("a label or `}`")?;
    let label = Label::named(name);
    if label.is_none() && !label::is_never(name) {
        let hint = "labels are domain, host, kind, level, program, service, account, and fields of questions such as from, to, queue_id";
        let problem = text.wrong_at(at, &format!("there is no label `{name}`"));
        return Err(problem.hint(hint));
    }
    let (is_wanted, is_expression) = match () {
        () if text.takes("=~") => (true, true),
        () if text.takes("!~") => (false, true),
        () if text.takes("!=") => (false, false),
        () if text.takes("=") => (true, false),
        () => return Err(text.unexpected("`=`, `!=`, `=~` or `!~`")),
    };
    let at = text.place();
    let value = text.quoted()?;
    let value = match is_expression {
        true => Value::expression(value).map_err(|error| not_regular(text, at, &error))?,
        false => Value::Text(value),
    };
    Ok(Matcher {
        label,
        is_wanted,
        value,
    })
}

fn not_regular(text: &Text<'_>, at: usize, error: &regex::Error) -> Problem {
    let told = error.to_string();
    let told = told.lines().last().unwrap_or_default();
    let told = told.trim_start_matches("error: ");
    text.wrong_at(at, &format!("no regular expression: {told}"))
}

/// What stands behind the selector.
fn pipeline(text: &mut Text<'_>, read: &mut Lines) -> Result<()> {
    loop {
        let at = text.place();
        if read.matchers.len() + read.filters.len() > MATCHERS_MAX {
            let what = format!("more than {MATCHERS_MAX} conditions");
            return Err(text.wrong_at(at, &what));
        }
        let (is_wanted, is_expression) = match () {
            () if text.takes("|=") => (true, false),
            () if text.takes("|~") => (true, true),
            () if text.takes("!=") => (false, false),
            () if text.takes("!~") => (false, true),
            () if text.takes("|") => {
                stage(text, read)?;
                continue;
            }
            () => return Ok(()),
        };
        let mut any = vec![part(text, is_expression)?];
        while text.next_name() == "or" {
            text.name("or")?;
            any.push(part(text, is_expression)?);
        }
        read.filters.push(LineFilter { is_wanted, any });
    }
}

fn part(text: &mut Text<'_>, is_expression: bool) -> Result<Part> {
    let at = text.place();
    let wanted = text.quoted()?;
    if !is_expression {
        return Ok(Part::Text(wanted.into_bytes()));
    }
    let built = RegexBuilder::new(&wanted)
        .size_limit(EXPRESSION_BYTES_MAX)
        .build();
    let built = built.map_err(|error| not_regular(text, at, &error))?;
    Ok(Part::Expression(built))
}

/// What stands behind a `|`: conditions on labels, or `drop` of labels that no line has.
fn stage(text: &mut Text<'_>, read: &mut Lines) -> Result<()> {
    let at = text.place();
    if text.next_name() == "drop" {
        text.name("drop")?;
        loop {
            let at = text.place();
            let name = text.name("a label")?;
            if !label::is_never(name) {
                return Err(text.wrong_at(at, &format!("`{name}` cannot be dropped")));
            }
            if !text.takes(",") {
                return Ok(());
            }
        }
    }
    if Label::named(text.next_name()).is_none() && !label::is_never(text.next_name()) {
        let name = text.next_name().to_owned();
        let what = format!("`| {name}` is not understood");
        let hint = "line filters and conditions on labels are; labels are known without a parser";
        return Err(text.wrong_at(at, &what).hint(hint));
    }
    loop {
        let matcher = matcher(text)?;
        read.matchers.push(matcher);
        let is_and = text.next_name() == "and";
        if is_and {
            text.name("and")?;
        } else if !text.takes(",") {
            return Ok(());
        }
    }
}

/// `vector(1)+vector(1)`, or one series of samples.
fn sum(text: &mut Text<'_>, depth: usize) -> Result<Samples> {
    let mut left = product(text, depth)?;
    loop {
        let at = text.place();
        let is_plus = text.takes("+");
        if !is_plus && !text.takes("-") {
            return Ok(left);
        }
        let right = product(text, depth)?;
        let (one, other) = numbers(text, at, &left, &right)?;
        left = Samples::Number(if is_plus { one + other } else { one - other });
    }
}

fn product(text: &mut Text<'_>, depth: usize) -> Result<Samples> {
    let mut left = samples(text, depth)?;
    loop {
        let at = text.place();
        let is_times = text.takes("*");
        if !is_times && !text.takes("/") {
            return Ok(left);
        }
        let right = samples(text, depth)?;
        let (one, other) = numbers(text, at, &left, &right)?;
        left = Samples::Number(if is_times { one * other } else { one / other });
    }
}

fn numbers(text: &Text<'_>, at: usize, one: &Samples, other: &Samples) -> Result<(f64, f64)> {
    match (one, other) {
        (Samples::Number(one), Samples::Number(other)) => Ok((*one, *other)),
        _ => Err(text.wrong_at(at, "only numbers can be reckoned with")),
    }
}

/// Parentheses and aggregations within one another; nobody writes five, and what reads them calls itself.
const DEPTH_MAX: usize = 16;

fn samples(text: &mut Text<'_>, depth: usize) -> Result<Samples> {
    let at = text.place();
    if depth > DEPTH_MAX {
        return Err(text.wrong_at(at, "more within one another than can be read"));
    }
    if text.takes("(") {
        let inner = sum(text, depth + 1)?;
        text.wants(")")?;
        return Ok(inner);
    }
    if text.next_name().is_empty() && text.rest().starts_with(|c: char| c.is_ascii_digit()) {
        return number(text).map(Samples::Number);
    }
    let wanted = "a selector `{...}`, or a function";
    let name = text.name(wanted)?;
    let counted = |bytes, a_second| Counted { bytes, a_second };
    let what = match name {
        "vector" => {
            text.wants("(")?;
            let number = number(text)?;
            text.wants(")")?;
            return Ok(Samples::Number(number));
        }
        "count_over_time" => counted(false, false),
        "rate" => counted(false, true),
        "bytes_over_time" => counted(true, false),
        "bytes_rate" => counted(true, true),
        _ => return folded(text, (at, name), depth),
    };
    text.wants("(")?;
    let over = over(text, what)?;
    text.wants(")")?;
    Ok(over)
}

fn number(text: &mut Text<'_>) -> Result<f64> {
    let at = text.place();
    let number = text.number("a number")?;
    let read = number.parse::<f64>().ok().filter(|it| it.is_finite());
    read.ok_or_else(|| text.wrong_at(at, &format!("`{number}` is no number")))
}

/// `{host="mx1"} |= "bounced" [5m]`
fn over(text: &mut Text<'_>, what: Counted) -> Result<Samples> {
    let mut lines = lines(text)?;
    text.wants("[")?;
    let at = text.place();
    let length = text.number("a length of time")?;
    let window = time::length(length).filter(|it| (1..=WINDOW_MAX).contains(it));
    let wrong = || {
        let what = format!("`{length}` is no length of time, as `5m` or `1h30m`, to 366 days");
        text.wrong_at(at, &what)
    };
    let window = window.ok_or_else(wrong)?;
    text.wants("]")?;
    pipeline(text, &mut lines)?;
    if text.next_name() == "offset" {
        let at = text.place();
        return Err(text.wrong_at(at, "`offset` is not understood"));
    }
    Ok(Samples::Over {
        what,
        lines,
        window,
    })
}

fn folded(text: &mut Text<'_>, (at, name): (usize, &str), depth: usize) -> Result<Samples> {
    let fold = match name {
        "sum" => Fold::Sum,
        "avg" => Fold::Average,
        "min" => Fold::Least,
        "max" => Fold::Most,
        "count" => Fold::Count,
        "topk" => Fold::Top(0),
        "bottomk" => Fold::Bottom(0),
        _ => {
            let hint = "count_over_time, rate, bytes_over_time, bytes_rate, sum, avg, min, max, count, topk, bottomk, vector";
            let problem = text.wrong_at(at, &format!("`{name}` is not understood"));
            return Err(problem.hint(hint));
        }
    };
    let mut by = grouping(text)?;
    text.wants("(")?;
    let fold = match fold {
        Fold::Top(_) => Fold::Top(how_many(text)?),
        Fold::Bottom(_) => Fold::Bottom(how_many(text)?),
        other => other,
    };
    let at = text.place();
    let inner = Box::new(sum(text, depth + 1)?);
    if matches!(*inner, Samples::Number(_)) {
        return Err(text.wrong_at(at, "a number is no series"));
    }
    text.wants(")")?;
    if by.is_none() {
        by = grouping(text)?;
    }
    Ok(Samples::Folded {
        fold,
        by: by.unwrap_or(Grouping::By(BTreeSet::new())),
        inner,
    })
}

/// The `10,` of `topk(10, ...)`.
fn how_many(text: &mut Text<'_>) -> Result<usize> {
    let at = text.place();
    let number = text.number("a number")?;
    let read = number.parse::<usize>().ok().filter(|it| *it > 0);
    let read = read.ok_or_else(|| text.wrong_at(at, &format!("`{number}` is no number of series")));
    text.wants(",")?;
    read
}

fn grouping(text: &mut Text<'_>) -> Result<Option<Grouping>> {
    let is_by = match text.next_name() {
        "by" => true,
        "without" => false,
        _ => return Ok(None),
    };
    text.name("by")?;
    text.wants("(")?;
    let mut names = BTreeSet::new();
    while !text.takes(")") {
        names.insert(text.name("a label or `)`")?.to_owned());
        if !text.takes(",") {
            text.wants(")")?;
            break;
        }
    }
    Ok(Some(match is_by {
        true => Grouping::By(names),
        false => Grouping::Without(names),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A query, or what is wrong with it.
    fn told(text: &str) -> String {
        match Query::parse(text) {
            Ok(Query::Lines(lines)) => {
                format!("{} and {}", lines.matchers.len(), lines.filters.len())
            }
            Ok(Query::Samples(samples)) => shown(&samples),
            Err(problem) => problem.detail.into_string(),
        }
    }

    fn shown(samples: &Samples) -> String {
        match samples {
            Samples::Number(number) => number.to_string(),
            Samples::Over {
                what,
                lines,
                window,
            } => {
                let unit = if what.bytes { "bytes" } else { "lines" };
                let rate = if what.a_second { " a second" } else { "" };
                let (matchers, filters) = (lines.matchers.len(), lines.filters.len());
                format!("{unit}{rate} of {matchers} and {filters} in {window}")
            }
            Samples::Folded { fold, by, inner } => {
                format!("{fold:?} {by:?} of {}", shown(inner))
            }
        }
    }

    #[test]
    fn queries_that_grafana_makes_are_understood() {
        for (text, wanted) in [
            ("vector(1)+vector(1)", "2"),
            ("vector(1) + 2 * (3 - vector(1)) / 4", "2"),
            (r#"{host="mx1"}"#, "1 and 0"),
            (r#"{host="mx1", program=~"postfix.*",} |= ``"#, "2 and 1"),
            ("{}", "0 and 0"),
            (
                r#"{host!="a",kind!~"b"} |= "c" or "d" != `e` |~ "f.*" !~ "g""#,
                "2 and 4",
            ),
            (
                r#"{host="mx1"} | level="error" and kind!="x" | drop __error__"#,
                "3 and 0",
            ),
            ("# all\n{host=\"mx1\"} # of it\n |= \"a\"", "1 and 1"),
            ("count_over_time({}[1m0s])", "lines of 0 and 0 in 60000000"),
            (
                r#"rate({host="a"} |= "b" [5m])"#,
                "lines a second of 1 and 1 in 300000000",
            ),
            (
                r#"bytes_rate({host="a"}[1s] |= "b")"#,
                "bytes a second of 1 and 1 in 1000000",
            ),
            (
                "sum by (level, detected_level) (count_over_time({} | drop __error__ [1h]))",
                r#"Sum By({"detected_level", "level"}) of lines of 0 and 0 in 3600000000"#,
            ),
            (
                "sum(bytes_over_time({}[1d])) by (kind)",
                r#"Sum By({"kind"}) of bytes of 0 and 0 in 86400000000"#,
            ),
            (
                "topk(3, sum without (host,) (rate({}[1s])))",
                r#"Top(3) By({}) of Sum Without({"host"}) of lines a second of 0 and 0 in 1000000"#,
            ),
            (
                "avg(rate({}[1s]))",
                "Average By({}) of lines a second of 0 and 0 in 1000000",
            ),
        ] {
            assert_eq!(told(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_place() {
        for (text, wanted) in [
            ("", "line 1, col 1: unexpected the end, expected a selector"),
            ("host", "line 1, col 1: `host` is not understood"),
            (
                r#"{host="mx1""#,
                "line 1, col 12: unexpected the end, expected `}`",
            ),
            (r#"{host="mx1}"#, "line 1, col 7: a text has no end"),
            (
                r#"{host=mx1}"#,
                "line 1, col 7: unexpected `mx1`, expected a text in quotes",
            ),
            (
                r#"{host:"mx1"}"#,
                "line 1, col 6: unexpected `:`, expected `=`",
            ),
            (
                r#"{colour="red"}"#,
                "line 1, col 2: there is no label `colour`",
            ),
            (r#"{size="1"}"#, "line 1, col 2: there is no label `size`"),
            (
                r#"{host=~"("}"#,
                "line 1, col 8: no regular expression: unclosed group",
            ),
            (
                "{}\n|~ `[`",
                "line 2, col 4: no regular expression: unclosed character class",
            ),
            (r#"{host="\q"}"#, "line 1, col 8: an unknown escape"),
            ("{} | json", "line 1, col 6: `| json` is not understood"),
            ("{} | drop host", "line 1, col 11: `host` cannot be dropped"),
            ("{} x", "line 1, col 4: unexpected `x`, expected the end"),
            ("rate({})", "line 1, col 8: unexpected `)`, expected `[`"),
            ("rate({}[5])", "line 1, col 9: `5` is no length of time"),
            ("rate({}[0s])", "line 1, col 9: `0s` is no length of time"),
            (
                "rate({}[5m] offset 1h)",
                "line 1, col 13: `offset` is not understood",
            ),
            (
                "rate({}[5m]) * 2",
                "line 1, col 14: only numbers can be reckoned with",
            ),
            (
                "quantile_over_time(0.9, {}[5m])",
                "line 1, col 1: `quantile_over_time` is not",
            ),
            ("sum(vector(1))", "line 1, col 5: a number is no series"),
            (
                "topk(0, rate({}[5m]))",
                "line 1, col 6: `0` is no number of series",
            ),
            ("vector(x)", "line 1, col 8: `x` is no number"),
        ] {
            let wanted = format!("parse error at {wanted}");
            let told = told(text);
            assert!(told.starts_with(&wanted), "{text}: {told}");
        }
        let deep = "(".repeat(1_000);
        assert!(told(&deep).contains("more within one another"));
        assert!(told(&"x".repeat(100_000)).contains("longer than"));
        let many = format!("{{}}{}", "|=``".repeat(1_000));
        assert!(told(&many).contains("more than 100 conditions"));
    }

    #[test]
    fn lines_are_wanted_by_what_stands_in_them() {
        for (query, line, is_wanted) in [
            ("{} |= `Sent`", "status=sent", false),
            ("{} |= `sent`", "status=sent", true),
            ("{} |= `a` or `sent`", "status=sent", true),
            ("{} != `a` or `sent`", "status=sent", false),
            ("{} != `a` |= `status`", "status=sent", false),
            ("{} |~ `s[a-z]nt$`", "status=sent", true),
            ("{} |~ `(?i)SENT`", "status=sent", true),
            ("{} !~ `^status`", "status=sent", false),
            ("{} |= ``", "", true),
        ] {
            let lines = Query::parse_lines(query).expect("it is right");
            assert_eq!(lines.wants(line.as_bytes()), is_wanted, "{query}");
        }
    }

    proptest! {
        /// Of pieces that mean something, and of anything else.
        #[test]
        fn no_query_panics(
            pieces in prop::collection::vec(prop_oneof![
                prop::sample::select(vec![
                    "{", "}", "host", "kind", "=", "=~", "!=", "!~", "|=", "|~", "|", "\"", "`",
                    "\\", "a.*", "(", ")", "[", "]", "5m", "sum", "by", "topk", "rate",
                    "count_over_time", "vector", "1", ",", "drop", "__error__", "or", "and", "+",
                    "/", "#", "\n", " ", "é", "\u{202e}", "{}", "=\"x\"", "[5m]",
                ]).prop_map(str::to_owned),
                any::<String>(),
            ], 0..24),
        ) {
            let text = pieces.concat();
            if let Err(problem) = Query::parse(&text) {
                prop_assert!(!problem.detail.is_empty());
            }
        }
    }
}
