//! Messages taken in: `<=`, and `(=` where the client was told otherwise.
//! Source: exim `src/receive.c` (`receive_msg`).

use super::item::Items;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Received};

pub(crate) const RULES: &[Rule] = &[RECEIVED];

const RECEIVED: Rule = rule(
    "exim received",
    received,
    "exim src/receive.c (receive_msg)",
    &[
        "1xV2wi-0000aR-0j <= bob@example.net H=mail.example.net (mx.example.net) [192.0.2.10]:36192 I=[192.0.2.1]:25 P=esmtps X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no SNI=\"mx1.example.org\" K S=2961 RT=0.2s id=a1@example.net T=\"a \\\"b\\\" for you\" from <bob@example.net> for anna@example.org carl@example.org",
        "1xV2wi-0000aaaaR6B-0j2k <= anna@example.org H=(client.example.net) [2001:db8::7]:36192 P=esmtpsa X=TLS1.3:TLS_AES_256_GCM_SHA384:256* A=plain:anna@example.org S=296 M8S=0 id=e3@example.org",
        "1xV2wi-0000aV-1H <= <> R=1xV2wi-0000aR-0j U=Debian-exim P=local S=1822 T=\"Mail delivery failed: returning message to sender\" for bob@example.net",
        "1xV2wk-0000e7-1o <= \"a b\"@example.org U=root P=local S=317 for anna@example.org",
        "1xV2wk-0000e7-1o <= bob@example.net DS H=[192.0.2.10] I=[192.0.2.1]:25 TFO* U=bob Ci=30416 P=smtp L- DN=\"CN=a b\" A=x:anna:bob@example.net PRDR PRX=192.0.2.9 S=2961 DKIM=example.net ARC Q=slow id=a b@example.net for anna@example.org",
        "1xV2wk-0000e7-1o (= bob@example.net H=(x.test) [192.0.2.10] P=esmtp S=317 id*=E1xV2wk-0000e7-1o@mx1.example.org",
    ],
);

fn received<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.one_of(&["<= ", "(= "])?;
    let mail_from = sender(at)?;
    let mut items = Items::default();
    items.take(at);
    if at.has(" from ") {
        at.angle()?;
    }
    let rcpt_to = if at.has(" for ") {
        at.remainder()
    } else {
        at.end()?;
        BStr::new(b"")
    };
    Some(Body::Received(Box::new(Received {
        client: items.host.peer,
        helo: items.host.helo,
        server: items.server,
        protocol: items.protocol,
        tls: items.tls,
        sasl_method: items.authenticator,
        sasl_username: items.account,
        local_user: items.user,
        mail_from,
        size: items.size,
        recipients: recipients(rcpt_to),
        rcpt_to,
        message_id: items.message_id,
        subject: items.transport,
        orig_queue_id: (!items.router.is_empty()).then_some(items.router),
        took_ms: items.took_ms,
        end_is_logged: true,
        ..Received::default()
    })))
}

/// Takes the sender; a quoted local part may hold spaces. `<>` is the null sender.
fn sender<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    if at.peek().first() != Some(&b'"') {
        let sender = at.word()?;
        return Some(if sender == "<>" {
            BStr::new(b"")
        } else {
            sender
        });
    }
    let text = at.peek();
    at.lit("\"")?;
    while at.until(b'"')?.ends_with(b"\\") {}
    at.word()?;
    Some(text[..text.len() - at.peek().len()].into())
}

/// Counts the recipients, which spaces separate.
fn recipients(rcpt_to: &BStr) -> Option<u32> {
    if rcpt_to.is_empty() {
        return None;
    }
    let mut in_quotes = false;
    let mut count = 1;
    for byte in rcpt_to.iter() {
        match byte {
            b'"' => in_quotes = !in_quotes,
            b' ' if !in_quotes => count += 1,
            _ => {}
        }
    }
    Some(count)
}
