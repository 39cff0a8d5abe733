//! JSON in pieces: values are taken one by one, so that a small body cannot become many large ones in memory.

use super::refusal::Refusal;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Hands out the members of an array.
pub(super) fn each<'a>(
    array: &'a str,
    take: impl FnMut(&'a str) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut refusal = None;
    let mut json = serde_json::Deserializer::from_str(array);
    let members = Members {
        take,
        refusal: &mut refusal,
    };
    let read = json.deserialize_seq(members).and_then(|()| json.end());
    match (refusal, read) {
        (Some(refusal), _) => Err(refusal),
        (None, read) => read.map_err(|error| invalid(&error)),
    }
}

/// The text of a body.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(bytes)
        .map_err(|error| Refusal::Invalid(format!("the body is not JSON: {error}")))
}

/// Reads a value that is small or bounded.
pub(super) fn read<'a, T: serde::Deserialize<'a>>(value: &'a str) -> Result<T, Refusal> {
    serde_json::from_str(value).map_err(|error| invalid(&error))
}

pub(super) fn invalid(error: &serde_json::Error) -> Refusal {
    Refusal::Invalid(format!(
        "the body is not the JSON that is wanted here: {error}"
    ))
}

struct Members<'r, F> {
    take: F,
    refusal: &'r mut Option<Refusal>,
}

impl<'de, F: FnMut(&'de str) -> Result<(), Refusal>> Visitor<'de> for Members<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        while let Some(member) = members.next_element::<&RawValue>()? {
            if let Err(refusal) = (self.take)(member.get()) {
                *self.refusal = Some(refusal);
                return Err(A::Error::custom("refused"));
            }
        }
        Ok(())
    }
}
