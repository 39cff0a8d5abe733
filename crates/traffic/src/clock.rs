//! Time: the rhythm of a day and the writing of stamps.

use crate::plan::{Plan, Stamps};
use std::fmt::Write;

pub(crate) const MS: i64 = 1_000;
pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY_US: i64 = 24 * HOUR;

/// Traffic by hour of the day, peaks at 10 and 15 h.
const HOURLY: [u64; 24] = [
    18, 14, 12, 11, 12, 16, 26, 45, 72, 94, 100, 92, 78, 80, 93, 98, 86, 66, 50, 42, 37, 33, 28, 22,
];
const DAY_WEIGHT: u64 = sum(&HOURLY);

const fn sum(hours: &[u64; 24]) -> u64 {
    let mut total = 0;
    let mut hour = 0;
    while hour < hours.len() {
        total += hours[hour];
        hour += 1;
    }
    total
}

/// The moment at which `done` of `all` lines are due, microseconds since 1970.
pub(crate) fn due(plan: &Plan, done: u64, all: u64) -> i64 {
    let days = u64::from(plan.days.max(1));
    let position = u128::from(done.min(all)) * u128::from(days * DAY_WEIGHT * 1_000_000);
    let position = (position / u128::from(all.max(1))) as u64;
    let (day, mut left) = (
        position / (DAY_WEIGHT * 1_000_000),
        position % (DAY_WEIGHT * 1_000_000),
    );
    let local = plan.begin_us() + i64::from(plan.zone_offset_minutes) * MINUTE;
    let first = local.div_euclid(HOUR).rem_euclid(24) as usize;
    for passed in 0..24 {
        let weight = HOURLY[(first + passed) % 24] * 1_000_000;
        if left < weight {
            let within = (u128::from(left) * HOUR as u128 / u128::from(weight)) as i64;
            return plan.begin_us() + day as i64 * DAY_US + passed as i64 * HOUR + within;
        }
        left -= weight;
    }
    plan.end_us()
}

/// Year, month and day of days since 1970. Source: Howard Hinnant, `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (
        yoe + era * 400 + i64::from(month <= 2),
        month,
        doy - (153 * mp + 2) / 5 + 1,
    )
}

/// `20261116082321`, as in message-ids.
pub(crate) struct Compact(pub(crate) i64);

impl std::fmt::Display for Compact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.div_euclid(SECOND);
        let (year, month, day) = civil(seconds.div_euclid(86_400));
        let rest = seconds.rem_euclid(86_400);
        write!(f, "{year:04}{month:02}{day:02}")?;
        write!(f, "{:02}{:02}{:02}", rest / 3600, rest / 60 % 60, rest % 60)
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `Nov 16 08:23:21` in UTC, as anvil writes it into its text.
pub(crate) struct Traditional(pub(crate) i64);

impl std::fmt::Display for Traditional {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.div_euclid(SECOND);
        let (_, month, day) = civil(seconds.div_euclid(86_400));
        let rest = seconds.rem_euclid(86_400);
        let name = MONTHS[(month - 1) as usize];
        write!(
            f,
            "{name} {day:2} {:02}:{:02}:{:02}",
            rest / 3600,
            rest / 60 % 60,
            rest % 60
        )
    }
}

/// Writes stamps; keeps the text of the second it wrote last.
pub(crate) struct Stamper {
    stamps: Stamps,
    zone_us: i64,
    zone: String,
    second: i64,
    text: String,
}

impl Stamper {
    pub(crate) fn new(plan: &Plan) -> Self {
        let minutes = plan.zone_offset_minutes;
        let sign = if minutes < 0 { '-' } else { '+' };
        let zone = format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
        Stamper {
            stamps: plan.stamps,
            zone_us: i64::from(minutes) * MINUTE,
            zone,
            second: i64::MIN,
            text: String::new(),
        }
    }

