//! A crash at a step: that step and all behind it do nothing, on this thread.

use std::cell::Cell;
use std::io;

thread_local! {
    static STEPS_LEFT: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Lets so many steps pass.
pub(crate) fn after(steps: u64) {
    STEPS_LEFT.set(Some(steps));
}

/// Lets all steps pass again.
pub(crate) fn never() {
    STEPS_LEFT.set(None);
}

pub(super) fn step() -> io::Result<()> {
    match STEPS_LEFT.get() {
        None => Ok(()),
        Some(0) => Err(io::Error::other("crashed")),
        Some(left) => {
            STEPS_LEFT.set(Some(left - 1));
            Ok(())
        }
    }
}
