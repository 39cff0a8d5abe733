//! Times, spans, sizes, peers and replies in words.

use super::safe::safe;
use crate::{Attempt, PeerName, Text};
use bstr::ByteSlice;
use model::{Civil, EnhancedStatus, ReplyCode, Timestamp};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Tells times as a reader of one journey wants them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    start: Timestamp,
    offset_seconds: i32,
}

impl Clock {
    pub(super) fn new(start: Timestamp, offset_seconds: i32) -> Self {
        Clock {
            start,
            offset_seconds,
        }
    }

    /// `2026-11-22 09:00:01.123 UTC`.
    pub(super) fn date_and_time(&self, at: Timestamp) -> String {
        let civil = at.civil(self.offset_seconds);
        let Civil {
            year, month, day, ..
        } = civil;
        let zone = self.zone();
        format!(
            "{year:04}-{month:02}-{day:02} {} {zone}",
            of_day(at, &civil)
        )
    }

    /// `09:00:01.123`, with the day where it is not that of the start.
    pub(super) fn time(&self, at: Timestamp) -> String {
        let (civil, start) = (
            at.civil(self.offset_seconds),
            self.start.civil(self.offset_seconds),
        );
        let time = of_day(at, &civil);
        let date = (civil.year, civil.month, civil.day);
        if date == (start.year, start.month, start.day) {
            return time;
        }
        let month = MONTHS[usize::from(civil.month.clamp(1, 12) - 1)];
        format!("{month} {} {time}", civil.day)
    }

    /// `+0.53 s` since the start.
    pub(super) fn since_start(&self, at: Timestamp) -> String {
        match at.millis_since(self.start) {
            ms @ 0.. => format!("+{}", span(ms.unsigned_abs())),
            ms => format!("-{}", span(ms.unsigned_abs())),
        }
    }

    pub(super) fn start(&self) -> Timestamp {
        self.start
    }

    fn zone(&self) -> String {
        let minutes = self.offset_seconds / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        match minutes.unsigned_abs() {
            0 => "UTC".into(),
            minutes => format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60),
        }
    }
}

/// Hours to seconds, with milliseconds where the log has them.
fn of_day(at: Timestamp, civil: &Civil) -> String {
    let Civil {
        hour,
        minute,
        second,
        ..
    } = civil;
    match at.subsec_nanos() / 1_000_000 {
        0 => format!("{hour:02}:{minute:02}:{second:02}"),
        ms => format!("{hour:02}:{minute:02}:{second:02}.{ms:03}"),
    }
}

/// `0.53 s`, `30 s`, `5 min 3 s`, `2 h 5 min`, `5 d 1 h`.
pub(super) fn span(ms: u64) -> String {
    let seconds = ms / 1000;
    let two = |big: u64, name: &str, small: u64, small_name: &str| match small {
        0 => format!("{big} {name}"),
        _ => format!("{big} {name} {small} {small_name}"),
    };
    match seconds {
        0 if ms == 0 => "0 s".into(),
        0..10 if !ms.is_multiple_of(1000) => format!("{} s", decimal(ms)),
        0..60 => format!("{seconds} s"),
        60..3600 => two(seconds / 60, "min", seconds % 60, "s"),
        3600..86_400 => two(seconds / 3600, "h", seconds / 60 % 60, "min"),
        _ => two(seconds / 86_400, "d", seconds / 3600 % 24, "h"),
    }
}

/// Thousandths, without zeros at the end; from one second on, hundredths are enough.
fn decimal(ms: u64) -> String {
    let text = match ms {
        0..1000 => format!("0.{ms:03}"),
        _ => format!("{}.{:02}", ms / 1000, ms % 1000 / 10),
    };
    text.trim_end_matches('0').trim_end_matches('.').into()
}

/// `335 bytes`, `2.2 kB`, `12 MB`.
pub(super) fn size(bytes: u64) -> String {
    let scaled = |unit: u64, name: &str| match bytes / unit {
        whole @ 0..10 => format!("{whole}.{} {name}", bytes % unit * 10 / unit),
        whole => format!("{whole} {name}"),
    };
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => scaled(1_000, "kB"),
        _ => scaled(1_000_000, "MB"),
    }
}

/// `name[address]:port`, as a log writes it.
pub(super) fn peer(peer: &PeerName) -> String {
    let text = |text: &Option<Text>| text.as_ref().map(|it| safe(it));
    let port = peer.port.map(|port| format!(":{port}")).unwrap_or_default();
    match (text(&peer.name), text(&peer.address)) {
        (Some(name), Some(address)) if name == address => format!("{name}{port}"),
        (Some(name), Some(address)) => format!("{name}[{address}]{port}"),
        (Some(name), None) => format!("{name}{port}"),
        (None, Some(address)) => format!("[{address}]{port}"),
        (None, None) => String::new(),
    }
}

/// `name[address]` without the port, which is noise in a sentence.
pub(super) fn host(it: &PeerName) -> String {
    peer(&PeerName {
        port: None,
        ..it.clone()
    })
}

/// An address, or `<>`.
pub(super) fn address(text: &[u8]) -> String {
    if text.is_empty() {
        "<>".into()
    } else {
        safe(text)
    }
}

/// `550 5.1.1 text`; the codes only where the text does not begin with them.
pub(super) fn reply(
    code: Option<ReplyCode>,
    enhanced: Option<EnhancedStatus>,
    text: &[u8],
) -> String {
    let text = safe(text);
    let mut words = Vec::new();
    for written in [
        code.map(|it| it.to_string()),
        enhanced.map(|it| it.to_string()),
    ] {
        words.extend(written.filter(|it| !text.contains(it.as_str())));
    }
    words.push(text);
    words.join(" ")
}

/// What the other side said, or why nobody was asked, without the client's words round it.
pub(super) fn reason(attempt: &Attempt) -> String {
    let mut text: &[u8] = &attempt.text;
    text = text
        .strip_prefix(b"delivery temporarily suspended: ")
        .unwrap_or(text);
    if attempt.remote_reply {
        let said = text.find(b" said: ").map(|at| at + b" said: ".len());
        text = said.map_or(text, |at| &text[at..]);
        text = text
            .rfind(b" (in reply to ")
            .map_or(text, |end| &text[..end]);
    }
    safe(text)
}

/// `once`, `twice`, `3 times`.
pub(super) fn times(count: usize) -> String {
    match count {
        1 => "once".into(),
        2 => "twice".into(),
        _ => format!("{count} times"),
    }
}

/// `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`.
pub(super) fn listed(all: &[String]) -> String {
    const SHOWN_MAX: usize = 4;
    let more = all.len().saturating_sub(SHOWN_MAX);
    let mut shown: Vec<String> = all.iter().take(SHOWN_MAX).cloned().collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    match shown.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}

/// ` on mx1`; nothing for logs that name no host.
pub(super) fn on(host: &[u8]) -> String {
    match host.is_empty() {
        true => String::new(),
        false => format!(" on {}", safe(host)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_sizes_have_the_digits_that_matter() {
        let spans = [0, 3, 530, 2_100, 30_040, 303_000, 7_500_000, 432_300_000];
        assert_eq!(
            spans.map(span),
            [
                "0 s",
                "0.003 s",
                "0.53 s",
                "2.1 s",
                "30 s",
                "5 min 3 s",
                "2 h 5 min",
                "5 d"
            ]
        );
        let sizes = [335, 2_201, 75_750, 12_000_000];
        assert_eq!(sizes.map(size), ["335 bytes", "2.2 kB", "75 kB", "12 MB"]);
    }
}
