//! Original log lines in few bytes, and back byte for byte.
//!
//! A stored row has its fields in columns and was made of some lines. Those lines say little that
//! the columns do not: so of each is kept a *template*, which it shares with thousands, and what
//! fills the template's holes and is in no column. [`Encoder`] rebuilds each line that it takes and
//! compares; one that would not come back is kept whole, and counted.
//!
//! It is not for reading lines (`parse`) nor for storing columns: it knows no program's format, no
//! file and no column's name. Who stores calls [`Encoder::row`] for the rows of a file, in any
//! order, though rows of one account that stand together get smaller; [`Encoder::finish_block`]
//! after some 4,096 of them; [`Encoder::finish`] at the end. Who reads needs the dictionary, the
//! block, and the same time and texts of the row's columns.
//!
//! Measured by `examples/measure.rs` on a million generated lines of 168 bytes (two shared cores of
//! an AMD EPYC): 2.4 bytes a line, 0.7 µs to encode one, 0.3 µs to rebuild it; `zstd -19 --long=27`
//! of the log has 15.8 bytes a line, `zstd -3` 25.1. By level of zstd within:
//!
//! | level | bytes a line | encoding | rebuilding |
//! |---|---|---|---|
//! | 3 | 2.43 | 0.67 µs | 0.27 µs |
//! | 9 | 2.32 | 0.88 µs | 0.27 µs |
//! | 19 | 2.24 | 3.41 µs | 0.27 µs |
//!
//! # Layout
//!
//! Numbers are varints where nothing else is said: seven bits a byte, the lowest first, the top bit
//! set on all bytes but the last. *Bytes* are their length as a varint, then themselves. Signed
//! numbers are zigzag: 0, -1, 1, -2 are 0, 1, 2, 3.
//!
//! A dictionary and a block are each: the version, one byte, 1; then streams, each as *bytes* that
//! are one zstd frame with content size and checksum.
//!
//! **A dictionary** has two streams.
//!
//! 1. Sources, to the end of the stream. Each: the slot of a column, counted from 0; one byte, which
//!    part of its text a line has: 0 all, 1 without the first byte `<` and the last byte `>`, 2 as
//!    seconds where the column has milliseconds (digits, the first not 0): `1200` is `1.2`, no point
//!    behind whole ones and no zeros at the end.
//! 2. Templates as *bytes*, to the end of the stream.
//!
//! **A template** begins with one byte, 0 or 1. After 1: a stamp's form and, as *bytes*, the text
//! before the stamp. Then texts as *bytes* to its end, with a hole between each two. A form is one
//! byte for the pattern, its place in `stamp.rs` from 0; one byte for the digits of the fraction, 0
//! for none and no separator; the zone in minutes east of UTC, signed. The stamp is the line's time
//! in that form.
//!
//! **A block** has eleven streams.
//!
//! 1. What it uses of the dictionary, and templates of its own: eight bytes, the lowest first, that
//!    are FNV-1a (64 bits) of the sources so far and of its templates, as stored but without their
//!    lengths; how many sources that are; then to the end a number for each template: 1 + its place
//!    in the dictionary, or 0, and the template as *bytes*.
//! 2. A number for each line, row by row: its template's place `t` in the first stream, as `2t + 2`
//!    if it is the last of its row, else `2t + 1`. 0 is a row without lines.
//! 3. Distances in time, heads. A line's distance is nanoseconds from it to the next line of its
//!    row, from the last one to the row; it wraps at 64 bits. Here and in what follows lines are
//!    ordered by template, those of one template as in the second stream. For each template: one
//!    byte for the unit, 0 s, 1 ms, 2 µs, 3 ns; then for each line one byte, the top bit for what is
//!    negative and below it how many bits the distance has.
//! 4. Distances in time, bits: of each distance those below its highest, the lowest first, packed
//!    from each byte's lowest bit on.
//! 5. Kinds of what is in holes, one byte each: for each template, for each of its holes, for each
//!    of its lines. 0 a number; 1 a text; 2, 3, 4 a number with so many digits less one behind a
//!    point; from 8 on a source, 8 the first.
//! 6. to 9. The numbers in the order of their kinds, as varints of which the first bytes are in the
//!    sixth stream, the second in the seventh, the third in the eighth, all others in the ninth. A
//!    number stands for a string of digits, counted from 0: `0` to `9`, `00` to `99`, `000` and on.
//! 10. Lengths of the texts, in the order of their kinds.
//! 11. The texts.

mod bits;
mod block;
mod class;
mod decoder;
mod dictionary;
mod encoder;
mod hole;
mod known;
mod limits;
mod rows;
mod sources;
mod split;
mod stamp;
mod streams;
mod template;
mod varint;

pub use block::Block;
pub use decoder::Decoder;
pub use encoder::{Counts, Encoder};

/// Why stored lines could not be read. Trying again does not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are not those that were written, or the block is of another file.
    #[error("stored lines are damaged")]
    Damaged,
    /// A later version of this crate has written them.
    #[error("stored lines have an unknown version: version=`{0}`")]
    Version(u8),
    /// The texts of the columns are not those that the row was written with.
    #[error("texts of the columns do not fit the stored lines")]
    Columns,
    /// The block has no such row.
    #[error("the block has fewer rows: row=`{0}`")]
    Row(usize),
}
