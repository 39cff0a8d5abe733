//! The named fields of an event, for whoever writes events out.

use crate::{Body, Envelope, Event, Peer};
use bstr::BStr;
use std::fmt::Display;

/// A field's value.
pub enum Value<'a> {
    /// Bytes as logged.
    Text(&'a BStr),
    /// A fixed word.
    Word(&'static str),
    /// A count, size, code or duration; the unit is in the field's name.
    Number(u64),
    /// A signed number.
    Signed(i64),
    /// A score.
    Float(f32),
    /// Yes or no.
    Flag(bool),
    /// Something with its own way of being written (an enhanced status).
    Shown(&'a dyn Display),
}

/// Takes named fields; those that are absent are not offered.
pub type Take<'t> = dyn FnMut(&'static str, Value<'_>) + 't;

impl Event<'_> {
    /// Offers each present field of the body with its name, in a fixed order, then the session.
    pub fn each_field(&self, take: &mut Take<'_>) {
        self.body.each_field(take);
        text(take, "session", self.session);
    }
}

fn text(take: &mut Take<'_>, name: &'static str, value: &BStr) {
    if !value.is_empty() {
        take(name, Value::Text(value));
    }
}

fn present(take: &mut Take<'_>, name: &'static str, value: Option<&BStr>) {
    if let Some(value) = value {
        take(name, Value::Text(value));
    }
}

fn number<N: Into<u64>>(take: &mut Take<'_>, name: &'static str, value: Option<N>) {
    if let Some(value) = value {
        take(name, Value::Number(value.into()));
    }
}

fn flag(take: &mut Take<'_>, name: &'static str, value: Option<bool>) {
    if let Some(value) = value {
        take(name, Value::Flag(value));
    }
}

fn shown<D: Display>(take: &mut Take<'_>, name: &'static str, value: Option<D>) {
    if let Some(value) = value {
        take(name, Value::Shown(&value));
    }
}

/// The names of a peer's three fields.
type PeerNames = [&'static str; 3];
const CLIENT: PeerNames = ["client_name", "client_address", "client_port"];
const ORIG_CLIENT: PeerNames = [
    "orig_client_name",
    "orig_client_address",
    "orig_client_port",
];
const SERVER: PeerNames = ["server_name", "server_address", "server_port"];
const RELAY: PeerNames = ["relay_name", "relay_address", "relay_port"];
const PEER: PeerNames = ["peer_name", "peer_address", "peer_port"];

fn peer(take: &mut Take<'_>, names: PeerNames, value: &Peer<'_>) {
    text(take, names[0], value.name);
    text(take, names[1], value.address);
    number(take, names[2], value.port);
}

fn envelope(take: &mut Take<'_>, value: &Envelope<'_>) {
    present(take, "mail_from", value.mail_from);
    present(take, "rcpt_to", value.rcpt_to);
    present(take, "protocol", value.protocol);
    present(take, "helo", value.helo);
    present(take, "sasl_method", value.sasl_method);
    present(take, "sasl_username", value.sasl_username);
    present(take, "sasl_sender", value.sasl_sender);
}

impl Body<'_> {
    /// Offers each present field with its name, in a fixed order.
    pub fn each_field(&self, take: &mut Take<'_>) {
        match self {
            Body::Unknown | Body::Begun | Body::Admin(_) | Body::Removed(_) => {}
            Body::Connected(it) => {
                peer(take, CLIENT, &it.client);
                peer(take, SERVER, &it.server);
            }
            Body::Disconnected(it) => {
                peer(take, CLIENT, &it.client);
                text(take, "counts", it.counts);
            }
            Body::SessionAborted(it) => {
                peer(take, CLIENT, &it.client);
                text(take, "reason", it.reason);
                text(take, "stage", it.stage);
                number(take, "bytes", it.bytes);
                number(take, "after_ms", it.after_ms);
            }
            Body::Violation(it) => {
                peer(take, CLIENT, &it.client);
                text(take, "violation", it.violation);
                text(take, "stage", it.stage);
                text(take, "text", it.text);
                number(take, "bytes", it.bytes);
                number(take, "after_ms", it.after_ms);
            }
            Body::Screened(it) => {
                peer(take, CLIENT, &it.client);
                text(take, "verdict", it.verdict);
                if let Some(rank) = it.rank {
                    take("rank", Value::Signed(rank.into()));
                }
                text(take, "dns_list", it.dns_list);
                text(take, "answer", it.answer);
            }
            Body::Tls(it) => {
                take(
                    "direction",
                    Value::Word(if it.inbound { "inbound" } else { "outbound" }),
                );
                peer(take, PEER, &it.peer);
                text(take, "tls_trust", it.trust);
                text(take, "tls_action", it.action);
                text(take, "tls_sni", it.sni);
                text(take, "tls_protocol", it.protocol);
                text(take, "tls_cipher", it.cipher);
                number(take, "tls_bits_used", Some(it.bits_used));
                number(take, "tls_bits_total", Some(it.bits_total));
                text(take, "tls_details", it.details);
            }
            Body::TlsFailed(it) => {
                take(
                    "direction",
                    Value::Word(if it.inbound { "inbound" } else { "outbound" }),
                );
                peer(take, PEER, &it.peer);
                text(take, "reason", it.reason);
            }
            Body::AuthFailure(it) => {
                peer(take, CLIENT, &it.client);
                peer(take, SERVER, &it.server);
                text(take, "helo", it.helo);
                text(take, "protocol", it.protocol);
                text(take, "auth_method", it.method);
                text(take, "user", it.user);
                text(take, "reason", it.reason);
                text(take, "ending", it.ending);
                number(take, "attempts", it.attempts);
                flag(take, "tls", it.tls);
            }
            Body::Login(it) => {
                text(take, "protocol", it.protocol);
                text(take, "user", it.user);
                text(take, "auth_method", it.method);
                peer(take, CLIENT, &it.client);
                peer(take, SERVER, &it.server);
                number(take, "mail_pid", it.mail_pid);
                flag(take, "tls", it.tls);
            }
            Body::Logout(it) => {
                text(take, "protocol", it.protocol);
                text(take, "user", it.user);
                peer(take, CLIENT, &it.client);
                text(take, "reason", it.reason);
                number(take, "bytes_in", it.bytes_in);
                number(take, "bytes_out", it.bytes_out);
                text(take, "counts", it.counts);
            }
            Body::Transaction(it) => {
                peer(take, CLIENT, &it.client);
                present(take, "mail_from", it.mail_from);
                text(take, "sasl_method", it.sasl_method);
                text(take, "sasl_username", it.sasl_username);
                text(take, "sasl_sender", it.sasl_sender);
                present(take, "orig_queue_id", it.orig_queue_id);
                peer(take, ORIG_CLIENT, &it.orig_client);
            }
            Body::PickedUp(it) => {
                number(take, "uid", Some(it.uid));
                present(take, "mail_from", Some(it.mail_from));
                present(take, "orig_queue_id", it.orig_queue_id);
            }
            Body::MessageId(it) => {
                let name = if it.resent {
                    "resent_message_id"
                } else {
                    "message_id"
                };
                present(take, name, Some(it.message_id));
                number(take, "size", it.size);
            }
            Body::Access(it) => {
                take("action", Value::Word(it.action.name()));
                take("source", Value::Word(it.source.name()));
                text(take, "stage", it.stage);
                peer(take, CLIENT, &it.client);
                shown(take, "code", it.code);
                shown(take, "enhanced_status", it.enhanced);
                text(take, "text", it.text);
                present(take, "next_queue_id", it.next_queue_id);
                envelope(take, &it.envelope);
            }
            Body::Content(it) => {
                take("action", Value::Word(it.action.name()));
                text(take, "part", it.part);
                text(take, "header_name", it.header_name);
                text(take, "content", it.content);
                peer(take, CLIENT, &it.client);
                envelope(take, &it.envelope);
                text(take, "text", it.text);
            }
            Body::Queued(it) => {
                present(take, "mail_from", Some(it.mail_from));
                number(take, "size", Some(it.size));
                number(take, "recipients", Some(it.recipients));
            }
            Body::QueueExpired(it) => {
                present(take, "mail_from", Some(it.mail_from));
                flag(take, "forced", Some(it.forced));
            }
            Body::Delivery(it) => {
                present(take, "rcpt_to", Some(it.rcpt_to));
                number(take, "copy", it.copy);
                present(take, "orig_rcpt_to", it.orig_rcpt_to);
                peer(take, RELAY, &it.relay);
                number(take, "connection_use", it.connection_use);
                number(take, "delay_ms", Some(it.delays.total_ms));
                if let Some([before, queue, connect, transmit]) = it.delays.stages_ms {
                    take("delay_before_queue_ms", Value::Number(before));
                    take("delay_queue_ms", Value::Number(queue));
                    take("delay_connect_ms", Value::Number(connect));
                    take("delay_transmit_ms", Value::Number(transmit));
                }
                text(take, "tls", it.tls);
                shown(take, "enhanced_status", it.enhanced);
                take("status", Value::Word(it.status.name()));
                take("agent", Value::Word(it.agent.name()));
                shown(take, "code", it.code);
                flag(take, "remote_reply", Some(it.remote_reply));
                present(take, "next_queue_id", it.next_queue_id);
                flag(take, "suspended", it.suspended.then_some(true));
                text(take, "text", it.text);
            }
            Body::Received(it) => {
                peer(take, CLIENT, &it.client);
                text(take, "helo", it.helo);
                peer(take, SERVER, &it.server);
                text(take, "protocol", it.protocol);
                text(take, "tls", it.tls);
                text(take, "sasl_method", it.sasl_method);
                text(take, "sasl_username", it.sasl_username);
                text(take, "local_user", it.local_user);
                number(take, "uid", it.uid);
                if !it.sender_follows {
                    present(take, "mail_from", Some(it.mail_from));
                }
                number(take, "size", it.size);
                number(take, "recipients", it.recipients);
                text(take, "rcpt_to", it.rcpt_to);
                present(take, "message_id", it.message_id);
                text(take, "subject", it.subject);
                text(take, "header_from", it.header_from);
                present(take, "orig_queue_id", it.orig_queue_id);
                number(take, "took_ms", it.took_ms);
            }
            Body::Submitted(it) => {
                text(take, "user", it.user);
                peer(take, CLIENT, &it.client);
                text(take, "message_id", it.message_id);
                present(take, "mail_from", it.mail_from);
                text(take, "rcpt_to", it.rcpt_to);
                shown(take, "code", it.code);
                present(take, "next_queue_id", it.next_queue_id);
                text(take, "text", it.reply);
            }
            Body::DeliveryStarted(it) => {
                number(
                    take,
                    "delivery_number",
                    Some(it.number).filter(|it| *it > 0),
                );
                present(take, "mail_from", it.mail_from);
                text(take, "rcpt_to", it.rcpt_to);
                flag(take, "remote", Some(it.remote));
            }
            Body::DeliveryEnded(it) => {
                let result = !it.is_reply();
                number(take, "delivery_number", result.then_some(it.number));
                text(take, "rcpt_to", it.rcpt_to);
                peer(take, RELAY, &it.relay);
                shown(take, "enhanced_status", it.enhanced);
                take("status", Value::Word(it.status.name()));
                shown(take, "code", it.code);
                flag(take, "remote_reply", Some(it.remote_reply));
                present(take, "next_queue_id", it.next_queue_id);
                text(take, "text", it.text);
            }
            Body::AuthResult(it) => {
                text(take, "method", it.method);
                text(take, "result", it.result);
                text(take, "domain", it.domain);
                text(take, "selector", it.selector);
                present(take, "mail_from", it.mail_from);
                present(take, "rcpt_to", it.rcpt_to);
                text(take, "helo", it.helo);
                peer(take, CLIENT, &it.client);
                text(take, "text", it.text);
            }
            Body::Web(it) => {
                peer(take, CLIENT, &it.client);
                text(take, "user", it.user);
                text(take, "site", it.site);
                text(take, "http_method", it.method);
                text(take, "path", it.path);
                number(take, "http_status", it.status);
                number(take, "bytes", it.bytes);
                number(take, "took_ms", it.took_ms);
                text(take, "referer", it.referer);
                text(take, "user_agent", it.user_agent);
            }
            Body::AttemptFailed(it) => {
                peer(take, PEER, &it.peer);
                text(take, "rcpt_to", it.rcpt_to);
                shown(take, "code", it.code);
                shown(take, "enhanced_status", it.enhanced);
                text(take, "text", it.text);
            }
            Body::Notification(it) => {
                take("notification", Value::Word(it.kind.name()));
                flag(take, "to_postmaster", Some(it.to_postmaster));
                present(take, "dsn_queue_id", it.dsn_queue_id);
                text(take, "reason", it.reason);
                text(take, "orig_message_id", it.orig_message_id);
            }
            Body::Listed(it) => {
                text(take, "queue_name", it.queue_name);
                take("arrived", Value::Signed(it.arrived));
                number(take, "size", Some(it.size));
                flag(take, "forced_expire", Some(it.forced_expire));
                present(take, "mail_from", Some(it.mail_from));
                text(take, "recipients", it.recipients);
            }
            Body::Verdict(it) => {
                flag(take, "passed", Some(it.passed));
                text(take, "category", it.category);
                text(take, "found", it.found);
                text(take, "actions", it.actions);
                peer(take, CLIENT, &it.client);
                peer(
                    take,
                    ["origin_name", "origin_address", "origin_port"],
                    &it.origin,
                );
                present(take, "mail_from", it.mail_from);
                text(take, "recipients", it.recipients);
                present(take, "message_id", it.message_id);
                text(take, "mail_id", it.mail_id);
                text(take, "quarantine", it.quarantine);
                if let Some(score) = it.score {
                    take("score", Value::Float(score));
                }
                if let Some(required) = it.required {
                    take("score_required", Value::Float(required));
                }
                number(take, "size", it.size);
                text(take, "queued_as", it.queued_as);
                number(take, "took_ms", it.took_ms);
                text(take, "header_from", it.header_from);
                text(take, "subject", it.subject);
                text(take, "tests", it.tests);
                text(take, "user", it.user);
                text(take, "decided_by", it.decided_by);
            }
            Body::Mailbox(it) => {
                text(take, "user", it.user);
                text(take, "protocol", it.protocol);
                text(take, "message_id", it.message_id);
                text(take, "mailbox", it.mailbox);
                text(take, "source_mailbox", it.source_mailbox);
                text(take, "target", it.target);
                number(take, "uid", it.uid);
                text(take, "further_uids", it.further_uids);
                number(take, "copy_uid", it.copy_uid);
                number(take, "size", it.size);
                peer(take, CLIENT, &it.client);
                text(take, "header_from", it.header_from);
                text(take, "subject", it.subject);
                text(take, "text", it.text);
            }
            Body::MailEvent(it) => {
                text(take, "message_id", it.message_id);
                present(take, "mail_from", it.mail_from);
                text(take, "rcpt_to", it.rcpt_to);
                text(take, "header_from", it.header_from);
                text(take, "subject", it.subject);
                number(take, "size", it.size);
                peer(take, CLIENT, &it.client);
                peer(take, RELAY, &it.relay);
                shown(take, "code", it.code);
                shown(take, "enhanced_status", it.enhanced);
                text(take, "text", it.text);
                text(take, "url", it.url);
                text(take, "user_agent", it.user_agent);
                text(take, "tags", it.tags);
                text(take, "campaign", it.campaign);
                text(take, "variables", it.variables);
            }
            Body::Notice(it) => {
                peer(take, PEER, &it.peer);
                text(take, "about", it.about);
                number(take, "number", it.number);
                number(take, "period_secs", it.period_secs);
                text(take, "service", it.service);
                text(take, "text", it.text);
            }
        }
    }
}
