//! Stamps at the head of lines: found again from the line's time, so that only their form is kept.

use crate::Error;
use crate::varint;

/// A way of writing a time. Its number in [`PATTERNS`], how many digits its fraction has, and how
/// many minutes east of UTC its clock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pattern: u8,
    digits: u8,
    minutes_east: i16,
}

/// Stored by number: new ones go to the end.
///
/// `%Y %m %d %H %M %S` as in strftime; `%e` day padded by a space, `%b` `%a` English names of month
/// and weekday, `%f` a point (`%F` a comma) and the fraction's digits or nothing, `%z` `+01:00`, `%o`
/// `+0100`, `%s` seconds since 1970, `%t` TAI64N without its `@`.
const PATTERNS: &[&[u8]] = &[
    b"%b %e %H:%M:%S%f",
    b"%Y-%m-%dT%H:%M:%S%f%z",
    b"%Y-%m-%dT%H:%M:%S%fZ",
    b"%Y-%m-%dT%H:%M:%S%f%o",
    b"%Y-%m-%dT%H:%M:%S%f",
    b"%Y-%m-%d %H:%M:%S%f%z",
    b"%Y-%m-%d %H:%M:%S%f %o",
    b"%Y-%m-%d %H:%M:%S%f",
    b"%Y-%m-%d %H:%M:%S%F",
    b"%Y/%m/%d %H:%M:%S%f",
    b"%a %b %e %H:%M:%S%f %Y",
    b"%a, %d %b %Y %H:%M:%S %o",
    b"%d/%b/%Y:%H:%M:%S %o",
    b"%d-%b-%Y %H:%M:%S%f",
    b"%b %d %H:%M:%S%f",
    b"%b %e %Y %H:%M:%S%f",
    b"%Y%m%d %H%M%S%f",
    b"%s%f",
    b"@%t",
];

const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
const WEEKDAYS: &[u8; 21] = b"SunMonTueWedThuFriSat";

/// No zone is further from UTC.
const MINUTES_EAST_MAX: i64 = 18 * 60;
const MINUTES_A_DAY: i64 = 24 * 60;

/// 2^62, and the ten seconds that daemontools (`tai_now.c`, `timestamp.c`) adds to UTC.
const TAI_BASE: u64 = (1 << 62) + 10;

impl Form {
    /// The form that a text begins with, if what it writes is this time; and the stamp's length.
    /// Of several the longest, then the first.
    pub(crate) fn of(text: &[u8], at: i64) -> Option<(Form, usize)> {
        let found = (0..PATTERNS.len()).rev().filter_map(|pattern| {
            let read = Reading::of(PATTERNS[pattern], text)?;
            let form = |minutes_east| Form {
                pattern: pattern as u8,
                digits: read.digits,
                minutes_east,
            };
            read.offsets(at)
                .find_map(|east| Some((form(east), form(east).len_at(text, at)?)))
        });
        found.max_by_key(|&(_, len)| len)
    }

    /// Length of the stamp that a text begins with, if it is this time in this form.
    #[inline]
    pub(crate) fn len_at(self, text: &[u8], at: i64) -> Option<usize> {
        let mut written = Written::default();
        self.write(at, &mut written);
        text.starts_with(written.bytes()).then_some(written.len)
    }

    /// Appends the stamp of a time.
    #[inline]
    pub(crate) fn render(self, at: i64, out: &mut Vec<u8>) {
        let mut written = Written::default();
        self.write(at, &mut written);
        out.extend_from_slice(written.bytes());
    }

    /// Appends the form itself.
    pub(crate) fn put(self, out: &mut Vec<u8>) {
        out.extend([self.pattern, self.digits]);
        varint::put(varint::zigzag(self.minutes_east.into()), out);
    }

