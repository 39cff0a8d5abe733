//! `waybill stats`: how large the archive is.

use crate::Ended;
use crate::args::Stats;
use crate::asker::Asker;
use std::collections::BTreeMap;
use store::Archive;

pub(crate) fn run(command: &Stats, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let archive = asker.archive(&command.data)?;
    let files = archive.files();
    let sizes = archive.wait(sizes(&archive))?;
    let rows: u64 = files.iter().map(|file| file.rows).sum();
    let bytes: u64 = files.iter().map(|file| file.size).sum();
    let out = &mut *asker.out;
    if command.json {
        let stats = serde_json::json!({
            "files": files.len(), "rows": rows, "bytes": bytes, "parts": sizes,
        });
        writeln!(out, "{stats}")?;
        return Ok(Ended::Answered);
    }
    let mut parts: Vec<_> = sizes.into_iter().filter(|(_, bytes)| *bytes > 0).collect();
    parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    for (name, part) in parts {
        let share = 100.0 * part as f64 / bytes.max(1) as f64;
        writeln!(out, "{part:>14}  {share:>5.1} %  {name}")?;
    }
    writeln!(
        out,
        "{bytes:>14}  bytes in {} files, {rows} rows",
        files.len()
    )?;
    Ok(Ended::Answered)
}

async fn sizes(archive: &Archive) -> store::Result<BTreeMap<String, u64>> {
    let mut sizes = BTreeMap::new();
    for file in archive.files() {
        for (name, bytes) in archive.file(file).await?.sizes() {
            *sizes.entry(name).or_default() += bytes;
        }
    }
    Ok(sizes)
}
