use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

/// All lines of a stream that came in these reads, with a `!` before those that were cut.
fn lines<'a>(reads: impl IntoIterator<Item = &'a [u8]>, max: usize) -> Vec<Vec<u8>> {
    let mut framing = Framing::default();
    let mut lines = Vec::new();
    let mut keep = |line: &Line<'_>| {
        assert!(line.bytes().len() <= max);
        let mark: &[u8] = if line.is_cut { b"!" } else { b"" };
        lines.push([mark, line.bytes()].concat());
    };
    for mut input in reads {
        while let Some(line) = framing.next(&mut input, max) {
            keep(&line);
        }
        assert!(input.is_empty() && framing.held_bytes() <= max);
    }
    if let Some(line) = framing.finish() {
        keep(&line);
    }
    lines
}

#[track_caller]
fn check(stream: &str, expected: &[&str]) {
    let told = |lines: Vec<Vec<u8>>| {
        let told = lines
            .iter()
            .map(|line| String::from_utf8_lossy(line).into_owned());
        told.collect::<Vec<_>>()
    };
    assert_eq!(told(lines([stream.as_bytes()], 32)), expected);
    assert_eq!(told(lines(stream.as_bytes().chunks(1), 32)), expected);
}

#[test]
fn each_message_tells_how_it_is_framed() {
    check("<22>one\n<22>two\n", &["<22>one", "<22>two"]);
    check("7 <22>one7 <22>two", &["<22>one", "<22>two"]);
    check("8 <22>one\n8 <22>two\n", &["<22>one", "<22>two"]);
    check(
        "<22>one\n7 <22>two<22>three\n7 <22>for\n",
        &["<22>one", "<22>two", "<22>three", "<22>for"],
    );
    check(
        "<22>one\r\n<22>two\0<22>three\n\n\n",
        &["<22>one", "<22>two", "<22>three"],
    );
    check("11 <22>a\nb\nc\r\n\n<22>d\n", &["<22>a\nb\nc", "<22>d"]);
}

#[test]
fn what_has_no_priority_is_a_line_too() {
    check(
        "Oct  3 10:00:00 mx1 a\nb\n",
        &["Oct  3 10:00:00 mx1 a", "b"],
    );
    check(
        "2026-10-03T10:00:00Z mx1 a\n",
        &["2026-10-03T10:00:00Z mx1 a"],
    );
    check("1793859901 mx1 a\n", &["1793859901 mx1 a"]);
    check("12345678901 mx1 a\n", &["12345678901 mx1 a"]);
    check("0 a\n01 b\n", &["0 a", "01 b"]);
    check("12\n13\n", &["12", "13"]);
    check("1793859901 \nb\n", &["1793859901 ", "b"]);
    check("3 a\nb5 cdefg", &["a\nb", "cdefg"]);
}

#[test]
fn what_the_end_has_torn_is_taken() {
    check("<22>one\n<22>tw", &["<22>one", "<22>tw"]);
    check("9 <22>tw", &["<22>tw"]);
    check("<22>one\n12", &["<22>one", "12"]);
    check("9 ", &[]);
    check("", &[]);
}

#[test]
fn the_rest_of_a_long_line_is_skipped() {
    let long = "x".repeat(40);
    let kept = format!("!{}", &long[..32]);
    check(&format!("{long}\n<22>one\n"), &[&kept, "<22>one"]);
    check(&format!("40 {long}7 <22>one"), &[&kept, "<22>one"]);
    check(&long, &[&kept]);
    check(&format!("{}\n", &long[..32]), &[&long[..32]]);
    // Longer than any line that is kept: a length only before a `<`.
    let stream = format!("2000000 <{}7 <22>one", "x".repeat(1_999_999));
    let kept = format!("!<{}", &long[..31]);
    check(&stream, &[&kept, "<22>one"]);
    check("2000000 mx1 a\nb\n", &["2000000 mx1 a", "b"]);
}

/// Bytes of which most mean something to the framing.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        Just(b'\n'),
        Just(b' '),
        Just(b'<'),
        Just(0),
        Just(b'\r'),
        b'0'..=b'9',
        any::<u8>()
    ];
    vec(byte, 0..200)
}

/// A message as it is sent, and as it is to be taken.
fn message() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let counted = vec(any::<u8>(), 1..60).prop_map(|text| {
        let text = [b"<", &text[..], b"."].concat();
        (
            [text.len().to_string().as_bytes(), b" ", &text].concat(),
            text,
        )
    });
    let ended = ("[^\n\0]{0,30}", "(\n|\r\n|\0)").prop_map(|(text, end)| {
        let text = format!("<22>{text}.");
        (format!("{text}{end}").into_bytes(), text.into_bytes())
    });
    prop_oneof![counted, ended]
}

/// Pieces between places that are given in thousandths.
fn pieces<'a>(stream: &'a [u8], places: &[usize]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|it| stream.len() * it / 1000).collect();
    places.sort_unstable();
    let starts = [0].into_iter().chain(places.iter().copied());
    let ends = places.iter().copied().chain([stream.len()]);
    starts
        .zip(ends)
        .map(|(start, end)| &stream[start..end])
        .collect()
}

proptest! {
    #[test]
    fn any_cut_of_any_bytes_gives_the_same_lines(
        stream in bytes(),
        places in vec(0..1000_usize, 0..10),
        max in 12..40_usize,
    ) {
        let whole = lines([&stream[..]], max);
        prop_assert_eq!(&lines(pieces(&stream, &places), max), &whole);
        prop_assert_eq!(&lines(stream.chunks(1), max), &whole);
    }

    #[test]
    fn messages_are_taken_as_they_were_sent(
        messages in vec(message(), 0..20),
        places in vec(0..1000_usize, 0..10),
    ) {
        let (sent, expected): (Vec<_>, Vec<_>) = messages.into_iter().unzip();
        prop_assert_eq!(lines(pieces(&sent.concat(), &places), 1000), expected);
    }
}
