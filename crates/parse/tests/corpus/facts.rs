//! What an event says, as text by name: its header and its body's fields.

use bstr::ByteSlice;
use model::{Event, Stamp, Value};

/// The facts of one event. Names are those of `Event::each_field`; the header adds `host`, `label`,
/// `program`, `pid`, `severity`, `queue_id`, `kind`, `rule` and `stamp`.
pub(crate) struct Facts(Vec<(&'static str, String)>);

impl Facts {
    /// The facts of a line.
    pub(crate) fn of_line(line: &[u8]) -> Facts {
        Facts::of(&parse::line(line))
    }

    /// The facts of a Postfix daemon's text.
    pub(crate) fn of_postfix(daemon: &str, text: &str) -> Facts {
        Facts::of_line(format!("Nov 22 08:23:21 mx1 postfix/{daemon}[1]: {text}").as_bytes())
    }

    fn of(event: &Event<'_>) -> Facts {
        let mut facts = vec![
            ("host", event.host.to_str_lossy().into_owned()),
            ("label", event.label.to_str_lossy().into_owned()),
            ("program", event.program.to_str_lossy().into_owned()),
            ("severity", event.severity.name().to_owned()),
            ("kind", event.kind().name().to_owned()),
            ("rule", event.rule.to_owned()),
            ("stamp", written(&event.stamp)),
        ];
        if let Some(pid) = event.pid {
            facts.push(("pid", pid.to_string()));
        }
        if let Some(queue_id) = event.queue_id {
            facts.push(("queue_id", queue_id.to_str_lossy().into_owned()));
        }
        event.each_field(&mut |name, value| facts.push((name, shown(value))));
        Facts(facts)
    }

    /// A single fact; none at all without a value.
    pub(crate) fn one(name: &'static str, value: Option<String>) -> Facts {
        Facts(value.map(|value| (name, value)).into_iter().collect())
    }

    /// A fact; `None` where the event does not have it.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(is, _)| *is == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first of these facts that the event has.
    pub(crate) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }
}

fn shown(value: Value<'_>) -> String {
    match value {
        Value::Text(text) => text.to_str_lossy().into_owned(),
        Value::Word(word) => word.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Signed(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Shown(it) => it.to_string(),
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `Nov 22 08:23:21` for a stamp without year, else `2026-11-22T08:23:21.000000+00:00`.
fn written(stamp: &Stamp) -> String {
    let (month, day) = (usize::from(stamp.month), stamp.day);
    let (hour, minute, second) = (stamp.hour, stamp.minute, stamp.second);
    let Some(year) = stamp.year else {
        let month = month.checked_sub(1).map_or("", |at| MONTHS[at]);
        return format!("{month} {day} {hour:02}:{minute:02}:{second:02}");
    };
    let micros = stamp.nanos / 1000;
    let offset = stamp.offset_minutes.unwrap_or(0);
    let sign = if offset < 0 { '-' } else { '+' };
    let (east_hours, east_minutes) = (offset.abs() / 60, offset.abs() % 60);
    format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}{sign}{east_hours:02}:{east_minutes:02}"
    )
}
