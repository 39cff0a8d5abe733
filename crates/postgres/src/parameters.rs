//! Values that clients give for the parameters of a question.

use crate::refusal::Refusal;
use crate::values::{DAYS_TO_2000, Form, MICROS_TO_2000};
use bytes::Bytes;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use query::{Shape, Value};

/// Values as they were given, with their types and forms.
#[derive(Clone, Default)]
pub(crate) struct Given {
    pub(crate) values: Vec<Option<Bytes>>,
    /// Numbers of types as the client told them; 0 where it did not.
    pub(crate) oids: Vec<u32>,
    pub(crate) forms: Vec<Form>,
}

impl Given {
    /// Reads them, as what is wanted.
    pub(crate) fn read(&self, wanted: &[Shape]) -> Result<Vec<Value<'_>>, Refusal> {
        let values = self.values.iter().enumerate().map(|(at, bytes)| {
            let Some(bytes) = bytes else {
                return Ok(Value::None);
            };
            let shape = wanted.get(at).unwrap_or(&Shape::Text);
            let oid = self.oids.get(at).copied().unwrap_or_default();
            let form = self.forms.get(at).copied().unwrap_or(Form::Text);
            read(bytes, oid, shape, form).map_err(|refusal| refusal.about(at + 1))
        });
        values.collect()
    }

    /// What was given, for the audit log.
    pub(crate) fn told(&self, wanted: &[Shape]) -> String {
        let values = self.read(wanted).unwrap_or_default();
        let told = values.iter().enumerate();
        let told = told.map(|(at, value)| format!("\n-- ${}: {value:?}", at + 1));
        told.collect()
    }
}

/// Reads a value of a type, or, where that is not told, as what is wanted.
pub(crate) fn read<'v>(
    bytes: &'v [u8],
    oid: u32,
    wanted: &Shape,
    form: Form,
) -> Result<Value<'v>, Refusal> {
    let oid = if oid == 0 { wanted.oid() } else { oid };
    match form {
        Form::Text => {
            let text = std::str::from_utf8(bytes).map_err(|_| wrong("UTF-8"))?;
            read_text(text, oid, wanted)
        }
        Form::Binary => read_binary(bytes, oid),
    }
}

fn read_text<'v>(text: &'v str, oid: u32, wanted: &Shape) -> Result<Value<'v>, Refusal> {
    let trimmed = text.trim();
    Ok(match oid {
        16 => match trimmed.to_lowercase().as_str() {
            "t" | "true" | "y" | "yes" | "on" | "1" => Value::Flag(true),
            "f" | "false" | "n" | "no" | "off" | "0" => Value::Flag(false),
            _ => return Err(wrong("boolean")),
        },
        20 | 21 | 23 | 26 => Value::Number(trimmed.parse().map_err(|_| wrong("bigint"))?),
        700 => Value::Real(trimmed.parse().map_err(|_| wrong("real"))?),
        701 | 1700 => Value::Double(trimmed.parse().map_err(|_| wrong("double precision"))?),
        1082 => {
            let date: Date = trimmed.parse().map_err(|_| wrong("date"))?;
            let days = micros(date.into()).ok_or_else(|| wrong("date"))?;
            // Days of jiff are within the year 9999.
            Value::Day(days.div_euclid(86_400_000_000) as i32)
        }
        1114 => {
            let moment: DateTime = trimmed.parse().map_err(|_| wrong("timestamp"))?;
            Value::Moment(micros(moment).ok_or_else(|| wrong("timestamp"))?)
        }
        1184 => Value::Time(time(trimmed).ok_or_else(|| wrong("timestamp with time zone"))?),
        17 | 1000..=1231 if oid != 1042 && oid != 1043 => return Err(not_had(oid)),
        // Texts, and what is compared as a text; also words for a time that the engine may know.
        _ => match wanted {
            Shape::Bytes | Shape::List(_) => return Err(not_had(wanted.oid())),
            _ => Value::Text(text),
        },
    })
}

