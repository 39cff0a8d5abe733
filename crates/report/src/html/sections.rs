//! The sections of the page.

use super::chart::{self, Column};
use super::table::{self, Ranked, Tone, begin, distinct, end, number};
use crate::histogram::Percentiles;
use crate::ranking::Top;
use crate::shown::html;
use crate::summary::{
    ClientCount, LoginCount, Logins, MailCount, OpenCount, Reasons, RecipientCount, Summary,
};
use crate::traffic::Traffic;
use crate::units::{age, bytes, count, counted, date, duration, percent};

/// The numbers that matter most, large; the others in a line below.
pub(super) fn tiles(out: &mut String, summary: &Summary) {
    let it = &summary.totals;
    out.push_str("<div class=\"tiles\">\n");
    let mut tile = |number: u64, name: &str, color: &str, note: String| {
        out.push_str(&format!(
            "<div class=\"tile\"><b>{}</b><span>{color}{name}</span><small>{note}</small></div>\n",
            count(number)
        ));
    };
    let dot = |at: u8| format!("<i class=\"c{at}\"></i>");
    let senders = counted(summary.senders.distinct, "sender", "senders");
    let received = format!("{} from {senders}", bytes(it.bytes_received));
    tile(it.received, "received", "<i class=\"c4\"></i>", received);
    let recipients = counted(summary.recipients.distinct, "recipient", "recipients");
    let delivered = format!("{} to {recipients}", bytes(it.bytes_delivered));
    tile(it.delivered, "delivered", &dot(0), delivered);
    let deferrals = counted(it.deferrals, "deferral", "deferrals");
    tile(it.deferred, "deferred", &dot(1), deferrals);
    let attempts = it.delivered + it.bounced;
    let bounced = format!("{} of recipients", percent(it.bounced, attempts));
    tile(it.bounced, "bounced", &dot(2), bounced);
    tile(
        it.rejected,
        "rejected",
        &dot(3),
        "commands refused".to_owned(),
    );
    out.push_str("</div>\n");
    few(out, summary);
}

fn few(out: &mut String, summary: &Summary) {
    let it = &summary.totals;
    let all = [
        (it.received_with_login, "received with login"),
        (it.received_locally, "received locally"),
        (it.handed_over, "handed to own filters or hosts"),
        (it.forwarded, "forwarded"),
        (it.expired, "expired"),
        (it.reject_warnings, "reject warnings"),
        (it.held, "held"),
        (it.discarded, "discarded"),
        (it.discarded_deliveries, "deliveries discarded"),
        (it.deleted, "deleted by the administrator"),
        (it.aborted, "transactions aborted"),
        (it.notifications, "notifications sent"),
    ];
    out.push_str("<div class=\"few\">");
    for (number, name) in all.iter().filter(|(number, _)| *number > 0) {
        out.push_str(&format!("<span><b>{}</b> {name}</span>", count(*number)));
    }
    out.push_str("</div>\n");
}

pub(super) fn traffic(out: &mut String, summary: &Summary) {
    if summary.days.len() > 1 {
        days(out, summary);
    }
    if summary.hours.iter().all(Traffic::is_empty) {
        return;
    }
    let columns: Vec<Column> = (0..)
        .zip(summary.hours)
        .map(|(hour, traffic): (u8, Traffic)| Column {
            name: format!("{hour:02}:00 to {:02}:00", hour + 1),
            traffic,
        })
        .collect();
    out.push_str("<section class=\"card wide\">\n<h2>By hour of the day</h2>\n");
    chart::stacked(out, "messages by hour of the day", &columns);
    out.push_str("<div class=\"x\">");
    for hour in 0..24 {
        let label = if hour % 3 == 0 {
            format!("{hour:02}")
        } else {
            String::new()
        };
        let fine = if hour % 6 == 0 { "" } else { " class=\"fine\"" };
        out.push_str(&format!("<span{fine}>{label}</span>"));
    }
    out.push_str("</div>\n</div>\n");
    end(out);
}

fn days(out: &mut String, summary: &Summary) {
    let columns: Vec<Column> = summary
        .days
        .iter()
        .map(|day| Column {
            name: date(day.date),
            traffic: day.traffic,
        })
        .collect();
    out.push_str("<section class=\"card wide\">\n<h2>By day</h2>\n");
    chart::stacked(out, "messages by day", &columns);
    if let (Some(first), Some(last)) = (columns.first(), columns.last()) {
        let ends = format!("<span>{}</span><span>{}</span>", first.name, last.name);
        out.push_str(&format!("<div class=\"ends\">{ends}</div>\n</div>\n"));
    }
    end(out);
}

