//! Input that can be read but once (standard input, pipes), put on disk so that a search can go over
//! it again.

use crate::input::Logs;
use anyhow::Context;
use ingest::Problem;
use std::io::Write;

/// Replaces each set that can be read but once by a copy in a temporary file, which goes when it is
/// closed; what could not be read.
pub(super) fn what_can_be_read_once(logs: &mut Logs) -> anyhow::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    let sets = std::mem::take(&mut logs.sets);
    for set in sets {
        if set.is_rereadable() {
            logs.sets.push(set);
            continue;
        }
        let mut copy = tempfile::Builder::new()
            .prefix("waybill-")
            .tempfile()
            .context("cannot keep the input in a temporary file")?;
        let mut reader = set.reader();
        let mut batch = None;
        while let Some(read) = reader.next_batch(batch.take()) {
            copy.write_all(read.raw_bytes())
                .context("cannot keep the input in a temporary file")?;
            batch = Some(read);
        }
        problems.extend(reader.take_problems());
        logs.sets.extend(ingest::find(&[copy.path().into()]).sets);
        logs.spooled.push(copy.into_temp_path());
    }
    Ok(problems)
}
