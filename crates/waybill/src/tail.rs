//! `waybill tail`: rows as they come, or lines.

mod raw;

use crate::Ended;
use crate::args::Tail;
use crate::asker::Asker;
use crate::rows::{show_json, show_row};
use query::Sight;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// How long an idle daemon does not notice that the asker is gone.
const IDLE: Duration = Duration::from_secs(1);

pub(crate) fn run(command: &Tail, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let daemon = asker.daemon(&command.when.data)?;
    if command.raw {
        return raw::run(command, daemon.taken.follow(), asker);
    }
    let (search, zone) = asker.question(&command.query.join(" "), &command.when)?;
    let sight = Sight::whole(daemon.view.archive());
    let rows = daemon.view.follow();
    each(&rows, asker, |hot, asker| {
        for row in sight.wait(query::fresh(&sight, hot, &search.filter))? {
            match command.json {
                true => show_json(&sight, &row, command.lines, asker.out)?,
                false => show_row(&sight, &row, command.lines, &zone, asker.out)?,
            }
        }
        Ok(())
    })
}

/// Shows each lot as it comes, until the asker goes.
fn each<T: ?Sized>(
    lots: &Receiver<Arc<T>>,
    asker: &mut Asker<'_>,
    mut show: impl FnMut(&Arc<T>, &mut Asker<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<Ended> {
    loop {
        match lots.recv_timeout(IDLE) {
            Ok(lot) => show(&lot, asker)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                writeln!(asker.notes, "more came than was taken, or the daemon ended")?;
                return Ok(Ended::Partly);
            }
        }
        asker.out.flush()?;
    }
}
