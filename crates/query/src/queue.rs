//! The mail queue at any time: which messages were queued, for whom, and why they were still there.
//!
//! Two passes over the rows that may tell of it: those of about that time, and of six days on either
//! side those of messages that were not gone at once. The first looks at each queue id's times and
//! endings only, and leaves those that had begun and had not ended; the second reads what these rows say.

use crate::scope::{Cleaner, Scope};
use crate::sight::Sight;
use crate::{Result, blocks};
use futures::TryStreamExt;
use model::QueueStep as Step;
use search::{Filter, TimeRange};
use std::collections::{BTreeMap, HashMap, HashSet};
use store::{Column, View, arrival};

/// A queue life is over by then in all common configurations (`maximal_queue_lifetime`, five days),
/// with a day for a late notification. Microseconds.
pub(crate) const LIFE_MICROS: i64 = 6 * 86_400_000_000;

/// A recipient of a message that was in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Host whose queue it was.
    pub host: String,
    /// Queue id.
    pub queue_id: String,
    /// What kind of server it is; `None` where its rules of trying again are not known.
    pub server: Option<Server>,
    /// When the message arrived, microseconds; the first that is known of it.
    pub since: i64,
    /// Envelope sender; empty is the null sender.
    pub mail_from: Option<String>,
    /// Envelope recipient; `None` where nothing named one by then or later.
    pub rcpt_to: Option<String>,
    /// The mailbox of ours that it belongs to.
    pub account: Option<String>,
    /// Bytes.
    pub size: Option<i64>,
    /// Why it was there.
    pub state: State,
    /// Attempts so far.
    pub attempts: u32,
    /// When the first of them was, microseconds.
    pub first_attempt: Option<i64>,
    /// When the last but one was, microseconds.
    pub attempt_before: Option<i64>,
    /// When the last of them was, microseconds.
    pub last_attempt: Option<i64>,
    /// What the last of them was told.
    pub reply: Option<String>,
    /// Where the last of them went.
    pub relay: Option<String>,
}

impl Queued {
    /// Microseconds between the last two attempts; `None` if there were no two.
    pub fn interval(&self) -> Option<i64> {
        Some(self.last_attempt? - self.attempt_before?)
    }

    /// Whether sender, recipient, account, reply, host, queue id or state hold a word, in small letters.
    pub fn holds(&self, word: &str) -> bool {
        let texts = [
            self.mail_from.as_deref(),
            self.rcpt_to.as_deref(),
            self.account.as_deref(),
            self.reply.as_deref(),
            Some(&*self.host),
            Some(&*self.queue_id),
            Some(self.state.name()),
        ];
        let mut texts = texts.into_iter().flatten();
        texts.any(|text| text.to_lowercase().contains(word))
    }
}

/// A kind of server whose rules of trying again are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// Postfix.
    Postfix,
    /// Exim.
    Exim,
    /// Sendmail.
    Sendmail,
}

impl Server {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Server::Postfix => "postfix",
            Server::Exim => "exim",
            Server::Sendmail => "sendmail",
        }
    }

    /// By the program that wrote of a delivery or queue.
    fn of(label: &str, program: &str) -> Option<Self> {
        match program {
            // OpenSMTPD and others have programs of such names too, but without a label.
            "qmgr" | "smtp" | "lmtp" | "local" | "virtual" | "pipe" | "error" | "retry"
                if label != program =>
            {
                Some(Server::Postfix)
            }
            "sendmail" | "sm-mta" | "sm-que" | "sm-msp-queue" => Some(Server::Sendmail),
            _ if program.starts_with("exim") => Some(Server::Exim),
            _ => None,
        }
    }
}

/// Why a message was in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// No attempt had ended yet.
    Active,
    /// It was to be tried again.
    Deferred,
    /// It was on hold.
    Held,
}

impl State {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            State::Active => "active",
            State::Deferred => "deferred",
            State::Held => "held",
        }
    }
}

/// What the first pass knows of a queue id.
struct Glance {
    /// Last step at or before the time, and whether it was an end.
    last: Option<(i64, bool)>,
    /// Whether a later attempt says that the message was there.
    is_crossed: bool,
    /// Whether it came later: a message that was requeued is older than its queue id.
    begins_later: bool,
}

