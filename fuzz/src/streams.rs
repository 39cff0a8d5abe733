//! Target `streams`: any bytes as a stream of syslog, and as one of RELP.

use intake::{Command, Frames, Framing, Malformed};

/// Bytes that are kept of a line: few, so that short inputs come beyond.
const LINE_BYTES_MAX: usize = 64;

/// Bytes that a message may need before it is certain what it is.
const HEAD_BYTES_MAX: usize = 64;

/// Takes the input apart as a whole, in reads as long as its first byte says, and byte by byte: what comes out is the
/// same, and little is held.
pub fn streams(input: &[u8]) {
    let Some((&size, stream)) = input.split_first() else {
        return;
    };
    let size = usize::from(size).max(1);
    let lines = lines([stream].into_iter());
    assert_eq!(self::lines(stream.chunks(size)), lines);
    assert_eq!(self::lines(stream.chunks(1)), lines);
    let frames = frames([stream].into_iter());
    assert_eq!(self::frames(stream.chunks(size)), frames);
    assert_eq!(self::frames(stream.chunks(1)), frames);
}

fn lines<'a>(reads: impl Iterator<Item = &'a [u8]>) -> Vec<(Vec<u8>, bool)> {
    let mut framing = Framing::default();
    let mut lines = Vec::new();
    for mut input in reads {
        while let Some(line) = framing.next(&mut input, LINE_BYTES_MAX) {
            assert!(!line.bytes().is_empty() && line.bytes().len() <= LINE_BYTES_MAX);
            lines.push((line.bytes().to_vec(), line.is_cut));
        }
        assert!(input.is_empty() && framing.held_bytes() <= LINE_BYTES_MAX);
    }
    let torn = framing.finish();
    lines.extend(torn.map(|line| (line.bytes().to_vec(), line.is_cut)));
    lines
}

type Taken = Vec<(u32, Command, Vec<u8>, bool)>;

fn frames<'a>(reads: impl Iterator<Item = &'a [u8]>) -> (Taken, Result<(), Malformed>) {
    let mut frames = Frames::default();
    let mut taken = Vec::new();
    for mut input in reads {
        loop {
            match frames.next(&mut input, LINE_BYTES_MAX) {
                Ok(None) => break,
                Ok(Some(frame)) => {
                    let data = &frame.data;
                    assert!(data.bytes().len() <= LINE_BYTES_MAX);
                    taken.push((
                        frame.txnr,
                        frame.command,
                        data.bytes().to_vec(),
                        data.is_cut,
                    ));
                }
                Err(malformed) => return (taken, Err(malformed)),
            }
        }
        assert!(input.is_empty());
        assert!(frames.held_bytes() <= LINE_BYTES_MAX.max(HEAD_BYTES_MAX));
    }
    (taken, Ok(()))
}
