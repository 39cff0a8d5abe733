//! `waybill coverage`, and what every answer says of what it covers.

use crate::Ended;
use crate::args::{Coverage as Command, NOTE, WARNING};
use crate::asked::question;
use crate::input::zone;
use crate::shown::visible;
use jiff::tz::TimeZone;
use query::Coverage;
use search::TimeRange;
use std::io::Write;
use store::Archive;

/// Gaps that are told below an answer; `waybill coverage` tells all.
const GAPS_TOLD: usize = 5;

pub(crate) fn run(command: &Command) -> anyhow::Result<Ended> {
    let zone = zone(command.timezone.as_deref())?;
    let range = question("", command.range.as_deref(), &zone)?.range;
    let archive = command.data.open()?;
    let coverage = archive.wait(query::coverage(&archive, range))?;
    let mut out = anstream::stdout().lock();
    if command.json {
        writeln!(out, "{}", json(&coverage))?;
    } else {
        for host in &coverage.hosts {
            let (name, first) = (name(&host.host), shown(host.first, &zone));
            let (last, lines) = (shown(host.last, &zone), host.lines);
            let unknown = host.lines_unknown;
            writeln!(
                out,
                "{name:<20} {first} .. {last} {lines:>12} lines, {unknown} unknown"
            )?;
            for gap in &host.gaps {
                writeln!(
                    out,
                    "    {WARNING}nothing{WARNING:#} {}",
                    stretch(*gap, &zone)
                )?;
            }
        }
        for gap in &coverage.gaps {
            let gap = stretch(*gap, &zone);
            writeln!(out, "{WARNING}nothing of any host{WARNING:#} {gap}")?;
        }
    }
    Ok(match coverage.hosts.is_empty() {
        true => Ended::NothingFound,
        false => Ended::Answered,
    })
}

/// Says below an answer what it covers.
pub(crate) fn tell(archive: &Archive, range: TimeRange, zone: &TimeZone) -> anyhow::Result<()> {
    let coverage = archive.wait(query::coverage(archive, range))?;
    let Some((first, last)) = coverage.span() else {
        anstream::eprintln!("{NOTE}note:{NOTE:#} the archive has nothing of that time");
        return Ok(());
    };
    anstream::eprintln!(
        "{NOTE}covers{NOTE:#} {} .. {}: {} hosts, {} lines, {} that no rule knows",
        shown(first, zone),
        shown(last, zone),
        coverage.hosts.len(),
        coverage.lines(),
        coverage.lines_unknown()
    );
    let of_all = coverage.gaps.iter().map(|gap| ("any host", *gap));
    let of_hosts = coverage.hosts.iter();
    let of_hosts = of_hosts.flat_map(|it| it.gaps.iter().map(|gap| (it.host.as_str(), *gap)));
    let gaps: Vec<_> = of_all.chain(of_hosts).collect();
    for (host, gap) in gaps.iter().take(GAPS_TOLD) {
        let (host, gap) = (name(host), stretch(*gap, zone));
        anstream::eprintln!("{WARNING}gap:{WARNING:#} nothing of {host} {gap}");
    }
    if gaps.len() > GAPS_TOLD {
        let more = gaps.len() - GAPS_TOLD;
        anstream::eprintln!("{more} more gaps: `waybill coverage`");
    }
    Ok(())
}

fn name(host: &str) -> String {
    match host {
        "" => "(no host)".to_owned(),
        _ => visible(host),
    }
}

fn shown(at: i64, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_microsecond(at).unwrap_or_default();
    let at = at.to_zoned(zone.clone());
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

fn stretch((from, until): (i64, i64), zone: &TimeZone) -> String {
    format!("from {} to {}", shown(from, zone), shown(until, zone))
}

fn json(coverage: &Coverage) -> serde_json::Value {
    let time = |at| {
        let at = jiff::Timestamp::from_microsecond(at).unwrap_or_default();
        at.to_string()
    };
    let gaps = |gaps: &[(i64, i64)]| -> serde_json::Value {
        let gap = |(from, until): &(i64, i64)| serde_json::json!({"from": time(*from), "until": time(*until)});
        gaps.iter().map(gap).collect()
    };
    let hosts: serde_json::Value = coverage
        .hosts
        .iter()
        .map(|host| {
            serde_json::json!({
                "host": host.host, "first": time(host.first), "last": time(host.last),
                "lines": host.lines, "lines_unknown": host.lines_unknown,
                "gaps": gaps(&host.gaps),
            })
        })
        .collect();
    serde_json::json!({"hosts": hosts, "gaps": gaps(&coverage.gaps)})
}
