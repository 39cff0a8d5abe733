//! What a word is: for questions, for the naive evaluation, and for the index.

use crate::limits::WORD_CHARS_MAX;
use bstr::ByteSlice;
use std::borrow::Cow;

/// The words of a text, in order, in lower case.
///
/// A word is a maximal run of alphanumeric characters ([`char::is_alphanumeric`]); everything else
/// separates, bytes that are not UTF-8 too. Of a run longer than
/// [`limits::WORD_CHARS_MAX`](crate::limits::WORD_CHARS_MAX) characters the rest is left out. Lower
/// case is Unicode's where it is one character, so that the words of a word are that word.
pub fn words(text: &[u8]) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_of_word = |(_, _, c): &(usize, usize, char)| c.is_alphanumeric();
        let (start, ..) = rest.char_indices().find(is_of_word)?;
        rest = &rest[start..];
        let inside = rest.char_indices().take_while(is_of_word);
        let end = inside.last().map_or(0, |(_, end, _)| end);
        let (run, behind) = rest.split_at(end);
        rest = behind;
        Some(word(
            run.to_str().expect("alphanumeric characters are UTF-8"),
        ))
    })
}

fn word(run: &str) -> Cow<'_, str> {
    let end = run.char_indices().nth(WORD_CHARS_MAX);
    let run = &run[..end.map_or(run.len(), |(end, _)| end)];
    if run.chars().all(|c| lower(c) == c) {
        return Cow::Borrowed(run);
    }
    Cow::Owned(run.chars().map(lower).collect())
}

fn lower(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// Words that stand one after the other in one text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Phrase {
    /// At least one; each as [`words`] gives it.
    pub words: Vec<String>,
    /// Whether the last one may go on.
    pub open_end: bool,
}

impl Phrase {
    /// Whether a text has these words, one after the other.
    pub fn matches(&self, text: &[u8]) -> bool {
        let Some((last, before)) = self.words.split_last() else {
            return false;
        };
        let fits = |found: &str| match self.open_end {
            true => found.starts_with(last.as_str()),
            false => found == last,
        };
        let found: Vec<_> = words(text).collect();
        found.windows(self.words.len()).any(|window| {
            window.iter().zip(before).all(|(a, b)| a == b) && fits(&window[before.len()])
        })
    }
}
