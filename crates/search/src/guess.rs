//! What a word means that stands there without a field and without quotes.
//!
//! Who pastes something into the box does not say what it is. Where it may be two things, both are
//! looked for; canonical text shows what was understood.

use crate::error::Error;
use crate::field::Field;
use crate::filter::Filter;
use crate::lex::Value;
use crate::limits::ID_CHARS;
use crate::net::Net;
use crate::value::{Here, any};

/// The fields that a word may be meant for; quotes make it a text.
fn fields(value: &Value) -> &'static [Field] {
    let text = value.pattern.text.as_str();
    let is_whole = !value.pattern.open_start && !value.pattern.open_end;
    if value.is_quoted {
        &[Field::Text]
    } else if is_whole && Net::parse(text).is_some() {
        &[Field::Ip]
    } else if text.contains('@') && text.starts_with('<') {
        &[Field::Address, Field::MessageId]
    } else if text.contains('@') {
        &[Field::Address]
    } else if is_whole && is_domain(text) {
        &[Field::Address, Field::Text]
    } else if is_whole && is_id(text) {
        &[Field::Id, Field::Text]
    } else {
        &[Field::Text]
    }
}

fn is_domain(text: &str) -> bool {
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let is_top = |top: &str| top.len() > 1 && top.chars().all(char::is_alphabetic);
    let mut labels = text.rsplit('.');
    labels.next().is_some_and(is_top) && text.contains('.') && labels.all(is_label)
}

fn is_id(text: &str) -> bool {
    let is_of_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    ID_CHARS.contains(&text.len())
        && text.bytes().all(is_of_id)
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// The condition that a word makes.
pub(crate) fn meant(value: Value, here: Here<'_>) -> Result<Filter, Error> {
    let value = [value];
    let each = fields(&value[0])
        .iter()
        .map(|&field| any(field, field.name(), &value, here));
    Ok(Filter::or(each.collect::<Result<Vec<_>, _>>()?))
}
