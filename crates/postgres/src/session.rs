//! What somebody asks on a connection, message by message.

use crate::answers::{self, Answer};
use crate::command::Command;
use crate::guest::Settings;
use crate::limits::{IDLE_MAX, SEND_BYTES};
use crate::parameters::Given;
use crate::prepared::{Kept, Portal, Prepared, Wants};
use crate::refusal::Refusal;
use crate::running::{Place, stopped};
use crate::stream::Stream;
use crate::values::{self, Form};
use crate::wire::{Body, Malformed, Outbox, Wire, put_text};
use bytes::BufMut;
use query::{Named, Question, Shape, Value};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tenancy::{Asker, Secret};
use tokio::sync::watch;

/// Somebody who is known.
pub(crate) struct Session {
    wire: Wire<Stream>,
    key: Secret,
    asker: Asker,
    named: Named,
    transaction: Transaction,
    kept: Kept,
}

/// How far a transaction is. Nothing is changed in one, but clients want to know.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Transaction {
    Idle = b'I' as isize,
    Open = b'T' as isize,
    Failed = b'E' as isize,
}

/// Why something was not done.
enum Trouble {
    Refused(Refusal),
    /// The client is gone.
    Gone(io::Error),
}

type Result<T> = std::result::Result<T, Trouble>;

impl<R: Into<Refusal>> From<R> for Trouble {
    fn from(refusal: R) -> Self {
        Trouble::Refused(refusal.into())
    }
}

impl From<Malformed> for Refusal {
    fn from(error: Malformed) -> Self {
        Refusal::fatal("08P01", error.to_string())
    }
}

fn gone(error: io::Error) -> Trouble {
    Trouble::Gone(error)
}

/// With what a session is served.
struct Served {
    place: Place,
    settings: Arc<Settings>,
    stop: watch::Receiver<bool>,
}

impl Session {
    pub(crate) fn new(wire: Wire<Stream>, key: Secret, asker: Asker, named: Named) -> Self {
        Session {
            wire,
            key,
            asker,
            named,
            transaction: Transaction::Idle,
            kept: Kept::default(),
        }
    }

    /// Answers until the client goes, is silent for too long, or is refused for good.
    pub(crate) async fn serve(
        mut self,
        place: Place,
        settings: Arc<Settings>,
        stop: watch::Receiver<bool>,
    ) -> io::Result<()> {
        let mut served = Served {
            place,
            settings,
            stop,
        };
        // After a refusal all is skipped up to the next `Sync`.
        let mut skips = false;
        loop {
            let message = tokio::select! {
                () = stopped(&mut served.stop) => {
                    ending().put(&mut self.wire.outbox);
                    return self.wire.flush().await;
                }
                message = self.wire.message(IDLE_MAX) => message?,
            };
            let Some(message) = message else {
                return Ok(());
            };
            let is_simple = message.tag == b'Q';
            let done = match message.tag {
                b'X' => return Ok(()),
                b'Q' => self.simple(&mut served, message.body).await,
                b'S' => {
                    skips = false;
                    if self.transaction == Transaction::Idle {
                        self.kept.portals.clear();
                    }
                    self.ready().await
                }
                b'H' => self.wire.flush().await.map_err(gone),
                // What remains of a copy that was refused.
                b'c' | b'd' | b'f' => Ok(()),
                _ if skips => Ok(()),
                tag => self.extended(&mut served, tag, message.body).await,
            };
            served.place.rests();
            match done {
                Ok(()) => {}
                Err(Trouble::Gone(error)) => return Err(error),
                Err(Trouble::Refused(refusal)) => {
                    if self.transaction == Transaction::Open {
                        self.transaction = Transaction::Failed;
                    }
                    refusal.put(&mut self.wire.outbox);
                    if refusal.is_fatal {
                        return self.wire.flush().await;
                    }
                    if !is_simple {
                        skips = true;
                    } else if let Err(Trouble::Gone(error)) = self.ready().await {
                        return Err(error);
                    }
                }
            }
        }
    }

