//! Bodies of any bytes.

use intake::http::{Form, lines_of};
use proptest::prelude::*;

const FORMS: [Form; 8] = [
    Form::Own,
    Form::Json,
    Form::Events,
    Form::Bulk,
    Form::OtlpProtobuf,
    Form::OtlpJson,
    Form::LokiProtobuf,
    Form::LokiJson,
];

/// Pieces of which bodies that nearly are right can be made.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\n",
    "\\",
    "1",
    "null",
    "\u{0}",
    "\u{80}",
    "\"index\"",
    "\"_id\"",
    "\"streams\"",
    "\"stream\"",
    "\"values\"",
    "\"resourceLogs\"",
    "\"scopeLogs\"",
    "\"logRecords\"",
    "\"body\"",
    "\"stringValue\"",
    "{\"index\":{}}\n{}\n",
    "[\"1\",\"a\"]",
    "\u{a}\u{4}\u{12}\u{2}\u{12}\u{0}",
    "\u{a}\u{2}\u{12}\u{0}",
];

fn holds(body: &[u8]) -> Result<(), TestCaseError> {
    for form in FORMS {
        for line in lines_of(form, body).unwrap_or_default() {
            // An event is kept byte for byte, also where it was written over several lines.
            let is_one = form == Form::Events || !line.contains(&b'\n');
            prop_assert!(!line.is_empty() && is_one, "{form:?}");
            let _ = ingest::readable(&line);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes(body in prop::collection::vec(any::<u8>(), 0..300)) {
        holds(&body)?;
    }

    #[test]
    fn any_pieces(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        holds(pieces.concat().as_bytes())?;
    }
}

#[test]
fn deep_values_end() {
    let depth = 100_000;
    let array = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let nested = |inner: &str| {
        format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{inner}}}]}}]}}]}}"#)
    };
    let values = r#"{"arrayValue":{"values":["#.repeat(5000);
    for body in [
        array.clone(),
        format!("[{array}]"),
        nested(&array),
        nested(&values),
    ] {
        assert!(holds(body.as_bytes()).is_ok());
    }
    use crate::site::field;
    let mut value = Vec::new();
    for _ in 0..5000 {
        value = field(5, &field(1, &value));
    }
    let logs = field(1, &field(2, &field(2, &field(5, &value))));
    assert_eq!(lines_of(Form::OtlpProtobuf, &logs), None);
}
