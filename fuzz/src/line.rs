//! Target `line`: any bytes as one log line.

use crate::inside::{assert_inside, assert_stamp_is_understood};

/// Takes any bytes apart: twice the same, all of it within the line, and with a kind.
pub fn line(input: &[u8]) {
    let event = parse::line(input);
    assert_inside(&event, input);
    assert_stamp_is_understood(&event);
    assert_eq!(event.rule.is_empty(), event.kind() == model::Kind::Unknown);
    assert!(event.repeated > 0);
    // Not `==` on the events: a score may be NaN.
    let again = parse::line(input);
    assert_eq!(format!("{event:?}"), format!("{again:?}"));
}
