//! What the name of a rotated file says: of which log it is a part, and how old.
//!
//! Known are the habits of logrotate (numbers, `dateext`, `extension`), newsyslog (numbers from 0, `-t` stamps),
//! `postfix logrotate` (`maillog.20261101-031500`), rsyslog templates (`mail-2026-11-01.log`) and Exchange
//! (`MSGTRK2026110108-1.LOG`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The directory of a file, and the name of the log that it is a part of.
pub(crate) fn log(path: &Path) -> (PathBuf, OsString) {
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let file_name = path.file_name().unwrap_or_default();
    let base = match file_name.to_str() {
        Some(file_name) => name(file_name).base.into(),
        None => file_name.to_owned(),
    };
    (parent.to_owned(), base)
}

/// The parts of a file name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// The name without what rotation and compression added.
    pub(crate) base: String,
    /// What rotation added.
    pub(crate) age: Age,
    /// The name ends as those of compressed files do.
    pub(crate) packed: bool,
}

/// How old a file of a set is, as far as its name tells.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Age {
    /// Rotated on a date: the digits of date and time, and of a number behind them. Greater is newer.
    Dated { stamp: String, part: u32 },
    /// Rotated so many times. Greater is older.
    Numbered(u32),
    /// Not rotated: the newest.
    Current,
}

/// Takes the name of a file apart.
pub(crate) fn name(file_name: &str) -> Name {
    let unpacked = ["gz", "bz2", "xz", "zst", "zstd", "z", "Z", "lz4", "lzma"]
        .iter()
        .find_map(|extension| file_name.strip_suffix(extension)?.strip_suffix('.'))
        .filter(|rest| !rest.is_empty());
    let rest = unpacked.unwrap_or(file_name);
    let (base, age) = dated(rest)
        .or_else(|| numbered(rest))
        .unwrap_or((rest.into(), Age::Current));
    Name {
        base,
        age,
        packed: unpacked.is_some(),
    }
}

/// `mail.log.2`, `mail.2.log`, `mail.log.old`.
fn numbered(name: &str) -> Option<(String, Age)> {
    let (rest, last) = name.rsplit_once('.')?;
    if rest.is_empty() {
        return None;
    }
    if last == "old" {
        return Some((rest.into(), Age::Numbered(1)));
    }
    if let Some(number) = short_number(last) {
        return Some((rest.into(), Age::Numbered(number)));
    }
    let (base, number) = rest.rsplit_once('.')?;
    let number =
        short_number(number).filter(|_| last.eq_ignore_ascii_case("log") && !base.is_empty())?;
    Some((format!("{base}.{last}"), Age::Numbered(number)))
}

fn short_number(text: &str) -> Option<u32> {
    let short = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    short.then(|| text.parse().ok()).flatten()
}

/// `mail.log-20261101`, `mail.log.2026-11-01`, `mail-2026-11-01.log`, `maillog.20261101-031500`.
fn dated(name: &str) -> Option<(String, Age)> {
    for start in 0..name.len() {
        let Some((mut stamp, length)) = date(&name.as_bytes()[start..]) else {
            continue;
        };
        let before = &name[..start];
        let base = before.strip_suffix(['-', '_', '.']).unwrap_or(before);
        let after_digit = before.ends_with(|last: char| last.is_ascii_digit());
        // Without separator only a full date is one: `MSGTRK20261101`, but not `host202611`.
        if after_digit || base.len() == before.len() && stamp.len() < 8 {
            continue;
        }
        let mut rest = &name[start + length..];
        if stamp.len() == 8 {
            let (digits, behind) = time(rest);
            stamp.push_str(&digits);
            rest = behind;
        }
        let (part, extension) = part(rest);
        if (extension.is_empty() || extension.starts_with('.'))
            && !(base.is_empty() && extension.is_empty())
        {
            return Some((format!("{base}{extension}"), Age::Dated { stamp, part }));
        }
    }
    epoch(name)
}

/// A date at the beginning: its digits, and how many bytes it takes.
fn date(text: &[u8]) -> Option<(String, usize)> {
    let digits = |from: usize, to: usize| {
        let part = std::str::from_utf8(text.get(from..to)?).ok()?;
        part.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(part)
    };
    let within = |part: &str, low: u32, high: u32| {
        part.parse()
            .is_ok_and(|value: u32| (low..=high).contains(&value))
    };
    let year = digits(0, 4).filter(|year| within(year, 1990, 2099))?;
    let separator = *text.get(4)?;
    let separated = matches!(separator, b'-' | b'_' | b'.');
    let width = usize::from(separated);
    let month = digits(4 + width, 6 + width).filter(|month| within(month, 1, 12))?;
    let behind = 6 + width;
    let ended = |at: usize| !text.get(at).is_some_and(u8::is_ascii_digit);
    if !separated || text.get(behind) == Some(&separator) {
        let day = digits(behind + width, behind + width + 2).filter(|day| within(day, 1, 31));
        if let Some(day) = day {
            return Some((format!("{year}{month}{day}"), behind + width + 2));
        }
    }
    // A month only; `2026.11` is rather a version or a number.
    (separator != b'.' && ended(behind)).then(|| (format!("{year}{month}"), behind))
}

