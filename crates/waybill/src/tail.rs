//! `waybill tail`: rows as they come.

use crate::Ended;
use crate::args::Tail;
use crate::asker::Asker;
use crate::rows::{show_json, show_row};
use query::Sight;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

/// How long an idle daemon does not notice that the asker is gone.
const IDLE: Duration = Duration::from_secs(1);

pub(crate) fn run(command: &Tail, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let daemon = asker.daemon(&command.when.data)?;
    let (search, zone) = asker.question(&command.query.join(" "), &command.when)?;
    let sight = Sight::whole(daemon.view.archive());
    let rows = daemon.view.follow();
    loop {
        match rows.recv_timeout(IDLE) {
            Ok(hot) => {
                for row in sight.wait(query::fresh(&sight, &hot, &search.filter))? {
                    match command.json {
                        true => show_json(&sight, &row, command.lines, asker.out)?,
                        false => show_row(&sight, &row, command.lines, &zone, asker.out)?,
                    }
                }
                asker.out.flush()?;
            }
            Err(RecvTimeoutError::Timeout) => asker.out.flush()?,
            Err(RecvTimeoutError::Disconnected) => {
                writeln!(
                    asker.notes,
                    "rows came faster than they were taken, or the daemon ended"
                )?;
                return Ok(Ended::Partly);
            }
        }
    }
}
