//! What happened to mail, in numbers.

use crate::histogram::Percentiles;
use crate::shown::shown;
use crate::summary::{OpenCount, Summary};
use crate::text::page::{BAD, CARE, Cell, DIM, GOOD, PLAIN, Page, STRONG};
use crate::traffic::Traffic;
use crate::units::{age, bytes, count, counted, date, duration, moment, percent};
use anstyle::Style;

/// Columns of the longest bar.
const BAR_COLUMNS: u64 = 30;

pub(in crate::text) fn header(page: &mut Page, summary: &Summary) {
    let coverage = &summary.coverage;
    page.put("Mail report", STRONG);
    if let Some((from, to)) = &summary.span {
        let zone = shown(coverage.zone.as_bytes());
        let span = format!("  {} to {} {zone}", moment(from), moment(to));
        page.put(span.trim_end(), PLAIN);
    }
    page.out.push('\n');
    let known = match coverage.unknown {
        0 => "all understood".to_owned(),
        unknown => format!(
            "{} ({}) not understood",
            count(unknown),
            percent(unknown, coverage.lines)
        ),
    };
    let words = format!(
        "{}, {}, {known}",
        counted(coverage.files, "file", "files"),
        counted(coverage.lines, "line", "lines")
    );
    page.put(&words, DIM);
    page.out.push('\n');
}

pub(in crate::text) fn totals(page: &mut Page, summary: &Summary) {
    let totals = &summary.totals;
    let mut rows = Vec::new();
    let mut row = |number: u64, what: &str, style: Style, note: String| {
        if number > 0 {
            let words = if note.is_empty() {
                what.to_owned()
            } else {
                format!("{what:<20} {note}")
            };
            rows.push(vec![Cell::styled(count(number), style), words.into()]);
        }
    };
    row(totals.received, "received", STRONG, received_note(summary));
    row(totals.delivered, "delivered", GOOD, delivered_note(summary));
    row(
        totals.handed_over,
        "handed to own filters or hosts",
        DIM,
        String::new(),
    );
    row(totals.forwarded, "forwarded", PLAIN, String::new());
    let deferrals = counted(totals.deferrals, "deferral", "deferrals");
    row(totals.deferred, "deferred", CARE, deferrals);
    row(totals.bounced, "bounced", BAD, String::new());
    let recipients = counted(totals.expired_recipients, "recipient", "recipients");
    row(totals.expired, "expired", BAD, recipients);
    row(totals.rejected, "rejected", BAD, String::new());
    row(
        totals.reject_warnings,
        "reject warnings",
        CARE,
        String::new(),
    );
    row(totals.held, "held", CARE, String::new());
    row(totals.discarded, "discarded", CARE, String::new());
    row(
        totals.discarded_deliveries,
        "deliveries discarded",
        CARE,
        String::new(),
    );
    row(
        totals.deleted,
        "deleted by the administrator",
        CARE,
        String::new(),
    );
    row(totals.aborted, "transactions aborted", PLAIN, String::new());
    row(
        totals.notifications,
        "notifications sent",
        PLAIN,
        String::new(),
    );
    if rows.is_empty() {
        return;
    }
    page.title("Messages");
    page.table(&["", ""], &rows);
}

fn received_note(summary: &Summary) -> String {
    let totals = &summary.totals;
    let mut note = format!(
        "{:>8} from {} in {}",
        bytes(totals.bytes_received),
        counted(summary.senders.distinct, "sender", "senders"),
        counted(summary.sender_domains.distinct, "domain", "domains")
    );
    if totals.received_with_login > 0 {
        note.push_str(&format!(
            ", {} with login",
            count(totals.received_with_login)
        ));
    }
    if totals.received_locally > 0 {
        note.push_str(&format!(", {} local", count(totals.received_locally)));
    }
    note
}

fn delivered_note(summary: &Summary) -> String {
    format!(
        "{:>8} to {}",
        bytes(summary.totals.bytes_delivered),
        counted(summary.recipients.distinct, "recipient", "recipients")
    )
}

pub(in crate::text) fn open(page: &mut Page, summary: &Summary) {
    let open = &summary.open;
    if open.is_empty() && open.lost == 0 {
        return;
    }
    page.title("Still open at the end");
    let end = summary.coverage.to;
    let row = |what: &str, state: &OpenCount| {
        let oldest = state.oldest.map_or(String::new(), |at| age(at, end));
        vec![count(state.messages).into(), oldest.into(), what.into()]
    };
    let states = [
        ("being received", &open.incoming),
        ("queued, not tried yet", &open.queued),
        ("deferred", &open.deferred),
        ("on hold", &open.held),
    ];
    let rows: Vec<Vec<Cell>> = states
        .iter()
        .filter(|(_, state)| state.messages > 0)
        .map(|(what, state)| row(what, state))
        .collect();
    if !rows.is_empty() {
        page.table(&["messages", "oldest", ""], &rows);
    }
    if open.lost > 0 {
        let lost = counted(open.lost, "message", "messages");
        page.dim_line(&format!("{lost} without an end in the log"));
    }
    if !open.destinations.entries.is_empty() {
        super::rankings::counts(page, "recipients", "waiting for", &open.destinations);
    }
}

