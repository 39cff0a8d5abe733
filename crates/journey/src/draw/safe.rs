//! Text of a log, made safe to show.

use std::fmt::Write;

/// Text of a log as it can be shown on a terminal: control characters (C0, DEL, C1), those that
/// turn or hide text (bidirectional controls, zero-width ones, tags) and line separators are
/// written as `\u{1b}`, bytes that are not UTF-8 as `\xff`. All else stays.
pub fn safe(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        for char in chunk.valid().chars() {
            if is_dangerous(char) {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(char));
            } else {
                out.push(char);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

fn is_dangerous(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{61c}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn nothing_that_moves_or_turns_gets_through() {
        let hostile =
            "a\x1b[2J\x07\u{9b}31m\r\nb\u{202e}c\u{2066}d\u{200f}e\u{2028}\u{e0041}\u{feff}";
        assert_eq!(
            safe(hostile.as_bytes()),
            r"a\u{1b}[2J\u{7}\u{9b}31m\u{d}\u{a}b\u{202e}c\u{2066}d\u{200f}e\u{2028}\u{e0041}\u{feff}"
        );
        assert_eq!(safe(b"caf\xe9 \x9b"), r"caf\xe9 \x9b");
        assert_eq!(safe("Grüße, 你好 🎉".as_bytes()), "Grüße, 你好 🎉");
    }
}