/// A row of a message that may have been there.
struct Seen {
    at: i64,
    step: Step,
    /// When the message arrived, by this row.
    since: i64,
    server: Option<Server>,
    rcpt_to: Option<String>,
    mail_from: Option<String>,
    account: Option<String>,
    size: Option<i64>,
    reply: Option<String>,
    relay: Option<String>,
}

/// What was in the queues at a time (microseconds), by host, arrival and queue id.
pub async fn queue(sight: &Sight, at: i64) -> Result<Vec<Queued>> {
    // That a message is gone is told by rows that are nobody's.
    let queued = of_all(&sight.all(), at).await?;
    Ok(match sight.scope() {
        None => queued,
        Some(scope) => queued
            .into_iter()
            .filter_map(|it| seen_by(scope, it))
            .collect(),
    })
}

/// A message as those see it whose it is; `None` where it is not theirs.
fn seen_by(scope: &Scope, mut queued: Queued) -> Option<Queued> {
    let is = |address: &Option<String>| address.as_deref().is_some_and(|it| scope.owns(it));
    if !(is(&queued.mail_from) || is(&queued.rcpt_to) || is(&queued.account)) {
        return None;
    }
    let host = std::mem::take(&mut queued.host);
    let parties = [&queued.mail_from, &queued.rcpt_to];
    let cleaner = Cleaner {
        scope,
        hidden: vec![&host],
        shown: parties.into_iter().flatten().map(String::as_str).collect(),
    };
    let clean = |text: &Option<String>| text.as_deref().map(|it| cleaner.clean(it).into_owned());
    (queued.reply, queued.relay) = (clean(&queued.reply), clean(&queued.relay));
    Some(queued)
}

async fn of_all(sight: &Sight, at: i64) -> Result<Vec<Queued>> {
    let mut glances: HashMap<u64, Glance> = HashMap::new();
    let columns = [
        Column::At,
        Column::Kind,
        Column::Host,
        Column::QueueId,
        Column::DelayMs,
    ];
    each_step(sight, at, &columns, |view, row, (step, key)| {
        let glance = glances.entry(key).or_insert(Glance {
            last: None,
            is_crossed: false,
            begins_later: false,
        });
        let moment = view.at(row);
        if moment <= at {
            let this = (moment, step == Step::Ends);
            glance.last = glance.last.max(Some(this));
        } else {
            glance.is_crossed |= arrival(view, row) <= at;
            glance.begins_later |= step == Step::Begins;
        }
    })
    .await?;
    glances.retain(|_, glance| match glance.last {
        Some((_, is_end)) => !is_end,
        None => glance.is_crossed && !glance.begins_later,
    });
    let wanted: HashSet<u64> = glances.into_keys().collect();
    let mut messages: BTreeMap<(String, String), Vec<Seen>> = BTreeMap::new();
    let columns = [
        &columns[..],
        &[
            Column::RcptTo,
            Column::MailFrom,
            Column::Account,
            Column::Size,
            Column::Text,
            Column::NextQueueId,
            Column::RelayName,
            Column::Label,
            Column::Program,
        ],
    ]
    .concat();
    each_step(sight, at, &columns, |view, row, (step, key)| {
        if wanted.contains(&key) {
            let text = |column| view.text(column, row).unwrap_or_default().to_owned();
            let id = (text(Column::Host), text(Column::QueueId));
            messages.entry(id).or_default().push(seen(view, row, step));
        }
    })
    .await?;
    let mut queued = Vec::new();
    for ((host, queue_id), rows) in messages {
        queued.extend(at_time(&host, &queue_id, rows, at));
    }
    queued.sort_by(|a, b| (&a.host, a.since, &a.queue_id).cmp(&(&b.host, b.since, &b.queue_id)));
    Ok(queued)
}

