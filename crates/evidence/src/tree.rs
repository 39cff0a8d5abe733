//! Merkle trees as in RFC 6962, section 2.1: roots while leaves come, paths, and what a path proves.

use crate::Digest;
use sha2::{Digest as _, Sha256};
use std::ops::Range;

const LEAF: [u8; 1] = [0];
const NODE: [u8; 1] = [1];

/// A hasher that waits for the bytes of a leaf.
pub(crate) fn leaf_hasher() -> Sha256 {
    Sha256::new_with_prefix(LEAF)
}

/// The hash of a leaf.
pub(crate) fn leaf(bytes: &[u8]) -> Digest {
    Digest::end(leaf_hasher().chain_update(bytes))
}

fn node(left: Digest, right: Digest) -> Digest {
    let hasher = Sha256::new_with_prefix(NODE);
    let hasher = hasher.chain_update(left.as_bytes());
    Digest::end(hasher.chain_update(right.as_bytes()))
}

/// A tree to which leaves are added at the right; holds one hash for each bit of their number.
#[derive(Clone, Default)]
pub(crate) struct Tree {
    count: u64,
    /// Roots of the full trees that the leaves make, the largest first.
    peaks: Vec<Digest>,
}

impl Tree {
    pub(crate) fn push(&mut self, leaf: Digest) {
        let mut right = leaf;
        for _ in 0..self.count.trailing_ones() {
            let left = self.peaks.pop().expect("a peak for each bit of the count");
            right = node(left, right);
        }
        self.peaks.push(right);
        self.count += 1;
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The root; of no leaves the hash of nothing.
    pub(crate) fn root(&self) -> Digest {
        let peaks = self.peaks.iter().rev().copied();
        let root = peaks.reduce(|right, left| node(left, right));
        root.unwrap_or_else(|| Digest::of(b""))
    }
}

impl FromIterator<Digest> for Tree {
    fn from_iter<I: IntoIterator<Item = Digest>>(leaves: I) -> Tree {
        let mut tree = Tree::default();
        leaves.into_iter().for_each(|leaf| tree.push(leaf));
        tree
    }
}

/// The audit path of one leaf, made while all leaves pass by in order.
pub(crate) struct Path {
    number: u64,
    next: u64,
    /// The trees beside the way from the leaf to the root, from the leaf on.
    beside: Vec<(Range<u64>, Tree)>,
}

impl Path {
    /// For leaf `number` of `count`, which must be greater.
    pub(crate) fn new(number: u64, count: u64) -> Path {
        let mut beside = Vec::new();
        let mut range = 0..count;
        while range.end - range.start > 1 {
            let middle = range.start + largest_power_below(range.end - range.start);
            let (inside, outside) = if number < middle {
                (range.start..middle, middle..range.end)
            } else {
                (middle..range.end, range.start..middle)
            };
            beside.push((outside, Tree::default()));
            range = inside;
        }
        beside.reverse();
        Path {
            number,
            next: 0,
            beside,
        }
    }

    pub(crate) fn push(&mut self, leaf: Digest) {
        let at = self.next;
        self.next += 1;
        if at == self.number {
            return;
        }
        let tree = self
            .beside
            .iter_mut()
            .find(|(range, _)| range.contains(&at));
        if let Some((_, tree)) = tree {
            tree.push(leaf);
        }
    }

    pub(crate) fn finish(self) -> Vec<Digest> {
        self.beside.iter().map(|(_, tree)| tree.root()).collect()
    }
}

/// The largest power of two that is smaller than `count`, which is at least two.
fn largest_power_below(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// The root to which `path` leads from leaf `number` of `count`; `None` if the path has another length.
/// Source: RFC 9162, section 2.1.3.2.
pub(crate) fn root_by_path(
    leaf: Digest,
    number: u64,
    count: u64,
    path: &[Digest],
) -> Option<Digest> {
    let mut last = count.checked_sub(1).filter(|&last| number <= last)?;
    let mut number = number;
    let mut root = leaf;
    for &beside in path {
        if last == 0 {
            return None;
        }
        if number % 2 == 1 || number == last {
            root = node(beside, root);
            // A node without a right neighbour is its parent, up to where it is a right child.
            let up = number.trailing_zeros();
            number >>= up;
            last >>= up;
        } else {
            root = node(root, beside);
        }
        number >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(root)
}

#[cfg(test)]
mod tests;
