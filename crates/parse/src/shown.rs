//! What an event says in one line, for tests.

use expect_test::Expect;
use model::Value;

/// Severity, kind, queue id and fields of a whole line.
pub(crate) fn check(line: &str, expected: Expect) {
    let event = crate::line(line.as_bytes());
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
    expected.assert_eq(&seen);
}
