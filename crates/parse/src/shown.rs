//! What an event says in one line, for tests.

use expect_test::Expect;
use model::{Event, Value};

/// Compares a line's time, host, program, kind and fields with what is expected.
#[track_caller]
pub(crate) fn check(line: &str, expected: Expect) {
    let event = crate::line(line.as_bytes());
    let stamp = event.stamp;
    let mut seen = String::new();
    if let Some(year) = stamp.year {
        seen += &format!("{year:04}-");
    }
    seen += &format!(
        "{:02}-{:02} {:02}:{:02}:{:02}",
        stamp.month, stamp.day, stamp.hour, stamp.minute, stamp.second
    );
    if stamp.nanos > 0 {
        seen += &format!(".{:09}", stamp.nanos);
    }
    if let Some(offset) = stamp.offset_minutes {
        seen += &format!(" {offset:+}");
    }
    seen += &format!(" host={} program={}", event.host, event.program);
    seen += " ";
    seen += &facts(&event);
    expected.assert_eq(&seen);
}

/// Compares a line's severity, kind and fields with what is expected.
#[track_caller]
pub(crate) fn check_facts(line: &str, expected: Expect) {
    expected.assert_eq(&facts(&crate::line(line.as_bytes())));
}

fn facts(event: &Event<'_>) -> String {
    let mut seen = format!("{} {}", event.severity.name(), event.kind().name());
    if let Some(id) = event.queue_id {
        seen += &format!(" queue_id={id}");
    }
    event.each_field(&mut |name, value| {
        seen += &match value {
            Value::Text(text) => format!(" {name}={text}"),
            Value::Word(word) => format!(" {name}={word}"),
            Value::Number(number) => format!(" {name}={number}"),
            Value::Signed(number) => format!(" {name}={number}"),
            Value::Float(number) => format!(" {name}={number}"),
            Value::Flag(flag) => format!(" {name}={flag}"),
            Value::Shown(shown) => format!(" {name}={shown}"),
        };
    });
    seen
}
