//! `waybill trace` from the archive: the lines of the message are looked up there, and correlated
//! again.

use super::{Collecting, FOLLOWED_PER_JOURNEY, answer, tell, tell_nothing};
use crate::Ended;
use crate::again::Again;
use crate::args::Trace;
use crate::asker::Asker;
use journey::{Gathering, What};
use query::{Sight, Traced};
use search::{AddressTest, Field, Filter, Pattern, Test};
use std::sync::Arc;

pub(super) fn run(command: &Trace, what: &What, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let zone = asker.zone(command.input.timezone.as_deref())?;
    let archive = asker.archive(&command.data)?;
    let sight = Sight::whole(Arc::clone(&archive));
    let rows_max = command
        .limit
        .saturating_mul(FOLLOWED_PER_JOURNEY)
        .max(1_000);
    let traced = sight.wait(query::trace(&sight, &wanted(what), rows_max))?;
    let answer = answer(joined(&traced), what, command.limit, traced.narrowed);
    tell(command, &zone, &answer, asker)?;
    if answer.is_empty() {
        tell_nothing(command, &archive.root().display().to_string(), asker)?;
        return Ok(Ended::NothingFound);
    }
    Ok(Ended::Answered)
}

/// The rows to begin with.
fn wanted(what: &What) -> Filter {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match what {
        What::MessageId(id) | What::QueueId(id) => {
            let id = text(id);
            let pattern = Pattern {
                text: id.trim_start_matches('<').trim_end_matches('>').to_owned(),
                open_start: false,
                open_end: false,
            };
            Filter::term(Field::Id, Test::Id(pattern))
        }
        What::Address(address) => {
            let test = match text(address).to_ascii_lowercase() {
                address if address.is_empty() => AddressTest::Null,
                address if address.contains('@') => AddressTest::Whole(address),
                address => AddressTest::Local(address),
            };
            Filter::term(Field::Address, Test::Address(test))
        }
    }
}

/// What the lines tell together.
pub(super) fn joined(traced: &Traced) -> Gathering {
    let mut gathering = Collecting(Gathering::with_lines());
    let mut again = Again::new(true);
    for (at, raw) in &traced.lines {
        again.line(*at, raw, &mut gathering);
    }
    again.finish(&mut gathering);
    gathering.0
}
