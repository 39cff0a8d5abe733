//! `waybill account`: the story of an account, address by address.

use crate::Ended;
use crate::args::Account;
use crate::asker::Asker;
use crate::coverage;
use crate::shown::{instant, minute, visible};
use anstyle::AnsiColor;
use jiff::tz::TimeZone;
use query::{Story, Used};
use std::io::Write;

pub(crate) fn run(command: &Account, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let (range, zone) = asker.when(&command.when)?;
    let sight = asker.sight(&command.when.data)?;
    let story = sight.wait(query::account(&sight, &command.account, range))?;
    match command.json {
        true => json(&story, asker.out)?,
        false => table(&story, &zone, asker.out)?,
    }
    coverage::tell(&sight, range, &zone, asker)?;
    Ok(Ended::by(story.kinds.is_empty()))
}

fn table(story: &Story, zone: &TimeZone, out: &mut dyn Write) -> anyhow::Result<()> {
    for (kind, rows) in &story.kinds {
        writeln!(out, "{rows:>10}  {kind}")?;
    }
    if story.addresses.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{:<40} {:<16} {:<16} {:>7} {:>7} {:>6} {:>8} {:>8}  by",
        "used from", "first", "last", "logins", "refused", "sent", "fetched", "deleted"
    )?;
    for it in &story.addresses {
        let Used {
            logins,
            failures,
            sent,
            fetched,
            deleted,
            ..
        } = it;
        // Somebody who never got in stands out.
        let colour = match (logins, sent) {
            (0, 0) if *failures > 0 => AnsiColor::Red.on_default(),
            _ => anstyle::Style::new(),
        };
        let programs: Vec<_> = it.programs.iter().map(|it| visible(it)).collect();
        writeln!(
            out,
            "{colour}{:<40}{colour:#} {} {} {logins:>7} {failures:>7} {sent:>6} {fetched:>8} \
             {deleted:>8}  {}",
            visible(&it.address),
            minute(it.first, zone),
            minute(it.last, zone),
            programs.join(", ")
        )?;
    }
    Ok(())
}

fn json(story: &Story, out: &mut dyn Write) -> anyhow::Result<()> {
    let addresses: serde_json::Value = story
        .addresses
        .iter()
        .map(|it| {
            serde_json::json!({
                "address": it.address, "first": instant(it.first), "last": instant(it.last),
                "logins": it.logins, "failures": it.failures, "sent": it.sent,
                "fetched": it.fetched, "deleted": it.deleted, "programs": it.programs,
            })
        })
        .collect();
    let told = serde_json::json!({"kinds": story.kinds, "addresses": addresses});
    Ok(writeln!(out, "{told}")?)
}
