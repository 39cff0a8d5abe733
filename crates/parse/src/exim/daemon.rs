//! The daemon, queue runners, and what command lines Exim was called with.
//! Source: exim `src/daemon.c`, `src/queue.c`, `src/exim.c`.

use super::item::host;
use super::{notice, starting};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Notice, Peer};

pub(crate) const RULES: &[Rule] = &[
    NO_NAME,
    NO_ADDRESS,
    NOT_CONFIRMED,
    COMMAND_LINE,
    QUEUE_RUN,
    STARTED,
    RELOADED,
    STOPPED,
    REMOTE_QUEUE,
    LOOKUPS,
    LONG_LOOKUP,
    CPANEL,
];

const NO_NAME: Rule = rule(
    "exim no host name",
    |at| {
        let text = at.peek();
        at.one_of(&[
            "no host name found for IP address ",
            "no host name found from lookup of ",
        ])?;
        let address = at.remainder();
        Some(nameless("".into(), address, text))
    },
    "exim src/host.c (host_name_lookup)",
    &["no host name found for IP address 192.0.2.10"],
);

const NO_ADDRESS: Rule = rule(
    "exim no ip address",
    no_address,
    "exim src/host.c (host_name_lookup)",
    &[
        "no IP address found for host mail.example.net (during SMTP connection from [192.0.2.10]:49390 I=[192.0.2.1]:25)",
        "no IP address found for host mail.example.net",
    ],
);

fn no_address<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("no IP address found for host ")?;
    let name = at.word()?;
    let mut address = "".into();
    if at.has(" (during SMTP connection from ") {
        let mut ahead = *at;
        address = host(&mut ahead).unwrap_or_default().peer.address;
        at.until_last(")")?;
    }
    at.end()?;
    Some(nameless(name, address, text))
}

const NOT_CONFIRMED: Rule = rule(
    "exim host name not confirmed",
    |at| {
        let text = at.peek();
        let address = at.word()?;
        at.lit(" does not match any IP address for ")?;
        Some(nameless(at.remainder(), address, text))
    },
    "exim src/host.c (host_name_lookup)",
    &["192.0.2.10 does not match any IP address for mail.example.net"],
);

fn nameless<'a>(name: &'a bstr::BStr, address: &'a bstr::BStr, text: &'a [u8]) -> Body<'a> {
    Body::Notice(Notice {
        kind: Kind::ServiceWarning,
        peer: Peer {
            name,
            address,
            port: None,
        },
        about: "client hostname".into(),
        text: text.into(),
        ..Notice::default()
    })
}

const COMMAND_LINE: Rule = rule(
    "exim command line",
    command_line,
    "exim src/exim.c (log_selector arguments)",
    &["cwd=/var/www/html 5 args: /usr/sbin/sendmail -t -i -f anna@example.org"],
);

/// Who called Exim from which folder: the way to find a script that sends mail.
fn command_line<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("cwd=")?;
    let text = at.peek();
    at.until_str(" args: ")?;
    let head = &text[..text.len() - at.peek().len() - " args: ".len()];
    let space = memchr::memrchr(b' ', head)?;
    let number = at.over(&head[space + 1..]).number()?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        about: head[..space].into(),
        number: Some(number),
        text: at.remainder(),
        ..Notice::default()
    }))
}

const QUEUE_RUN: Rule = rule(
    "exim queue run",
    queue_run,
    "exim src/queue.c (queue_run)",
    &[
        "Start queue run: pid=2125 -qf",
        "End queue run: pid=2125",
        "Start 'slow' queue run: pid=2125",
        "Abandon queue run: pid=2125 (load 20.12, max 8.00)",
    ],
);

fn queue_run<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at.has("Abandon queue run: ") {
        return Some(notice(Kind::ServiceLimitReached, text));
    }
    at.one_of(&["Start ", "End "])?;
    at.has("ODMR ");
    if at.has("'") {
        at.until_str("' ")?;
        at.has("ODMR ");
    }
    at.lit("queue run: pid=")?;
    let _pid: u32 = at.number()?;
    Some(notice(Kind::ServiceInfo, text))
}

