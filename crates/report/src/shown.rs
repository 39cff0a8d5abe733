//! Log text made safe to show: a log holds what strangers wrote.

/// Text with all that is not meant for eyes written as an escape: control characters, which drive
/// terminals; marks that turn the direction of text; bytes that are no UTF-8.
pub(crate) fn shown(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            if is_plain(character) {
                out.push(character);
            } else {
                out.extend(character.escape_unicode());
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// Shown text of at most so many characters; what is cut is marked by `…`.
pub(crate) fn shown_within(text: &[u8], width: usize) -> String {
    // Four bytes make at most one character less than four escapes; no more is looked at.
    let mut out = shown(&text[..text.len().min(4 * width + 4)]);
    if let Some((cut, _)) = out.char_indices().nth(width) {
        let keep = out[..cut].char_indices().last().map_or(0, |(at, _)| at);
        out.truncate(keep);
        out.push('…');
    }
    out
}

/// Shown text for HTML.
pub(crate) fn html(text: &[u8]) -> String {
    escape_html(&shown(text))
}

/// Text for HTML, in elements and in quoted attributes.
pub(crate) fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn is_plain(character: char) -> bool {
    !character.is_control()
        && !matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drives_a_terminal_is_escaped() {
        assert_eq!(shown(b"a\x1b[31mb\x07\xff"), "a\\u{1b}[31mb\\u{7}\\xff");
        assert_eq!(shown("ä\u{202e}\u{9b}".as_bytes()), "ä\\u{202e}\\u{9b}");
        assert_eq!(
            html(b"<a href='x'>&\""),
            "&lt;a href=&#39;x&#39;&gt;&amp;&quot;"
        );
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        assert_eq!(shown_within("äöü".as_bytes(), 3), "äöü");
        assert_eq!(shown_within("äöüß".as_bytes(), 3), "äö…");
        assert_eq!(shown_within(&[b'x'; 10_000], 5), "xxxx…");
        assert_eq!(shown_within(b"", 5), "");
    }
}
