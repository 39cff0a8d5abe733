//! A stream of syslog taken apart into messages (RFC 6587).
//!
//! Senders frame in two ways, and may change within a connection: `LEN SP` before the message, or LF (seldom CR LF
//! or NUL) behind it. Which it is shows in the first bytes of each message; see [`head`].

use crate::limits::LINE_BYTES_MAX;
use crate::pieces::{Line, Pieces};
use memchr::memchr2;

/// Digits of the longest length that is taken as one: 10 GB less a byte.
const DIGITS_MAX: usize = 10;

/// Bytes after which it is certain how a message is framed: digits, a space, and the first of the message.
const HEAD_BYTES_MAX: usize = DIGITS_MAX + 2;

/// Takes a stream apart, however it was cut into reads.
#[derive(Debug, Default)]
pub struct Framing {
    state: State,
    pieces: Pieces,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before a message, or in the first bytes of one.
    #[default]
    Start,
    /// So many bytes of the message are still to come.
    Counted(u64),
    /// The message goes up to the next LF or NUL.
    ToEnd,
}

/// How a message is framed.
#[derive(Debug, PartialEq, Eq)]
enum Head {
    /// More bytes are needed to know.
    Open,
    /// So many bytes behind the first `head_bytes`.
    Counted {
        head_bytes: usize,
        bytes: u64,
    },
    ToEnd,
}

impl Framing {
    /// Takes the next message off the front of `input`; `None` when all of it is used up.
    ///
    /// At most `max` bytes of a message are kept, of which the beginning may have come before. Empty ones are passed
    /// over.
    pub fn next<'a>(&mut self, input: &mut &'a [u8], max: usize) -> Option<Line<'a>> {
        loop {
            let last = match self.state {
                State::Start => {
                    if !self.begin(input) {
                        return None;
                    }
                    continue;
                }
                State::Counted(left) => self.counted(left, input, max)?,
                State::ToEnd => self.ended(input, max)?,
            };
            self.state = State::Start;
            let line = self.pieces.finish(last, max);
            if !line.bytes().is_empty() {
                return Some(line);
            }
        }
    }

    /// The message that the stream's end has cut off.
    pub fn finish(&mut self) -> Option<Line<'static>> {
        self.state = State::Start;
        let line = self.pieces.finish(&[], LINE_BYTES_MAX);
        (!line.bytes().is_empty()).then_some(line)
    }

    /// Bytes that it keeps for messages whose end has not come.
    pub fn held_bytes(&self) -> usize {
        self.pieces.kept().len()
    }

    /// Finds out how the next message is framed; false if there are too few bytes to tell.
    fn begin(&mut self, input: &mut &[u8]) -> bool {
        let held = self.pieces.kept();
        let found = if held.is_empty() {
            head(input)
        } else {
            let more = &input[..input.len().min(HEAD_BYTES_MAX)];
            head(&[held, more].concat())
        };
        match found {
            Head::Open => {
                self.pieces.add(input, HEAD_BYTES_MAX);
                *input = &[];
                return false;
            }
            Head::Counted { head_bytes, bytes } => {
                *input = &input[head_bytes - held.len()..];
                self.pieces = Pieces::default();
                self.state = State::Counted(bytes);
            }
            Head::ToEnd => self.state = State::ToEnd,
        }
        true
    }

    /// The last piece of a counted message, if it is there.
    fn counted<'a>(&mut self, left: u64, input: &mut &'a [u8], max: usize) -> Option<&'a [u8]> {
        let here = usize::try_from(left).map_or(input.len(), |left| left.min(input.len()));
        let (piece, rest) = input.split_at(here);
        *input = rest;
        let left = left - here as u64;
        if left == 0 {
            return Some(piece);
        }
        self.pieces.add(piece, max);
        self.state = State::Counted(left);
        None
    }

    /// The last piece of a message that an LF or NUL ends, if it is there.
    fn ended<'a>(&mut self, input: &mut &'a [u8], max: usize) -> Option<&'a [u8]> {
        let Some(end) = memchr2(b'\n', 0, input) else {
            self.pieces.add(input, max);
            *input = &[];
            return None;
        };
        let piece = &input[..end];
        *input = &input[end + 1..];
        Some(piece)
    }
}

/// How the message is framed that begins with these bytes.
///
/// Digits and a space are a length, unless it is longer than any line that is kept and no `<` follows: then it is a
/// line that begins with a number, such as a time.
fn head(bytes: &[u8]) -> Head {
    let digits = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if digits > DIGITS_MAX
        || bytes
            .first()
            .is_some_and(|first| !(b'1'..=b'9').contains(first))
    {
        return Head::ToEnd;
    }
    match bytes.get(digits) {
        None => return Head::Open,
        Some(b' ') => {}
        Some(_) => return Head::ToEnd,
    }
    let value = |value: u64, digit: &u8| value * 10 + u64::from(digit - b'0');
    let length = bytes[..digits].iter().fold(0, value);
    let counted = Head::Counted {
        head_bytes: digits + 1,
        bytes: length,
    };
    match bytes.get(digits + 1) {
        _ if length <= LINE_BYTES_MAX as u64 => counted,
        Some(b'<') => counted,
        Some(_) => Head::ToEnd,
        None => Head::Open,
    }
}

#[cfg(test)]
mod tests;
