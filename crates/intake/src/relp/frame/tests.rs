use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

type Taken = Vec<(u32, Command, Vec<u8>, bool)>;

/// All frames of a stream that came in these reads, up to the first bytes that are none.
fn frames<'a>(
    reads: impl IntoIterator<Item = &'a [u8]>,
    max: usize,
) -> (Taken, Result<(), Malformed>) {
    let mut frames = Frames::default();
    let mut taken = Vec::new();
    for mut input in reads {
        loop {
            match frames.next(&mut input, max) {
                Ok(Some(Frame {
                    txnr,
                    command,
                    data,
                })) => {
                    taken.push((txnr, command, data.bytes().to_vec(), data.is_cut));
                }
                Ok(None) => break,
                Err(malformed) => return (taken, Err(malformed)),
            }
        }
        assert!(input.is_empty() && frames.held_bytes() <= max.max(HEAD_BYTES_MAX));
    }
    (taken, Ok(()))
}

#[track_caller]
fn check(stream: &str, expected: &[(u32, Command, &str)], end: Result<(), Malformed>) {
    let owned = expected
        .iter()
        .map(|&(txnr, command, data)| (txnr, command, data.into(), false));
    let expected = (owned.collect(), end);
    assert_eq!(frames([stream.as_bytes()], 100), expected);
    assert_eq!(frames(stream.as_bytes().chunks(1), 100), expected);
}

#[test]
fn frames_are_taken_apart() {
    let stream = "1 open 14 relp_version=0\n2 syslog 8 <22>a\nb\n\n3 close 0\n4 close 0 \n";
    let expected = [
        (1, Command::Open, "relp_version=0"),
        (2, Command::Syslog, "<22>a\nb"),
        (3, Command::Close, ""),
        (4, Command::Close, ""),
    ];
    check(stream, &expected, Ok(()));
    check(
        "999999999 starttls 0\n",
        &[(TXNR_MAX, Command::Unknown, "")],
        Ok(()),
    );
    check("1 syslog 3 a", &[], Ok(()));
    check("1 sysl", &[], Ok(()));
}

#[test]
fn what_is_no_frame_is_malformed() {
    let first = [(1, Command::Syslog, "a")];
    check("1 syslog 1 a\nx", &first, Err(Malformed));
    check("1 syslog 1 ab", &[], Err(Malformed));
    let malformed = [
        "<22>x",
        "GET / HTTP/1.1",
        "\n",
        " 1 syslog 0\n",
        "1  syslog",
        "1 syslog  1",
        "1 sys-log",
        "1 syslog 1\n",
        "1 syslog x",
        "1234567890",
        "1 syslog 1234567890",
        "1 5",
        "1 abcdefghijklmnopqrstuvwxyzabcdefg",
    ];
    for stream in malformed {
        check(stream, &[], Err(Malformed));
    }
}

#[test]
fn the_rest_of_long_data_is_skipped() {
    let stream = format!("1 syslog 300 {}\n2 syslog 1 a\n", "x".repeat(300));
    let expected = vec![
        (1, Command::Syslog, vec![b'x'; 100], true),
        (2, Command::Syslog, b"a".to_vec(), false),
    ];
    assert_eq!(frames([stream.as_bytes()], 100), (expected.clone(), Ok(())));
    assert_eq!(frames(stream.as_bytes().chunks(7), 100), (expected, Ok(())));
}

/// Frames with whatever may go wrong in them.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let frame = (
        1..1_000_000_000_u32,
        "(open|syslog|close|other)",
        vec(any::<u8>(), 0..50),
    );
    let frame = frame.prop_map(|(txnr, command, data)| {
        let head = format!("{txnr} {command} {} ", data.len());
        [head.as_bytes(), &data, b"\n"].concat()
    });
    let other = prop_oneof![
        vec(any::<u8>(), 0..5),
        "[0-9 a-z\n]{0,5}".prop_map(String::into_bytes)
    ];
    let piece = prop_oneof![20 => frame, 1 => other];
    vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_frames(
        stream in stream(),
        size in 1..100_usize,
        max in 10..60_usize,
    ) {
        let whole = frames([&stream[..]], max);
        prop_assert_eq!(&frames(stream.chunks(size), max), &whole);
        prop_assert_eq!(&frames(stream.chunks(1), max), &whole);
    }

    #[test]
    fn any_bytes_are_frames_or_malformed(stream in vec(any::<u8>(), 0..200)) {
        let whole = frames([&stream[..]], 100);
        prop_assert_eq!(frames(stream.chunks(1), 100), whole);
    }
}