pub(super) fn delays(out: &mut String, summary: &Summary) {
    let it = &summary.delays;
    let stages = [
        ("before the queue", &it.before_queue),
        ("in the queue", &it.in_queue),
        ("connecting", &it.connect),
        ("transmitting", &it.transmit),
        ("arrival to delivery", &it.total),
        ("arrival to own filter", &it.filter),
    ];
    let shown = stages.iter().filter(|(_, times)| times.count > 0);
    let longest = shown.clone().map(|(_, times)| times.max_ms).max();
    let Some(longest_ms) = longest else { return };
    out.push_str("<section class=\"card full delays\">\n<h2>Delays");
    out.push_str("<small>of successful deliveries</small></h2>\n<table class=\"many\">\n");
    out.push_str("<thead><tr><th></th><th class=\"plotted\"></th><th scope=\"col\">p50</th><th scope=\"col\">p90</th>");
    out.push_str("<th scope=\"col\">p99</th><th scope=\"col\">max</th></tr></thead>\n<tbody>\n");
    for (name, times) in shown {
        delay(out, name, times, longest_ms);
    }
    out.push_str("</tbody>\n</table>\n");
    end(out);
}

fn delay(out: &mut String, name: &str, times: &Percentiles, longest_ms: u64) {
    out.push_str(&format!("<tr><td>{name}</td><td class=\"plotted\">"));
    chart::range(out, times, longest_ms);
    out.push_str("</td>");
    for ms in [times.p50_ms, times.p90_ms, times.p99_ms, times.max_ms] {
        out.push_str(&format!("<td>{}</td>", duration(ms)));
    }
    out.push_str("</tr>\n");
}

pub(super) fn open(out: &mut String, summary: &Summary) {
    let it = &summary.open;
    if it.is_empty() && it.lost == 0 {
        return;
    }
    begin(out, Tone::Care, "Still open at the end", "");
    out.push_str("<table>\n<thead><tr><th></th><th scope=\"col\">messages</th>");
    out.push_str("<th scope=\"col\">oldest</th></tr></thead>\n<tbody>\n");
    let states: [(&str, &OpenCount); 4] = [
        ("being received", &it.incoming),
        ("queued, not tried yet", &it.queued),
        ("deferred", &it.deferred),
        ("on hold", &it.held),
    ];
    for (name, state) in states.iter().filter(|(_, state)| state.messages > 0) {
        let oldest = state
            .oldest
            .map_or(String::new(), |at| age(at, summary.coverage.to));
        out.push_str(&format!(
            "<tr><td>{name}</td><td>{}</td><td>{oldest}</td></tr>\n",
            count(state.messages)
        ));
    }
    if it.lost > 0 {
        let lost = count(it.lost);
        out.push_str(&format!(
            "<tr><td>without an end in the log</td><td>{lost}</td><td></td></tr>\n"
        ));
    }
    out.push_str("</tbody>\n</table>\n");
    if !it.destinations.entries.is_empty() {
        out.push_str("<h3>Waiting for</h3>\n");
        table::counts(out, "recipients", &it.destinations);
    }
    end(out);
}

pub(super) fn people(out: &mut String, summary: &Summary) {
    mail(out, "Senders", &summary.senders, |it| it.messages);
    delivered(out, "Recipients", &summary.recipients, |it| it.delivered);
    if summary.senders.distinct > 1 {
        mail(out, "Senders by volume", &summary.senders_by_bytes, |it| {
            it.bytes
        });
    }
    if summary.recipients.distinct > 1 {
        let top = &summary.recipients_by_bytes;
        delivered(out, "Recipients by volume", top, |it| it.bytes);
    }
    mail(out, "Sender domains", &summary.sender_domains, |it| {
        it.messages
    });
    let top = &summary.recipient_domains;
    delivered(out, "Recipient domains", top, RecipientCount::attempts);
}

fn mail(out: &mut String, title: &str, top: &Top<MailCount>, weight: fn(&MailCount) -> u64) {
    if top.entries.is_empty() {
        return;
    }
    begin(out, Tone::Calm, title, &distinct(top));
    Ranked {
        top,
        heads: &["messages", "volume"],
        cells: |it| vec![number(it.messages), bytes(it.bytes)],
        weight,
        beside: |_| String::new(),
    }
    .write(out);
    end(out);
}

