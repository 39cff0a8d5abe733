//! The summary as JSON. Names are stable; times are RFC 3339 in UTC, sizes bytes, durations
//! milliseconds. Text of the log that is no UTF-8 is written with replacement characters.

use crate::histogram::Percentiles;
use crate::ranking::{Counts, Named, Top};
use crate::summary::{
    ClientCount, LoginCount, Logins, MailCount, Open, OpenCount, PlainTotals, Reason, Reasons,
    RecipientCount, RelayCount, Summary, Totals, VerdictCount,
};
use crate::traffic::Traffic;
use crate::units::date;
use bstr::{BStr, ByteSlice};
use serde_json::{Map, Value, json};

/// The version of the shape, raised when a name changes its meaning or goes.
const VERSION: u32 = 1;

/// The summary as one object.
pub fn json(summary: &Summary) -> Value {
    let mut all = Map::new();
    let mut put = |name: &str, value: Value| all.insert(name.to_owned(), value);
    put("version", json!(VERSION));
    put("coverage", coverage(summary));
    put("totals", totals(&summary.totals));
    put("pflogsumm", plain_totals(&summary.pflogsumm));
    put("hours", summary.hours.iter().map(traffic).collect());
    put("days", days(summary));
    put("senders", ranking(&summary.senders));
    put("senders_by_bytes", ranking(&summary.senders_by_bytes));
    put("sender_domains", ranking(&summary.sender_domains));
    put("recipients", ranking(&summary.recipients));
    put("recipients_by_bytes", ranking(&summary.recipients_by_bytes));
    put("recipient_domains", ranking(&summary.recipient_domains));
    put("clients_by_messages", ranking(&summary.clients_by_messages));
    put(
        "clients_by_connections",
        ranking(&summary.clients_by_connections),
    );
    put("clients_by_refusals", ranking(&summary.clients_by_refusals));
    put("relays", ranking(&summary.relays));
    put("delays", delays(summary));
    put("rejections", reasons(&summary.rejections));
    put("rejections_by_code", by_code(&summary.rejections_by_code));
    put("reject_warnings", reasons(&summary.reject_warnings));
    put("bounces", reasons(&summary.bounces));
    put("deferrals", reasons(&summary.deferrals));
    put("sessions", sessions(summary));
    put("tls", tls(summary));
    put("submission", logins(&summary.submission));
    put("mailbox", logins(&summary.mailbox));
    put("verdicts", ranking(&summary.verdicts));
    put("sender_checks", ranking(&summary.sender_checks));
    put("policies", ranking(&summary.policies));
    put("screening", ranking(&summary.screening));
    put("mailbox_actions", pairs(&summary.mailbox_actions));
    put("warnings", reasons(&summary.warnings));
    put("open", open(&summary.open));
    put("kinds", pairs(&summary.kinds));
    Value::Object(all)
}

/// What is counted for a name, as fields.
trait Fields {
    fn fields(&self) -> Value;
}

impl Fields for u64 {
    fn fields(&self) -> Value {
        json!({ "count": self })
    }
}

impl Fields for MailCount {
    fn fields(&self) -> Value {
        json!({ "messages": self.messages, "bytes": self.bytes })
    }
}

impl Fields for RecipientCount {
    fn fields(&self) -> Value {
        json!({
            "delivered": self.delivered,
            "bytes": self.bytes,
            "deferrals": self.deferred,
            "bounced": self.bounced,
        })
    }
}

impl Fields for ClientCount {
    fn fields(&self) -> Value {
        json!({
            "hostname": (!self.hostname.is_empty()).then(|| text(self.hostname.as_bstr())),
            "connections": self.connections,
            "messages": self.messages,
            "bytes": self.bytes,
            "rejected": self.rejected,
            "login_failures": self.login_failures,
        })
    }
}

impl Fields for RelayCount {
    fn fields(&self) -> Value {
        json!({
            "sent": self.sent,
            "bytes": self.bytes,
            "deferrals": self.deferred,
            "bounced": self.bounced,
            "delays": percentiles(&self.delays),
        })
    }
}

impl Fields for LoginCount {
    fn fields(&self) -> Value {
        json!({ "succeeded": self.succeeded, "failed": self.failed })
    }
}

impl Fields for VerdictCount {
    fn fields(&self) -> Value {
        json!({ "passed": self.passed, "blocked": self.blocked })
    }
}

fn text(text: &BStr) -> Value {
    Value::String(text.to_str_lossy().into_owned())
}

fn ranking<C: Counts + Fields>(top: &Top<C>) -> Value {
    json!({
        "distinct": top.distinct,
        "distinct_exact": top.exact,
        "top": top.entries.iter().map(named).collect::<Value>(),
        "others": top.others.fields(),
    })
}

fn named<C: Fields>(it: &Named<C>) -> Value {
    let mut fields = it.counts.fields();
    if let Value::Object(fields) = &mut fields {
        fields.insert("name".to_owned(), text(it.name.as_bstr()));
    }
    fields
}

