//! Bounds of this crate, each with its reason.

/// Level of zstd where none is asked for. By the table in `lib.rs` level 9 saves a twentieth of the bytes and takes a third
/// more time; 19 saves a twelfth for five times as much.
pub(crate) const ZSTD_LEVEL: i32 = 3;

/// Lines of a block that must share a template before it goes into the dictionary of the file. One
/// that is rarer costs less as text among its like in the block than as an entry that every reader
/// of the file loads.
pub(crate) const LINES_PER_TEMPLATE_MIN: u32 = 4;

/// Templates of a file; beyond, new ones stay in their blocks. All programs known by now have some
/// two thousand kinds of lines, and a reader should open a dictionary in a few milliseconds.
pub(crate) const TEMPLATES_MAX: usize = 16_384;

/// Bytes of a line that is taken apart; a longer one is kept whole. It is a dump, not a log line,
/// and its template would fit nothing else.
pub(crate) const LINE_BYTES_SPLIT_MAX: usize = 16 * 1024;

/// Bytes of the longest template that is in the dictionary, so that it stays small.
pub(crate) const TEMPLATE_BYTES_MAX: usize = 2 * 1024;

/// Bytes of the shortest column value without digits that is looked for: shorter ones are words
/// that a line may hold by chance (`in`, `mx`), and each chance makes a template of its own.
pub(crate) const WORD_BYTES_MIN: usize = 3;

/// Bytes of the longest column value that is looked for.
pub(crate) const VALUE_BYTES_MAX: usize = LINE_BYTES_SPLIT_MAX;

/// Digits of the longest number that is kept as a number; more do not fit 64 bits for sure.
pub(crate) const DIGITS_MAX: usize = 18;

/// Bytes that one byte of a compressed stream may become: zstd cannot do more, and a damaged length
/// must not take the memory.
pub(crate) const BYTES_PER_BYTE_MAX: usize = 64 * 1024;

/// Columns whose texts are looked for; a table has some hundred. Positions are 16 bits wide.
pub(crate) const SLOTS_MAX: usize = 4_096;

/// Bytes of the longest `1.2.3` that is one text: an address, a version, an OID. What is longer is
/// several, so that no line takes time by the square of its length.
pub(crate) const DOTTED_BYTES_MAX: usize = 64;

// Two parts of each text, and 0 for none.
const _: () = assert!(2 * SLOTS_MAX < u16::MAX as usize);
// There are 10 + 100 + ... + 10^18 strings of so many digits, which is below 2^64.
const _: () = assert!(DIGITS_MAX <= 18);
