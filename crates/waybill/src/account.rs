//! `waybill account`: the story of an account, address by address.

use crate::Ended;
use crate::args::Account;
use crate::asked::question;
use crate::coverage;
use crate::input::zone;
use crate::shown::visible;
use anstyle::AnsiColor;
use jiff::tz::TimeZone;
use query::{Story, Used};
use std::io::Write;

pub(crate) fn run(command: &Account) -> anyhow::Result<Ended> {
    let zone = zone(command.timezone.as_deref())?;
    let range = question("", command.range.as_deref(), &zone)?.range;
    let archive = command.data.open()?;
    let story = archive.wait(query::account(&archive, &command.account, range))?;
    match command.json {
        true => json(&story)?,
        false => table(&story, &zone)?,
    }
    coverage::tell(&archive, range, &zone)?;
    Ok(match story.kinds.is_empty() {
        true => Ended::NothingFound,
        false => Ended::Answered,
    })
}

fn shown(at: i64, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_microsecond(at).unwrap_or_default();
    let at = at.to_zoned(zone.clone());
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

fn table(story: &Story, zone: &TimeZone) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
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
            shown(it.first, zone),
            shown(it.last, zone),
            programs.join(", ")
        )?;
    }
    Ok(())
}

fn json(story: &Story) -> anyhow::Result<()> {
    let time = |at| {
        let at = jiff::Timestamp::from_microsecond(at).unwrap_or_default();
        at.to_string()
    };
    let addresses: serde_json::Value = story
        .addresses
        .iter()
        .map(|it| {
            serde_json::json!({
                "address": it.address, "first": time(it.first), "last": time(it.last),
                "logins": it.logins, "failures": it.failures, "sent": it.sent,
                "fetched": it.fetched, "deleted": it.deleted, "programs": it.programs,
            })
        })
        .collect();
    let told = serde_json::json!({"kinds": story.kinds, "addresses": addresses});
    Ok(writeln!(anstream::stdout().lock(), "{told}")?)
}