fn coverage(summary: &Summary) -> Value {
    let coverage = &summary.coverage;
    json!({
        "files": coverage.files,
        "lines": coverage.lines,
        "unknown": coverage.unknown,
        "from": coverage.from.map(|at| at.to_string()),
        "to": coverage.to.map(|at| at.to_string()),
        "zone": coverage.zone,
    })
}

fn totals(it: &Totals) -> Value {
    json!({
        "received": it.received,
        "received_with_login": it.received_with_login,
        "received_locally": it.received_locally,
        "bytes_received": it.bytes_received,
        "delivered": it.delivered,
        "bytes_delivered": it.bytes_delivered,
        "handed_over": it.handed_over,
        "forwarded": it.forwarded,
        "deferred": it.deferred,
        "deferrals": it.deferrals,
        "bounced": it.bounced,
        "expired": it.expired,
        "expired_recipients": it.expired_recipients,
        "rejected": it.rejected,
        "reject_warnings": it.reject_warnings,
        "held": it.held,
        "discarded": it.discarded,
        "discarded_deliveries": it.discarded_deliveries,
        "deleted": it.deleted,
        "aborted": it.aborted,
        "notifications": it.notifications,
    })
}

fn plain_totals(it: &PlainTotals) -> Value {
    json!({
        "received": it.received,
        "delivered": it.delivered,
        "forwarded": it.forwarded,
        "deferred": it.deferred,
        "deferrals": it.deferrals,
        "bounced": it.bounced,
        "rejected": it.rejected,
        "bytes_received": it.bytes_received,
        "bytes_delivered": it.bytes_delivered,
    })
}

fn traffic(it: &Traffic) -> Value {
    json!({
        "received": it.received,
        "delivered": it.delivered,
        "deferrals": it.deferred,
        "bounced": it.bounced,
        "rejected": it.rejected,
    })
}

fn days(summary: &Summary) -> Value {
    let day = |it: &crate::summary::Day| {
        let mut fields = traffic(&it.traffic);
        fields["date"] = Value::String(date(it.date));
        fields
    };
    summary.days.iter().map(day).collect()
}

fn percentiles(it: &Percentiles) -> Value {
    json!({
        "count": it.count,
        "p50_ms": it.p50_ms,
        "p90_ms": it.p90_ms,
        "p99_ms": it.p99_ms,
        "max_ms": it.max_ms,
    })
}

fn delays(summary: &Summary) -> Value {
    let it = &summary.delays;
    json!({
        "before_queue": percentiles(&it.before_queue),
        "in_queue": percentiles(&it.in_queue),
        "connect": percentiles(&it.connect),
        "transmit": percentiles(&it.transmit),
        "total": percentiles(&it.total),
        "filter": percentiles(&it.filter),
    })
}

fn reasons(it: &Reasons) -> Value {
    let reason = |it: &Reason| {
        json!({
            "stage": text(it.stage.as_bstr()),
            "text": text(it.text.as_bstr()),
            "count": it.count,
            "values": ranking(&it.values),
        })
    };
    json!({
        "count": it.count,
        "reasons": it.reasons.iter().map(reason).collect::<Value>(),
    })
}

fn by_code(codes: &[(u16, u64)]) -> Value {
    let fields = codes
        .iter()
        .map(|(code, count)| (code.to_string(), json!(count)));
    Value::Object(fields.collect())
}

fn pairs(pairs: &[(&str, u64)]) -> Value {
    let fields = pairs
        .iter()
        .map(|(name, count)| ((*name).to_owned(), json!(count)));
    Value::Object(fields.collect())
}

fn sessions(summary: &Summary) -> Value {
    let it = &summary.sessions;
    json!({
        "count": it.count,
        "clients": it.clients,
        "aborted": ranking(&it.aborted),
    })
}

fn tls(summary: &Summary) -> Value {
    let it = &summary.tls;
    json!({
        "inbound": ranking(&it.inbound),
        "inbound_without": it.inbound_without,
        "outbound": ranking(&it.outbound),
        "outbound_without": it.outbound_without,
    })
}

fn logins(it: &Logins) -> Value {
    json!({
        "succeeded": it.succeeded,
        "failed": it.failed,
        "aborted": it.aborted,
        "methods": ranking(&it.methods),
        "users": ranking(&it.users),
        "failed_users": ranking(&it.failed_users),
        "failed_clients": ranking(&it.failed_clients),
    })
}

fn open(it: &Open) -> Value {
    json!({
        "queued": open_count(&it.queued),
        "deferred": open_count(&it.deferred),
        "held": open_count(&it.held),
        "incoming": open_count(&it.incoming),
        "destinations": ranking(&it.destinations),
        "lost": it.lost,
    })
}

fn open_count(it: &OpenCount) -> Value {
    json!({
        "messages": it.messages,
        "oldest": it.oldest.map(|at| at.to_string()),
    })
}