    /// Takes a form off the front.
    #[inline]
    pub(crate) fn take(from: &mut &[u8]) -> Result<Form, Error> {
        let [pattern, digits, rest @ ..] = *from else {
            return Err(Error::Damaged);
        };
        *from = rest;
        let east = varint::unzigzag(varint::take(from)?);
        let is_near = east.unsigned_abs() <= MINUTES_EAST_MAX.unsigned_abs();
        if usize::from(*pattern) >= PATTERNS.len() || *digits > 9 || !is_near {
            return Err(Error::Damaged);
        }
        Ok(Form {
            pattern: *pattern,
            digits: *digits,
            minutes_east: east as i16,
        })
    }

    #[inline]
    fn write(self, at: i64, out: &mut Written) {
        let utc = at.div_euclid(1_000_000_000);
        let nanos = at.rem_euclid(1_000_000_000) as u32;
        let local = utc + i64::from(self.minutes_east) * 60;
        let date = Date::of(local.div_euclid(86_400));
        let second = local.rem_euclid(86_400) as u32;
        let mut pattern = PATTERNS[usize::from(self.pattern)];
        while let [first, rest @ ..] = pattern {
            pattern = rest;
            if *first != b'%' {
                out.byte(*first);
                continue;
            }
            let [field, rest @ ..] = rest else { return };
            pattern = rest;
            match field {
                b'Y' => {
                    out.two(date.year / 100);
                    out.two(date.year % 100);
                }
                b'm' => out.two(date.month),
                b'd' => out.two(date.day),
                b'e' if date.day < 10 => out.all(&[b' ', b'0' + date.day as u8]),
                b'e' => out.two(date.day),
                b'H' => out.two(second / 3600),
                b'M' => out.two(second / 60 % 60),
                b'S' => out.two(second % 60),
                b'b' => out.all(name(MONTHS, date.month - 1)),
                b'a' => out.all(name(WEEKDAYS, date.weekday)),
                b'f' => out.fraction(b'.', nanos, self.digits),
                b'F' => out.fraction(b',', nanos, self.digits),
                b'z' => out.zone(self.minutes_east, true),
                b'o' => out.zone(self.minutes_east, false),
                b's' => out.number(utc),
                _ => out.tai64n(utc, nanos),
            }
        }
    }
}

fn name(names: &[u8], index: u32) -> &[u8] {
    let start = index as usize * 3;
    &names[start..start + 3]
}

struct Date {
    year: u32,
    month: u32,
    day: u32,
    weekday: u32,
}

impl Date {
    /// Of a day since 1970; years are those that nanoseconds in 64 bits can tell, 1677 to 2262.
    ///
    /// Source: Howard Hinnant, `civil_from_days`.
    #[inline]
    fn of(day: i64) -> Date {
        let shifted = (day + 719_468) as u32;
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        Date {
            year: year_of_era + era * 400 + u32::from(month <= 2),
            month,
            day: day_of_year - (153 * from_march + 2) / 5 + 1,
            weekday: (day + 4).rem_euclid(7) as u32,
        }
    }
}

/// A stamp that is being written; the longest has some forty bytes.
struct Written {
    bytes: [u8; 64],
    len: usize,
}

impl Default for Written {
    fn default() -> Self {
        Written {
            bytes: [0; 64],
            len: 0,
        }
    }
}