pub(in crate::text) fn hours(page: &mut Page, summary: &Summary) {
    if summary.hours.iter().all(Traffic::is_empty) {
        return;
    }
    page.title("By hour of the day");
    let label = |hour: usize| format!("{hour:02} h");
    let hours: Vec<(String, Traffic)> = (0..)
        .map(label)
        .zip(summary.hours.iter().copied())
        .collect();
    let first = hours.iter().position(|it| !it.1.is_empty());
    let last = hours.iter().rposition(|it| !it.1.is_empty());
    if let (Some(first), Some(last)) = (first, last) {
        traffic(page, "hour", &hours[first..=last]);
    }
}

pub(in crate::text) fn days(page: &mut Page, summary: &Summary) {
    if summary.days.len() < 2 {
        return;
    }
    page.title("By day");
    let days: Vec<(String, Traffic)> = summary
        .days
        .iter()
        .map(|day| (date(day.date), day.traffic))
        .collect();
    traffic(page, "day", &days);
}

fn traffic(page: &mut Page, unit: &str, rows: &[(String, Traffic)]) {
    let all = |it: &Traffic| it.outcomes().iter().sum::<u64>();
    let most = rows.iter().map(|(_, it)| all(it)).max().unwrap_or(0).max(1);
    let number = |value: u64, style: Style| match value {
        0 => Cell::styled("·", DIM),
        value => Cell::styled(count(value), style),
    };
    let rows: Vec<Vec<Cell>> = rows
        .iter()
        .map(|(label, it)| {
            let bar = "▇".repeat((all(it) * BAR_COLUMNS).div_ceil(most) as usize);
            vec![
                label.as_str().into(),
                number(it.received, PLAIN),
                number(it.delivered, GOOD),
                number(it.deferred, CARE),
                number(it.bounced, BAD),
                number(it.rejected, BAD),
                Cell::styled(bar, DIM),
            ]
        })
        .collect();
    let heads = [
        unit,
        "received",
        "delivered",
        "deferred",
        "bounced",
        "rejected",
        "",
    ];
    page.table(&heads, &rows);
}

pub(in crate::text) fn delays(page: &mut Page, summary: &Summary) {
    let delays = &summary.delays;
    let stages = [
        ("before the queue", &delays.before_queue),
        ("in the queue", &delays.in_queue),
        ("connecting", &delays.connect),
        ("transmitting", &delays.transmit),
        ("from arrival to delivery", &delays.total),
        ("from arrival to the own filter", &delays.filter),
    ];
    let rows: Vec<Vec<Cell>> = stages
        .iter()
        .filter(|(_, times)| times.count > 0)
        .map(|(what, times)| delay_row(what, times))
        .collect();
    if !rows.is_empty() {
        page.title("Delays of successful deliveries");
        page.table(&["p50", "p90", "p99", "max", ""], &rows);
    }
}

fn delay_row(what: &str, times: &Percentiles) -> Vec<Cell> {
    let mut row: Vec<Cell> = [times.p50_ms, times.p90_ms, times.p99_ms, times.max_ms]
        .iter()
        .map(|&ms| duration(ms).into())
        .collect();
    row.push(what.into());
    row
}

pub(in crate::text) fn pflogsumm(page: &mut Page, summary: &Summary) {
    let plain = &summary.pflogsumm;
    if plain.received + plain.delivered + plain.deferrals + plain.bounced + plain.rejected == 0 {
        return;
    }
    page.title("As pflogsumm counts");
    page.dim_line("each pass through a queue, and messages that were given up, count as received");
    page.line(&format!(
        "{} received ({}), {} delivered ({}), {} forwarded,",
        count(plain.received),
        bytes(plain.bytes_received),
        count(plain.delivered),
        bytes(plain.bytes_delivered),
        count(plain.forwarded)
    ));
    page.line(&format!(
        "{} deferred ({}), {} bounced, {} rejected",
        count(plain.deferred),
        counted(plain.deferrals, "deferral", "deferrals"),
        count(plain.bounced),
        count(plain.rejected)
    ));
}
