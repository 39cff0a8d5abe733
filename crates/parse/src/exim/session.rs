//! SMTP sessions: how they begin and end. Source: exim `src/daemon.c`, `src/smtp_in.c`.

use super::item::{Host, Items, client};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Connected, Disconnected, SessionAborted};

pub(crate) const RULES: &[Rule] = &[
    CONNECTION, NO_MAIL, TIMEOUT, DROPPED, LOST, REFUSED, INCOMPLETE, RESET,
];

const CONNECTION: Rule = rule(
    "exim connection",
    connection,
    "exim src/daemon.c (handle_smtp_call), src/smtp_in.c (smtp_closedown, smtp_getc)",
    &[
        "SMTP connection from [192.0.2.10]:36192 I=[192.0.2.1]:25 Ci=30416 (TCP/IP connection count = 3)",
        "SMTP connection from mail.example.net (mx.example.net) [192.0.2.10]:36192 closed by QUIT",
        "SMTP connection from (mx.example.net) [192.0.2.10] D=0.3s closed by QUIT",
        "SMTP connection from (mx.example.net) [192.0.2.10]:36192 lost D=5m3s",
        "SMTP connection from (mx.example.net) [192.0.2.10] lost while reading message data (header)",
        "SMTP connection from [2001:db8::7]:36192 lost (error: Connection reset by peer) D=1s",
        "SMTP connection from (mx.example.net) [192.0.2.10]:36192 I=[192.0.2.1]:25 closed by DROP in ACL",
        "SMTP connection from (mx.example.net) [192.0.2.10]:36192 closed after SIGTERM",
        "SMTP connection Ci=30416 from anna D=2s closed by QUIT",
        "SMTP connection from anna",
        "SMTP connection from [192.0.2.10] I=[192.0.2.1]:25 (via inetd)",
    ],
);

fn connection<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("SMTP connection ")?;
    if at.has("Ci=") {
        at.until(b' ')?;
    }
    at.lit("from ")?;
    let client = client(at)?;
    let mut items = Items::default();
    items.take(at);
    if at.has(" (TCP/IP connection count = ") {
        let _count: u32 = at.number()?;
        at.lit(")")?;
        at.end()?;
        return Some(connected(&client, &items));
    }
    if at.has(" (via inetd)") || at.end().is_some() {
        at.end()?;
        return Some(connected(&client, &items));
    }
    at.lit(" ")?;
    if at.has("closed by QUIT") {
        items.take(at);
        at.end()?;
        return Some(Body::Disconnected(Disconnected {
            client: client.peer,
            counts: BStr::new(b""),
        }));
    }
    aborted(at, &client, items)
}

fn connected<'a>(client: &Host<'a>, items: &Items<'a>) -> Body<'a> {
    Body::Connected(Connected {
        client: client.peer,
        server: items.server,
    })
}

/// Takes why the client or we left, and the items behind it.
fn aborted<'a>(at: &mut Scan<'a>, client: &Host<'a>, mut items: Items<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let words = at.one_of(&[
        "lost while reading message data",
        "lost",
        "closed by DROP in ACL",
        "closed after SIGTERM",
        "closed by EXIM",
    ])?;
    if at.has(" (") {
        at.until(b')')?;
    }
    let reason = &text[..text.len() - at.peek().len()];
    items.take(at);
    at.end()?;
    Some(Body::SessionAborted(SessionAborted {
        client: client.peer,
        reason: reason.into(),
        stage: if words.ends_with("data") { "DATA" } else { "" }.into(),
        bytes: None,
        after_ms: items.took_ms,
    }))
}

const NO_MAIL: Rule = rule(
    "exim no mail",
    no_mail,
    "exim src/smtp_in.c (smtp_log_no_mail)",
    &[
        "no MAIL in SMTP connection from (mx.example.net) [192.0.2.10]:36192 I=[192.0.2.1]:25 D=21s A=plain:anna X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no C=...EHLO,STARTTLS,QUIT",
        "no MAIL in SMTP connection from [192.0.2.10] D=0s",
    ],
);

fn no_mail<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("no MAIL in SMTP connection from ")?;
    let client = client(at)?;
    let mut items = Items::default();
    items.take(at);
    at.end()?;
    Some(Body::Disconnected(Disconnected {
        client: client.peer,
        counts: items.reply.unwrap_or_default(),
    }))
}

const TIMEOUT: Rule = rule(
    "exim session timeout",
    timeout,
    "exim src/smtp_in.c (smtp_command_timeout_exit), src/receive.c (data_timeout_handler)",
    &[
        "SMTP command timeout on connection from (mx.example.net) [192.0.2.10]:36192 D=5m",
        "SMTP command timeout on TLS connection from (mx.example.net) [192.0.2.10]:36192",
        "SMTP data timeout (message abandoned) on connection from (mx.example.net) [192.0.2.10] F=<bob@example.net> D=5m",
        "unexpected disconnection while reading SMTP command from (mx.example.net) [192.0.2.10] D=1s",
        "timed out while reading local message",
    ],
);

fn timeout<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let reason = at.one_of(&[
        "SMTP command timeout",
        "SMTP data timeout (message abandoned)",
        "unexpected disconnection while reading SMTP command",
        "timed out while reading local message",
    ])?;
    if at.end().is_some() && reason.starts_with("timed out") {
        return Some(ended(Host::default(), reason, Items::default()));
    }
    at.one_of(&[" on connection from ", " on TLS connection from ", " from "])?;
    let client = client(at)?;
    let mut items = Items::default();
    items.take(at);
    // Since 4.93 the library's error, in parentheses.
    if at.has(" (") {
        at.until(b')')?;
        items.take(at);
    }
    at.end()?;
    Some(ended(client, reason, items))
}

