//! `waybill trace`: the journeys of a message, or of an address's messages.

mod spool;
mod stored;

use crate::Ended;
use crate::args::{By, NOTE, Trace};
use crate::asker::Asker;
use crate::input::Logs;
use correlate::{Correlator, Settings, Sink};
use jiff::tz::TimeZone;
use journey::draw::{self, Palette, Style};
use journey::{Gathering, Journey, Refusal, What};
use model::{ItemKey, Link, Row, Timestamp};
use pipeline::Seed;
use query::Traced;
use std::collections::HashSet;

struct Collecting(Gathering);

impl Sink for Collecting {
    fn row(&mut self, row: &Row<'_>) {
        self.0.row(row);
    }
    fn link(&mut self, link: &Link) {
        self.0.link(link);
    }
}

/// What is told: journeys and refusals, oldest first.
struct Answer {
    journeys: Vec<Journey>,
    refusals: Vec<Refusal>,
    /// Whether there is more than is told.
    more: bool,
}

impl Answer {
    fn is_empty(&self) -> bool {
        self.journeys.is_empty() && self.refusals.is_empty()
    }
}

pub(crate) fn run(command: &Trace, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let what = what(command);
    if command.input.files.is_empty() {
        return stored::run(command, &what, asker);
    }
    let mut logs = Logs::find(&command.input)?;
    let spooled = spool::what_can_be_read_once(&mut logs)?;
    let mut gathering = Collecting(Gathering::with_lines());
    let mut correlator = Correlator::new(Settings { keep_text: true });
    let found = logs.with_progress(|progress| {
        let seed = seed(&what, command.limit);
        pipeline::seek(&logs.sets, &logs.settings, progress, &seed, |read| {
            correlator.apply(read, &mut gathering);
        })
    });
    correlator.finish(&mut gathering);
    let answer = answer(gathering.0, &what, command.limit, found.narrowed);
    let nothing = answer.is_empty();
    tell(command, &logs.settings.zone, &answer, asker)?;
    let mut problems = spooled;
    problems.extend(found.outcome.problems);
    let ended = logs.tell_problems(&problems, logs.sets.len() as u64);
    if nothing {
        let place = match logs.size().0 {
            1 => "1 file".to_owned(),
            files => format!("{files} files"),
        };
        tell_nothing(command, &place, asker)?;
        return Ok(if let Ended::Answered = ended {
            Ended::NothingFound
        } else {
            ended
        });
    }
    Ok(ended)
}

/// What the lines of a trace tell together, as documents.
pub(crate) fn documents(traced: &Traced, what: &str, limit: usize) -> api::Journeys {
    let what = What::parse(what);
    let answer = answer(stored::joined(traced), &what, limit, traced.narrowed);
    api::Journeys {
        journeys: answer.journeys.iter().map(journey::json::journey).collect(),
        refusals: answer.refusals.iter().map(journey::json::refusal).collect(),
        more: answer.more,
    }
}

fn tell_nothing(command: &Trace, place: &str, asker: &mut Asker<'_>) -> std::io::Result<()> {
    writeln!(
        asker.notes,
        "{NOTE}nothing found{NOTE:#} of `{}` in {place}",
        command.what
    )
}

fn what(command: &Trace) -> What {
    match command.by {
        None => What::parse(&command.what),
        Some(By::MessageId) => What::message_id(&command.what),
        Some(By::QueueId) => What::queue_id(&command.what),
        Some(By::Address) => What::address(&command.what),
    }
}

/// So many queue ids are followed for each journey that may be shown: hops, retries and copies have
/// their own.
const FOLLOWED_PER_JOURNEY: usize = 8;

fn seed(what: &What, limit: usize) -> Seed {
    let (text, ignore_case) = match what {
        What::MessageId(text) | What::QueueId(text) => (text, false),
        What::Address(text) => (text, true),
    };
    // The null sender is written `<>`.
    let text = if text.is_empty() {
        b"from=<>".to_vec()
    } else {
        text.to_vec()
    };
    let followed_max = limit.saturating_mul(FOLLOWED_PER_JOURNEY).max(1_000);
    Seed {
        text,
        ignore_case,
        followed_max,
    }
}