fn delivered(
    out: &mut String,
    title: &str,
    top: &Top<RecipientCount>,
    weight: fn(&RecipientCount) -> u64,
) {
    if top.entries.is_empty() {
        return;
    }
    begin(out, Tone::Calm, title, &distinct(top));
    Ranked {
        top,
        heads: &["delivered", "deferred", "bounced", "volume"],
        cells: |it| {
            vec![
                number(it.delivered),
                number(it.deferred),
                number(it.bounced),
                bytes(it.bytes),
            ]
        },
        weight,
        beside: |_| String::new(),
    }
    .write(out);
    end(out);
}

pub(super) fn hosts(out: &mut String, summary: &Summary) {
    relays(out, summary);
    let it = summary;
    clients(
        out,
        "Clients by messages",
        Tone::Calm,
        &it.clients_by_messages,
        |it| it.messages,
    );
    let top = &summary.clients_by_connections;
    clients(out, "Clients by connections", Tone::Calm, top, |it| {
        it.connections
    });
    let top = &summary.clients_by_refusals;
    clients(out, "Clients by refusals", Tone::Bad, top, |it| it.rejected);
}

fn relays(out: &mut String, summary: &Summary) {
    let top = &summary.relays;
    if top.entries.is_empty() {
        return;
    }
    begin(out, Tone::Calm, "Next hops", &distinct(top));
    Ranked {
        top,
        heads: &["sent", "deferred", "bounced", "p50", "p99"],
        cells: |it| {
            let time = |ms: u64| match it.delays.count {
                0 => number(0),
                _ => duration(ms),
            };
            vec![
                number(it.sent),
                number(it.deferred),
                number(it.bounced),
                time(it.delays.p50_ms),
                time(it.delays.p99_ms),
            ]
        },
        weight: |it| it.attempts(),
        beside: |_| String::new(),
    }
    .write(out);
    end(out);
}

fn clients(
    out: &mut String,
    title: &str,
    tone: Tone,
    top: &Top<ClientCount>,
    weight: fn(&ClientCount) -> u64,
) {
    if top.entries.is_empty() {
        return;
    }
    begin(out, tone, title, &distinct(top));
    Ranked {
        top,
        heads: &["connections", "messages", "rejected", "bad logins"],
        cells: |it| {
            vec![
                number(it.connections),
                number(it.messages),
                number(it.rejected),
                number(it.login_failures),
            ]
        },
        weight,
        beside: |it| match it.hostname.is_empty() {
            true => String::new(),
            false => format!(" <small>{}</small>", html(&it.hostname)),
        },
    }
    .write(out);
    end(out);
}

pub(super) fn failures(out: &mut String, summary: &Summary) {
    rejections(out, summary);
    reasons(
        out,
        "Would have been rejected",
        Tone::Care,
        &summary.reject_warnings,
    );
    reasons(out, "Bounced", Tone::Bad, &summary.bounces);
    reasons(out, "Deferred", Tone::Care, &summary.deferrals);
}

fn rejections(out: &mut String, summary: &Summary) {
    let all = &summary.rejections;
    if all.count == 0 {
        return;
    }
    begin(out, Tone::Bad, "Rejected", &count(all.count));
    table::reasons(out, all);
    let codes: Vec<String> = summary
        .rejections_by_code
        .iter()
        .map(|(code, times)| format!("{code}: {}", count(*times)))
        .collect();
    if !codes.is_empty() {
        out.push_str(&format!(
            "<h3>By reply code</h3>\n<p>{}</p>\n",
            codes.join(" · ")
        ));
    }
    end(out);
}

fn reasons(out: &mut String, title: &str, tone: Tone, all: &Reasons) {
    if all.count == 0 {
        return;
    }
    begin(out, tone, title, &count(all.count));
    table::reasons(out, all);
    end(out);
}

pub(super) fn tls(out: &mut String, summary: &Summary) {
    let it = &summary.tls;
    versions(
        out,
        "TLS of incoming sessions",
        &it.inbound,
        it.inbound_without,
    );
    versions(
        out,
        "TLS of outgoing deliveries",
        &it.outbound,
        it.outbound_without,
    );
}

