//! Where all who ask come by, whatever they speak: how often each asks, whose turn it is, what of the
//! archive one sees, and that it is noted who looks at the mail of others.
//!
//! Not for what is asked, nor for how it is answered and told.
//!
//! Invariant: somebody who sees all is noted in the audit log before anything is read for them.

mod limits;
mod rates;

pub use limits::{QUERY_BYTES_MAX, QUESTION_MAX};
pub use rates::Rates;

use limits::{QUESTIONS_AT_A_TIME, WAIT_MAX};
use query::{Archive, Scope, Sight};
use search::Net;
use serde_json::json;
use std::sync::Arc;
use tenancy::{Action, Asker, Reach, Tenancy};
use tokio::sync::Semaphore;

/// What all ways of asking share.
pub struct Desk {
    /// Who is who.
    pub tenancy: Arc<Tenancy>,
    /// Networks of ours: what stands in them is hidden from customers. Private ones are anyway.
    pub internal: Vec<Net>,
    /// How often each asks.
    pub rates: Rates,
    turns: Semaphore,
}

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// More is asked than can be answered.
    #[error("more is asked than can be answered")]
    Busy,
    /// It took longer than it may.
    #[error("the question took longer than {} s", QUESTION_MAX.as_secs())]
    TooLong,
    /// It ended in a panic.
    #[error("the question ended in a panic")]
    Panicked(#[source] tokio::task::JoinError),
}

impl Desk {
    /// With so many requests a minute for each who asks.
    pub fn new(tenancy: Arc<Tenancy>, internal: Vec<Net>, requests_a_minute: u32) -> Self {
        Desk {
            tenancy,
            internal,
            rates: Rates::new(requests_a_minute),
            turns: Semaphore::new(QUESTIONS_AT_A_TIME),
        }
    }

    /// The archive as somebody sees it. That they look at the mail of others is noted first, with what
    /// is asked. Whether he may ask at all is looked at by the caller.
    pub async fn sight(
        &self,
        archive: Arc<Archive>,
        asker: &Asker,
        action: Action,
        asked: &str,
    ) -> tenancy::Result<Sight> {
        let reach = &asker.principal.reach;
        if *reach == Reach::Everything {
            let detail = json!({ "asked": asked });
            self.tenancy.record(asker, action, None, detail).await?;
        }
        Ok(sight(archive, reach, &self.internal))
    }

    /// Has a question answered on a thread that may wait, when it is its turn.
    pub async fn answered<T: Send + 'static, F>(
        &self,
        sight: Sight,
        ask: impl FnOnce(Sight) -> F + Send + 'static,
    ) -> Result<T, Unanswered>
    where
        F: Future<Output = T>,
    {
        let turn = tokio::time::timeout(WAIT_MAX, self.turns.acquire());
        let Ok(Ok(_turn)) = turn.await else {
            return Err(Unanswered::Busy);
        };
        let work = move || {
            let asked = sight.clone();
            sight.wait(async move { tokio::time::timeout(QUESTION_MAX, ask(asked)).await })
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(Unanswered::TooLong),
            Err(panic) => Err(Unanswered::Panicked(panic)),
        }
    }
}

/// What a reach shows of the archive; networks of ours are hidden from those who do not see all.
pub fn sight(archive: Arc<Archive>, reach: &Reach, internal: &[Net]) -> Sight {
    let scope = match reach {
        Reach::Everything => return Sight::whole(archive),
        Reach::Domains {
            domains, accounts, ..
        } => Scope::new(domains.iter().cloned(), accounts.iter().cloned()),
        Reach::Mailboxes(mailboxes) => Scope::new([], mailboxes.iter().cloned()),
    };
    Sight::within(archive, Arc::new(scope.hiding(internal.iter().copied())))
}
