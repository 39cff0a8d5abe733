//! The items of a line: ` KEY=value` in any order, and hosts, which stand in them and elsewhere.
//! Source: exim `src/host.c` (`host_and_ident`), `src/receive.c`, `src/deliver.c` (`delivery_log`).

use super::envelope::has_space;
use crate::scan::Scan;
use bstr::BStr;
use memchr::{memchr, memmem};
use model::Peer;

/// A host as Exim names it: `NAME (HELO) [ADDRESS]:PORT`; each but the address may be absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Host<'a> {
    pub(super) peer: Peer<'a>,
    pub(super) helo: &'a BStr,
}

/// Takes a host.
#[inline]
pub(super) fn host<'a>(at: &mut Scan<'a>) -> Option<Host<'a>> {
    let mut ahead = *at;
    let mut host = Host::default();
    if !matches!(ahead.peek().first()?, b'(' | b'[') {
        host.peer.name = ahead.word()?;
        ahead.lit(" ")?;
        ahead.has("DS ");
    }
    if ahead.has("(") {
        host.helo = helo(&mut ahead)?;
    }
    ahead.lit("[")?;
    host.peer.address = ahead.until(b']').filter(|it| is_address(it))?;
    host.peer.port = port(&mut ahead);
    *at = ahead;
    Some(host)
}

/// Takes a HELO argument and `) `, up to the address; with `helo_accept_junk_hosts` it may hold
/// anything, such as a host of the client's choice.
fn helo<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let text = at.peek();
    let mut from = 0;
    loop {
        let end = from + memmem::find(&text[from..], b") [")?;
        let behind = &text[end + 3..];
        if is_address(&behind[..memchr(b']', behind)?]) {
            *at = at.over(&text[end + 2..]);
            return Some(text[..end].into());
        }
        from = end + 1;
    }
}

/// Digits, letters and what stands between them in an address; whether it is one is not checked.
fn is_address(text: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'%');
    !text.is_empty() && text.iter().all(fits)
}

/// Takes `:PORT` if it is there.
fn port(at: &mut Scan<'_>) -> Option<u16> {
    let mut ahead = *at;
    ahead.lit(":")?;
    let port = ahead.number()?;
    *at = ahead;
    Some(port)
}

/// Takes who is at the other end: a host, with or without `H=`, or the login of a local user, with
/// or without `U=`; its name is then the peer's.
#[inline]
pub(super) fn client<'a>(at: &mut Scan<'a>) -> Option<Host<'a>> {
    at.has("H=");
    if let Some(host) = host(at) {
        return Some(host);
    }
    let name = if at.has("local process") {
        BStr::new("local process")
    } else {
        at.has("U=");
        value(at)?
    };
    Some(Host {
        peer: Peer {
            name,
            ..Peer::default()
        },
        ..Host::default()
    })
}

/// What the items of a line tell; all empty where absent. Some letters mean two things.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Items<'a> {
    /// `H=`: client or relay.
    pub(super) host: Host<'a>,
    /// `*` behind a relay: the connection was used before.
    pub(super) used_before: bool,
    /// `I=`: our side.
    pub(super) server: Peer<'a>,
    /// `U=`: local user, or what an ident server told.
    pub(super) user: &'a BStr,
    /// `P=`: protocol; in deliveries `<RETURN-PATH>`.
    pub(super) protocol: &'a BStr,
    /// `X=`: TLS version and cipher.
    pub(super) tls: &'a BStr,
    /// `A=NAME[:ID[:SENDER]]`: authenticator.
    pub(super) authenticator: &'a BStr,
    /// Account in `A=`.
    pub(super) account: &'a BStr,
    /// `AUTH=` argument of MAIL in `A=`.
    pub(super) auth_sender: Option<&'a BStr>,
    /// `F=`: envelope sender.
    pub(super) mail_from: Option<&'a BStr>,
    /// `R=`: router; in arrivals of bounces the other message's id.
    pub(super) router: &'a BStr,
    /// `T=`: transport; in arrivals the subject.
    pub(super) transport: &'a BStr,
    /// `C=`: the server's reply; of a session its commands.
    pub(super) reply: Option<&'a BStr>,
    /// `S=`: bytes.
    pub(super) size: Option<u64>,
    /// `id=`: Message-ID.
    pub(super) message_id: Option<&'a BStr>,
    /// `QT=`: on the queue, in milliseconds.
    pub(super) queue_ms: Option<u64>,
    /// `DT=`, `RT=`, `D=`: what the line is about took, in milliseconds.
    pub(super) took_ms: Option<u64>,
}

impl<'a> Items<'a> {
    /// Takes items as long as there are some.
    #[inline]
    pub(super) fn take(&mut self, at: &mut Scan<'a>) {
        loop {
            let mut ahead = *at;
            if !ahead.has(" ") || self.one(&mut ahead).is_none() {
                return;
            }
            *at = ahead;
        }
    }

    /// Takes items where the first has no space before it.
    #[inline]
    pub(super) fn take_from_start(&mut self, at: &mut Scan<'a>) -> Option<()> {
        self.one(at)?;
        self.take(at);
        Some(())
    }

