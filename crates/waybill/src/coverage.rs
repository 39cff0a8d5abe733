//! `waybill coverage`, and what every answer says of what it covers.

use crate::Ended;
use crate::args::{Coverage as Command, NOTE, WARNING};
use crate::asker::Asker;
use crate::shown::{instant, minute, visible};
use jiff::tz::TimeZone;
use query::{Coverage, Sight};
use search::TimeRange;

/// Gaps that are told below an answer; `waybill coverage` tells all.
const GAPS_TOLD: usize = 5;

pub(crate) fn run(command: &Command, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let (range, zone) = asker.when(&command.when)?;
    let sight = asker.sight(&command.when.data)?;
    let coverage = sight.wait(query::coverage(&sight, range))?;
    let out = &mut *asker.out;
    if command.json {
        writeln!(out, "{}", json(&coverage))?;
    } else {
        for host in &coverage.hosts {
            let (name, first) = (name(&host.host), minute(host.first, &zone));
            let (last, lines) = (minute(host.last, &zone), host.lines);
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
    Ok(Ended::by(coverage.hosts.is_empty()))
}

/// Says below an answer what it covers.
pub(crate) fn tell(
    sight: &Sight,
    range: TimeRange,
    zone: &TimeZone,
    asker: &mut Asker<'_>,
) -> anyhow::Result<()> {
    let coverage = sight.wait(query::coverage(sight, range))?;
    let notes = &mut *asker.notes;
    let Some((first, last)) = coverage.span() else {
        writeln!(
            notes,
            "{NOTE}note:{NOTE:#} the archive has nothing of that time"
        )?;
        return Ok(());
    };
    writeln!(
        notes,
        "{NOTE}covers{NOTE:#} {} .. {}: {} hosts, {} lines, {} that no rule knows",
        minute(first, zone),
        minute(last, zone),
        coverage.hosts.len(),
        coverage.lines(),
        coverage.lines_unknown()
    )?;
    let of_all = coverage.gaps.iter().map(|gap| ("any host", *gap));
    let of_hosts = coverage.hosts.iter();
    let of_hosts = of_hosts.flat_map(|it| it.gaps.iter().map(|gap| (it.host.as_str(), *gap)));
    let gaps: Vec<_> = of_all.chain(of_hosts).collect();
    for (host, gap) in gaps.iter().take(GAPS_TOLD) {
        let (host, gap) = (name(host), stretch(*gap, zone));
        writeln!(notes, "{WARNING}gap:{WARNING:#} nothing of {host} {gap}")?;
    }
    if gaps.len() > GAPS_TOLD {
        let more = gaps.len() - GAPS_TOLD;
        writeln!(notes, "{more} more gaps: `waybill coverage`")?;
    }
    Ok(())
}

fn name(host: &str) -> String {
    match host {
        "" => "(no host)".to_owned(),
        _ => visible(host),
    }
}

fn stretch((from, until): (i64, i64), zone: &TimeZone) -> String {
    format!("from {} to {}", minute(from, zone), minute(until, zone))
}

fn json(coverage: &Coverage) -> serde_json::Value {
    let gaps = |gaps: &[(i64, i64)]| -> serde_json::Value {
        let gap = |(from, until): &(i64, i64)| serde_json::json!({"from": instant(*from), "until": instant(*until)});
        gaps.iter().map(gap).collect()
    };
    let hosts: serde_json::Value = coverage
        .hosts
        .iter()
        .map(|host| {
            serde_json::json!({
                "host": host.host, "first": instant(host.first), "last": instant(host.last),
                "lines": host.lines, "lines_unknown": host.lines_unknown,
                "gaps": gaps(&host.gaps),
            })
        })
        .collect();
    serde_json::json!({"hosts": hosts, "gaps": gaps(&coverage.gaps)})
}
