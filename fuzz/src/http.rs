//! Target `http`: bodies of requests, which anybody may send.

use intake::http::{Form, lines_of};

const FORMS: [Form; 7] = [
    Form::Own,
    Form::Json,
    Form::Bulk,
    Form::OtlpProtobuf,
    Form::OtlpJson,
    Form::LokiProtobuf,
    Form::LokiJson,
];

/// Reads a body in the form that the first byte chooses, a digit: what comes of it are lines, and can be read.
pub fn http(input: &[u8]) {
    let Some((&form, body)) = input.split_first() else {
        return;
    };
    let form = FORMS[usize::from(form.wrapping_sub(b'0')) % FORMS.len()];
    for line in lines_of(form, body).unwrap_or_default() {
        assert!(!line.is_empty() && !line.contains(&b'\n'), "{form:?}");
        let readable = ingest::readable(&line);
        assert!(!readable.contains(&b'\n'), "{form:?}");
    }
}
