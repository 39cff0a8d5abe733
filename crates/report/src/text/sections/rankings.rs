//! Who sent, who received, over which hosts.

use crate::ranking::{Named, Top};
use crate::shown::shown_within;
use crate::summary::{ClientCount, MailCount, RecipientCount, RelayCount, Summary};
use crate::text::page::{BAD, CARE, Cell, DIM, PLAIN, Page};
use crate::units::{bytes, count, duration};
use anstyle::Style;

/// Columns left for a name.
const NAME_COLUMNS: usize = 60;

pub(in crate::text) fn senders(page: &mut Page, summary: &Summary) {
    mail(page, "Senders", &summary.senders);
    if summary.senders.distinct > 1 {
        mail(page, "Senders by volume", &summary.senders_by_bytes);
    }
    mail(page, "Sender domains", &summary.sender_domains);
}

pub(in crate::text) fn recipients(page: &mut Page, summary: &Summary) {
    delivered(page, "Recipients", &summary.recipients);
    if summary.recipients.distinct > 1 {
        delivered(page, "Recipients by volume", &summary.recipients_by_bytes);
    }
    delivered(page, "Recipient domains", &summary.recipient_domains);
}

pub(in crate::text) fn clients(page: &mut Page, summary: &Summary) {
    client_table(page, "Clients by messages", &summary.clients_by_messages);
    client_table(
        page,
        "Clients by connections",
        &summary.clients_by_connections,
    );
    client_table(page, "Clients by refusals", &summary.clients_by_refusals);
}

pub(in crate::text) fn relays(page: &mut Page, summary: &Summary) {
    let top = &summary.relays;
    if top.entries.is_empty() {
        return;
    }
    page.title(&titled("Next hops", top, page.options.top_n));
    let rows: Vec<Vec<Cell>> = taken(page, top)
        .iter()
        .map(|relay| {
            let RelayCount {
                sent,
                deferred,
                bounced,
                delays,
                ..
            } = relay.counts;
            let time = |ms: u64| match delays.count {
                0 => dot(),
                _ => duration(ms).into(),
            };
            vec![
                number(sent, PLAIN),
                number(deferred, CARE),
                number(bounced, BAD),
                time(delays.p50_ms),
                time(delays.p99_ms),
                name(&relay.name, NAME_COLUMNS - 12),
            ]
        })
        .collect();
    page.table(&["sent", "deferred", "bounced", "p50", "p99", ""], &rows);
}

fn mail(page: &mut Page, title: &str, top: &Top<MailCount>) {
    if top.entries.is_empty() {
        return;
    }
    page.title(&titled(title, top, page.options.top_n));
    let rows: Vec<Vec<Cell>> = taken(page, top)
        .iter()
        .map(|it| {
            vec![
                number(it.counts.messages, PLAIN),
                bytes(it.counts.bytes).into(),
                name(&it.name, NAME_COLUMNS),
            ]
        })
        .collect();
    page.table(&["messages", "volume", ""], &rows);
}

fn delivered(page: &mut Page, title: &str, top: &Top<RecipientCount>) {
    if top.entries.is_empty() {
        return;
    }
    page.title(&titled(title, top, page.options.top_n));
    let rows: Vec<Vec<Cell>> = taken(page, top)
        .iter()
        .map(|it| {
            vec![
                number(it.counts.delivered, PLAIN),
                bytes(it.counts.bytes).into(),
                number(it.counts.deferred, CARE),
                number(it.counts.bounced, BAD),
                name(&it.name, NAME_COLUMNS - 10),
            ]
        })
        .collect();
    page.table(&["delivered", "volume", "deferred", "bounced", ""], &rows);
}

fn client_table(page: &mut Page, title: &str, top: &Top<ClientCount>) {
    if top.entries.is_empty() {
        return;
    }
    page.title(&titled(title, top, page.options.top_n));
    let rows: Vec<Vec<Cell>> = taken(page, top)
        .iter()
        .map(|it| {
            let counts = &it.counts;
            let mut label = it.name.to_vec();
            if !counts.hostname.is_empty() && counts.hostname != it.name {
                label.extend_from_slice(b"  ");
                label.extend_from_slice(&counts.hostname);
            }
            vec![
                number(counts.connections, PLAIN),
                number(counts.messages, PLAIN),
                number(counts.rejected, BAD),
                number(counts.login_failures, BAD),
                name(&label, NAME_COLUMNS - 10),
            ]
        })
        .collect();
    let heads = ["connections", "messages", "rejected", "bad logins", ""];
    page.table(&heads, &rows);
}

/// A ranking of plain counts, without title.
pub(super) fn counts(page: &mut Page, unit: &str, what: &str, top: &Top<u64>) {
    let rows: Vec<Vec<Cell>> = taken(page, top)
        .iter()
        .map(|it| vec![number(it.counts, PLAIN), name(&it.name, NAME_COLUMNS)])
        .collect();
    page.table(&[unit, what], &rows);
}

/// The first of a ranking that the options ask for.
pub(super) fn taken<'t, C>(page: &Page, top: &'t Top<C>) -> &'t [Named<C>] {
    &top.entries[..top.entries.len().min(page.options.top_n)]
}

/// `Senders (10 of 1,374)`; only the title where all are shown.
pub(super) fn titled<C>(title: &str, top: &Top<C>, top_n: usize) -> String {
    let shown = top.entries.len().min(top_n);
    if shown as u64 >= top.distinct {
        return title.to_owned();
    }
    let about = if top.exact { "" } else { "about " };
    format!("{title} ({shown} of {about}{})", count(top.distinct))
}

pub(super) fn number(value: u64, style: Style) -> Cell {
    match value {
        0 => dot(),
        value => Cell::styled(count(value), style),
    }
}

fn dot() -> Cell {
    Cell::styled("·", DIM)
}

pub(super) fn name(name: &[u8], width: usize) -> Cell {
    shown_within(name, width).into()
}
