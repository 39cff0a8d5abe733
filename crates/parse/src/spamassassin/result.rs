//! What spamd found of a message. It never holds a message back: who called it acts on the result.
//! Source: SpamAssassin `spamd/spamd.raw`.

use crate::filter::{decimal, notice};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use memchr::{memmem, memrchr};
use model::{
    AccessAction, AccessCheck, Body, Connected, Kind, MessageIdLogged, Notice, Peer, Source,
    Verdict,
};

pub(crate) const RULES: &[Rule] = &[
    RESULT, CONNECTION, CHECKING, IDENTIFIED, REFUSED, SKIPPED, TOLD,
];

const RESULT: Rule = rule(
    "spamd result",
    result,
    "SpamAssassin spamd/spamd.raw (check)",
    &[
        "spamd: result: Y 8 - BAYES_99,HTML_MESSAGE scantime=2.9,size=55475,user=anna,uid=117,required_score=5.0,rhost=localhost,raddr=127.0.0.1,rport=46152,mid=<a1@example.net>,bayes=0.999987,autolearn=no autolearn_force=no",
        "spamd: result: . -1 -  scantime=0.4,size=2201,user=anna,uid=1000,required_score=5.0,rhost=localhost,raddr=::1,rport=/run/spamd.sock,mid=(unknown),rmid=<r@example.net>,autolearn=ham",
    ],
);

fn result<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("spamd: result: ")?;
    let is_spam = at.word()?;
    at.while_(|byte| byte == b' ');
    let score = decimal(at.word()?);
    at.lit(" - ")?;
    let tests = at.until_str("scantime=")?;
    let mut found = Verdict {
        passed: true,
        category: match is_spam.as_bytes() {
            b"Y" => "SPAM".into(),
            b"." => "CLEAN".into(),
            _ => is_spam,
        },
        score,
        tests: tests.trim_ascii_end().into(),
        took_ms: Some(at.seconds_ms()?),
        ..Verdict::default()
    };
    while at.has(",") {
        pair(at, &mut found)?;
    }
    at.end()?;
    Some(Body::Verdict(Box::new(found)))
}

/// Takes `KEY=VALUE`; a Message-ID has its commas and blanks made `_`.
fn pair<'a>(at: &mut Scan<'a>, found: &mut Verdict<'a>) -> Option<()> {
    let key = at.until(b'=')?;
    let value = at.while_(|byte| byte != b',');
    match &**key {
        b"size" => found.size = at.over(value).number(),
        b"user" => found.user = value,
        b"required_score" => found.required = decimal(value),
        b"rhost" => found.client.name = value,
        b"raddr" => found.client.address = value,
        b"rport" => found.client.port = at.over(value).number(),
        b"mid" if *value != "(unknown)" => found.message_id = Some(value),
        _ => {}
    }
    Some(())
}

const CONNECTION: Rule = rule(
    "spamd connection",
    connection,
    "SpamAssassin spamd/spamd.raw (accept_a_conn)",
    &[
        "spamd: connection from localhost [127.0.0.1]:33620 to port 783, fd 5",
        "spamd: connection from mx1.example.org [2001:db8::1]:33620 to port 783, fd 5, TLSv1.3/TLS_AES_256_GCM_SHA384",
        "spamd: connection from localhost [127.0.0.1] at port 45236",
    ],
);

fn connection<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("spamd: connection from ")?;
    let (client, port) = ends(at)?;
    Some(Body::Connected(Connected {
        client,
        server: Peer {
            port,
            ..Peer::default()
        },
    }))
}

/// Takes `HOST [ADDRESS]:PORT to port PORT, fd N` or, of old, `HOST [ADDRESS] at port PORT`.
fn ends<'a>(at: &mut Scan<'a>) -> Option<(Peer<'a>, Option<u16>)> {
    let name = at.until_str(" [")?;
    let address = at.until(b']')?;
    let mut client = Peer {
        name,
        address,
        port: None,
    };
    if at.has(" at port ") {
        client.port = Some(at.number()?);
        at.end()?;
        return Some((client, None));
    }
    at.lit(":")?;
    client.port = Some(at.number()?);
    at.lit(" to port ")?;
    let port = at.number()?;
    at.lit(", fd ")?;
    at.number::<u32>()?;
    if at.has(", ") {
        at.word()?;
    }
    Some((client, Some(port)))
}

