//! Values as PostgreSQL writes them: as text and as bytes.
//!
//! Source: PostgreSQL's documentation, "Data Types"; `src/backend/utils/adt`, the functions `..out` and
//! `..send`.

use crate::wire::with_length;
use bytes::{BufMut, BytesMut};
use query::{Shape, Value};
use std::fmt::Write;

/// In which form values are wanted or given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As PostgreSQL shows them.
    Text,
    /// As bytes, the highest first.
    Binary,
}

/// Microseconds, and days, from 1970 to 2000, at which times of PostgreSQL begin.
pub(crate) const MICROS_TO_2000: i64 = 946_684_800_000_000;
pub(crate) const DAYS_TO_2000: i32 = 10_957;

const DAY_MICROS: i64 = 86_400_000_000;

/// Writes a value of a column with its length before it.
pub(crate) fn put(to: &mut BytesMut, value: &Value<'_>, shape: &Shape, form: Form) {
    match (value, form) {
        (Value::None, _) => to.put_i32(-1),
        (value, Form::Binary) => with_length(to, 0, |to| binary(to, value, shape)),
        (Value::Text(text), Form::Text) => with_length(to, 0, |to| to.put_slice(text.as_bytes())),
        (value, Form::Text) => {
            let text = text(value);
            with_length(to, 0, |to| to.put_slice(text.as_bytes()));
        }
    }
}

fn binary(to: &mut BytesMut, value: &Value<'_>, shape: &Shape) {
    match value {
        Value::None => {}
        Value::Flag(it) => to.put_u8(u8::from(*it)),
        Value::Number(it) => to.put_i64(*it),
        Value::Real(it) => to.put_f32(*it),
        Value::Double(it) => to.put_f64(*it),
        Value::Text(it) => to.put_slice(it.as_bytes()),
        Value::Time(it) | Value::Moment(it) => to.put_i64(it.saturating_sub(MICROS_TO_2000)),
        Value::Day(it) => to.put_i32(it.saturating_sub(DAYS_TO_2000)),
        Value::Bytes(it) => to.put_slice(it),
        Value::List(them) => {
            let Shape::List(of) = shape else {
                return;
            };
            to.put_i32(i32::from(!them.is_empty()));
            to.put_i32(i32::from(them.contains(&Value::None)));
            to.put_u32(of.oid());
            if them.is_empty() {
                return;
            }
            // A list is a value of a row in memory.
            to.put_i32(them.len() as i32);
            to.put_i32(1);
            for it in them {
                put(to, it, of, Form::Binary);
            }
        }
    }
}

fn text(value: &Value<'_>) -> String {
    match value {
        Value::None => String::new(),
        Value::Flag(it) => if *it { "t" } else { "f" }.to_owned(),
        Value::Number(it) => it.to_string(),
        Value::Real(it) if it.is_finite() => it.to_string(),
        Value::Real(it) => endless(f64::from(*it)),
        Value::Double(it) if it.is_finite() => it.to_string(),
        Value::Double(it) => endless(*it),
        Value::Text(it) => (*it).to_owned(),
        Value::Time(it) => moment(*it, "+00"),
        Value::Moment(it) => moment(*it, ""),
        Value::Day(it) => {
            let (day, era) = day(i64::from(*it));
            day + era
        }
        Value::Bytes(it) => {
            let mut text = "\\x".to_owned();
            for byte in *it {
                let _ = write!(text, "{byte:02x}");
            }
            text
        }
        Value::List(them) => {
            let items: Vec<String> = them.iter().map(item).collect();
            format!("{{{}}}", items.join(","))
        }
    }
}

fn endless(number: f64) -> String {
    match number {
        _ if number.is_nan() => "NaN",
        _ if number > 0.0 => "Infinity",
        _ => "-Infinity",
    }
    .to_owned()
}

/// A value in a list, quoted where it must be (`array_out`).
fn item(value: &Value<'_>) -> String {
    if *value == Value::None {
        return "NULL".to_owned();
    }
    let text = text(value);
    let is_special = |it: char| "{},\"\\".contains(it) || it.is_ascii_whitespace() || it == '\u{b}';
    if !text.is_empty() && !text.eq_ignore_ascii_case("null") && !text.contains(is_special) {
        return text;
    }
    let mut quoted = "\"".to_owned();
    for it in text.chars() {
        if matches!(it, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(it);
    }
    quoted + "\""
}

/// Microseconds since 1970, with a zone and the era behind.
fn moment(micros: i64, zone: &str) -> String {
    let (date, era) = day(micros.div_euclid(DAY_MICROS));
    let micros = micros.rem_euclid(DAY_MICROS);
    let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{date} {hour:02}:{minute:02}:{second:02}");
    if micros != 0 {
        let digits = format!("{micros:06}");
        let _ = write!(text, ".{}", digits.trim_end_matches('0'));
    }
    text + zone + era
}

/// A date of the Gregorian calendar, and what tells its era, from days since 1970
/// (Howard Hinnant, `civil_from_days`).
fn day(days: i64) -> (String, &'static str) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    match year {
        1.. => (format!("{year:04}-{month:02}-{day:02}"), ""),
        // There is no year 0.
        _ => (format!("{:04}-{month:02}-{day:02}", 1 - year), " BC"),
    }
}

#[cfg(test)]
mod tests;
