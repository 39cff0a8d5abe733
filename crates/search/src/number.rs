//! Tests of numbers, with their units.

use crate::error::Problem;
use crate::field::Unit;
use crate::limits::NUMBER_MAX;
use std::fmt;

/// What a number must be, in the unit's base: bytes, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NumberTest {
    /// Less than this.
    Less(f64),
    /// This or less.
    AtMost(f64),
    /// From the first to the second, both included.
    Between(f64, f64),
    /// This or more.
    AtLeast(f64),
    /// More than this.
    More(f64),
}

/// Names of a unit's multiples, the largest first, the base last; the first name of a size is the
/// one for canonical text.
type Scale = &'static [(f64, &'static [&'static str])];

const BYTES: Scale = &[
    (1_099_511_627_776.0, &["TiB"]),
    (1e12, &["TB", "T"]),
    (1_073_741_824.0, &["GiB"]),
    (1e9, &["GB", "G"]),
    (1_048_576.0, &["MiB"]),
    (1e6, &["MB", "M"]),
    (1_024.0, &["KiB"]),
    (1e3, &["kB", "K"]),
    (1.0, &["B", ""]),
];

const MILLIS: Scale = &[
    (604_800_000.0, &["w"]),
    (86_400_000.0, &["d"]),
    (3_600_000.0, &["h"]),
    (60_000.0, &["m", "min"]),
    (1e3, &["s", ""]),
    (1.0, &["ms"]),
];

const PLAIN: Scale = &[(1.0, &[""])];

fn scale(unit: Unit) -> Scale {
    match unit {
        Unit::Plain => PLAIN,
        Unit::Bytes => BYTES,
        Unit::Millis => MILLIS,
    }
}

impl NumberTest {
    /// Whether a number fits.
    pub fn matches(self, number: f64) -> bool {
        match self {
            NumberTest::Less(than) => number < than,
            NumberTest::AtMost(most) => number <= most,
            NumberTest::Between(least, most) => number >= least && number <= most,
            NumberTest::AtLeast(least) => number >= least,
            NumberTest::More(than) => number > than,
        }
    }

    pub(crate) fn parse(text: &str, unit: Unit) -> Result<Self, Problem> {
        let number = |text| number(text, unit);
        if let Some((least, most)) = text.split_once("..") {
            return match (least, most) {
                (least, "") => Ok(NumberTest::AtLeast(number(least)?)),
                ("", most) => Ok(NumberTest::AtMost(number(most)?)),
                (least, most) => between(number(least)?, number(most)?),
            };
        }
        if let Some(hundreds) = text.strip_suffix("xx") {
            let first = number(hundreds)? * 100.0;
            return between(first, first + 99.0);
        }
        let (make, rest): (fn(f64) -> Self, _) = match text.as_bytes() {
            [b'<', b'=', ..] => (NumberTest::AtMost, &text[2..]),
            [b'>', b'=', ..] => (NumberTest::AtLeast, &text[2..]),
            [b'<', ..] => (NumberTest::Less, &text[1..]),
            [b'>', ..] => (NumberTest::More, &text[1..]),
            [b'=', ..] => (|it| NumberTest::Between(it, it), &text[1..]),
            _ => (|it| NumberTest::Between(it, it), text),
        };
        Ok(make(number(rest)?))
    }

    /// As it is written in questions.
    pub(crate) fn shown(self, unit: Unit) -> impl fmt::Display {
        let shown = move |number| shown(number, unit);
        fmt::from_fn(move |f| match self {
            NumberTest::Less(than) => write!(f, "<{}", shown(than)),
            NumberTest::AtMost(most) => write!(f, "<={}", shown(most)),
            NumberTest::Between(least, most) if least == most => write!(f, "{}", shown(least)),
            NumberTest::Between(least, most) => write!(f, "{}..{}", shown(least), shown(most)),
            NumberTest::AtLeast(least) => write!(f, ">={}", shown(least)),
            NumberTest::More(than) => write!(f, ">{}", shown(than)),
        })
    }
}

fn between(least: f64, most: f64) -> Result<NumberTest, Problem> {
    if least > most {
        return Err(Problem::Backwards);
    }
    Ok(NumberTest::Between(least, most))
}

fn number(text: &str, unit: Unit) -> Result<f64, Problem> {
    let wrong = || Problem::NotA {
        value: text.to_owned(),
        wanted: match unit {
            Unit::Plain => "a number",
            Unit::Bytes => "a size",
            Unit::Millis => "a duration",
        },
    };
    let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
    let end = text.find(|c| !is_of_number(c)).unwrap_or(text.len());
    let (digits, name) = text.split_at(end);
    let is_named = |it: &&'static str| it.eq_ignore_ascii_case(name);
    let mut multiples = scale(unit).iter();
    let multiple = multiples.find(|(_, names)| names.iter().any(is_named));
    let (factor, _) = multiple.ok_or_else(wrong)?;
    let number = digits.parse::<f64>().map_err(|_| wrong())? * factor;
    if number.abs() > NUMBER_MAX {
        return Err(wrong());
    }
    Ok(number)
}

/// A number in the largest multiple of which it is a whole number.
fn shown(number: f64, unit: Unit) -> impl fmt::Display {
    let is_whole = |(factor, _): &&(f64, _)| number != 0.0 && number % factor == 0.0;
    let scale = scale(unit);
    let (factor, names) = scale
        .iter()
        .find(is_whole)
        .unwrap_or(&scale[scale.len() - 1]);
    let shown = number / factor;
    fmt::from_fn(move |f| write!(f, "{shown}{}", names[0]))
}
