//! A text that may be open at its ends.

/// A whole text, or with `*` its beginning, its end, or any part.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// What is fixed; in ASCII lower case where case does not matter.
    pub text: String,
    /// Whether anything may stand before it.
    pub open_start: bool,
    /// Whether anything may stand behind it.
    pub open_end: bool,
}

impl Pattern {
    /// Whether a value fits, byte by byte.
    pub fn matches(&self, value: &[u8]) -> bool {
        let text = self.text.as_bytes();
        match (self.open_start, self.open_end) {
            (false, false) => value == text,
            (false, true) => value.starts_with(text),
            (true, false) => value.ends_with(text),
            (true, true) => bstr::ByteSlice::contains_str(value, text),
        }
    }

    /// Whether a value fits, for a pattern in lower case and a value in any (ASCII).
    pub fn matches_folded(&self, value: &[u8]) -> bool {
        self.matches(&value.to_ascii_lowercase())
    }
}

/// An identifier without the angle brackets that some programs print around it.
pub(crate) fn bare(id: &str) -> &str {
    id.trim_start_matches('<').trim_end_matches('>')
}

/// [`bare`] for a value of a log.
pub(crate) fn bare_bytes(mut id: &[u8]) -> &[u8] {
    while let [b'<', rest @ ..] = id {
        id = rest;
    }
    while let [rest @ .., b'>'] = id {
        id = rest;
    }
    id
}
