//! Texts of logs as they may be shown: harmless to a terminal and to a spreadsheet.

/// Control characters as pictures, so that no line of a log commands a terminal.
pub(crate) fn visible(text: &str) -> String {
    let picture = |c: char| match c {
        '\t' => c,
        c if c.is_ascii_control() => {
            char::from_u32(0x2400 + (c as u32).min(0x21)).unwrap_or('\u{fffd}')
        }
        '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    };
    text.chars().map(picture).collect()
}

/// RFC 4180; what a spreadsheet would take for a formula begins with an apostrophe.
pub(crate) fn csv(text: &str) -> String {
    let guarded = match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    if guarded.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", guarded.replace('"', "\"\""));
    }
    guarded
}
