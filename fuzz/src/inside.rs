//! What holds for any event: what was read points into what was given, and its time can be told.

use jiff::tz::TimeZone;
use model::{Event, Timestamp, Value};
use parse::Clock;
use std::ops::Range;

/// Bytes of the longest text that a parser says by itself: `imap` for the protocol of a Dovecot line,
/// the fixed words of a notice.
const OWN_TEXT_BYTES_MAX: usize = 80;

/// Time of the file that lines are taken to be from, seconds since 1970.
const LATEST: i64 = 1_795_335_801;

/// Asserts that the stamp of an event, if it has one, is of a day, and a clock does with it what it can.
pub(crate) fn assert_stamp_is_understood(event: &Event<'_>) {
    if event.stamp.is_present() {
        assert!((1..=12).contains(&event.stamp.month), "{event:?}");
        assert!((1..=31).contains(&event.stamp.day), "{event:?}");
        let mut clock = Clock::new(TimeZone::UTC, Timestamp::from_seconds(LATEST), None);
        let _ = clock.understand(&event.stamp);
    }
}

/// Asserts that all text of an event lies within the line, or is a text of the parser's own.
///
/// Fields are the event's only texts besides those named here; an empty one may lie anywhere.
pub(crate) fn assert_inside(event: &Event<'_>, line: &[u8]) {
    let bounds = line.as_ptr_range();
    assert_within("host", event.host, &bounds);
    assert_within("label", event.label, &bounds);
    assert_within("program", event.program, &bounds);
    assert_within(
        "queue_id",
        event.queue_id.map_or(&[], |id| id.as_ref()),
        &bounds,
    );
    event.each_field(&mut |name, value| {
        if let Value::Text(text) = value {
            assert_within(name, text, &bounds);
        }
    });
}

fn assert_within(name: &str, text: &[u8], bounds: &Range<*const u8>) {
    let place = text.as_ptr_range();
    let inside = bounds.start <= place.start && place.end <= bounds.end;
    assert!(
        text.is_empty() || inside || is_own_text(text),
        "`{name}` is not a part of the line: `{}`",
        text.escape_ascii()
    );
}

fn is_own_text(text: &[u8]) -> bool {
    text.len() <= OWN_TEXT_BYTES_MAX && text.iter().all(|byte| matches!(byte, b' '..=b'~'))
}