impl Written {
    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    #[inline]
    fn byte(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    #[inline]
    fn all(&mut self, bytes: &[u8]) {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    #[inline]
    fn two(&mut self, value: u32) {
        self.all(&[b'0' + (value / 10) as u8, b'0' + (value % 10) as u8]);
    }

    fn number(&mut self, value: i64) {
        if value < 0 {
            self.byte(b'-');
        }
        let value = value.unsigned_abs();
        let digits = value.checked_ilog10().unwrap_or(0);
        for place in (0..=digits).rev() {
            self.byte(b'0' + (value / 10_u64.pow(place) % 10) as u8);
        }
    }

    #[inline]
    fn fraction(&mut self, separator: u8, nanos: u32, digits: u8) {
        if digits == 0 {
            return;
        }
        let mut text = [separator; 10];
        let mut rest = nanos;
        for digit in text[1..].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        self.all(&text[..=usize::from(digits)]);
    }

    fn zone(&mut self, minutes_east: i16, colon: bool) {
        self.byte(if minutes_east < 0 { b'-' } else { b'+' });
        let minutes = u32::from(minutes_east.unsigned_abs());
        self.two(minutes / 60);
        if colon {
            self.byte(b':');
        }
        self.two(minutes % 60);
    }

    fn tai64n(&mut self, utc: i64, nanos: u32) {
        let seconds = TAI_BASE.wrapping_add_signed(utc);
        for place in (0..16).rev() {
            self.byte(hex((seconds >> (4 * place)) as u8));
        }
        for place in (0..8).rev() {
            self.byte(hex((nanos >> (4 * place)) as u8));
        }
    }
}

fn hex(nibble: u8) -> u8 {
    b"0123456789abcdef"[usize::from(nibble & 0xf)]
}

/// What is to be known of a written stamp before its offset is.
struct Reading {
    digits: u8,
    minute_of_day: Option<i64>,
    minutes_east: Option<i64>,
}

impl Reading {
    /// Reads as much of a text as has the pattern's shape.
    fn of(mut pattern: &[u8], text: &[u8]) -> Option<Reading> {
        let mut read = Reading {
            digits: 0,
            minute_of_day: None,
            minutes_east: None,
        };
        let mut rest = text;
        while let [first, after @ ..] = pattern {
            pattern = after;
            if *first != b'%' {
                rest = rest.strip_prefix(&[*first])?;
                continue;
            }
            let [field, after @ ..] = after else { break };
            pattern = after;
            let width = match field {
                b'Y' => 4,
                b'b' | b'a' => 3,
                b'f' | b'F' => read.fraction(if *field == b'f' { b'.' } else { b',' }, rest),
                b's' => rest
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit())
                    .count()
                    .max(1),
                b'z' => read.zone(rest, 6)?,
                b'o' => read.zone(rest, 5)?,
                b't' => 24,
                _ => 2,
            };
            let value = rest.get(..width)?;
            match field {
                b'H' => read.minute_of_day = Some(60 * two(value)?),
                b'M' => read.minute_of_day = Some(read.minute_of_day? + two(value)?),
                b'Y' | b'm' | b'd' | b'S' | b's' => {
                    value.iter().all(u8::is_ascii_digit).then_some(())?;
                }
                _ => {}
            }
            rest = &rest[width..];
        }
        Some(read)
    }

    /// Notes how many digits a fraction has; gives its width with the separator.
    fn fraction(&mut self, separator: u8, rest: &[u8]) -> usize {
        let digits = match rest.strip_prefix(&[separator]) {
            Some(digits) => digits
                .iter()
                .take(9)
                .take_while(|it| it.is_ascii_digit())
                .count(),
            None => 0,
        };
        self.digits = digits as u8;
        if digits == 0 { 0 } else { digits + 1 }
    }

    /// Notes the offset of a zone of so many bytes; gives them back.
    fn zone(&mut self, rest: &[u8], width: usize) -> Option<usize> {
        let zone = rest.get(..width)?;
        let minutes = 60 * two(&zone[1..3])? + two(&zone[width - 2..])?;
        self.minutes_east = match zone[0] {
            b'+' => Some(minutes),
            b'-' => Some(-minutes),
            _ => return None,
        };
        Some(width)
    }

    /// The offsets from UTC that the stamp may have if it stands for this time.
    fn offsets(&self, at: i64) -> impl Iterator<Item = i16> {
        let utc_minute = at.div_euclid(60_000_000_000).rem_euclid(MINUTES_A_DAY);
        let east = match (self.minutes_east, self.minute_of_day) {
            (Some(east), _) => [east; 3],
            (None, None) => [0; 3],
            (None, Some(minute)) => {
                [0, MINUTES_A_DAY, -MINUTES_A_DAY].map(|day| minute - utc_minute + day)
            }
        };
        let near = east
            .into_iter()
            .filter(|east| east.abs() <= MINUTES_EAST_MAX);
        near.map(|east| east as i16)
    }
}

fn two(digits: &[u8]) -> Option<i64> {
    match digits {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            Some(i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
