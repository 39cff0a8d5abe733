//! A journey as JSON for a program; its own wire shape, which grows but does not change.
//!
//! Times are RFC 3339 in UTC with as many digits of the second as the log has. What no line told is
//! absent; the null sender is `""`. Bytes that are not UTF-8 are U+FFFD. Keys of queue items are 16
//! hexadecimal digits, the same for the same log.
//!
//! ```text
//! message_id, mail_from, header_from, subject, size, arrived
//! client {name, address, port}, helo, tls, sasl_method, sasl_username, uid, local_user
//! handed_in          {at, host, program, user, client}: by which webmail
//! outcome            the common outcome, or "mixed"
//! open               whether more may come
//! incomplete_head    whether its first lines are missing
//! probe              whether it is an address probe
//! line_count
//! recipients []      rcpt_to, orig_rcpt_to, outcome, ended, item, queue_id, host
//!   mailbox []       at, host, kind, protocol, user, client, session, mailbox, target, text
//!   afterwards []    as mailbox: what the user did with it
//!   attempts []      item, at, kind, agent, rcpt_to, relay {name, address, port}, delay_ms,
//!                    stages_ms [4], enhanced_status, code, text, remote_reply, tls, tls_trust,
//!                    next_queue_id, next, suspended
//! unnamed []         item, count, outcome
//! hops []            item, host, instance, queue_id, opened, closed, state, mail_from, size,
//!                    recipients, client, incomplete_head, broken_off
//!   came_by          {kind, from, confidence}
//!   verdicts []      at, program, filter_id, passed, category, found, actions, quarantine,
//!                    recipients, score, took_ms, tests
//!   checks []        at, program, method, result, signed, domain, selector, text
//!   decisions []     at, program, kind, action, source, stage, rcpt_to, whole_message, code,
//!                    enhanced_status, text, content
//!   events []        at, kind
//! notifications []   kind, to_postmaster, at, about, queue_id, item, reason,
//!                    fate {rcpt_to, outcome}
//! caused [], cause   {kind, item, host, queue_id}
//! lines []           id, host, at, raw; absent where the gathering does not keep them
//! ```

use crate::attempt::PeerName;
use crate::{
    Attempt, Decision, FilterVerdict, HandedIn, Hop, Journey, MailboxEntry, Notification,
    Recipient, Refusal, Related, SenderCheck, Text,
};
use bstr::ByteSlice;
use model::{EnhancedStatus, ItemKey, ReplyCode, Timestamp};
use serde_json::{Map, Value, json};

/// An object in the making: what is absent is left out.
#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn put(&mut self, key: &str, value: impl Into<Value>) -> &mut Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    fn maybe(&mut self, key: &str, value: Option<impl Into<Value>>) -> &mut Self {
        if let Some(value) = value {
            self.put(key, value);
        }
        self
    }

    fn text(&mut self, key: &str, text: &Option<Text>) -> &mut Self {
        self.maybe(key, text.as_ref().map(|it| lossy(it)))
    }

    /// A list, left out where it is empty.
    fn list<T>(&mut self, key: &str, all: &[T], each: impl Fn(&T) -> Value) -> &mut Self {
        if !all.is_empty() {
            self.put(key, all.iter().map(each).collect::<Vec<Value>>());
        }
        self
    }

    fn done(&mut self) -> Value {
        Value::Object(std::mem::take(&mut self.0))
    }
}

fn lossy(text: &[u8]) -> String {
    text.to_str_lossy().into_owned()
}

fn time(at: Timestamp) -> String {
    at.to_string()
}

fn key(key: ItemKey) -> String {
    format!("{:016x}", key.0)
}

fn status(it: Option<EnhancedStatus>) -> Option<String> {
    it.map(|it| it.to_string())
}

fn code(it: Option<ReplyCode>) -> Option<u16> {
    it.map(|it| it.0)
}

