//! Messages of Protobuf in pieces: embedded messages are handed out one by one, so that a small body cannot become
//! many large ones in memory. Source: protobuf.dev, "Encoding".

use super::refusal::Refusal;
use prost::Message;

/// Hands out the embedded messages of a field, in order.
pub(super) fn each<'a>(
    message: &'a [u8],
    field: u64,
    mut take: impl FnMut(&'a [u8]) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut rest = message;
    while !rest.is_empty() {
        let (number, value) = next(&mut rest).ok_or_else(broken)?;
        if let (true, Some(value)) = (number == field, value) {
            take(value)?;
        }
    }
    Ok(())
}

/// Reads a message that is small or bounded.
pub(super) fn read<T: Message + Default>(message: &[u8]) -> Result<T, Refusal> {
    T::decode(message).map_err(|_| broken())
}

fn broken() -> Refusal {
    Refusal::Invalid("the body is not the Protobuf that is wanted here".to_owned())
}

/// The next field: its number, and its bytes where it has a length.
fn next<'a>(rest: &mut &'a [u8]) -> Option<(u64, Option<&'a [u8]>)> {
    let key = varint(rest)?;
    let value = match key & 7 {
        0 => varint(rest).map(|_| None)?,
        1 => rest.split_off(..8).map(|_| None)?,
        2 => {
            let length = usize::try_from(varint(rest)?).ok()?;
            Some(rest.split_off(..length)?)
        }
        5 => rest.split_off(..4).map(|_| None)?,
        _ => return None,
    };
    Some((key >> 3, value))
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *rest.split_off_first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}
