//! What can be wrong with a question's text, and where.

use std::fmt;
use std::ops::Range;

/// What is wrong, where in the text, and what may help. Its `Display` is the first of the three.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct Error {
    /// What is wrong.
    pub problem: Problem,
    /// Where: bytes of the text, on borders of characters; may be empty at the end.
    pub span: Range<usize>,
    /// What to do, for people.
    pub hint: Option<String>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Longer than [`crate::limits::TEXT_BYTES_MAX`].
    #[error("the question is too long")]
    TooLong,
    /// More than [`crate::limits::TERMS_MAX`] conditions.
    #[error("too many conditions")]
    TooManyTerms,
    /// Deeper than [`crate::limits::DEPTH_MAX`].
    #[error("too many levels of parentheses")]
    TooDeep,
    /// A quote or parenthesis without its other half.
    #[error("`{0}` without its other half")]
    Unpaired(char),
    /// AND, OR, NOT, `-` or parentheses without a condition.
    #[error("a condition is missing")]
    NoTerm,
    /// A field, or a comma, without a value.
    #[error("a value is missing")]
    NoValue,
    /// A name before `:` that is no field's.
    #[error("unknown field `{0}`")]
    UnknownField(String),
    /// A word that the field does not know.
    #[error("`{field}` does not know `{word}`")]
    UnknownWord {
        /// The field.
        field: &'static str,
        /// What was written.
        word: String,
    },
    /// A value of another type.
    #[error("`{value}` is not {wanted}")]
    NotA {
        /// What was written.
        value: String,
        /// What the field takes.
        wanted: &'static str,
    },
    /// A value, or a range, in which nothing can be.
    #[error("the range ends before it begins")]
    Backwards,
    /// A star where none can be.
    #[error("`*` stands at the end or the beginning of a value")]
    StarInside,
    /// A star before words.
    #[error("words can be left open at their end only")]
    StarBeforeWords,
    /// Letters and digits are missing.
    #[error("no word to look for in `{0}`")]
    NoWords(String),
    /// `limit:`, `order:` or `cursor:` where only conditions are wanted, or behind a NOT.
    #[error("`{0}` is no condition")]
    NoCondition(&'static str),
    /// `limit:`, `order:` or `cursor:` a second time.
    #[error("`{0}` stands there twice")]
    Twice(&'static str),
}

impl Problem {
    pub(crate) fn at(self, span: Range<usize>) -> Error {
        Error {
            problem: self,
            span,
            hint: None,
        }
    }
}

impl Error {
    pub(crate) fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The message, the line of the text that it is about, and carets with the hint below.
    ///
    /// `text` is the one that was read; for any other the carets are elsewhere.
    pub fn under<'e>(&'e self, text: &'e str) -> impl fmt::Display + 'e {
        fmt::from_fn(move |f| {
            let before = text.get(..self.span.start).unwrap_or(text);
            let start = before.rfind('\n').map_or(0, |at| at + 1);
            let line = text[start..].lines().next().unwrap_or_default();
            // Control characters would move what stands behind them.
            let line = line.replace(char::is_control, " ");
            let indent = before[start..].chars().count();
            let marked = text.get(self.span.clone()).unwrap_or_default();
            let marked = marked.lines().next().unwrap_or_default();
            let carets = "^".repeat(marked.chars().count().max(1));
            write!(f, "{self}\n  {line}\n  {:indent$}{carets}", "")?;
            match &self.hint {
                Some(hint) => write!(f, " {hint}"),
                None => Ok(()),
            }
        })
    }
}

/// "did you mean": the name nearest to a word, if any is near.
pub(crate) fn nearest<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let word = word.to_ascii_lowercase();
    let distance = |name: &&str| strsim::osa_distance(&word, name);
    let name = names.min_by_key(distance)?;
    let near = distance(&name) <= (word.chars().count() / 3).clamp(1, 3);
    near.then(|| format!("did you mean `{name}`?"))
}