fn versions(out: &mut String, title: &str, top: &Top<u64>, without: u64) {
    if top.entries.is_empty() {
        return;
    }
    begin(out, Tone::Calm, title, "");
    table::counts(out, "count", top);
    let with: u64 = top.entries.iter().map(|it| it.counts).sum::<u64>() + top.others;
    out.push_str(&format!(
        "<p class=\"muted\">{} without TLS in the log ({})</p>\n",
        count(without),
        percent(without, with + without)
    ));
    end(out);
}

pub(super) fn logins(out: &mut String, summary: &Summary) {
    login(out, "Logins to send", "messages", &summary.submission);
    login(out, "Logins to mailboxes", "logins", &summary.mailbox);
}

fn login(out: &mut String, title: &str, unit: &str, it: &Logins) {
    if it.is_empty() {
        return;
    }
    let note = format!(
        "{} {unit}, {} refused",
        count(it.succeeded),
        count(it.failed)
    );
    begin(out, Tone::Calm, title, &note);
    let mut ranking = |name: &str, top: &Top<LoginCount>, weight: fn(&LoginCount) -> u64| {
        if top.entries.is_empty() {
            return;
        }
        out.push_str(&format!("<h3>{name}</h3>\n"));
        Ranked {
            top,
            heads: &[unit, "failures"],
            cells: |it| vec![number(it.succeeded), number(it.failed)],
            weight,
            beside: |_| String::new(),
        }
        .write(out);
    };
    ranking("By mechanism", &it.methods, |it| it.succeeded + it.failed);
    ranking("Users", &it.users, |it| it.succeeded);
    ranking("Users with most failures", &it.failed_users, |it| it.failed);
    ranking("Clients with most failures", &it.failed_clients, |it| {
        it.failed
    });
    end(out);
}

pub(super) fn rest(out: &mut String, summary: &Summary) {
    verdicts(out, summary);
    let sessions = &summary.sessions;
    if !sessions.aborted.entries.is_empty() {
        let note = format!("of {}", counted(sessions.count, "session", "sessions"));
        begin(out, Tone::Calm, "Sessions that ended badly", &note);
        table::counts(out, "sessions", &sessions.aborted);
        end(out);
    }
    if !summary.screening.entries.is_empty() {
        begin(out, Tone::Calm, "postscreen", "");
        table::counts(out, "clients", &summary.screening);
        end(out);
    }
    if !summary.sender_checks.entries.is_empty() {
        begin(out, Tone::Calm, "Checks of senders", "");
        table::counts(out, "messages", &summary.sender_checks);
        end(out);
    }
    if !summary.policies.entries.is_empty() {
        begin(out, Tone::Calm, "Policy services", "");
        table::counts(out, "decisions", &summary.policies);
        end(out);
    }
    if !summary.mailbox_actions.is_empty() {
        begin(out, Tone::Calm, "In mailboxes", "");
        out.push_str("<table><tbody>\n");
        for (kind, times) in &summary.mailbox_actions {
            let times = count(*times);
            out.push_str(&format!("<tr><td>{kind}</td><td>{times}</td></tr>\n"));
        }
        out.push_str("</tbody></table>\n");
        end(out);
    }
    reasons(out, "Warnings", Tone::Care, &summary.warnings);
}

fn verdicts(out: &mut String, summary: &Summary) {
    let top = &summary.verdicts;
    if top.entries.is_empty() {
        return;
    }
    begin(out, Tone::Calm, "Filter verdicts", "");
    Ranked {
        top,
        heads: &["passed", "blocked"],
        cells: |it| vec![number(it.passed), number(it.blocked)],
        weight: |it| it.passed + it.blocked,
        beside: |_| String::new(),
    }
    .write(out);
    end(out);
}

pub(super) fn pflogsumm(out: &mut String, summary: &Summary) {
    let it = &summary.pflogsumm;
    out.push_str(&format!(
        "<footer>pflogsumm, to which each pass through a queue is a message, counts {} received \
         ({}), {} delivered ({}), {} forwarded, {} deferred ({}), {} bounced, {} rejected.</footer>\n",
        count(it.received),
        bytes(it.bytes_received),
        count(it.delivered),
        bytes(it.bytes_delivered),
        count(it.forwarded),
        count(it.deferred),
        counted(it.deferrals, "deferral", "deferrals"),
        count(it.bounced),
        count(it.rejected)
    ));
}
