//! Memory of requests, within what all of them may hold together.

use super::refusal::Refusal;
use crate::limits::{HTTP_HELD_BYTES_MAX, HTTP_HELD_STEP_BYTES};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What all requests may hold: one permit a byte.
pub(super) fn room() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(HTTP_HELD_BYTES_MAX))
}

/// The share of one request, given back when it is dropped.
pub(super) struct Held {
    room: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
    /// Bytes that the permit is not used up for.
    spare: usize,
}

impl Held {
    pub(super) fn none(room: &Arc<Semaphore>) -> Self {
        Held {
            room: Arc::clone(room),
            permit: None,
            spare: 0,
        }
    }

    /// Takes more; errs where others hold too much. It does not wait, since all might wait for each other.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), Refusal> {
        if bytes > self.spare {
            let wanted = (bytes - self.spare).next_multiple_of(HTTP_HELD_STEP_BYTES);
            let permits = u32::try_from(wanted).map_err(|_| Refusal::Busy)?;
            let more = Arc::clone(&self.room).try_acquire_many_owned(permits);
            let more = more.map_err(|_| Refusal::Busy)?;
            match &mut self.permit {
                Some(permit) => permit.merge(more),
                None => self.permit = Some(more),
            }
            self.spare += wanted;
        }
        self.spare -= bytes;
        Ok(())
    }
}
