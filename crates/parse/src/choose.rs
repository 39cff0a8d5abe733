//! Which family reads a line: chosen by label and program.
//!
//! Frequent families come first. Where several have programs of one name, the first that knows the
//! text reads it.

use crate::rule::Rule;
use crate::scan::Scan;
use crate::{
    amavis, cisco_esa, clamav, courier, cyrus, dovecot, exchange, exim, fortimail, haraka,
    mailscanner, nginx, opendkim, opendmarc, opensmtpd, postfix, postfwd, postgrey, postsrsd,
    proxmox, qmail, roundcube, rspamd, sendmail, servers, sogo, spamassassin, spf, sqlgrey,
    uw_imap, web, webmail, zimbra,
};
use bstr::{BStr, ByteSlice};
use model::Body;

/// What a family makes of a text.
pub(crate) type Known<'a> = Option<(&'static Rule, Body<'a>)>;
/// Reads a family's text.
type Read = for<'a> fn(&mut Scan<'a>) -> Known<'a>;

/// Reads the text of a program whose lines are most of a log's; `None` if the program is another.
#[inline]
pub(crate) fn frequent<'a>(
    has_label: bool,
    label: &BStr,
    program: &BStr,
    at: &mut Scan<'a>,
) -> Option<Known<'a>> {
    // Postfix is known by its tag, `LABEL/DAEMON`, whatever the label; but `dovecot/lmtp`,
    // `cyrus/master` and `postfwd2/master` are not its. `postfix` alone is rare.
    let is_others = || label.starts_with(b"cyrus") || postfwd::is_own(label);
    if has_label
        && label != "dovecot"
        && let Some(tables) = postfix::tables(program)
        && !is_others()
    {
        return Some(postfix::text(tables, at));
    }
    if program.starts_with(b"amavis") {
        return Some(amavis::text(at));
    }
    if dovecot::is_own(program) && !is_others() {
        return dovecot::text(at).map(Some);
    }
    None
}

/// Reads the text of any other program.
pub(crate) fn rare<'a>(label: &BStr, program: &BStr, at: &mut Scan<'a>) -> Known<'a> {
    if label.starts_with(b"cyrus") && label != program {
        return cyrus::text(at);
    }
    if program.starts_with(b"exim") {
        return exim::text(at);
    }
    // Asked one after the other, each by names of its own.
    filter(label, program, at)
        .or_else(|| server(program, at))
        .or_else(|| beside(program, at))
}

/// The first that knows the text.
fn first<'a>(at: &mut Scan<'a>, families: &[Read]) -> Known<'a> {
    let start = *at;
    families.iter().find_map(|read| {
        *at = start;
        read(at)
    })
}

fn filter<'a>(label: &BStr, program: &BStr, at: &mut Scan<'a>) -> Known<'a> {
    match program.as_bytes() {
        b"rspamd" => rspamd::text(at),
        b"spamd" => spamassassin::text(at),
        b"spamass-milter" => spamassassin::milter_text(at),
        b"opendkim" => opendkim::text(at),
        b"opendmarc" => opendmarc::text(at),
        b"clamd" | b"clamav" | b"clamav-milter" | b"freshclam" | b"clamsmtpd" | b"clamsmtp" => {
            clamav::text(at)
        }
        b"postgrey" => postgrey::text(at),
        b"postsrsd" => postsrsd::text(at),
        b"sqlgrey" => sqlgrey::text(at),
        b"policyd-spf" | b"policy-spf" | b"pyspf-milter" => spf::text(at),
        b"MailScanner" => mailscanner::text(at),
        b"" if cisco_esa::is_event(at.peek()) => cisco_esa::text(at),
        b"" | b"fortimail" if fortimail::is_own(at.peek()) => fortimail::text(at),
        name if cisco_esa::is_own(name) => cisco_esa::text(at),
        name if proxmox::is_own(name) => proxmox::text(at),
        _ if postfwd::is_own(label) => postfwd::text(at),
        _ => None,
    }
}

fn server<'a>(program: &BStr, at: &mut Scan<'a>) -> Known<'a> {
    match program.as_bytes() {
        b"smtpd" | b"opensmtpd" | b"smtpctl" => first(at, &[opensmtpd::text, qmail::text]),
        b"imapd" | b"pop3d" | b"imapd-ssl" | b"pop3d-ssl" => {
            first(at, &[courier::text, uw_imap::text, cyrus::text])
        }
        b"ipop3d" | b"ipop2d" | b"ipop3sd" | b"imapsd" => uw_imap::text(at),
        b"sendmail" => first(
            at,
            &[sendmail::text, |at| {
                postfix::text(postfix::tables(b"sendmail")?, at)
            }],
        ),
        b"imap" | b"pop3" | b"lmtp" | b"master" | b"deliver" => cyrus::text(at),
        name if postfix::untold::is_own(name) => postfix::untold::text(at),
        name if sendmail::is_own(name) => sendmail::text(at),
        name if qmail::is_own(name) => qmail::text(at),
        name if courier::is_own(name) => courier::text(at),
        name if cyrus::is_own(name) => cyrus::text(at),
        _ => None,
    }
}

/// Webmails, proxies and rarer servers.
fn beside<'a>(program: &BStr, at: &mut Scan<'a>) -> Known<'a> {
    match program.as_bytes() {
        b"haraka" => haraka::text(at),
        b"exchange" => exchange::text(at),
        b"access" | b"apache" | b"apache2" | b"httpd" => web::text(at),
        b"nginx" => nginx::text(at),
        b"roundcube" => roundcube::text(at),
        b"sogod" => sogo::text(at),
        b"zimbra" => zimbra::text(at),
        b"HORDE" | b"horde" | b"squirrelmail" | b"openwebmail" | b"groupoffice" | b"tine"
        | b"mailu-admin" => webmail::text(at),
        b"solid-pop3d" | b"domino" | b"oracle-ims" | b"directadmin" => servers::text(at),
        name if name.starts_with(b"perdition") => servers::text(at),
        _ => None,
    }
}