/// A time of day behind a date, with or without separators: its digits and what is left.
fn time(text: &str) -> (String, &str) {
    let bytes = text.as_bytes();
    let mut digits = String::new();
    let mut taken = 0;
    while digits.len() < 6 {
        let skip = usize::from(matches!(
            bytes.get(taken),
            Some(b'-' | b'_' | b'T' | b':' | b'h')
        ));
        let at = taken + skip;
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(a), Some(b)) if a.is_ascii_digit() && b.is_ascii_digit() => {
                digits.push_str(&text[at..at + 2]);
                taken = at + 2;
            }
            _ => break,
        }
    }
    if bytes.get(taken).is_some_and(u8::is_ascii_digit) {
        // More digits than a time has: not a time.
        return (String::new(), text);
    }
    (digits, &text[taken..])
}

/// A running number behind a date, as in `-1.LOG` or `.1`: the number and what is left.
fn part(text: &str) -> (u32, &str) {
    let Some(rest) = text.strip_prefix(['-', '.', '_']) else {
        return (0, text);
    };
    let end = rest
        .find(|next: char| !next.is_ascii_digit())
        .unwrap_or(rest.len());
    match short_number(&rest[..end]) {
        Some(number) => (number, &rest[end..]),
        None => (0, text),
    }
}

/// `mail.log-1793456789`, the `dateformat -%s` of logrotate.
fn epoch(name: &str) -> Option<(String, Age)> {
    let at = name.rfind(['-', '.'])?;
    let (base, stamp) = (&name[..at], &name[at + 1..]);
    let seconds = stamp.len() == 10 && stamp.bytes().all(|byte| byte.is_ascii_digit());
    (seconds && !base.is_empty()).then(|| {
        (
            base.into(),
            Age::Dated {
                stamp: stamp.into(),
                part: 0,
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file_name: &str, base: &str, age: &str) {
        let name = name(file_name);
        let told = match &name.age {
            Age::Dated { stamp, part: 0 } => stamp.clone(),
            Age::Dated { stamp, part } => format!("{stamp}/{part}"),
            Age::Numbered(number) => format!("#{number}"),
            Age::Current => "current".into(),
        };
        assert_eq!(
            (name.base.as_str(), told.as_str()),
            (base, age),
            "{file_name}"
        );
    }

    #[test]
    fn current_files() {
        check("mail.log", "mail.log", "current");
        check("maillog", "maillog", "current");
        check("mail.log.gz", "mail.log", "current");
        check("mx1.example.com.log", "mx1.example.com.log", "current");
        check(".gz", ".gz", "current");
        check("log20", "log20", "current");
        check("host202611", "host202611", "current");
        check("größe.log", "größe.log", "current");
    }

    #[test]
    fn numbered_files() {
        check("mail.log.1", "mail.log", "#1");
        check("mail.log.2.gz", "mail.log", "#2");
        check("mail.log.10.xz", "mail.log", "#10");
        check("maillog.0.bz2", "maillog", "#0");
        check("mainlog.01.gz", "mainlog", "#1");
        check("mail.1.log", "mail.log", "#1");
        check("mail.log.old", "mail.log", "#1");
    }

    #[test]
    fn dated_files() {
        check("mail.log-20261101.gz", "mail.log", "20261101");
        check("maillog-20261101", "maillog", "20261101");
        check("mail.log.2026-11-01.zst", "mail.log", "20261101");
        check("mail.2026-11-01.log", "mail.log", "20261101");
        check("mail-2026-11.log", "mail.log", "202611");
        check("maillog.20261101-031500.gz", "maillog", "20261101031500");
        check("maillog.20261101T030000.bz2", "maillog", "20261101030000");
        check("mail.log-2026110103", "mail.log", "2026110103");
        check("mail.log-2026-11-01_03-15.gz", "mail.log", "202611010315");
        check("mail.log-20261101.1.gz", "mail.log", "20261101/1");
        check("MSGTRK2026110108-1.LOG", "MSGTRK.LOG", "2026110108/1");
        check("mail.log-1793456789.gz", "mail.log", "1793456789");
        check("2026-11-01.log", ".log", "20261101");
    }

    #[test]
    fn numbers_that_are_no_dates() {
        check("mail.log.20269901", "mail.log.20269901", "current");
        check("queue-12345678.log", "queue-12345678.log", "current");
    }
}
