//! What the bytes of a line are to us: words, digits, and what stands between.

const WORD: u8 = 1;
const DIGIT: u8 = 2;

/// Letters, digits, and what is not ASCII are words; digits are digits too.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut at = 0;
    while at < classes.len() {
        let byte = at as u8;
        if byte.is_ascii_alphanumeric() || byte >= 0x80 {
            classes[at] = WORD;
        }
        if byte.is_ascii_digit() {
            classes[at] |= DIGIT;
        }
        at += 1;
    }
    classes
};

/// Whether a byte is part of a word.
#[inline]
pub(crate) fn is_word(byte: u8) -> bool {
    CLASSES[usize::from(byte)] != 0
}

/// Whether no word goes on over this place.
#[inline]
pub(crate) fn is_word_end(text: &[u8], at: usize) -> bool {
    match (
        at.checked_sub(1).and_then(|last| text.get(last)),
        text.get(at),
    ) {
        (Some(&last), Some(&next)) => !(is_word(last) && is_word(next)),
        _ => true,
    }
}

/// Length of the word at the head of a text, and whether it has digits.
#[inline]
pub(crate) fn word(text: &[u8]) -> (usize, bool) {
    let mut seen = 0;
    for (at, &byte) in text.iter().enumerate() {
        let class = CLASSES[usize::from(byte)];
        if class == 0 {
            return (at, seen & DIGIT != 0);
        }
        seen |= class;
    }
    (text.len(), seen & DIGIT != 0)
}

/// How many digits a text begins with.
#[inline]
pub(crate) fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The value of a text of one to nine digits that does not begin with 0.
#[inline]
pub(crate) fn small_number(text: &[u8]) -> Option<u64> {
    let is_number = text.len() <= 9 && text.first()? != &b'0' && digits(text) == text.len();
    is_number.then(|| {
        text.iter()
            .fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0'))
    })
}
