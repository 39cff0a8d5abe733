//! What is wrong with a question.

use super::places::{offset, place_of};
use datafusion::arrow::error::ArrowError;
use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::parser::ParserError;

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct Wrong {
    /// Of which kind.
    pub what: What,
    /// In words.
    pub text: String,
    /// Which character of the question it is about, the first is 0.
    pub at: Option<usize>,
    /// What it came from, for the log.
    #[source]
    pub cause: Option<Box<crate::Error>>,
}

/// Kinds of what may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It is no SQL.
    Syntax,
    /// There is no such column.
    NoColumn,
    /// Several columns are called so.
    Ambiguous,
    /// There is no such table.
    NoTable,
    /// There is no such function.
    NoFunction,
    /// It wants to change something.
    Writes,
    /// It is SQL that is not had here.
    NotHad,
    /// Number or names of parameters are wrong.
    Parameters,
    /// A value is not of the type that is wanted.
    Value,
    /// Something is divided by zero.
    DividedByZero,
    /// It takes more memory than it may.
    Memory,
    /// It makes no sense otherwise.
    Meaning,
    /// It is not the asker's fault.
    Ours,
}

impl Wrong {
    /// Of a kind, in words.
    pub fn new(what: What, text: impl Into<String>) -> Self {
        Wrong {
            what,
            text: text.into(),
            at: None,
            cause: None,
        }
    }

    pub(super) fn syntax(error: &ParserError, text: &str) -> Self {
        let told = match error {
            ParserError::TokenizerError(told) | ParserError::ParserError(told) => told.as_str(),
            ParserError::RecursionLimitExceeded => "it is nested too deeply",
        };
        let (told, place) = place_of(told);
        Wrong {
            at: place.and_then(|place| offset(text, place)),
            ..Wrong::new(What::Syntax, format!("syntax error: {told}"))
        }
    }

    fn ours(error: crate::Error) -> Self {
        Wrong {
            cause: Some(Box::new(error)),
            ..Wrong::new(What::Ours, "see the log of the daemon")
        }
    }
}

impl From<crate::Error> for Wrong {
    fn from(error: crate::Error) -> Self {
        match error {
            crate::Error::Engine(error) => error.into(),
            other => Wrong::ours(other),
        }
    }
}

impl From<store::Error> for Wrong {
    fn from(error: store::Error) -> Self {
        Wrong::ours(error.into())
    }
}

impl From<DataFusionError> for Wrong {
    fn from(error: DataFusionError) -> Self {
        let what = what(error.find_root());
        if what == What::Ours {
            return Wrong::ours(error.into());
        }
        let text = error.find_root().strip_backtrace();
        // The first words tell the engine's own kinds.
        let told = [
            "Error during planning: ",
            "Schema error: ",
            "Execution error: ",
            "Arrow error: ",
        ];
        let plain = told.iter().find_map(|it| text.strip_prefix(it));
        Wrong::new(what, plain.unwrap_or(&text))
    }
}

fn what(error: &DataFusionError) -> What {
    use DataFusionError as E;
    match error {
        E::SQL(..) => What::Syntax,
        E::NotImplemented(_) => What::NotHad,
        E::ResourcesExhausted(_) => What::Memory,
        E::SchemaError(error, _) => match &**error {
            SchemaError::FieldNotFound { .. } => What::NoColumn,
            SchemaError::AmbiguousReference { .. } => What::Ambiguous,
            _ => What::Meaning,
        },
        E::Plan(text) if text.starts_with("Invalid function") => What::NoFunction,
        E::Plan(text) if text.starts_with("table function") => What::NoFunction,
        E::Plan(text) if text.starts_with("table '") => What::NoTable,
        E::Plan(text) if is_of_changes(text) => What::Writes,
        E::Plan(text) if text.contains("not supported") => What::NotHad,
        E::Plan(_) => What::Meaning,
        E::ArrowError(error, _) => match &**error {
            ArrowError::DivideByZero => What::DividedByZero,
            ArrowError::CastError(_) | ArrowError::ParseError(_) => What::Value,
            ArrowError::ComputeError(_) | ArrowError::ArithmeticOverflow(_) => What::Value,
            ArrowError::InvalidArgumentError(_) => What::Value,
            _ => What::Ours,
        },
        E::Execution(_) => What::Value,
        E::Diagnostic(_, error) | E::Context(_, error) => what(error),
        E::Collection(errors) => errors.first().map_or(What::Ours, what),
        E::Shared(error) => what(error),
        _ => What::Ours,
    }
}

/// What plans of statements are called that the engine was told not to run.
fn is_of_changes(text: &str) -> bool {
    ["DDL", "DML", "Statement"]
        .iter()
        .any(|it| text.starts_with(it) && text.contains("not supported"))
}
