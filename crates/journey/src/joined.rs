//! Which queue items are one message, and in which order it went through them.

use model::{Link, LinkKind};

/// A link between two items of one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) kind: LinkKind,
    pub(crate) confidence: u8,
}

/// A link, with the numbers of its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Joined {
    pub(crate) link: Link,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

impl Step {
    pub(crate) fn new(link: &Link, from: usize, to: usize) -> Self {
        Step {
            from,
            to,
            kind: link.kind,
            confidence: link.confidence,
        }
    }
}

/// Union-find over item numbers.
#[derive(Debug)]
pub(crate) struct Groups {
    parents: Vec<u32>,
}

impl Groups {
    pub(crate) fn new(len: usize) -> Self {
        Groups {
            parents: (0..len as u32).collect(),
        }
    }

    pub(crate) fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.find(one), self.find(other));
        // The smaller number leads, so that the result does not depend on the order of joining.
        self.parents[one.max(other)] = one.min(other) as u32;
    }

    fn find(&mut self, at: usize) -> usize {
        let mut at = at as u32;
        while self.parents[at as usize] != at {
            let next = self.parents[at as usize];
            self.parents[at as usize] = self.parents[next as usize];
            at = next;
        }
        at as usize
    }

    /// All numbers, those of one group side by side, with the leader of each.
    pub(crate) fn members(mut self) -> Vec<(u32, u32)> {
        let mut members: Vec<(u32, u32)> = (0..self.parents.len())
            .map(|at| (self.find(at) as u32, at as u32))
            .collect();
        members.sort_unstable();
        members
    }
}

/// The numbers 0 to `len` such that each stands behind those it came from, else by `earlier`. Where
/// the links run in a circle (a loop between servers), the earliest goes first.
pub(crate) fn in_order<K: Ord>(
    len: usize,
    steps: &[Step],
    earlier: impl Fn(usize) -> K,
) -> Vec<usize> {
    let mut waits_for = vec![0_usize; len];
    for step in steps {
        waits_for[step.to] += 1;
    }
    let mut left: Vec<usize> = (0..len).collect();
    left.sort_by_key(|&at| earlier(at));
    let mut order = Vec::with_capacity(len);
    while !left.is_empty() {
        let ready = left.iter().position(|&at| waits_for[at] == 0).unwrap_or(0);
        let next = left.remove(ready);
        order.push(next);
        for step in steps.iter().filter(|it| it.from == next) {
            waits_for[step.to] = waits_for[step.to].saturating_sub(1);
        }
    }
    order
}
