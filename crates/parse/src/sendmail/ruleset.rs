//! Decisions of the check rulesets, and refusals in the session.
//! Source: sendmail `sendmail/parseaddr.c` (`rscheck`), `sendmail/srvrsmtp.c`, `sendmail/err.c`.

use super::peer;
use super::received::without_brackets;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use memchr::memmem;
use model::{AccessAction, AccessCheck, Body, Envelope, Source};

pub(super) const RULES: &[Rule] = &[RULESET, RECIPIENT, VERIFY];

const RULESET: Rule = rule(
    "sendmail ruleset",
    ruleset,
    "sendmail sendmail/parseaddr.c (rscheck)",
    &[
        "6AM8XJBG008146: ruleset=check_rcpt, arg1=<anna@example.net>, relay=host.example.com [192.0.2.123] (may be forged), reject=550 5.7.1 <anna@example.net>... Relaying denied",
        "6AM8XJBG008146: ruleset=check_mail, arg1=<bob@x.test>, relay=[192.0.2.123], reject=451 4.1.8 Domain of sender address bob@x.test does not resolve",
        "ruleset=check_relay, arg1=[192.0.2.123], arg2=192.0.2.123, relay=host.example.com [192.0.2.123], reject=421 4.3.2 Connection rate limit exceeded.",
        "NOQUEUE: ruleset=check_relay, arg1=host.example.com, arg2=192.0.2.123, relay=host.example.com [192.0.2.123], discard",
        "6AM8XJBG008146: ruleset=check_eoh, arg1=8, arg2=1200, relay=host.example.com [192.0.2.123], quarantine=no Message-ID",
        "6AM8XJBG008146: ruleset=trust_auth, arg1=anna@example.org, relay=[192.0.2.123], reject=550 5.7.1 <anna@example.org>... not authenticated",
    ],
);

fn ruleset<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("ruleset=")?;
    let name = at.until(b',')?;
    at.lit(" arg1=")?;
    let arguments = at.until_str(", relay=")?;
    let client = peer::client(at)?;
    let mut check = AccessCheck {
        source: Source::Access,
        stage: stage(name),
        client,
        envelope: envelope(name, arguments),
        ..AccessCheck::default()
    };
    at.lit(", ")?;
    check.action = match at.one_of(&["reject=", "discard", "quarantine="])? {
        "reject=" => AccessAction::Reject,
        "discard" => AccessAction::Discard,
        _ => AccessAction::Quarantine,
    };
    reply(at, &mut check);
    Some(Body::Access(check))
}

/// Takes the reply: code and enhanced status where they are there, and the text.
fn reply<'a>(at: &mut Scan<'a>, check: &mut AccessCheck<'a>) {
    check.code = at.code();
    if check.code.is_some() && !at.has(" ") {
        at.has("-");
    }
    check.enhanced = at.enhanced();
    at.has(" ");
    check.text = at.remainder();
}

/// The SMTP stage at which a ruleset is asked; its own name for those of no command.
fn stage(ruleset: &BStr) -> &BStr {
    match ruleset.as_bytes() {
        b"check_relay" => "CONNECT".into(),
        b"check_mail" => "MAIL".into(),
        b"check_rcpt" | b"check_compat" => "RCPT".into(),
        b"check_data" => "DATA".into(),
        b"check_eom" | b"check_eoh" => "END-OF-MESSAGE".into(),
        b"check_etrn" => "ETRN".into(),
        b"check_expn" => "EXPN".into(),
        b"check_vrfy" => "VRFY".into(),
        _ => ruleset,
    }
}

fn envelope<'a>(ruleset: &[u8], arguments: &'a BStr) -> Envelope<'a> {
    let (first, second) = match memmem::find(arguments, b", arg2=") {
        Some(end) => (&arguments[..end], Some(&arguments[end + 7..])),
        None => (arguments, None),
    };
    let address = |text: &'a [u8]| Some(without_brackets(text.into()));
    let mut envelope = Envelope::default();
    match ruleset {
        b"check_mail" => envelope.mail_from = address(first),
        b"check_rcpt" => envelope.rcpt_to = address(first),
        b"check_compat" => {
            envelope.mail_from = address(first);
            envelope.rcpt_to = second.map(without_brackets);
        }
        _ => {}
    }
    envelope
}

const RECIPIENT: Rule = rule(
    "sendmail refused",
    refused,
    "sendmail sendmail/err.c (putoutmsg), sendmail/recipient.c",
    &[
        "6AM8XJBG008146: <eve@example.org>... User unknown",
        "6AM8XJBG008146: <anna@example.net>... Relaying denied",
        "6AM8XJBG008146: eve... User unknown",
        "6AM8XJBG008146: <bob@x.test>... Domain of sender address bob@x.test does not exist",
        "NOQUEUE: <bob@x.test>... Sender denied",
    ],
);

/// What the session was told of an address.
fn refused<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    (at.queue_id.is_some() || at.noqueue).then_some(())?;
    let address = at.until_str("... ")?;
    let plain = !address.is_empty() && !address.contains(&b' ');
    let bracketed = address.starts_with(b"<") && address.ends_with(b">");
    (plain || bracketed).then_some(())?;
    let text = at.remainder();
    let of_sender = [&b"Domain of sender "[..], b"Sender ", b"sender "];
    let address = Some(without_brackets(address));
    let is_sender = of_sender.iter().any(|it| text.starts_with(it));
    let envelope = match is_sender {
        true => Envelope {
            mail_from: address,
            ..Envelope::default()
        },
        false => Envelope {
            rcpt_to: address,
            ..Envelope::default()
        },
    };
    Some(Body::Access(AccessCheck {
        source: Source::Access,
        stage: if is_sender { "MAIL" } else { "RCPT" }.into(),
        text,
        envelope,
        ..AccessCheck::default()
    }))
}

const VERIFY: Rule = rule(
    "sendmail verify",
    verify,
    "sendmail sendmail/srvrsmtp.c (CMDVRFY, CMDEXPN, CMDETRN)",
    &[
        "6AM8XJBG008146: host.example.com [192.0.2.123]: EXPN root [rejected]",
        "6AM8XJBG008146: [192.0.2.123]: vrfy info [rejected]",
        "6AM8XJBG008146: host.example.com [192.0.2.123] (may be forged): VRFY anna",
        "NOQUEUE: host.example.com [192.0.2.123]: ETRN example.org",
    ],
);

/// A client that asks which addresses there are.
fn verify<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let client = peer::client(at)?;
    at.lit(": ")?;
    let stage = at.word()?;
    let commands = [&b"EXPN"[..], b"VRFY", b"ETRN"];
    let known = commands.iter().any(|it| stage.eq_ignore_ascii_case(it));
    known.then_some(())?;
    at.lit(" ")?;
    let rest = at.remainder();
    let (action, text) = match rest.strip_suffix(b" [rejected]") {
        Some(argument) => (AccessAction::Reject, argument.into()),
        None => (AccessAction::Info, rest),
    };
    Some(Body::Access(AccessCheck {
        action,
        source: Source::Access,
        stage,
        client,
        text,
        ..AccessCheck::default()
    }))
}