    async fn ready(&mut self) -> Result<()> {
        let state = self.transaction as u8;
        self.wire.outbox.message(b'Z', |to| to.put_u8(state));
        self.wire.flush().await.map_err(gone)
    }

    /// Statements in one text, answered one after the other, as texts.
    async fn simple(&mut self, served: &mut Served, mut body: Body) -> Result<()> {
        let text = body.text()?;
        let statements = query::split(&text)?;
        if statements.is_empty() {
            self.wire.outbox.word(b'I');
        }
        for statement in statements {
            // A part of the text: its first bytes stand before it.
            let before = statement.as_ptr() as usize - text.as_ptr() as usize;
            let behind = |refusal: Refusal| refusal.behind(text[..before].chars().count());
            let prepared = self.prepare(statement, Vec::new()).await.map_err(behind)?;
            if let Some(columns) = prepared.columns() {
                describe(&mut self.wire.outbox, &columns, &[]);
            }
            let mut portal = Portal {
                prepared,
                given: Given::default(),
                forms: Vec::new(),
                answer: None,
            };
            self.execute(served, &mut portal, 0).await?;
        }
        self.ready().await
    }

    async fn prepare(
        &mut self,
        text: &str,
        oids: Vec<u32>,
    ) -> std::result::Result<Arc<Prepared>, Refusal> {
        let prepared = Prepared::new(text, oids, &self.named).await?;
        let ends = matches!(
            prepared.wants,
            Wants::Command(Command::Commit | Command::Rollback | Command::RollbackTo)
        );
        if self.transaction == Transaction::Failed && !ends {
            let text = "the transaction has failed: only `rollback` is heard";
            return Err(Refusal::new("25P02", text));
        }
        Ok(prepared)
    }

    /// A message of the extended protocol.
    async fn extended(&mut self, served: &mut Served, tag: u8, mut body: Body) -> Result<()> {
        match tag {
            b'P' => {
                let (name, text) = (body.text()?, body.text()?);
                let mut oids = Vec::new();
                for _ in 0..body.count()? {
                    // Numbers of types have no sign.
                    oids.push(body.int()? as u32);
                }
                let prepared = self.prepare(&text, oids).await?;
                self.kept.keep(name, prepared)?;
                self.wire.outbox.word(b'1');
            }
            b'B' => {
                let (name, portal) = self.bound(&mut body)?;
                self.kept.open(name, portal)?;
                self.wire.outbox.word(b'2');
            }
            b'D' => {
                let (what, name) = (body.byte()?, body.text()?);
                self.described(what, &name)?;
            }
            b'E' => {
                let (name, rows_max) = (body.text()?, body.int()?);
                self.kept.portal(&name)?;
                if let Some(mut portal) = self.kept.portals.remove(&name) {
                    let rows_max = usize::try_from(rows_max).unwrap_or_default();
                    let done = self.execute(served, &mut portal, rows_max).await;
                    self.kept.portals.insert(name, portal);
                    done?;
                }
            }
            b'C' => {
                let (what, name) = (body.byte()?, body.text()?);
                match what {
                    b'S' => drop(self.kept.statements.remove(&name)),
                    _ => drop(self.kept.portals.remove(&name)),
                }
                self.wire.outbox.word(b'3');
            }
            _ => return Err(Malformed.into()),
        }
        Ok(())
    }

    /// Values for the parameters of a statement.
    fn bound(&self, body: &mut Body) -> Result<(String, Portal)> {
        let (name, statement) = (body.text()?, body.text()?);
        let prepared = Arc::clone(self.kept.statement(&statement)?);
        let given_forms = forms(body)?;
        let mut values = Vec::new();
        for _ in 0..body.count()? {
            values.push(body.value()?);
        }
        let wanted_forms = forms(body)?;
        let given = Given {
            oids: prepared.oids(),
            forms: spread(&given_forms, values.len())?,
            values,
        };
        if let Wants::Question(question) = &prepared.wants {
            // What cannot be read is told now.
            given.read(question.parameters())?;
        }
        let columns = prepared.columns().map_or(0, |it| it.len());
        let portal = Portal {
            prepared,
            given,
            forms: spread(&wanted_forms, columns)?,
            answer: None,
        };
        Ok((name, portal))
    }

