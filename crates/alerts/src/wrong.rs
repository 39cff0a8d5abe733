//! What is wrong with a rule.

/// What is wrong with what was said of a rule.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    /// The question is not understood, at this place.
    #[error("the question is wrong")]
    Question(#[from] search::Error),
    /// Something else.
    #[error("`{key}`: {why}")]
    Value {
        /// What it is of.
        key: &'static str,
        /// What is wrong, and what would do.
        why: String,
    },
}
