//! Words, numbers and times as a reader reads them. Words of figures are the page's.

use crate::figures::Form;
use jiff::Zoned;
use jiff::civil::Date;
use serde_json::Value;
use std::sync::LazyLock;

/// Of the page: `{"en": {key: word}, "it": ...}`.
static PAGE: LazyLock<Value> =
    LazyLock::new(|| read(include_str!("../../../web/src/words/reports.json")));
/// What enhanced status codes mean.
static CAUSES: LazyLock<Value> =
    LazyLock::new(|| read(include_str!("../../../web/src/words/causes.json")));
/// Of mails; `{0}` stands for a value.
static OWN: LazyLock<Value> = LazyLock::new(|| read(include_str!("words.json")));

fn read(text: &str) -> Value {
    // A test reads them.
    serde_json::from_str(text).unwrap_or_default()
}

/// In which language a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    English,
    /// Italian.
    Italian,
}

const DAYS: [[&str; 7]; 2] = [
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    ["lun", "mar", "mer", "gio", "ven", "sab", "dom"],
];
const MONTHS: [[&str; 12]; 2] = [
    [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ],
    [
        "gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic",
    ],
];

impl Language {
    /// The language of a code: `en`, `it`.
    pub(crate) fn named(code: &str) -> Option<Self> {
        [Language::English, Language::Italian]
            .into_iter()
            .find(|it| it.code() == code)
    }