fn ended<'a>(client: Host<'a>, reason: &'a str, items: Items<'a>) -> Body<'a> {
    Body::SessionAborted(SessionAborted {
        client: client.peer,
        reason: reason.into(),
        stage: if reason.contains("data") { "DATA" } else { "" }.into(),
        bytes: None,
        after_ms: items.took_ms,
    })
}

const DROPPED: Rule = rule(
    "exim call dropped",
    dropped,
    "exim src/smtp_in.c (smtp_setup_msg, synprot_error)",
    &[
        "SMTP call from (mx.example.net) [192.0.2.10]:36192 I=[192.0.2.1]:25 dropped: too many nonmail commands (last was \"RSET\")",
        "SMTP call from [192.0.2.10] dropped: too many syntax or protocol errors (last command was \"AUTH LOGIN\",  C=EHLO)",
        "SMTP call from [192.0.2.10] dropped: too many unrecognized commands (last was \"\\026\\003\\001\")",
    ],
);

fn dropped<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("SMTP call from ")?;
    let client = client(at)?;
    let mut items = Items::default();
    items.take(at);
    at.lit(" dropped: ")?;
    at.peek().starts_with(b"too many ").then_some(())?;
    let reason = at.until_str(" (last ")?;
    at.one_of(&["was \"", "command was \""])?;
    let stage = at.until_last("\"")?;
    at.peek().ends_with(b")").then_some(())?;
    Some(Body::SessionAborted(SessionAborted {
        client: client.peer,
        reason,
        stage,
        ..SessionAborted::default()
    }))
}

const LOST: Rule = rule(
    "exim connection lost after data",
    lost,
    "exim src/receive.c (receive_msg)",
    &[
        "1xV2wi-0000aR-0j SMTP connection lost after final dot H=(mx.example.net) [192.0.2.10] P=esmtp",
    ],
);

/// The client did not wait for the answer to its message, which is thrown away.
fn lost<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("SMTP connection ")?;
    let text = at.peek();
    at.lit("lost after final dot")?;
    let reason = &text[..text.len() - at.peek().len()];
    let mut items = Items::default();
    items.take(at);
    at.end()?;
    Some(Body::SessionAborted(SessionAborted {
        client: items.host.peer,
        reason: reason.into(),
        stage: "END-OF-MESSAGE".into(),
        ..SessionAborted::default()
    }))
}

const REFUSED: Rule = rule(
    "exim connection refused",
    refused,
    "exim src/smtp_in.c (smtp_start_session), src/daemon.c (handle_smtp_call)",
    &[
        "refused connection from [192.0.2.10] (host_reject_connection)",
        "refused connection from (mx.example.net) [192.0.2.10]:36192 (tcp wrappers)",
        "temporarily refused connection from [192.0.2.10]",
        "connection from [192.0.2.10]:36192 refused: too many connections",
        "Connection from [192.0.2.10]:36192 refused: too many connections from that IP address",
        "rejected connection from [192.0.2.10]: unknown error",
    ],
);

fn refused<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let start = at.one_of(&[
        "refused connection from ",
        "temporarily refused connection from ",
        "connection from ",
        "Connection from ",
        "rejected connection from ",
    ])?;
    let client = client(at)?;
    let mut items = Items::default();
    items.take(at);
    let reason = if start.contains("efused") {
        if at.has(" (") {
            at.until_last(")")?
        } else {
            at.end()?;
            BStr::new(b"")
        }
    } else {
        at.one_of(&[" refused: ", ": "])?;
        at.remainder()
    };
    Some(super::refusal::connection_refused(
        &client,
        reason,
        start.starts_with("temporarily"),
    ))
}

const INCOMPLETE: Rule = rule(
    "exim incomplete transaction",
    incomplete,
    "exim src/smtp_in.c (incomplete_transaction_log)",
    &[
        "H=(mx.example.net) [192.0.2.10]:36192 incomplete transaction (connection lost) from <bob@example.net> for anna@example.org",
    ],
);

/// A transaction that was begun and not completed; of its envelope only its end is kept.
fn incomplete<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let client = client(at)?;
    let mut items = Items::default();
    items.take(at);
    at.lit(" ")?;
    let reason = at.peek();
    at.lit("incomplete transaction (")?;
    let stage = at.until(b')')?;
    let reason = &reason[..reason.len() - at.peek().len()];
    at.lit(" from <")?;
    Some(Body::SessionAborted(SessionAborted {
        client: client.peer,
        reason: reason.into(),
        stage,
        ..SessionAborted::default()
    }))
}

const RESET: Rule = rule(
    "exim reset after quit",
    |at| {
        let client = super::item::host(at)?;
        at.has(" SSL_write:");
        at.lit(" after QUIT, client reset TCP before ")?;
        Some(Body::Disconnected(Disconnected {
            client: client.peer,
            counts: BStr::new(b""),
        }))
    },
    "exim src/smtp_in.c (smtp_quit_handler), src/tls-openssl.c",
    &["[192.0.2.10] after QUIT, client reset TCP before SMTP response and TLS close"],
);