fn answer(mut gathering: Gathering, what: &What, limit: usize, narrowed: bool) -> Answer {
    let mut refusals = gathering.refusals();
    refusals.retain(|refusal| is_about(refusal, what));
    let journeys = gathering.journeys();
    let mut chosen: Vec<usize> = journey::find(&journeys, what)
        .into_iter()
        .filter_map(|it| journeys.iter().position(|other| std::ptr::eq(it, other)))
        .collect();
    chosen.sort_by_key(|&at| journeys[at].arrived);
    let more = chosen.len() > limit || refusals.len() > limit || narrowed;
    chosen.drain(..chosen.len().saturating_sub(limit));
    refusals.drain(..refusals.len().saturating_sub(limit));
    let with_causes = with_causes(&journeys, &chosen);
    let keep = |(at, journey): (usize, Journey)| with_causes.contains(&at).then_some(journey);
    let mut journeys: Vec<Journey> = journeys.into_iter().enumerate().filter_map(keep).collect();
    journeys.sort_by_key(|journey| journey.arrived);
    Answer {
        journeys,
        refusals,
        more,
    }
}

/// Whether an address is one of a refusal's; other things a refusal has not.
fn is_about(refusal: &Refusal, what: &What) -> bool {
    let What::Address(wanted) = what else {
        return false;
    };
    let said = [&refusal.mail_from, &refusal.rcpt_to, &refusal.sasl_username];
    said.into_iter()
        .flatten()
        .any(|address| journey::is_address(address, wanted))
}

/// The journeys chosen, and those that they caused or were caused by (bounces, automatic replies).
fn with_causes(journeys: &[Journey], chosen: &[usize]) -> HashSet<usize> {
    let keys = |at: usize| journeys[at].hops.iter().map(|hop| hop.key);
    let cause = |at: usize| journeys[at].cause.as_ref().map(|cause| cause.item);
    let mut all: HashSet<usize> = chosen.iter().copied().collect();
    loop {
        let inside: HashSet<ItemKey> = all.iter().flat_map(|&at| keys(at)).collect();
        let causes: HashSet<ItemKey> = all.iter().filter_map(|&at| cause(at)).collect();
        let before = all.len();
        all.extend((0..journeys.len()).filter(|&at| {
            cause(at).is_some_and(|key| inside.contains(&key))
                || keys(at).any(|key| causes.contains(&key))
        }));
        if all.len() == before {
            return all;
        }
    }
}

fn tell(
    command: &Trace,
    zone: &TimeZone,
    answer: &Answer,
    asker: &mut Asker<'_>,
) -> anyhow::Result<()> {
    let out = &mut *asker.out;
    if command.json {
        for refusal in &answer.refusals {
            writeln!(out, "{}", journey::json::refusal(refusal))?;
        }
        for journey in &answer.journeys {
            writeln!(out, "{}", journey::json::journey(journey))?;
        }
        return Ok(());
    }
    let style = |at: Timestamp| Style {
        width: asker.manner.width,
        lines: !command.no_lines,
        utc_offset_seconds: offset(zone, at),
        palette: Palette::COLOURS,
    };
    let mut told: Vec<(Timestamp, String)> = Vec::new();
    told.extend(
        answer
            .refusals
            .iter()
            .map(|it| (it.at, draw::refusal(it, &style(it.at)))),
    );
    let journeys = answer.journeys.iter();
    told.extend(journeys.map(|it| (it.arrived, draw::tree(it, &style(it.arrived)))));
    told.sort_by_key(|(at, _)| *at);
    for (at, (_, drawn)) in told.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        write!(out, "{drawn}")?;
    }
    if answer.more {
        writeln!(
            asker.notes,
            "{NOTE}note:{NOTE:#} only the newest are shown; `--limit` shows more (now {})",
            command.limit
        )?;
    }
    Ok(())
}

/// Seconds east of UTC at a time.
fn offset(zone: &TimeZone, at: Timestamp) -> i32 {
    jiff::Timestamp::from_second(at.as_seconds()).map_or(0, |at| zone.to_offset(at).seconds())
}
