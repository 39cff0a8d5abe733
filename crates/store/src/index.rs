//! What lies beside the columns of a data file so that questions read few blocks: filters of
//! identifiers, and a list of terms with the blocks that hold them.
//!
//! Both only rule blocks out; who asks looks at the rows themselves. They are derived from the rows
//! and can be made again.

use crate::Column;

pub(crate) mod ids;
pub(crate) mod terms;
pub(crate) mod write;

/// In which columns of a row an identifier is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdRole {
    /// In all.
    Any,
    /// In those that name what the row is about, and not where it went: many servers elsewhere give
    /// out the same few numbers.
    Own,
}

impl IdRole {
    pub(crate) fn columns(self) -> &'static [Column] {
        match self {
            IdRole::Any => &write::IDS,
            IdRole::Own => &write::OWN_IDS,
        }
    }
}

/// The blocks of a file that may hold what is asked for, in order.
pub(crate) type Blocks = Vec<u32>;

/// Blocks that are in both.
pub(crate) fn both(left: &[u32], right: &[u32]) -> Blocks {
    let mut right = right.iter().peekable();
    let mut common = Vec::new();
    for &block in left {
        while right.next_if(|&&other| other < block).is_some() {}
        if right.peek() == Some(&&block) {
            common.push(block);
        }
    }
    common
}

/// Blocks that are in one of them.
pub(crate) fn either(left: &[u32], right: &[u32]) -> Blocks {
    let mut all = [left, right].concat();
    all.sort_unstable();
    all.dedup();
    all
}
