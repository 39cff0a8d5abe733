//! Sessions, TLS, logins, filters, and what daemons warn of.

use super::failures::section;
use super::rankings::{counts, name, number, taken, titled};
use crate::ranking::Top;
use crate::summary::{LoginCount, Logins, Summary};
use crate::text::page::{BAD, CARE, Cell, GOOD, PLAIN, Page};
use crate::units::{count, counted, percent};

pub(in crate::text) fn tls(page: &mut Page, summary: &Summary) {
    let tls = &summary.tls;
    versions(
        page,
        "TLS of incoming sessions",
        &tls.inbound,
        tls.inbound_without,
    );
    versions(
        page,
        "TLS of outgoing deliveries",
        &tls.outbound,
        tls.outbound_without,
    );
}

/// Versions with their shares; no section where TLS is not logged at all.
fn versions(page: &mut Page, title: &str, top: &Top<u64>, without: u64) {
    if top.entries.is_empty() {
        return;
    }
    page.title(title);
    let all = top.entries.iter().map(|it| it.counts).sum::<u64>() + top.others + without;
    let mut rows: Vec<Vec<Cell>> = taken(page, top)
        .iter()
        .map(|it| {
            vec![
                number(it.counts, GOOD),
                percent(it.counts, all).into(),
                name(&it.name, 40),
            ]
        })
        .collect();
    if without > 0 {
        rows.push(vec![
            number(without, CARE),
            percent(without, all).into(),
            "no TLS logged".into(),
        ]);
    }
    page.table(&["", "", ""], &rows);
}

pub(in crate::text) fn logins(page: &mut Page, summary: &Summary) {
    login(
        page,
        "Logins to send",
        ["message", "messages"],
        &summary.submission,
    );
    login(
        page,
        "Logins to mailboxes",
        ["login", "logins"],
        &summary.mailbox,
    );
}

fn login(page: &mut Page, title: &str, [one, unit]: [&str; 2], logins: &Logins) {
    if logins.is_empty() {
        return;
    }
    page.title(title);
    page.line(&format!(
        "{}, {} refused, {} given up",
        counted(logins.succeeded, one, unit),
        count(logins.failed),
        count(logins.aborted)
    ));
    login_table(page, unit, "by mechanism", &logins.methods);
    login_table(page, unit, "users", &logins.users);
    login_table(page, unit, "users with most failures", &logins.failed_users);
    login_table(
        page,
        unit,
        "clients with most failures",
        &logins.failed_clients,
    );
}

fn login_table(page: &mut Page, unit: &str, what: &str, top: &Top<LoginCount>) {
    if top.entries.is_empty() {
        return;
    }
    let rows: Vec<Vec<Cell>> = taken(page, top)
        .iter()
        .map(|it| {
            vec![
                number(it.counts.succeeded, GOOD),
                number(it.counts.failed, BAD),
                name(&it.name, 60),
            ]
        })
        .collect();
    page.table(
        &[unit, "failures", &titled(what, top, page.options.top_n)],
        &rows,
    );
}

pub(in crate::text) fn filters(page: &mut Page, summary: &Summary) {
    if !summary.verdicts.entries.is_empty() {
        page.title("Filter verdicts");
        let rows: Vec<Vec<Cell>> = taken(page, &summary.verdicts)
            .iter()
            .map(|it| {
                vec![
                    number(it.counts.passed, PLAIN),
                    number(it.counts.blocked, BAD),
                    name(&it.name, 60),
                ]
            })
            .collect();
        page.table(&["passed", "blocked", ""], &rows);
    }
    if !summary.sender_checks.entries.is_empty() {
        page.title("Checks of senders");
        counts(page, "messages", "check and result", &summary.sender_checks);
    }
    if !summary.policies.entries.is_empty() {
        page.title("Policy services");
        counts(page, "decisions", "service and decision", &summary.policies);
    }
    if !summary.mailbox_actions.is_empty() {
        page.title("In mailboxes");
        let rows: Vec<Vec<Cell>> = summary
            .mailbox_actions
            .iter()
            .map(|(kind, times)| vec![number(*times, PLAIN), (*kind).into()])
            .collect();
        page.table(&["", ""], &rows);
    }
}

pub(in crate::text) fn sessions(page: &mut Page, summary: &Summary) {
    let sessions = &summary.sessions;
    if sessions.count > 0 {
        page.title("SMTP sessions");
        page.line(&format!(
            "{} from {}",
            counted(sessions.count, "session", "sessions"),
            counted(sessions.clients, "client", "clients")
        ));
        if !sessions.aborted.entries.is_empty() {
            counts(page, "sessions", "ended badly", &sessions.aborted);
        }
    }
    if !summary.screening.entries.is_empty() {
        page.title("postscreen");
        counts(page, "clients", "result", &summary.screening);
    }
}

pub(in crate::text) fn warnings(page: &mut Page, summary: &Summary) {
    section(page, "Warnings", &summary.warnings, CARE);
}