    #[inline]
    fn one(&mut self, at: &mut Scan<'a>) -> Option<()> {
        let key = at.while_(|byte| byte.is_ascii_alphanumeric());
        let has_value = at.has("=") || key == "id" && at.has("*=");
        if !has_value {
            return mark(key, at);
        }
        match &**key {
            b"H" => self.host(at)?,
            b"I" => self.server = host(at)?.peer,
            b"U" => self.user = value(at)?,
            b"P" => self.protocol = value(at)?,
            b"X" => self.tls = value(at)?,
            b"A" => self.authenticated(value(at)?),
            b"F" => self.mail_from = Some(sender(at)?),
            b"R" => self.router = value(at)?,
            b"T" => self.transport = value(at)?,
            b"C" => self.reply = Some(value(at)?),
            b"S" => self.size = at.number(),
            b"id" => self.message_id = Some(message_id(at)?),
            b"QT" => self.queue_ms = Some(duration_ms(value(at)?)?),
            b"DT" | b"RT" | b"D" => self.took_ms = Some(duration_ms(value(at)?)?),
            b"PRX" => host(at).map(drop).or_else(|| value(at).map(drop))?,
            b"ST" => drop(shadow(at)?),
            b"M8S" | b"CV" | b"DN" | b"SNI" | b"Q" | b"PS" | b"Ci" | b"DKIM" | b"ARC" | b"SPF"
            | b"DMARC" | b"NO" => drop(value(at)?),
            _ => return None,
        }
        Some(())
    }

    /// Takes a host, or the name of one that was not looked up (local transports).
    fn host(&mut self, at: &mut Scan<'a>) -> Option<()> {
        if let Some(host) = host(at) {
            self.host = host;
            self.used_before = at.has("*");
        } else {
            self.host.peer.name = value(at)?;
        }
        Some(())
    }

    fn authenticated(&mut self, value: &'a BStr) {
        let mut parts = value.splitn(3, |&byte| byte == b':').map(BStr::new);
        self.authenticator = parts.next().unwrap_or_default();
        self.account = parts.next().unwrap_or_default();
        self.auth_sender = parts.next();
    }
}

/// Items without a value: DNSSEC, pipelining, chunking, PRDR, TCP fast open, ARC.
fn mark(key: &BStr, at: &mut Scan<'_>) -> Option<()> {
    match &**key {
        b"L" => drop(at.one_of(&["-", "*", "."])),
        b"TFO" => drop(at.one_of(&["**", "*"])),
        b"DS" | b"K" | b"PRDR" | b"ARC" | b"SPF" | b"NT" => {}
        _ => return None,
    }
    matches!(at.peek().first(), None | Some(b' ' | b':')).then_some(())
}

/// Takes a value: quoted, in angle brackets, or a word. A `:` behind it that ends the items stays.
#[inline]
pub(super) fn value<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    match at.peek().first()? {
        b'"' => Some(quoted(at)),
        b'<' => at.angle(),
        _ => word(at),
    }
}

fn word<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let text = at.peek();
    let word = at.word()?;
    match word.strip_suffix(b":") {
        Some(word) => {
            *at = at.over(&text[word.len()..]);
            Some(word.into())
        }
        None => Some(word),
    }
}

/// Takes a quoted string, `\` before what is to be taken as it is; the content as written. One that
/// was cut has no end.
fn quoted<'a>(at: &mut Scan<'a>) -> &'a BStr {
    let text = at.peek();
    let mut end = 1;
    loop {
        match text.get(end) {
            None => {
                *at = at.over(&[]);
                return text[1..].into();
            }
            Some(b'\\') => end += 2,
            Some(b'"') => {
                *at = at.over(&text[end + 1..]);
                return text[1..end].into();
            }
            Some(_) => end += 1,
        }
    }
}

/// Takes an envelope sender, in angle brackets or, from `local_scan()`, without.
fn sender<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    match at.peek().first()? {
        b'<' => at.angle(),
        _ => word(at),
    }
}

/// Takes a Message-ID, which may hold spaces: then up to the next item.
fn message_id<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    const NEXT: [&[u8]; 3] = [b" T=\"", b" from <", b" for "];
    let text = at.peek();
    let word = at.word()?;
    let rest = at.peek();
    if rest.is_empty() || NEXT.iter().any(|next| rest.starts_with(next)) {
        return Some(word);
    }
    let ends = NEXT.iter().filter_map(|next| memmem::find(text, next));
    let end = ends.min().unwrap_or(text.len());
    *at = at.over(&text[end..]);
    Some(text[..end].into())
}

/// Takes the result of a shadow transport: its name, or `NAME (TEXT)`.
fn shadow<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let name = value(at)?;
    if at.has(" (") {
        at.until(b')')?;
    }
    Some(name)
}

/// `3s`, `1h2m`, `2d3h4m5s`, `0.304s` as milliseconds.
/// Source: exim `src/readconf.c` (`readconf_printtime`), `src/functions.h` (`string_timediff`).
pub(super) fn duration_ms(text: &BStr) -> Option<u64> {
    if has_space(text) {
        return None;
    }
    let mut at = Scan::new(text, b"");
    let mut total: u64 = 0;
    loop {
        let count = at.seconds_ms()?;
        let unit = match at.one_of(&["s", "m", "h", "d", "w"])? {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => 604_800,
        };
        total = total.checked_add(count.checked_mul(unit)?)?;
        if at.end().is_some() {
            return Some(total);
        }
    }
}