    pub(crate) fn write(&mut self, at: i64, out: &mut Vec<u8>) {
        let local = at + self.zone_us;
        let second = local.div_euclid(SECOND);
        if second != self.second {
            self.second = second;
            self.text.clear();
            let _ = self.write_second(local);
        }
        out.extend_from_slice(self.text.as_bytes());
        if matches!(self.stamps, Stamps::Rfc3339Micros | Stamps::Rfc5424) {
            let mut micros = local.rem_euclid(SECOND);
            let mut digits = *b".000000";
            for digit in digits[1..].iter_mut().rev() {
                *digit = b'0' + (micros % 10) as u8;
                micros /= 10;
            }
            out.extend_from_slice(&digits);
        }
        if self.stamps != Stamps::Rfc3164 {
            out.extend_from_slice(self.zone.as_bytes());
        }
    }

    fn write_second(&mut self, local: i64) -> std::fmt::Result {
        if self.stamps == Stamps::Rfc3164 {
            return write!(self.text, "{}", Traditional(local));
        }
        let seconds = local.div_euclid(SECOND);
        let (year, month, day) = civil(seconds.div_euclid(86_400));
        let rest = seconds.rem_euclid(86_400);
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        write!(
            self.text,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )
    }
}

/// Seconds as Postfix writes them: two significant digits, at most two decimals.
/// Source: postfix `src/util/format_tv.c`.
pub(crate) struct Seconds(pub(crate) i64);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hundredths = (self.0.max(0) + 5_000) / 10_000;
        if hundredths >= 995 {
            return write!(f, "{}", (hundredths + 50) / 100);
        }
        let hundredths = if hundredths >= 100 {
            (hundredths + 5) / 10 * 10
        } else {
            hundredths
        };
        match (hundredths / 100, hundredths % 100) {
            (whole, 0) => write!(f, "{whole}"),
            (whole, part) if part % 10 == 0 => write!(f, "{whole}.{}", part / 10),
            (whole, part) => write!(f, "{whole}.{part:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_have_two_digits() {
        let cases = [
            (0, "0"),
            (4_000, "0"),
            (31_000, "0.03"),
            (400_000, "0.4"),
            (4_270_000, "4.3"),
            (9_970_000, "10"),
            (16_400_000, "16"),
            (193_000_000, "193"),
        ];
        for (us, text) in cases {
            assert_eq!(Seconds(us).to_string(), text);
        }
    }

    #[test]
    fn stamps_are_written_in_the_zone() {
        let at = 1_794_787_200_000_123;
        for (stamps, zone, expected) in [
            (
                Stamps::Rfc3339Micros,
                60,
                "2026-11-16T01:00:00.000123+01:00",
            ),
            (Stamps::Rfc3339, 0, "2026-11-16T00:00:00+00:00"),
            (Stamps::Rfc3164, -330, "Nov 15 18:30:00"),
        ] {
            let plan = Plan {
                stamps,
                zone_offset_minutes: zone,
                ..Plan::default()
            };
            let mut out = Vec::new();
            Stamper::new(&plan).write(at, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
        assert_eq!(Compact(at).to_string(), "20261116000000");
    }

    #[test]
    fn a_day_is_filled_from_begin_to_end() {
        let plan = Plan::default();
        assert_eq!(due(&plan, 0, 1000), plan.begin_us());
        assert!(due(&plan, 999, 1000) < plan.end_us());
        assert!(due(&plan, 500, 1000) > plan.begin_us() + 11 * HOUR);
    }

    #[test]
    fn a_day_that_begins_at_noon_has_its_night_in_the_middle() {
        let midnight = Plan::default();
        let noon = Plan {
            start: midnight.start + 12 * 3_600,
            ..midnight
        };
        let night = due(&noon, 650, 1000) - due(&noon, 600, 1000);
        let afternoon = due(&noon, 50, 1000) - due(&noon, 0, 1000);
        assert!(night > 3 * afternoon, "{night} {afternoon}");
    }
}
