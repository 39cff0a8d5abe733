//! How long things took, told as shares.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// All, and those that were not told yet.
#[derive(Default)]
pub(super) struct Waits(Mutex<(Vec<Duration>, usize)>);

impl Waits {
    fn held(&self) -> MutexGuard<'_, (Vec<Duration>, usize)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, wait: Duration) {
        self.held().0.push(wait);
    }

    /// Those since it was asked last.
    pub(super) fn since_last(&self) -> String {
        let mut held = self.held();
        let told = shares(&held.0[held.1..], ", ");
        held.1 = held.0.len();
        told
    }

    /// All, and how many.
    pub(super) fn whole(&self) -> String {
        let held = self.held();
        format!("{} | {}", shares(&held.0, " | "), held.0.len())
    }
}

fn shares(waits: &[Duration], between: &str) -> String {
    let mut sorted = waits.to_vec();
    sorted.sort();
    let share = |share: usize| match sorted.len() {
        0 => "-".to_owned(),
        len => sorted[(len - 1) * share / 100].as_millis().to_string(),
    };
    [50, 99, 100].map(share).join(between)
}
