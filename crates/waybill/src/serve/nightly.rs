//! What is done to stored rows each night: what expired goes, small files are put together.

use ::upkeep::{Damage, Rules};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use record::Upkeep;
use store::Writer;
use tracing::{error, info};

/// When it is done, and was last.
pub(super) struct Nightly {
    /// Hour of the day.
    hour: i8,
    zone: TimeZone,
    done: Option<Date>,
}

impl Nightly {
    pub(super) fn new(hour: i8, zone: TimeZone) -> Self {
        Nightly {
            hour,
            zone,
            done: None,
        }
    }

    /// Has it done in another hour of the day.
    pub(super) fn set_hour(&mut self, hour: i8) {
        self.hour = hour;
    }

    /// What is to be done, once in the hour in which it is.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<Upkeep> {
        let here = now.to_zoned(self.zone.clone());
        if here.hour() != self.hour || self.done == Some(here.date()) {
            return None;
        }
        self.done = Some(here.date());
        Some(Box::new(move |writer| match keep_up(writer, now) {
            Ok(()) => {}
            Err(error) => error!(%error, "upkeep was not done"),
        }))
    }
}

fn keep_up(writer: &mut Writer, now: Timestamp) -> anyhow::Result<()> {
    let rules = Rules::load(writer.archive().root())?;
    writer.set_classes(rules.classes());
    let expired = ::upkeep::expire(writer, &rules, now, false)?;
    let rows: u64 = expired.iter().map(|part| part.kept.rows_gone).sum();
    let mut damage: Vec<_> = expired.into_iter().flat_map(|part| part.damage).collect();
    let kept = ::upkeep::compact(writer, &rules, now, |done, _| damage.extend(done.damage))?;
    for Damage { file, what, .. } in damage {
        let path = writer
            .archive()
            .root()
            .join("events")
            .join(file.path.as_ref());
        error!(path = %path.display(), "a file is damaged and was left as it is: {}", what.join("; "));
    }
    let freed = writer.vacuum()?;
    info!(
        rows_expired = rows,
        files_put_together = kept.files,
        bytes_before = kept.bytes,
        bytes_after = kept.bytes_now,
        files_removed = freed.files,
        "upkeep is done"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_due_once_a_night() {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let mut nightly = Nightly::new(3, zone);
        let mut is_due = |at: &str| nightly.due(at.parse().expect("a time")).is_some();
        assert!(!is_due("2026-11-22T01:59:59Z"));
        assert!(is_due("2026-11-22T02:00:01Z"));
        assert!(!is_due("2026-11-22T02:30:00Z"));
        assert!(!is_due("2026-11-22T14:00:00Z"));
        assert!(is_due("2026-11-23T02:59:00Z"));
    }
}
