//! A row that says what a test wants it to say.

use search::{Facts, Field, FieldValue};

#[derive(Debug)]
pub(crate) struct Row(pub(crate) Vec<(Field, Value)>);

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Kind(model::Kind),
    Severity(model::Severity),
    Time(i64),
    Number(f64),
    Text(&'static [u8]),
}

impl Facts for Row {
    fn each(&self, field: Field, take: &mut dyn FnMut(FieldValue<'_>)) {
        for (_, value) in self.0.iter().filter(|(it, _)| *it == field) {
            take(match value {
                Value::Kind(kind) => FieldValue::Kind(*kind),
                Value::Severity(severity) => FieldValue::Severity(*severity),
                Value::Time(moment) => FieldValue::Time(*moment),
                Value::Number(number) => FieldValue::Number(*number),
                Value::Text(text) => FieldValue::Text(text),
            });
        }
    }
}