const CHECKING: Rule = rule(
    "spamd checking",
    checking,
    "SpamAssassin spamd/spamd.raw (check)",
    &[
        "spamd: processing message <a1@example.net> for anna:117",
        "spamd: checking message <a1@example.net> aka <r@example.net> for anna:117",
        "spamd: checking message (unknown) for anna:117",
    ],
);

fn checking<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(&["spamd: processing message ", "spamd: checking message "])?;
    let ids = at.until_last(" for ")?;
    user(at.peek())?;
    if *ids == "(unknown)" {
        return Some(Body::Notice(notice(Kind::ServiceInfo, text)));
    }
    let len = memmem::find(ids, b" aka ").unwrap_or(ids.len());
    Some(Body::MessageId(MessageIdLogged {
        message_id: ids[..len].into(),
        resent: false,
        size: None,
    }))
}

/// The name in `USER:UID`.
fn user(text: &[u8]) -> Option<&BStr> {
    let colon = memrchr(b':', text)?;
    let uid = &text[colon + 1..];
    let is_uid = !uid.is_empty() && uid.iter().all(u8::is_ascii_digit);
    is_uid.then(|| text[..colon].into())
}

const IDENTIFIED: Rule = rule(
    "spamd identified",
    identified,
    "SpamAssassin spamd/spamd.raw (check)",
    &[
        "spamd: identified spam (8.1/5.0) for anna:117 in 2.9 seconds, 55475 bytes.",
        "spamd: clean message (-1.9/5.0) for anna@example.org:1000 in 0.4 seconds, 2201 bytes.",
    ],
);

fn identified<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("spamd: ")?;
    let words = at.one_of(&["identified spam", "clean message"])?;
    let category = match words {
        "clean message" => "CLEAN",
        _ => "SPAM",
    };
    at.lit(" (")?;
    let score = decimal(at.until(b'/')?);
    let required = decimal(at.until(b')')?);
    at.lit(" for ")?;
    let who = at.until_last(" in ")?;
    let took_ms = Some(at.seconds_ms()?);
    at.lit(" seconds, ")?;
    let size = Some(at.number()?);
    at.lit(" bytes.")?;
    at.end()?;
    Some(Body::Verdict(Box::new(Verdict {
        passed: true,
        category: category.into(),
        score,
        required,
        size,
        took_ms,
        user: user(who)?,
        ..Verdict::default()
    })))
}

const REFUSED: Rule = rule(
    "spamd refused",
    refused,
    "SpamAssassin spamd/spamd.raw (accept_a_conn)",
    &[
        "spamd: unauthorized connection from localhost [::1]:54108 to port 783, fd 6 at /usr/sbin/spamd line 1722.",
    ],
);

fn refused<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("spamd: unauthorized connection from ")?;
    if let Some((place, end)) = at.peek().split_last_chunk::<1>()
        && end == b"."
        && let Some(len) = memmem::rfind(place, b" at ")
    {
        *at = at.over(&place[..len]);
    }
    let (client, _) = ends(at)?;
    Some(Body::Access(AccessCheck {
        action: AccessAction::Reject,
        source: Source::Policy,
        stage: "CONNECT".into(),
        client,
        text: text.into(),
        ..AccessCheck::default()
    }))
}

const SKIPPED: Rule = rule(
    "spamd skipped",
    skipped,
    "SpamAssassin spamd/spamd.raw",
    &["spamd: skipped large message in 0.1 seconds"],
);

fn skipped<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("spamd: skipped large message in")?;
    at.while_(|byte| byte == b' ');
    let took_ms = at.seconds_ms()?;
    at.lit(" seconds")?;
    at.end()?;
    Some(Body::Verdict(Box::new(Verdict {
        passed: true,
        category: "skipped".into(),
        took_ms: Some(took_ms),
        ..Verdict::default()
    })))
}

const TOLD: Rule = rule(
    "spamd tell",
    told,
    "SpamAssassin spamd/spamd.raw (dotell)",
    &["spamd: Tell: Setting local for anna:117 in 0.2 seconds, 2201 bytes"],
);

/// A message taught as spam or ham (`spamc -L`).
fn told<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("spamd: Tell:")?;
    let text = at.peek().trim_ascii_start();
    let about = at.until_last("for ")?;
    at.until_last(" in ")?;
    at.seconds_ms()?;
    at.lit(" seconds, ")?;
    let size = at.number()?;
    at.lit(" bytes")?;
    at.end()?;
    Some(Body::Notice(Notice {
        about: about.trim_ascii().into(),
        number: Some(size),
        ..notice(Kind::AdminAction, text)
    }))
}