const STARTED: Rule = rule(
    "exim started",
    |at| {
        let text = at.peek();
        at.lit("exim ")?;
        at.word()?;
        at.one_of(&[" daemon started: pid=", " daemon restarted: pid="])?;
        Some(notice(Kind::ServiceStarted, text))
    },
    "exim src/daemon.c (daemon_go)",
    &["exim 4.96 daemon started: pid=2125, -q30m, listening for SMTP on port 25 (IPv6 and IPv4)"],
);

const RELOADED: Rule = rule(
    "exim reloaded",
    |at| {
        let text = at.peek();
        at.lit("pid ")?;
        let _pid: u32 = at.number()?;
        at.lit(": SIGHUP received: re-exec daemon")?;
        Some(notice(Kind::ServiceReloaded, text))
    },
    "exim src/daemon.c (daemon_go)",
    &["pid 2125: SIGHUP received: re-exec daemon"],
);

const STOPPED: Rule = rule(
    "exim stopped",
    |at| {
        let text = at.peek();
        at.lit("exim ")?;
        at.word()?;
        at.lit(" daemon terminating, ")?;
        Some(notice(Kind::ServiceStopped, text))
    },
    "exim src/daemon.c (daemon_go)",
    &["exim 4.96 daemon terminating, inetd wait timeout reached."],
);

const REMOTE_QUEUE: Rule = rule(
    "exim remote queue",
    remote_queue,
    "exim src/smtp_in.c (ETRN), src/atrn.c",
    &[
        "ETRN #example.net received from mail.example.net [192.0.2.10]",
        "ATRN 'example.net' received from (mx.example.net) [192.0.2.10]",
        "VRFY failed for anna@example.org H=(x.test) [192.0.2.10]",
        "EXPN failed for list@example.org H=(x.test) [192.0.2.10]",
    ],
);

/// Another host asks for its mail, or for whether an address is there.
fn remote_queue<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    match at.one_of(&["ETRN ", "ATRN ", "VRFY failed for ", "EXPN failed for "])? {
        "ETRN " | "ATRN " => at.until_str(" received from ")?,
        _ => at.word().filter(|_| at.has(" "))?,
    };
    let peer = super::item::client(at)?.peer;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        peer,
        text: text.into(),
        ..Notice::default()
    }))
}

const LOOKUPS: Rule = rule(
    "exim lookup",
    |at| {
        starting(
            at,
            Kind::ServiceWarning,
            &[
                "DNS list lookup defer (probably timeout) for ",
                "DNS list lookup for ",
                "list matching forced to fail: ",
                "host name alias list truncated",
                "lookup of host \"",
            ],
        )
    },
    "exim src/dnsbl.c, src/match.c, src/host.c",
    &[
        "DNS list lookup defer (probably timeout) for 10.2.0.192.zen.example.org: assumed not in list",
        "list matching forced to fail: failed to find host name for 192.0.2.10",
    ],
);

const LONG_LOOKUP: Rule = rule(
    "exim long lookup",
    |at| {
        let text = at.peek();
        at.lit("Long ")?;
        at.until_str(" lookup for '")?;
        at.until_last("': ")?;
        let _ms: u64 = at.number()?;
        at.lit(" msec")?;
        Some(notice(Kind::ServiceWarning, text))
    },
    "exim src/dns.c, src/host.c (slow_lookup_log)",
    &["Long gethostbyname lookup for 'mx.example.net': 5012 msec"],
);

const CPANEL: Rule = rule(
    "exim cpanel",
    cpanel,
    "cPanel exim.conf (logwrite)",
    &[
        "1xV2wi-0000aR-0j Sender identification U=anna D=example.org S=anna@example.org",
        "1xV2wi-0000aR-0j SMTP connection outbound 1795336152 1xV2wi-0000aR-0j example.org bob@example.net",
        "1xV2wi-0000aR-0j SMTP connection identification D=example.org O=anna@example.org E=bob@example.net M=1xV2wi-0000aR-0j U=anna ID=1001 B=redirect_resolver",
    ],
);

/// Which account of a shared host a message is counted against.
fn cpanel<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let about = at.one_of(&[
        "Sender identification",
        "SMTP connection outbound",
        "SMTP connection identification",
    ])?;
    at.lit(" ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        about: about.into(),
        text: at.remainder(),
        ..Notice::default()
    }))
}