/// Shows the steps of all messages that may have been in a queue at a time: what, and of which queue id
/// of which host, as a hash. Others are among them.
async fn each_step(
    sight: &Sight,
    at: i64,
    columns: &[Column],
    mut take: impl FnMut(&View, usize, (Step, u64)),
) -> Result<()> {
    let life = TimeRange {
        from: at.saturating_sub(LIFE_MICROS),
        until: at.saturating_add(LIFE_MICROS),
    };
    // Of most parts those rows are apart that tell of messages which were there for long.
    let around = store::around(at);
    let (mut whole, mut near) = (Vec::new(), Vec::new());
    let mut apart = std::pin::pin!(blocks::stays(sight, life, columns.to_vec()));
    while let Some((of, stays)) = apart.try_next().await? {
        let Some(view) = stays else {
            whole.push(of);
            continue;
        };
        store::each_step(&view, |row, step, key| {
            let at = view.at(row);
            if life.contains(at) && !around.contains(at) {
                take(&view, row, (step, key));
            }
        });
        if of.touches(around) {
            near.push(of);
        }
    }
    for (parts, range) in [(whole, life), (near, around)] {
        let read = blocks::read(sight, parts, (&Filter::All, range), columns.to_vec());
        let mut read = std::pin::pin!(read);
        while let Some((_, _, blocks)) = read.try_next().await? {
            for block in &blocks {
                let view = &block.view;
                store::each_step(view, |row, step, key| {
                    if range.contains(view.at(row)) {
                        take(view, row, (step, key));
                    }
                });
            }
        }
    }
    Ok(())
}

fn seen(view: &View, row: usize, step: Step) -> Seen {
    let text = |column| view.text(column, row).map(str::to_owned);
    Seen {
        at: view.at(row),
        step,
        since: arrival(view, row),
        server: Server::of(
            view.text(Column::Label, row).unwrap_or_default(),
            view.text(Column::Program, row).unwrap_or_default(),
        ),
        rcpt_to: text(Column::RcptTo),
        mail_from: text(Column::MailFrom),
        account: text(Column::Account).filter(|it| !it.is_empty()),
        size: view.number(Column::Size, row),
        reply: view.reply(row).map(std::borrow::Cow::into_owned),
        relay: text(Column::RelayName),
    }
}

/// The recipients of a message that were waiting at a time.
fn at_time(host: &str, queue_id: &str, mut rows: Vec<Seen>, at: i64) -> Vec<Queued> {
    rows.sort_by_key(|row| (row.at, row.step));
    // An id may have been used before, and may be again.
    let ended = rows
        .iter()
        .rposition(|it| it.step == Step::Ends && it.at <= at);
    let mut life = rows.split_off(ended.map_or(0, |last| last + 1));
    let ends = life.iter().position(|row| row.step == Step::Ends);
    life.truncate(ends.map_or(life.len(), |end| end + 1));
    let since = life.iter().map(|row| row.since.min(row.at)).min();
    let Some(since) = since.filter(|since| *since <= at) else {
        return Vec::new();
    };
    let known = |of: fn(&Seen) -> Option<String>| life.iter().find_map(of);
    let is_held = life
        .iter()
        .rfind(|row| row.at <= at && matches!(row.step, Step::Held | Step::Released))
        .is_some_and(|row| row.step == Step::Held);
    let mut recipients: Vec<Option<&str>> = Vec::new();
    for row in life.iter().filter(|row| row.rcpt_to.is_some()) {
        let rcpt_to = row.rcpt_to.as_deref();
        if !recipients.contains(&rcpt_to) {
            recipients.push(rcpt_to);
        }
    }
    if recipients.is_empty() {
        recipients.push(None);
    }
    let mut queued = Vec::new();
    for rcpt_to in recipients {
        let of_it = || life.iter().filter(|row| row.rcpt_to.as_deref() == rcpt_to);
        let before = || of_it().filter(|row| row.at <= at);
        if before().any(|row| row.step == Step::Done) {
            continue;
        }
        let tries: Vec<_> = before().filter(|row| row.step == Step::Deferred).collect();
        let last = tries.last();
        queued.push(Queued {
            host: host.to_owned(),
            queue_id: queue_id.to_owned(),
            server: life.iter().find_map(|row| row.server),
            since,
            mail_from: known(|row| row.mail_from.clone()),
            rcpt_to: rcpt_to.map(str::to_owned),
            account: known(|row| row.account.clone()),
            size: life.iter().find_map(|row| row.size),
            state: match last {
                _ if is_held => State::Held,
                Some(_) => State::Deferred,
                None => State::Active,
            },
            attempts: tries.len() as u32,
            first_attempt: tries.first().map(|row| row.at),
            attempt_before: tries.iter().rev().nth(1).map(|row| row.at),
            last_attempt: last.map(|row| row.at),
            reply: last.and_then(|row| row.reply.clone()),
            relay: last.and_then(|row| row.relay.clone()),
        });
    }
    queued
}
