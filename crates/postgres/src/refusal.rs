//! Why something is refused, as PostgreSQL's clients are told: with an SQLSTATE
//! (PostgreSQL's documentation, "PostgreSQL Error Codes").

use crate::wire::{Outbox, put_text};
use bytes::BufMut;
use desk::Unanswered;
use query::{What, Wrong};

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// SQLSTATE.
    pub(crate) code: &'static str,
    /// In words.
    pub(crate) text: String,
    /// What may help.
    hint: Option<String>,
    /// Which character of the question it is about, the first is 0.
    at: Option<usize>,
    /// Whether the connection ends.
    pub(crate) is_fatal: bool,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Refusal {
            code,
            text: text.into(),
            hint: None,
            at: None,
            is_fatal: false,
        }
    }

    /// One that ends the connection.
    pub(crate) fn fatal(code: &'static str, text: impl Into<String>) -> Self {
        Refusal {
            is_fatal: true,
            ..Refusal::new(code, text)
        }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Refusal {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// It is about a parameter.
    pub(crate) fn about(self, parameter: usize) -> Self {
        Refusal {
            text: format!("parameter ${parameter}: {}", self.text),
            ..self
        }
    }

    /// The statement stands behind so many characters of what was sent.
    pub(crate) fn behind(self, chars: usize) -> Self {
        Refusal {
            at: self.at.map(|at| at + chars),
            ..self
        }
    }

    /// It is not the asker's fault; what it is, is for the log.
    pub(crate) fn ours(error: &dyn std::error::Error) -> Self {
        let causes = std::iter::successors(Some(error), |error| error.source());
        let told: Vec<String> = causes.map(ToString::to_string).collect();
        tracing::error!(error = %told.join(": "), "a question failed");
        Refusal::new("XX000", "see the log of the daemon")
    }

    /// Puts it into a message (`ErrorResponse`).
    pub(crate) fn put(&self, to: &mut Outbox) {
        let severity = if self.is_fatal { "FATAL" } else { "ERROR" };
        to.message(b'E', |to| {
            let mut field = |kind: u8, text: &str| {
                to.put_u8(kind);
                put_text(to, text);
            };
            field(b'S', severity);
            field(b'V', severity);
            field(b'C', self.code);
            field(b'M', &self.text);
            if let Some(hint) = &self.hint {
                field(b'H', hint);
            }
            if let Some(at) = self.at {
                field(b'P', &(at + 1).to_string());
            }
            to.put_u8(0);
        });
    }
}

impl From<Wrong> for Refusal {
    fn from(wrong: Wrong) -> Self {
        let code = match wrong.what {
            What::Syntax => "42601",
            What::NoColumn => "42703",
            What::Ambiguous => "42702",
            What::NoTable => "42P01",
            What::NoFunction => "42883",
            What::Writes => "25006",
            What::NotHad => "0A000",
            What::Parameters => "08P01",
            What::Value => "22P02",
            What::DividedByZero => "22012",
            What::Memory => "53200",
            What::Meaning => "42000",
            What::Ours => {
                return match &wrong.cause {
                    Some(cause) => Refusal::ours(&**cause),
                    None => Refusal::ours(&wrong),
                };
            }
        };
        Refusal {
            at: wrong.at,
            ..Refusal::new(code, wrong.text)
        }
    }
}

impl From<Unanswered> for Refusal {
    fn from(error: Unanswered) -> Self {
        match error {
            Unanswered::Busy => Refusal::new("53000", error.to_string()).hint("ask again soon"),
            Unanswered::TooLong => {
                Refusal::new("57014", error.to_string()).hint("ask for less time, or for less")
            }
            Unanswered::Panicked(panic) => Refusal::ours(&panic),
        }
    }
}

impl From<tenancy::Error> for Refusal {
    fn from(error: tenancy::Error) -> Self {
        match &error {
            tenancy::Error::Refused => {
                Refusal::fatal("28P01", "the key is not known, or good no more")
                    .hint("the password is a key with the right `read_mail`")
            }
            tenancy::Error::Forbidden(right) => {
                Refusal::fatal("42501", format!("this needs the right `{right}`"))
            }
            _ => Refusal::ours(&error),
        }
    }
}