    fn described(&mut self, what: u8, name: &str) -> Result<()> {
        let (columns, forms) = match what {
            b'S' => {
                let prepared = self.kept.statement(name)?;
                let oids = prepared.oids();
                let columns = prepared.columns();
                self.wire.outbox.message(b't', |to| {
                    // As many as a message of the client had room for.
                    to.put_u16(oids.len() as u16);
                    oids.iter().for_each(|oid| to.put_u32(*oid));
                });
                (columns, Vec::new())
            }
            _ => {
                let portal = self.kept.portal(name)?;
                (portal.prepared.columns(), portal.forms.clone())
            }
        };
        match columns {
            Some(columns) => describe(&mut self.wire.outbox, &columns, &forms),
            None => self.wire.outbox.word(b'n'),
        }
        Ok(())
    }

    /// Does what a statement wants, up to so many rows of its answer; 0 for all.
    async fn execute(
        &mut self,
        served: &mut Served,
        portal: &mut Portal,
        rows_max: usize,
    ) -> Result<()> {
        let prepared = Arc::clone(&portal.prepared);
        match &prepared.wants {
            Wants::Nothing => {
                self.wire.outbox.word(b'I');
                Ok(())
            }
            Wants::Command(command) => self.command(command),
            Wants::Question(question) => {
                let counts = Arc::clone(&served.settings.counts);
                let done = self
                    .answer(served, portal, (question, &prepared.text), rows_max)
                    .await;
                match &done {
                    Ok(()) if portal.answer.is_none() => &counts.answered,
                    Ok(()) => return done,
                    Err(_) => &counts.failed,
                }
                .fetch_add(1, Ordering::Relaxed);
                done
            }
        }
    }

    fn command(&mut self, command: &Command) -> Result<()> {
        let done = match command {
            Command::Done(done) => done,
            Command::Begin => {
                self.transaction = Transaction::Open;
                "BEGIN"
            }
            Command::Commit if self.transaction == Transaction::Open => {
                self.transaction = Transaction::Idle;
                "COMMIT"
            }
            Command::Commit | Command::Rollback => {
                self.transaction = Transaction::Idle;
                "ROLLBACK"
            }
            Command::RollbackTo => {
                self.transaction = Transaction::Open;
                "ROLLBACK"
            }
            Command::Deallocate(None) => {
                self.kept.statements.clear();
                "DEALLOCATE ALL"
            }
            Command::Deallocate(Some(name)) => {
                self.kept.statements.remove(name);
                "DEALLOCATE"
            }
            Command::Show(name) => {
                let value = match name.as_str() {
                    "current_user" => Some(self.named.user.as_str()),
                    name => query::setting(name),
                };
                let absent = || Refusal::new("42704", format!("there is no setting `{name}`"));
                let value = value.ok_or_else(absent)?;
                self.wire.outbox.message(b'D', |to| {
                    to.put_u16(1);
                    values::put(to, &Value::Text(value), &Shape::Text, Form::Text);
                });
                "SHOW"
            }
        };
        complete(&mut self.wire.outbox, done);
        Ok(())
    }

