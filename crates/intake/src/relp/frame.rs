//! A stream of RELP taken apart into frames.
//!
//! A frame is `TXNR SP COMMAND SP DATALEN [SP DATA] LF`. Source: librelp `src/relpframe.c`.

use crate::pieces::{Line, Pieces};

/// Digits of a transaction number, and of a length.
const DIGITS_MAX: usize = 9;

/// Letters of a command.
const COMMAND_BYTES_MAX: usize = 32;

/// Bytes of all that stands before the data.
const HEAD_BYTES_MAX: usize = DIGITS_MAX + 1 + COMMAND_BYTES_MAX + 1 + DIGITS_MAX + 1;

/// The greatest transaction number; behind it comes 1.
pub(crate) const TXNR_MAX: u32 = 999_999_999;

/// What a client sends, or a server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Its number among those of the connection, 1 to 999,999,999; 0 for a hint that is not answered.
    pub txnr: u32,
    /// What is asked for.
    pub command: Command,
    /// What it is asked for with; cut if it is longer than what is kept.
    pub data: Line<'a>,
}

/// What a frame asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Begins a session; data are offers, such as `relp_version=0`.
    Open,
    /// Hands over a message.
    Syslog,
    /// Ends the session.
    Close,
    /// Anything else.
    Unknown,
}

/// The bytes are no frame, and where the next begins cannot be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a frame of RELP")]
pub struct Malformed;

/// Takes a stream apart, however it was cut into reads.
#[derive(Debug, Default)]
pub struct Frames {
    state: State,
    pieces: Pieces,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Before a frame, or in what stands before its data.
    #[default]
    Head,
    /// So many bytes of data and the LF are still to come.
    Data(Head, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    txnr: u32,
    command: Command,
}

impl Frames {
    /// Takes the next frame off the front of `input`; `None` when all of it is used up.
    ///
    /// At most `max` bytes of the data are kept, of which the beginning may have come before. After an error nothing
    /// that follows has a meaning.
    pub fn next<'a>(
        &mut self,
        input: &mut &'a [u8],
        max: usize,
    ) -> Result<Option<Frame<'a>>, Malformed> {
        if matches!(self.state, State::Head) && !self.begin(input)? {
            return Ok(None);
        }
        let State::Data(Head { txnr, command }, left) = self.state else {
            return Ok(None);
        };
        let (piece, rest) = input.split_at(left.min(input.len()));
        let Some((&end, rest)) = rest.split_first() else {
            self.pieces.add(piece, max);
            self.state = State::Data(Head { txnr, command }, left - piece.len());
            *input = &[];
            return Ok(None);
        };
        if end != b'\n' {
            return Err(Malformed);
        }
        *input = rest;
        self.state = State::Head;
        let data = self.pieces.finish(piece, max);
        Ok(Some(Frame {
            txnr,
            command,
            data,
        }))
    }

    /// Bytes that it keeps for a frame whose end has not come.
    pub fn held_bytes(&self) -> usize {
        self.pieces.kept().len()
    }

    /// Reads what stands before the data; false if that has not all come.
    fn begin(&mut self, input: &mut &[u8]) -> Result<bool, Malformed> {
        let held = self.pieces.kept();
        let found = if held.is_empty() {
            head(input)
        } else {
            let more = &input[..input.len().min(HEAD_BYTES_MAX)];
            head(&[held, more].concat())
        };
        match found {
            Ok((head, data_bytes, head_bytes)) => {
                *input = &input[head_bytes - held.len()..];
                self.pieces = Pieces::default();
                self.state = State::Data(head, data_bytes);
                Ok(true)
            }
            Err(NoHead::GoesOn) => {
                self.pieces.add(input, HEAD_BYTES_MAX);
                *input = &[];
                Ok(false)
            }
            Err(NoHead::Malformed) => Err(Malformed),
        }
    }
}

/// Why bytes are not all that stands before the data.
enum NoHead {
    /// More may come.
    GoesOn,
    Malformed,
}

/// What stands before the data, the data's length, and how many bytes that took.
fn head(bytes: &[u8]) -> Result<(Head, usize, usize), NoHead> {
    let (txnr, rest) = word(bytes, u8::is_ascii_digit, DIGITS_MAX)?;
    let (command, rest) = word(
        after_space(rest)?,
        u8::is_ascii_alphabetic,
        COMMAND_BYTES_MAX,
    )?;
    let (length, rest) = word(after_space(rest)?, u8::is_ascii_digit, DIGITS_MAX)?;
    let length = number(length) as usize;
    // Behind a length of 0 there may be a space, or the LF at once.
    let rest = match (rest[0], length) {
        (b'\n', 0) => rest,
        (b' ', _) => &rest[1..],
        _ => return Err(NoHead::Malformed),
    };
    let command = match command {
        b"open" => Command::Open,
        b"syslog" => Command::Syslog,
        b"close" => Command::Close,
        _ => Command::Unknown,
    };
    let txnr = number(txnr);
    Ok((Head { txnr, command }, length, bytes.len() - rest.len()))
}

/// A word and what follows it, which is at least a byte.
fn word(bytes: &[u8], is_of_it: fn(&u8) -> bool, max: usize) -> Result<(&[u8], &[u8]), NoHead> {
    let end = bytes.iter().take_while(|byte| is_of_it(byte)).count();
    match end {
        _ if end > max => Err(NoHead::Malformed),
        _ if end == bytes.len() => Err(NoHead::GoesOn),
        0 => Err(NoHead::Malformed),
        _ => Ok(bytes.split_at(end)),
    }
}

fn after_space(bytes: &[u8]) -> Result<&[u8], NoHead> {
    bytes.strip_prefix(b" ").ok_or(NoHead::Malformed)
}

/// The value of at most nine digits.
fn number(digits: &[u8]) -> u32 {
    let value = |value: u32, digit: &u8| value * 10 + u32::from(digit - b'0');
    digits.iter().fold(0, value)
}

#[cfg(test)]
mod tests;
