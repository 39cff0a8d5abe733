//! Answers on their way: read on a thread that may wait, a few batches ahead of who sends them.

use crate::Daemon;
use crate::limits::BATCHES_AHEAD;
use crate::parameters::Given;
use crate::refusal::Refusal;
use desk::Desk;
use futures::StreamExt;
use query::{Question, Rows, Sight};
use std::sync::Arc;
use tenancy::{Action, Asker, Reach, Right, Secret};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// What of an answer is not sent yet. Reading ends when it is dropped.
pub(crate) struct Answer {
    rows: mpsc::Receiver<Result<Rows, Refusal>>,
    /// A batch, and how many of its rows are sent.
    pub(crate) batch: Option<(Rows, usize)>,
    _reading: JoinSet<()>,
}

impl Answer {
    /// The next batch; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Rows>, Refusal> {
        self.rows.recv().await.transpose()
    }
}

/// Has a question read for who shows a key, who is known anew: the key may be revoked, or show other
/// mail by now.
pub(crate) async fn read(
    (desk, daemon): (&Arc<Desk>, &Arc<dyn Daemon>),
    (key, asker): (&Secret, &mut Asker),
    (question, text): (&Question, &str),
    given: &Given,
) -> Result<Answer, Refusal> {
    asker.now = daemon.now();
    asker.principal = desk.tenancy.principal(key, asker.now).await?;
    asker.must(Right::ReadMail)?;
    if let Err(seconds) = desk.rates.count(&asker.principal.who.to_string()) {
        let refusal = Refusal::new("53400", "more requests than a minute may have");
        return Err(refusal.hint(format!("ask again in {seconds} s")));
    }
    let archive = daemon.archive();
    let sight = match question.reads_mail() {
        true => {
            let asked = text.to_owned() + &given.told(question.parameters());
            desk.sight(archive, asker, Action::Sql, &asked).await?
        }
        // The catalog is the same for all, and nobody's mail.
        false => desk::sight(archive, &Reach::Mailboxes(Arc::new([])), &[]),
    };
    let (to, rows) = mpsc::channel(BATCHES_AHEAD);
    let (desk, question, given) = (Arc::clone(desk), question.clone(), given.clone());
    let mut reading = JoinSet::new();
    reading.spawn(async move {
        let batches = to.clone();
        let answered = desk.answered(sight, move |sight| async move {
            tokio::select! {
                () = batches.closed() => Ok(()),
                told = tell(&question, &sight, &given, &batches) => told,
            }
        });
        let refusal = match answered.await {
            Ok(Ok(())) => return,
            Ok(Err(refusal)) => refusal,
            Err(unanswered) => unanswered.into(),
        };
        // Whoever is gone needs no reason.
        let _ = to.send(Err(refusal)).await;
    });
    Ok(Answer {
        rows,
        batch: None,
        _reading: reading,
    })
}

async fn tell(
    question: &Question,
    sight: &Sight,
    given: &Given,
    to: &mpsc::Sender<Result<Rows, Refusal>>,
) -> Result<(), Refusal> {
    let values = given.read(question.parameters())?;
    let mut rows = question.answer(sight, &values).await?;
    while let Some(batch) = rows.next().await {
        if to.send(Ok(batch?)).await.is_err() {
            break;
        }
    }
    Ok(())
}
