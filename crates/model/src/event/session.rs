//! Sessions: who connected, with which encryption, who logged in, how it ended.

use crate::Peer;
use bstr::BStr;

/// `connect from NAMADDR`; postscreen's `CONNECT from [A]:P to [A]:P`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connected<'a> {
    /// Who connected.
    pub client: Peer<'a>,
    /// Our side; empty where not logged.
    pub server: Peer<'a>,
}

/// `disconnect from NAMADDR ehlo=1 ... commands=5/6`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Disconnected<'a> {
    /// Who left.
    pub client: Peer<'a>,
    /// Command counters as written, `name=ok[/total]` separated by spaces; empty before Postfix 3.0.
    pub counts: &'a BStr,
}

/// `lost connection after WHERE from NAMADDR`, timeouts, too many errors, postscreen's HANGUP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionAborted<'a> {
    /// Who was connected.
    pub client: Peer<'a>,
    /// `lost connection`, `timeout`, `too many errors`, `hangup`, ...
    pub reason: &'a BStr,
    /// SMTP command or stage after which it happened (`RCPT`, `DATA`, `CONNECT`).
    pub stage: &'a BStr,
    /// Bytes of message content received by then; `None` outside DATA and BDAT.
    pub bytes: Option<u64>,
    /// Milliseconds since the connection began; `None` where not logged.
    pub after_ms: Option<u64>,
}

/// Pipelining, non-SMTP commands, pregreet, bare line feeds, bad syntax.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Violation<'a> {
    /// Who did it.
    pub client: Peer<'a>,
    /// Words of the log: `improper command pipelining`, `non-SMTP command`, `PREGREET`, ...
    pub violation: &'a BStr,
    /// Command or stage; empty where not logged.
    pub stage: &'a BStr,
    /// What was sent, as far as logged; empty where it was not.
    pub text: &'a BStr,
    /// Bytes sent too early (PREGREET), or the limit exceeded; `None` where not logged.
    pub bytes: Option<u64>,
    /// Milliseconds since the connection began; `None` where not logged.
    pub after_ms: Option<u64>,
}

/// postscreen and dnsblog results for a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Screened<'a> {
    /// Who was screened.
    pub client: Peer<'a>,
    /// `PASS NEW`, `PASS OLD`, `ALLOWLISTED`, `DENYLISTED`, `ALLOWLIST VETO`, `DNSBL rank`, `listed`.
    pub verdict: &'a BStr,
    /// DNS list score; `None` where not said.
    pub rank: Option<i32>,
    /// DNS list's domain; empty where not said.
    pub dns_list: &'a BStr,
    /// What the DNS list answered; empty where not said.
    pub answer: &'a BStr,
}

/// `Trusted TLS connection established from NAMADDR: TLSv1.3 with cipher X (256/256 bits) ...`.
/// Source: postfix `src/tls/tls_misc.c`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tls<'a> {
    /// Whether we are the server (`from`).
    pub inbound: bool,
    /// The other side.
    pub peer: Peer<'a>,
    /// `Anonymous`, `Untrusted`, `Trusted`, `Verified`; empty before Postfix 2.5.
    pub trust: &'a BStr,
    /// `established` or `reused`.
    pub action: &'a BStr,
    /// Server name asked for (SNI); empty where none.
    pub sni: &'a BStr,
    /// `TLSv1.3`.
    pub protocol: &'a BStr,
    /// `TLS_AES_256_GCM_SHA384`.
    pub cipher: &'a BStr,
    /// Key bits in use.
    pub bits_used: u16,
    /// Key bits of the algorithm.
    pub bits_total: u16,
    /// Key exchange, signatures and digests as written; empty before Postfix 3.4.
    pub details: &'a BStr,
}

/// `SSL_accept error from NAMADDR: ...`, failed certificate checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TlsFailed<'a> {
    /// Whether we are the server.
    pub inbound: bool,
    /// The other side.
    pub peer: Peer<'a>,
    /// As written.
    pub reason: &'a BStr,
}

/// A login that failed, was denied or was given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuthFailure<'a> {
    /// Who tried.
    pub client: Peer<'a>,
    /// Our side; empty where not logged.
    pub server: Peer<'a>,
    /// HELO or EHLO argument; empty where not logged.
    pub helo: &'a BStr,
    /// `smtp`, `imap`, `pop3`, `sieve`, `submission`, `lmtp`.
    pub protocol: &'a BStr,
    /// SASL mechanism as the client gave it; empty where not logged.
    pub method: &'a BStr,
    /// User name tried; empty where not logged.
    pub user: &'a BStr,
    /// As written.
    pub reason: &'a BStr,
    /// How the connection ended, as written (`Connection closed`, `Inactivity`); empty where not
    /// logged.
    pub ending: &'a BStr,
    /// Attempts in this session; `None` where not logged.
    pub attempts: Option<u32>,
    /// Whether the client gave up, rather than being refused.
    pub aborted: bool,
    /// Whether the connection was encrypted, as far as logged.
    pub tls: Option<bool>,
}

/// A login to IMAP, POP3, ManageSieve or Dovecot's submission service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Login<'a> {
    /// `imap`, `pop3`, `sieve`, `submission`.
    pub protocol: &'a BStr,
    /// Mailbox user.
    pub user: &'a BStr,
    /// SASL mechanism; empty where not logged.
    pub method: &'a BStr,
    /// Who logged in.
    pub client: Peer<'a>,
    /// Our side.
    pub server: Peer<'a>,
    /// Process id of the mail process that took over; `None` where not logged.
    pub mail_pid: Option<u32>,
    /// Whether the connection was encrypted, as far as logged.
    pub tls: Option<bool>,
}

/// The end of a mailbox session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logout<'a> {
    /// `imap`, `pop3`, `sieve`, `lmtp`, `submission`.
    pub protocol: &'a BStr,
    /// Mailbox user; empty where not logged.
    pub user: &'a BStr,
    /// Who was logged in; empty where not logged.
    pub client: Peer<'a>,
    /// `Logged out`, `Connection closed`, `Disconnected for inactivity`, as written.
    pub reason: &'a BStr,
    /// Bytes from the client.
    pub bytes_in: Option<u64>,
    /// Bytes to the client.
    pub bytes_out: Option<u64>,
    /// The counters as written (`deleted=0 expunged=0 ...`, `top=0/0, retr=0/0, ...`).
    pub counts: &'a BStr,
}
