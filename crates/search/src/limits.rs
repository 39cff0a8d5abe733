//! Bounds of a question, each with its reason.

/// Bytes of a question's text: the longest that a URL may carry through common proxies is 8 KiB, a
/// pasted list of addresses may be more.
pub const TEXT_BYTES_MAX: usize = 16_384;

/// Conditions in one question: each may cost a look into every index. A pasted list of a few hundred
/// addresses fits.
pub const TERMS_MAX: usize = 1_000;

/// Levels of AND, OR and NOT in one another. Nobody writes ten; what walks the tree calls itself.
pub const DEPTH_MAX: usize = 64;

/// Parentheses in one another. More than [`DEPTH_MAX`], since canonical text has at most one pair a
/// level, and what a person writes may have needless ones.
pub(crate) const PARENTHESES_MAX: usize = 256;

const _: () = assert!(PARENTHESES_MAX >= DEPTH_MAX);

/// Characters of a word; of a longer run only these count, on both sides. Encoded blobs have no
/// words that anybody types, and each would be an entry of the index's dictionary.
pub const WORD_CHARS_MAX: usize = 64;

/// Characters of a bare word that may be an identifier: queue ids begin at 6, UUIDs have 36.
pub(crate) const ID_CHARS: std::ops::RangeInclusive<usize> = 6..=40;

/// Rows of a page where the question does not say.
pub const ROWS_DEFAULT: usize = 100;

/// Rows of one page; who wants more goes on with the cursor.
pub const ROWS_MAX: usize = 10_000;

/// The largest number that can be asked for, 2^53: up to here each whole number is one `f64`.
pub(crate) const NUMBER_MAX: f64 = 9_007_199_254_740_992.0;

/// Times before 1700-01-01T00:00:00Z are no times of mail; in microseconds since 1970. Lies within
/// what `model::Timestamp` can say.
pub(crate) const TIME_MIN: i64 = -8_520_336_000_000_000;

/// Times after 2250-01-01T00:00:00Z are no times of mail either.
pub(crate) const TIME_MAX: i64 = 8_835_955_200_000_000;
