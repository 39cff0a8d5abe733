//! Texts of logs, which may hold anything, as they are shown.

use crate::limits::CELL_CHARS_MAX;

/// In one line, with nothing that moves or hides what stands beside it: controls, and what turns the
/// direction of writing (Unicode Bidirectional Algorithm, UAX #9 section 2); and not longer than one reads.
pub(crate) fn visible(text: &str) -> String {
    let is_odd = |it: char| {
        it.is_control()
            || matches!(it, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let mut shown: String = text
        .chars()
        .take(CELL_CHARS_MAX)
        .map(|it| if is_odd(it) { '\u{fffd}' } else { it })
        .collect();
    if text.chars().nth(CELL_CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

/// As HTML has it, in texts and in attributes.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for it in text.chars() {
        match it {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            it => safe.push(it),
        }
    }
    safe
}