    /// As it is stored (ISO 639-1).
    pub(crate) fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Italian => "it",
        }
    }

    fn of<'w>(self, words: &'w Value, key: &'w str) -> &'w str {
        words[self.code()][key].as_str().unwrap_or(key)
    }

    /// A word of the page; what is none stands for itself.
    pub(crate) fn page(self, key: &str) -> &str {
        self.of(&PAGE, key)
    }

    /// A word of mails, with values.
    pub(crate) fn own(self, key: &str, values: &[&str]) -> String {
        let word = self.of(&OWN, key).to_owned();
        let values = values.iter().enumerate();
        values.fold(word, |word, (at, value)| {
            word.replace(&format!("{{{at}}}"), value)
        })
    }

    /// What an enhanced status code means, whatever its class; empty where that is not known.
    pub(crate) fn cause(self, status: &str) -> &'static str {
        let detail = status.split_once('.').map_or("", |(_, rest)| rest);
        CAUSES[self.code()][detail].as_str().unwrap_or_default()
    }

    /// A figure; `–` where there is none to tell.
    pub(crate) fn figure(self, value: Option<f64>, form: Form) -> String {
        match (value, form) {
            (None, Form::Count) => "0".to_owned(),
            (None, Form::Bytes | Form::Length) => "–".to_owned(),
            (Some(value), Form::Count) => self.number(value, 0),
            (Some(value), Form::Bytes) => self.size(value),
            (Some(value), Form::Length) => self.length(value),
        }
    }

    /// 12,345 or 12.345, with so many digits behind the point at the most.
    pub(crate) fn number(self, value: f64, digits: usize) -> String {
        let text = format!("{:.digits$}", value.abs());
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        let (thousands, point) = match self {
            Language::English => (',', '.'),
            Language::Italian => ('.', ','),
        };
        let mut shown = String::new();
        if value < 0.0 {
            shown.push('−');
        }
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                shown.push(thousands);
            }
            shown.push(digit);
        }
        let rest = rest.trim_end_matches('0');
        if !rest.is_empty() {
            shown.push(point);
            shown.push_str(rest);
        }
        shown
    }

    /// A number that counts.
    pub(crate) fn count(self, value: u64) -> String {
        #[expect(clippy::cast_precision_loss, reason = "nobody reads the 16th digit")]
        self.number(value as f64, 0)
    }

    /// 12%, 0.4%
    pub(crate) fn percent(self, part: f64) -> String {
        let digits = usize::from(part != 0.0 && part.abs() < 0.1);
        format!("{}%", self.number(part * 100.0, digits))
    }

    /// +12%, −0.4%; nothing where there was nothing before.
    pub(crate) fn change(self, now: u64, before: u64) -> String {
        if before == 0 {
            return String::new();
        }
        #[expect(clippy::cast_precision_loss, reason = "nobody reads the 16th digit")]
        let part = now as f64 / before as f64 - 1.0;
        let sign = match part {
            it if it > 0.0 => "+",
            it if it < 0.0 => "−",
            _ => "±",
        };
        format!("{sign}{}", self.percent(part.abs()))
    }

    fn size(self, bytes: f64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"];
        let mut value = bytes;
        let mut at = 0;
        while value >= 1_000.0 && at + 1 < units.len() {
            value /= 1_000.0;
            at += 1;
        }
        let digits = usize::from(at > 0 && value < 10.0);
        let unit = units.get(at).unwrap_or(&"");
        format!("{} {unit}", self.number(value, digits))
    }

    fn length(self, ms: f64) -> String {
        let number = |value: f64| self.number(value, 0);
        let with_rest = |length: f64, unit: &str, smaller: f64, small: &str| {
            let rest = (ms % length / smaller).floor();
            let rest = match rest > 0.0 {
                true => format!(" {} {small}", number(rest)),
                false => String::new(),
            };
            format!("{} {unit}{rest}", number((ms / length).floor()))
        };
        match ms {
            it if it < 1_000.0 => format!("{} ms", number(it.round())),
            it if it < 60_000.0 => {
                let digits = usize::from(it < 10_000.0);
                format!("{} s", self.number(it / 1_000.0, digits))
            }
            it if it < 3_600_000.0 => with_rest(60_000.0, "min", 1_000.0, "s"),
            it if it < 86_400_000.0 => with_rest(3_600_000.0, "h", 60_000.0, "min"),
            _ => with_rest(86_400_000.0, "d", 3_600_000.0, "h"),
        }
    }

    /// Mon 16 Nov 2026
    pub(crate) fn date(self, date: Date) -> String {
        format!("{} {}", self.day(date), date.year())
    }

    /// Mon 16 Nov
    pub(crate) fn day(self, date: Date) -> String {
        let at = |number: i8| usize::try_from(number).unwrap_or_default();
        let weekday = at(date.weekday().to_monday_zero_offset());
        let month = at(date.month() - 1);
        let of = self as usize;
        let weekday = DAYS[of].get(weekday).unwrap_or(&"");
        let month = MONTHS[of].get(month).unwrap_or(&"");
        format!("{weekday} {} {month}", date.day())
    }

    /// Mon 16 Nov 2026 14:05
    pub(crate) fn time(self, at: &Zoned) -> String {
        format!(
            "{} {:02}:{:02}",
            self.date(at.date()),
            at.hour(),
            at.minute()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{English, Italian};
    use super::*;
    use crate::figures::TABLES;

    #[test]
    fn both_languages_have_all_words() {
        for words in [&*PAGE, &*CAUSES, &*OWN] {
            let keys = |code: &str| {
                let words = words[code].as_object().expect("words");
                words.keys().cloned().collect::<Vec<_>>()
            };
            assert!(keys("en").len() > 10);
            let mut both = [keys("en"), keys("it")];
            both.iter_mut().for_each(|it| it.sort());
            assert_eq!(both[0], both[1]);
        }
        let named = TABLES.iter().flat_map(|it| {
            let columns = it.columns().iter().map(|it| it.id);
            it.keys().chain(columns).chain([it.id])
        });
        let series = ["accepted", "sent", "deferred", "bounced", "rejected"];
        for key in named
            .chain(series)
            .chain(["now", "before", "reason", "nothing", "none"])
        {
            assert!(PAGE["en"][key].is_string(), "{key}");
        }
    }

    #[test]
    fn numbers_are_those_of_the_language() {
        let cases = [
            (English, 1_234_567.0, 0, "1,234,567"),
            (Italian, 1_234_567.0, 0, "1.234.567"),
            (English, 999.0, 0, "999"),
            (Italian, 1_234.56, 1, "1.234,6"),
            (English, 5.0, 1, "5"),
            (English, -12.0, 0, "−12"),
        ];
        for (language, value, digits, shown) in cases {
            assert_eq!(language.number(value, digits), shown);
        }
        let lengths = [
            (870.0, "870 ms"),
            (1_130.0, "1.1 s"),
            (59_000.0, "59 s"),
            (243_000.0, "4 min 3 s"),
            (187_200_000.0, "2 d 4 h"),
        ];
        for (ms, shown) in lengths {
            assert_eq!(English.length(ms), shown);
        }
        assert_eq!(Italian.size(5_230.0), "5,2 kB");
        assert_eq!(English.size(12.0e6), "12 MB");
        assert_eq!(English.change(112, 100), "+12%");
        assert_eq!(Italian.change(999, 1_000), "−0,1%");
        assert_eq!(
            (English.change(5, 0), English.change(5, 5)),
            (String::new(), "±0%".to_owned())
        );
        assert_eq!(Italian.cause("5.1.1"), "utente sconosciuto");
        assert_eq!(English.cause("4.99.9"), "");
    }
}