/// The journey as JSON.
pub fn journey(it: &Journey) -> Value {
    let outcome = it.outcome().map_or("mixed", |it| it.name());
    let mut object = Object::default();
    object
        .text("message_id", &it.message_id)
        .text("mail_from", &it.mail_from)
        .text("header_from", &it.header_from)
        .text("subject", &it.subject)
        .maybe("size", it.size)
        .put("arrived", time(it.arrived))
        .maybe("client", it.client.as_ref().map(peer))
        .text("helo", &it.helo)
        .text("tls", &it.tls)
        .text("sasl_method", &it.sasl_method)
        .text("sasl_username", &it.sasl_username)
        .maybe("uid", it.uid)
        .text("local_user", &it.local_user)
        .maybe("handed_in", it.handed_in.as_ref().map(handed_in))
        .put("outcome", outcome)
        .put("open", it.is_open())
        .put("incomplete_head", it.incomplete_head)
        .put("probe", it.probe)
        .put("line_count", it.line_count)
        .list("recipients", &it.recipients, |rcpt| recipient(it, rcpt))
        .list("unnamed", &it.unnamed, |it| {
            json!({"item": key(it.item), "count": it.count, "outcome": it.outcome.name()})
        })
        .list("hops", &it.hops, hop)
        .list("notifications", &it.notifications, notification)
        .list("caused", &it.caused, related)
        .maybe("cause", it.cause.as_ref().map(related))
        .list("lines", &it.lines, |it| {
            json!({"id": it.id.0, "host": lossy(&it.host), "at": time(it.at), "raw": lossy(&it.raw)})
        })
        .done()
}

/// A refusal as JSON: `at`, `host`, `label`, `kind`, `action`, `source`, `stage`, `client`, `helo`,
/// `mail_from`, `rcpt_to`, `sasl_username`, `code`, `enhanced_status`, `text`, `repeated`.
pub fn refusal(it: &Refusal) -> Value {
    Object::default()
        .put("at", time(it.at))
        .put("host", lossy(&it.host))
        .put("label", lossy(&it.label))
        .put("kind", it.kind.name())
        .put("action", it.action.name())
        .put("source", it.source.name())
        .put("stage", lossy(&it.stage))
        .maybe("client", it.client.as_ref().map(peer))
        .text("helo", &it.helo)
        .text("mail_from", &it.mail_from)
        .text("rcpt_to", &it.rcpt_to)
        .text("sasl_username", &it.sasl_username)
        .maybe("code", code(it.code))
        .maybe("enhanced_status", status(it.enhanced))
        .put("text", lossy(&it.text))
        .put("repeated", it.repeated)
        .done()
}

fn peer(it: &PeerName) -> Value {
    Object::default()
        .text("name", &it.name)
        .text("address", &it.address)
        .maybe("port", it.port)
        .done()
}

fn recipient(journey: &Journey, it: &Recipient) -> Value {
    let hop = journey.hop(it.item);
    Object::default()
        .put("rcpt_to", lossy(&it.rcpt_to))
        .text("orig_rcpt_to", &it.orig_rcpt_to)
        .put("outcome", it.outcome.name())
        .maybe("ended", it.ended.map(time))
        .put("item", key(it.item))
        .maybe("queue_id", hop.map(|it| lossy(&it.queue_id)))
        .maybe("host", hop.map(|it| lossy(&it.host)))
        .list("mailbox", &it.mailbox, mailbox)
        .list("afterwards", &it.afterwards, mailbox)
        .list("attempts", &it.attempts, attempt)
        .done()
}

fn mailbox(it: &MailboxEntry) -> Value {
    Object::default()
        .put("at", time(it.at))
        .put("host", lossy(&it.host))
        .put("kind", it.kind.name())
        .put("protocol", lossy(&it.protocol))
        .put("user", lossy(&it.user))
        .maybe("client", it.client.as_ref().map(peer))
        .text("session", &it.session)
        .text("mailbox", &it.mailbox)
        .text("target", &it.target)
        .text("text", &it.text)
        .done()
}

fn attempt(it: &Attempt) -> Value {
    let stages = it.delays.stages_ms.map(|it| it.to_vec());
    Object::default()
        .put("item", key(it.item))
        .put("at", time(it.at))
        .put("kind", it.kind.name())
        .put("agent", it.agent.name())
        .put("rcpt_to", lossy(&it.rcpt_to))
        .maybe("relay", it.relay.as_ref().map(peer))
        .put("delay_ms", it.delays.total_ms)
        .maybe("stages_ms", stages)
        .maybe("enhanced_status", status(it.enhanced))
        .maybe("code", code(it.code))
        .put("text", lossy(&it.text))
        .put("remote_reply", it.remote_reply)
        .text("tls", &it.tls)
        .text("tls_trust", &it.tls_trust)
        .text("next_queue_id", &it.next_queue_id)
        .maybe("next", it.next.map(key))
        .put("suspended", it.suspended)
        .done()
}

