//! Eight bytes of a text at once, as a number.
//!
//! Names and values of records are some bytes to some tens long: to begin a search of `memchr`'s for each
//! takes longer than to go through them so.

/// Eight bytes that are all the same.
const fn eight(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// A bit at the top of each byte that is the one looked for; above the first of them it may be wrong.
/// Source: Warren, Hacker's Delight, "Find First 0-Byte".
#[inline]
pub(crate) const fn first_equal(word: u64, byte: u8) -> u64 {
    let differing = word ^ eight(byte);
    differing.wrapping_sub(eight(1)) & !differing & eight(0x80)
}

/// A bit at the top of each byte that is the one looked for.
#[inline]
pub(crate) const fn all_equal(word: u64, byte: u8) -> u64 {
    let differing = word ^ eight(byte);
    !(((differing & eight(0x7f)) + eight(0x7f)) | differing | eight(0x7f))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_are_found_where_they_are(bytes: [u8; 8], byte: u8, few in "[,-]{8}") {
            let few = few.as_bytes().first_chunk().copied().unwrap_or(bytes);
            for (bytes, byte) in [(bytes, byte), (bytes, bytes[3]), (few, b',')] {
                let word = u64::from_le_bytes(bytes);
                let is_at = |at: usize| all_equal(word, byte) >> (8 * at + 7) & 1 == 1;
                let found: Vec<usize> = (0..8).filter(|&at| is_at(at)).collect();
                let there: Vec<usize> = (0..8).filter(|&at| bytes[at] == byte).collect();
                prop_assert_eq!(all_equal(word, byte) & !eight(0x80), 0);
                let first = first_equal(word, byte);
                let first = (first != 0).then(|| (first.trailing_zeros() / 8) as usize);
                prop_assert_eq!(first, there.first().copied());
                prop_assert_eq!(found, there);
            }
        }
    }
}
