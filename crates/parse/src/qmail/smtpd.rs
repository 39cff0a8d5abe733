//! What patches to qmail-smtpd, and s/qmail's own, tell of a session. qmail-smtpd itself tells
//! nothing.
//! Source: s/qmail `smtpdlog.c` (also SPAMCONTROL), chkuser `chkuser.c`, Shupp's badiprbl.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use model::{AccessAction, AccessCheck, AuthFailure, Body, Envelope, Login, Peer, Source};

pub(super) const RULES: &[Rule] = &[CHKUSER, DECISION, LISTED];

const CHKUSER: Rule = rule(
    "qmail chkuser",
    chkuser,
    "chkuser chkuser.c",
    &[
        "CHKUSER accepted rcpt: from <bob@example.net::> remote <mail.example.net:unknown:192.0.2.10> rcpt <anna@example.org> : found existing recipient",
        "CHKUSER rejected rcpt: from <bob@example.net::> remote <mail.example.net:unknown:192.0.2.10> rcpt <eve@example.org> : not existing recipient",
        "CHKUSER relaying rcpt: from <anna@example.org:anna@example.org:> remote <laptop:unknown:2001:db8::10> rcpt <bob@example.net> : client allowed to relay",
        "CHKUSER rejected sender: from <x@x.test::> remote <x.test:unknown:192.0.2.10> rcpt <> : invalid sender MX domain",
        "CHKUSER mbx overquota: from <bob@example.net::> remote <mail.example.net:mail.example.net:192.0.2.10> rcpt <anna@example.org> : client rejected",
    ],
);

fn chkuser<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("CHKUSER ")?;
    let action = match at.one_of(&["accepted", "rejected", "relaying", "mbx overquota", ""])? {
        "accepted" => AccessAction::Accept,
        "relaying" => AccessAction::Permit,
        _ => AccessAction::Reject,
    };
    let what = at.until_str(": from <")?;
    let mut from = Scan::new(at.until_str("> ")?, b"");
    let mail_from = from.until(b':')?;
    let user = from.until(b':')?;
    if at.has("to <") {
        at.until_str("> ")?;
    }
    at.lit("remote <")?;
    let mut remote = Scan::new(at.until_str("> rcpt <")?, b"");
    let helo = remote.until(b':')?;
    let name = remote.until(b':')?;
    let rcpt_to = at.until_str("> : ")?;
    Some(Body::Access(AccessCheck {
        action,
        source: Source::Access,
        stage: if what.ends_with(b"sender") {
            "MAIL"
        } else {
            "RCPT"
        }
        .into(),
        client: Peer {
            name,
            address: remote.remainder(),
            port: None,
        },
        text: at.remainder(),
        envelope: Envelope {
            mail_from: Some(mail_from),
            rcpt_to: Some(rcpt_to).filter(|it| !it.is_empty()),
            helo: Some(helo),
            sasl_username: Some(user).filter(|it| !it.is_empty()),
            ..Envelope::default()
        },
        ..AccessCheck::default()
    }))
}

const DECISION: Rule = rule(
    "qmail smtpd decision",
    decision,
    "s/qmail smtpdlog.c, SPAMCONTROL qmail-smtpd.c",
    &[
        "qmail-smtpd: pid 4711 Reject::SNDR::Invalid_Relay P:ESMTP S:192.0.2.10:mail.example.net H:mail.example.net F:bob@example.net T:eve@x.test",
        "Reject::RCPT::Failed_Rcpt P:ESMTPS S:2001:db8::10:unknown H:x.test F:bob@example.net T:eve@example.org '?'",
        "Accept::RCPT::Rcpt_To P:ESMTP S:192.0.2.10:mail.example.net H:mail.example.net F:bob@example.net T:anna@example.org",
        "Reject::AUTH::login P:ESMTPA S:192.0.2.10:unknown H:laptop ?~ 'anna'",
        "Accept::AUTH::plain P:ESMTPSA S:192.0.2.10:unknown H:laptop F:anna@example.org T:bob@example.net ?~ 'anna'",
    ],
);

fn decision<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if at.has("pid ") {
        at.session = at.while_(|byte| byte.is_ascii_digit());
        at.lit(" ")?;
    }
    let text = at.peek();
    let accepted = at.one_of(&["Accept::", "Reject::", "Deferred::"])? == "Accept::";
    let stage = at.until_str("::")?;
    let what = at.word()?;
    let text = &text[..text.len() - at.peek().len()];
    at.lit(" P:")?;
    let protocol = at.word()?;
    at.lit(" S:")?;
    let client = address_and_name(at.word()?)?;
    let mut envelope = Envelope {
        protocol: Some(protocol),
        ..Envelope::default()
    };
    if at.has(" H:") {
        envelope.helo = Some(at.while_(|byte| byte != b' '));
    }
    if at.has(" F:") {
        envelope.mail_from = Some(at.while_(|byte| byte != b' '));
    }
    if at.has(" T:") {
        envelope.rcpt_to = Some(at.while_(|byte| byte != b' '));
    }
    if at.one_of(&[" ?~ '", " ?= '"]).is_some() {
        let user = at.until(b'\'')?;
        if envelope.mail_from.is_none() {
            return Some(login(accepted, what, user, client));
        }
        envelope.sasl_username = Some(user);
    }
    Some(Body::Access(AccessCheck {
        action: match accepted {
            true => AccessAction::Accept,
            false => AccessAction::Reject,
        },
        source: Source::Access,
        stage: match stage.as_bytes() {
            b"SNDR" => "CONNECT".into(),
            b"ORIG" => "MAIL".into(),
            b"RCPT" => "RCPT".into(),
            _ => stage,
        },
        client,
        text: text.into(),
        envelope,
        ..AccessCheck::default()
    }))
}

fn login<'a>(accepted: bool, method: &'a BStr, user: &'a BStr, client: Peer<'a>) -> Body<'a> {
    match accepted {
        true => Body::Login(Login {
            protocol: "smtp".into(),
            user,
            method,
            client,
            ..Login::default()
        }),
        false => Body::AuthFailure(AuthFailure {
            protocol: "smtp".into(),
            user,
            method,
            client,
            ..AuthFailure::default()
        }),
    }
}

/// `ADDRESS:NAME`; an address of version 6 has colons too.
fn address_and_name(text: &BStr) -> Option<Peer<'_>> {
    let mut at = Scan::new(text, b"");
    let address = at.until_last(":")?;
    Some(Peer {
        name: at.remainder(),
        address,
        port: None,
    })
}

const LISTED: Rule = rule(
    "qmail smtpd listed",
    listed,
    "badiprbl qmail-smtpd.c",
    &["421 badiprbl: ip 192.0.2.10 rbl: list.x.test"],
);

fn listed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let code = at.code()?;
    let text = at.peek();
    at.lit(" badiprbl: ip ")?;
    let address = at.word()?;
    at.lit(" rbl: ")?;
    Some(Body::Access(AccessCheck {
        source: Source::Access,
        stage: "CONNECT".into(),
        client: Peer {
            address,
            ..Peer::default()
        },
        code: Some(code),
        text: text.trim_ascii_start().into(),
        ..AccessCheck::default()
    }))
}