fn hop(it: &Hop) -> Value {
    let came_by = it.came_by.map(
        |it| json!({"kind": it.kind.name(), "from": key(it.from), "confidence": it.confidence}),
    );
    Object::default()
        .put("item", key(it.key))
        .put("host", lossy(&it.host))
        .put("instance", lossy(&it.instance))
        .put("queue_id", lossy(&it.queue_id))
        .put("opened", time(it.opened))
        .maybe("closed", it.closed.map(time))
        .put("state", it.state.name())
        .maybe("came_by", came_by)
        .put("incomplete_head", it.incomplete_head)
        .text("broken_off", &it.broken_off)
        .text("mail_from", &it.mail_from)
        .maybe("client", it.client.as_ref().map(peer))
        .maybe("size", it.size)
        .maybe("recipients", it.recipients)
        .list("verdicts", &it.verdicts, verdict)
        .list("checks", &it.checks, check)
        .list("decisions", &it.decisions, decision)
        .list(
            "events",
            &it.events,
            |(at, kind)| json!({"at": time(*at), "kind": kind.name()}),
        )
        .done()
}

fn verdict(it: &FilterVerdict) -> Value {
    Object::default()
        .put("at", time(it.at))
        .put("program", lossy(&it.program))
        .text("filter_id", &it.filter_id)
        .put("passed", it.passed)
        .put("category", lossy(&it.category))
        .text("found", &it.found)
        .text("actions", &it.actions)
        .text("quarantine", &it.quarantine)
        .text("recipients", &it.recipients)
        .maybe("score", it.score.and_then(decimal))
        .maybe("took_ms", it.took_ms)
        .text("tests", &it.tests)
        .done()
}

/// The number as the log wrote it: 8.6 is not 8.600000381469727.
fn decimal(score: f32) -> Option<Value> {
    let written: f64 = score.to_string().parse().ok()?;
    serde_json::Number::from_f64(written).map(Value::Number)
}

fn check(it: &SenderCheck) -> Value {
    Object::default()
        .put("at", time(it.at))
        .put("program", lossy(&it.program))
        .put("method", lossy(&it.method))
        .put("result", lossy(&it.result))
        .put("signed", it.signed)
        .text("domain", &it.domain)
        .text("selector", &it.selector)
        .text("text", &it.text)
        .done()
}

fn handed_in(it: &HandedIn) -> Value {
    Object::default()
        .put("at", time(it.at))
        .put("host", lossy(&it.host))
        .put("program", lossy(&it.program))
        .text("user", &it.user)
        .maybe("client", it.client.as_ref().map(peer))
        .done()
}

fn decision(it: &Decision) -> Value {
    Object::default()
        .put("at", time(it.at))
        .put("program", lossy(&it.program))
        .put("kind", it.kind.name())
        .put("action", it.action.name())
        .put("source", it.source.name())
        .put("stage", lossy(&it.stage))
        .text("rcpt_to", &it.rcpt_to)
        .put("whole_message", it.whole_message)
        .maybe("code", code(it.code))
        .maybe("enhanced_status", status(it.enhanced))
        .put("text", lossy(&it.text))
        .text("content", &it.content)
        .done()
}

fn notification(it: &Notification) -> Value {
    let fate = it.fate.as_ref().map(|it| {
        Object::default()
            .text("rcpt_to", &it.rcpt_to)
            .put("outcome", it.outcome.name())
            .done()
    });
    Object::default()
        .put("kind", it.kind.name())
        .put("to_postmaster", it.to_postmaster)
        .put("at", time(it.at))
        .put("about", key(it.about))
        .text("queue_id", &it.queue_id)
        .maybe("item", it.item.map(key))
        .text("reason", &it.reason)
        .maybe("fate", fate)
        .done()
}

fn related(it: &Related) -> Value {
    json!({
        "kind": it.kind.name(),
        "item": key(it.item),
        "host": lossy(&it.host),
        "queue_id": lossy(&it.queue_id),
    })
}