fn read_binary(bytes: &[u8], oid: u32) -> Result<Value<'_>, Refusal> {
    fn of<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Refusal> {
        bytes.try_into().map_err(|_| wrong("that type's bytes"))
    }
    Ok(match oid {
        16 => Value::Flag(of::<1>(bytes)? != [0]),
        20 => Value::Number(i64::from_be_bytes(of(bytes)?)),
        21 => Value::Number(i16::from_be_bytes(of(bytes)?).into()),
        23 => Value::Number(i32::from_be_bytes(of(bytes)?).into()),
        26 => Value::Number(u32::from_be_bytes(of(bytes)?).into()),
        700 => Value::Real(f32::from_be_bytes(of(bytes)?)),
        701 => Value::Double(f64::from_be_bytes(of(bytes)?)),
        17 => Value::Bytes(bytes),
        18 | 19 | 25 | 114 | 705 | 1042 | 1043 => {
            Value::Text(std::str::from_utf8(bytes).map_err(|_| wrong("UTF-8"))?)
        }
        1082 => Value::Day(i32::from_be_bytes(of(bytes)?).saturating_add(DAYS_TO_2000)),
        1114 => Value::Moment(i64::from_be_bytes(of(bytes)?).saturating_add(MICROS_TO_2000)),
        1184 => Value::Time(i64::from_be_bytes(of(bytes)?).saturating_add(MICROS_TO_2000)),
        oid => return Err(not_had(oid)),
    })
}

/// A moment as PostgreSQL and RFC 3339 write it, `2026-11-22 08:00:00.1+00`; without a zone in UTC.
fn time(text: &str) -> Option<i64> {
    let (rest, offset) = match text.rfind(['+', '-']).filter(|at| *at > 10) {
        Some(at) => {
            let (rest, zone) = text.split_at(at);
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let mut parts = zone[1..].split(':');
            let mut part = |default| match parts.next() {
                None => Some(default),
                Some(text) => text.parse::<i64>().ok(),
            };
            // `+0530` beside `+05:30`.
            let (hours, minutes) = match zone.len() == 5 && !zone.contains(':') {
                true => (zone.get(1..3)?.parse().ok()?, zone.get(3..)?.parse().ok()?),
                false => (part(0)?, part(0)?),
            };
            (rest, sign * (hours * 3_600 + minutes * 60))
        }
        None => (text.trim_end_matches(['Z', 'z']), 0),
    };
    let moment: DateTime = rest.trim().parse().ok()?;
    micros(moment)?.checked_sub(offset.checked_mul(1_000_000)?)
}

fn micros(moment: DateTime) -> Option<i64> {
    let zoned = moment.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_microsecond())
}

fn wrong(wanted: &str) -> Refusal {
    Refusal::new("22P02", format!("it is no {wanted}"))
}

fn not_had(oid: u32) -> Refusal {
    let text = format!("parameters of the type with the number {oid} are not had");
    Refusal::new("0A000", text).hint("write the values into the question")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_all_forms_are_read() {
        let at = 1_795_334_400_500_000;
        for text in [
            "2026-11-22 08:00:00.5+00",
            "2026-11-22T08:00:00.5Z",
            "2026-11-22 08:00:00.5",
            "2026-11-22 09:30:00.5+01:30",
            "2026-11-22 09:30:00.5+0130",
            "2026-11-22 03:00:00.5-05",
        ] {
            assert_eq!(time(text), Some(at), "{text}");
        }
        for text in ["yesterday", "2026-11-22 08:00:00+x", ""] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_with_the_parameter() {
        let given = Given {
            values: vec![None, Some(Bytes::from_static(b"x"))],
            ..Given::default()
        };
        let refusal = given.read(&[Shape::Number, Shape::Number]);
        let refusal = refusal.expect_err("it is no number");
        assert_eq!(
            (refusal.code, refusal.text.as_str()),
            ("22P02", "parameter $2: it is no bigint")
        );
    }
}
