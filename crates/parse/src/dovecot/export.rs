//! Events that Dovecot exports as JSON (`event_exporter { format = json }`), one a line.
//! Source: dovecot `src/stats/event-exporter-fmt-json.c`.

use crate::json::{self, Object};
use crate::record::Record;
use crate::rule::{Rule, record_rule};
use crate::stamp;
use bstr::BStr;
use model::{AuthFailure, Body, Kind, Login, Logout, MailboxAction, Notice, Peer};

pub(crate) const RULES: &[Rule] = &[EXPORTED];

const EXPORTED: Rule = record_rule(
    "dovecot exported event",
    exported,
    "dovecot src/stats/event-exporter-fmt-json.c",
    &[
        r#"{"event":"auth_request_finished","hostname":"store1","start_time":"2026-11-22T08:23:21.123456Z","end_time":"2026-11-22T08:23:21.223456Z","categories":["auth"],"fields":{"user":"anna@example.org","original_user":"anna","protocol":"imap","remote_ip":"192.0.2.10","mechanism":"PLAIN","session":"5S0tQdlgFsR/AAAB","success":"yes"}}"#,
        r#"{"event":"auth_request_finished","start_time":1795335894,"end_time":1795335895,"categories":["auth"],"fields":{"user":"root","remote_ip":"203.0.113.9","mechanism":"LOGIN","session":"5S0tQdlgFsR/AAAB","error":"Password mismatch","policy_result":"ok"}}"#,
        r#"{"event":"mail_user_session_finished","start_time":"2026-11-22T08:23:21.123456Z","end_time":"2026-11-22T08:24:21.123456Z","categories":["storage"],"fields":{"user":"anna@example.org","session":"5S0tQdlgFsR/AAAB","service":"imap","net_in_bytes":320,"net_out_bytes":1047}}"#,
        r#"{"event":"mail_delivery_finished","start_time":"2026-11-22T08:23:21.123456Z","end_time":"2026-11-22T08:23:22.123456Z","categories":["lda"],"fields":{"user":"anna@example.org","session":"jJxbDXqmAms2bwAAg+zDdQ","message_id":"<a1@example.net>","message_subject":"hello","message_from":"bob@example.net","message_size":2201}}"#,
        r#"{"event":"mail_delivery_finished","end_time":"2026-11-22T08:23:22.123456Z","categories":["lda"],"fields":{"user":"anna@example.org","message_id":"<a1@example.net>","error":"Quota exceeded (mailbox for user is full)"}}"#,
        r#"{"event":"mail_expunged","end_time":"2026-11-22T08:23:22.123456Z","categories":["mail","mailbox","storage"],"fields":{"user":"anna@example.org","mailbox":"Trash","uid":17}}"#,
        r#"{"event":"imap_command_finished","end_time":"2026-11-22T08:23:22.123456Z","categories":["imap"],"fields":{"user":"anna@example.org","cmd_name":"NOOP"}}"#,
    ],
);

fn exported<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let name = record.text("event")?;
    record.program = "dovecot";
    record.host = record.text_or_empty("hostname");
    let time = record.get("end_time").or_else(|| record.get("start_time"));
    record.stamp = time.and_then(moment).unwrap_or_default();
    record.get("categories")?;
    let fields = Fields::of(record.get("fields").unwrap_or(b"{}"));
    record.session = fields.text("session");
    Some(match &**name {
        b"auth_request_finished" => authenticated(&fields),
        b"mail_user_session_finished" => Body::Logout(Logout {
            protocol: fields.text("service"),
            user: fields.text("user"),
            client: fields.client(),
            bytes_in: fields.number("net_in_bytes"),
            bytes_out: fields.number("net_out_bytes"),
            ..Logout::default()
        }),
        b"mail_delivery_finished" => {
            let kind = match fields.text("error").is_empty() {
                true => Kind::MailboxSaved,
                false => Kind::MailboxFailed,
            };
            mailbox(kind, &fields)
        }
        b"mail_expunged" => mailbox(Kind::MailboxExpunged, &fields),
        b"mail_expunge_requested" => mailbox(Kind::MailboxDeleted, &fields),
        b"mail_opened" => mailbox(Kind::MailboxFetched, &fields),
        _ => Body::Notice(Notice {
            about: name,
            peer: fields.client(),
            text: fields.written.into(),
            ..Notice::default()
        }),
    })
}

/// RFC 3339, or seconds since the epoch (`event_exporter_time_format`).
fn moment(value: &[u8]) -> Option<model::Stamp> {
    match json::text(value) {
        Some(written) => stamp::whole_iso(written),
        None => stamp::since_epoch(json::number(value)?),
    }
}

/// The event's own fields; which there are depends on the event and the settings.
struct Fields<'a> {
    written: &'a [u8],
    members: Object<'a, 32>,
}

impl<'a> Fields<'a> {
    fn of(written: &'a [u8]) -> Self {
        Fields {
            written,
            members: Object::of(Some(written)),
        }
    }

    fn text(&self, name: &str) -> &'a BStr {
        self.members.text_or_empty(name)
    }

    fn number<N: TryFrom<u64>>(&self, name: &str) -> Option<N> {
        self.members.number(name)
    }

    fn client(&self) -> Peer<'a> {
        Peer {
            name: BStr::new(b""),
            address: self.text("remote_ip"),
            port: self.number("remote_port"),
        }
    }

    fn server(&self) -> Peer<'a> {
        Peer {
            name: BStr::new(b""),
            address: self.text("local_ip"),
            port: self.number("local_port"),
        }
    }
}

fn authenticated<'a>(fields: &Fields<'a>) -> Body<'a> {
    let success = fields.members.get("success");
    let user = match fields.text("user") {
        user if user.is_empty() => fields.text("original_user"),
        user => user,
    };
    let protocol = match fields.text("protocol") {
        protocol if protocol.is_empty() => fields.text("service"),
        protocol => protocol,
    };
    if matches!(success, Some(b"true" | b"\"yes\"" | b"\"true\"" | b"1")) {
        return Body::Login(Login {
            protocol,
            user,
            method: fields.text("mechanism"),
            client: fields.client(),
            server: fields.server(),
            ..Login::default()
        });
    }
    Body::AuthFailure(AuthFailure {
        client: fields.client(),
        server: fields.server(),
        protocol,
        method: fields.text("mechanism"),
        user,
        reason: fields.text("error"),
        ..AuthFailure::default()
    })
}

fn mailbox<'a>(kind: Kind, fields: &Fields<'a>) -> Body<'a> {
    Body::Mailbox(MailboxAction {
        kind,
        user: fields.text("user"),
        message_id: fields.text("message_id"),
        mailbox: fields.text("mailbox"),
        uid: fields.number("uid"),
        size: fields.number("message_size"),
        client: fields.client(),
        header_from: fields.text("message_from"),
        subject: fields.text("message_subject"),
        text: fields.text("error"),
        ..MailboxAction::default()
    })
}