    async fn answer(
        &mut self,
        served: &mut Served,
        portal: &mut Portal,
        (question, text): (&Question, &str),
        rows_max: usize,
    ) -> Result<()> {
        let cancel = served.place.asks();
        let mut answer = match portal.answer.take() {
            Some(answer) => answer,
            None => {
                let Settings { desk, daemon, .. } = &*served.settings;
                let who = (&self.key, &mut self.asker);
                let asked = (question, text);
                answers::read((desk, daemon), who, asked, &portal.given).await?
            }
        };
        let mut sent = 0_u64;
        loop {
            let left = rows_max.saturating_sub(usize::try_from(sent).unwrap_or(usize::MAX));
            let most = if rows_max == 0 { usize::MAX } else { left };
            sent += self
                .send(&mut answer, question, &portal.forms, most)
                .await?;
            if rows_max != 0 && sent >= rows_max as u64 {
                portal.answer = Some(answer);
                self.wire.outbox.word(b's');
                return Ok(());
            }
            let batch = tokio::select! {
                biased;
                () = cancel.notified() => {
                    return Err(Refusal::new("57014", "the question is cancelled by the client").into());
                }
                () = stopped(&mut served.stop) => return Err(ending().into()),
                read = self.wire.ahead() => {
                    read.map_err(gone)?;
                    continue;
                }
                batch = answer.next() => batch?,
            };
            match batch {
                Some(batch) => answer.batch = Some((batch, 0)),
                None => break,
            }
        }
        let is_told = text
            .trim_start()
            .get(..7)
            .is_some_and(|it| it.eq_ignore_ascii_case("explain"));
        match is_told {
            true => complete(&mut self.wire.outbox, "EXPLAIN"),
            false => complete(&mut self.wire.outbox, &format!("SELECT {sent}")),
        }
        Ok(())
    }

    /// Sends what was read, up to so many rows; gives how many.
    async fn send(
        &mut self,
        answer: &mut Answer,
        question: &Question,
        forms: &[Form],
        most: usize,
    ) -> Result<u64> {
        let Some((rows, at)) = &mut answer.batch else {
            return Ok(0);
        };
        let columns = question.columns();
        let mut sent = 0;
        while *at < rows.rows() && sent < most {
            let row = rows.row(*at);
            self.wire.outbox.message(b'D', |to| {
                // A question of 8 KB has no more columns.
                to.put_u16(row.len() as u16);
                for (column, (value, (_, shape))) in row.zip(columns).enumerate() {
                    let form = forms.get(column).copied().unwrap_or(Form::Text);
                    values::put(to, &value, shape, form);
                }
            });
            *at += 1;
            sent += 1;
            if self.wire.outbox.len() > SEND_BYTES {
                self.wire.flush().await.map_err(gone)?;
            }
        }
        if *at == rows.rows() {
            answer.batch = None;
        }
        Ok(sent as u64)
    }
}

/// The daemon ends.
fn ending() -> Refusal {
    Refusal::fatal("57P01", "the daemon ends")
}

/// Forms of values, as a message tells them: none, one for all, or one for each.
fn forms(body: &mut Body) -> std::result::Result<Vec<Form>, Malformed> {
    let count = body.count()?;
    let form = |_| match body.short()? {
        0 => Ok(Form::Text),
        1 => Ok(Form::Binary),
        _ => Err(Malformed),
    };
    (0..count).map(form).collect()
}

fn spread(forms: &[Form], count: usize) -> std::result::Result<Vec<Form>, Malformed> {
    match forms {
        [] => Ok(vec![Form::Text; count]),
        [form] => Ok(vec![*form; count]),
        _ if forms.len() == count => Ok(forms.to_vec()),
        _ => Err(Malformed),
    }
}

/// Tells what columns there are (`RowDescription`).
fn describe(to: &mut Outbox, columns: &[(String, Shape)], forms: &[Form]) {
    to.message(b'T', |to| {
        // A question of 8 KB has no more.
        to.put_u16(columns.len() as u16);
        for (at, (name, shape)) in columns.iter().enumerate() {
            put_text(to, name);
            to.put_u32(0);
            to.put_u16(0);
            to.put_u32(shape.oid());
            to.put_i16(match shape {
                Shape::Flag => 1,
                Shape::Real | Shape::Day => 4,
                Shape::Number | Shape::Double | Shape::Time | Shape::Moment => 8,
                _ => -1,
            });
            to.put_i32(-1);
            to.put_i16(match forms.get(at) {
                Some(Form::Binary) => 1,
                _ => 0,
            });
        }
    });
}

/// A statement is done (`CommandComplete`).
fn complete(to: &mut Outbox, done: &str) {
    to.message(b'C', |to| put_text(to, done));
}
