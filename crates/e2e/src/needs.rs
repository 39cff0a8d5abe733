//! What a test needs of the machine, and whether that is there.

use crate::exim;
use crate::place::has_user;
use crate::rsyslog::can_mount;
use crate::unpacked;
use std::env;
use std::fmt;
use std::path::Path;
use std::process::Command;

/// A server of the distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// MTA, package `postfix`.
    Postfix,
    /// Mail store, packages `dovecot-imapd`, `dovecot-pop3d`, `dovecot-lmtpd`, `dovecot-sieve`.
    Dovecot,
    /// Content filter, package `amavisd-new`.
    Amavis,
    /// MTA, unpacked package `exim4-daemon-light`.
    Exim,
    /// MTA, unpacked packages `sendmail-bin`, `sendmail-base`, `sendmail-cf`.
    Sendmail,
    /// MTA, unpacked package `opensmtpd`.
    OpenSmtpd,
    /// MTA, unpacked packages `courier-mta` and what it depends on.
    Courier,
    /// Mail store, unpacked packages `cyrus-imapd`, `cyrus-common`, and `sasl2-bin` for its users.
    Cyrus,
    /// Syslog daemon, package `rsyslog`.
    Rsyslog,
    /// Spam filter, package `rspamd`.
    Rspamd,
    /// Signer, packages `opendkim` and `opendkim-tools`.
    Opendkim,
    /// Checker of senders, package `opendmarc`.
    Opendmarc,
    /// Spam filter, packages `spamd` and `spamass-milter`.
    SpamAssassin,
    /// Greylisting, package `postgrey`.
    Postgrey,
}

impl Server {
    /// The package and the files of it that a test uses.
    fn wanted(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Server::Postfix => &[("postfix", "/usr/lib/postfix/sbin/master")],
            Server::Dovecot => &[
                ("dovecot-imapd", "/usr/lib/dovecot/imap"),
                ("dovecot-pop3d", "/usr/lib/dovecot/pop3"),
                ("dovecot-lmtpd", "/usr/lib/dovecot/lmtp"),
                (
                    "dovecot-sieve",
                    "/usr/lib/dovecot/modules/lib90_sieve_plugin.so",
                ),
            ],
            Server::Amavis => &[("amavisd-new", "/usr/sbin/amavisd")],
            Server::Exim
            | Server::Sendmail
            | Server::OpenSmtpd
            | Server::Courier
            | Server::Cyrus => &[],
            Server::Rsyslog => &[("rsyslog", "/usr/sbin/rsyslogd")],
            Server::Rspamd => &[("rspamd", "/usr/bin/rspamd")],
            Server::Opendkim => &[
                ("opendkim", "/usr/sbin/opendkim"),
                ("opendkim-tools", "/usr/sbin/opendkim-genkey"),
            ],
            Server::Opendmarc => &[("opendmarc", "/usr/sbin/opendmarc")],
            Server::SpamAssassin => &[
                ("spamd", "/usr/sbin/spamd"),
                ("spamass-milter", "/usr/sbin/spamass-milter"),
            ],
            Server::Postgrey => &[("postgrey", "/usr/sbin/postgrey")],
        }
    }

    /// Users that it changes to.
    fn users(self) -> &'static [&'static str] {
        match self {
            Server::Postfix => &["postfix"],
            Server::Dovecot => &["dovecot", "dovenull", "mail"],
            Server::Amavis => &["amavis"],
            Server::Exim => &[exim::USER],
            Server::Sendmail => &["smmta", "smmsp", "games", "news"],
            Server::OpenSmtpd => &["opensmtpd", "opensmtpq", "mail"],
            Server::Courier => &["courier", "mail"],
            Server::Cyrus => &["cyrus", "mail"],
            Server::Rsyslog => &[],
            Server::Rspamd => &["_rspamd"],
            Server::Opendkim => &["opendkim"],
            Server::Opendmarc => &["opendmarc"],
            Server::SpamAssassin => &["debian-spamd"],
            Server::Postgrey => &["postgrey"],
        }
    }

    /// Why it cannot be started here.
    fn problem(self) -> Option<String> {
        let missing = self.wanted().iter().find(|(_, file)| !exists(file));
        if let Some((package, _)) = missing {
            return Some(format!("package `{package}` is not installed"));
        }
        if let Some(user) = self.users().iter().find(|user| !has_user(user)) {
            return Some(format!("no user `{user}`"));
        }
        if self == Server::Dovecot && !version("dovecot").starts_with("2.3.") {
            return Some("the settings of Dovecot are written for 2.3".to_owned());
        }
        let tried = match self {
            Server::Exim => exim::can_run(),
            Server::Sendmail => unpacked::can_run("sendmail"),
            Server::OpenSmtpd => unpacked::can_run("opensmtpd"),
            Server::Courier => unpacked::can_run("courier"),
            Server::Cyrus => unpacked::can_run("cyrus"),
            Server::Rsyslog => can_mount(),
            _ => Ok(()),
        };
        tried.err().map(|error| format!("{error:#}"))
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Server::Postfix => "Postfix",
            Server::Dovecot => "Dovecot",
            Server::Amavis => "amavis",
            Server::Exim => "Exim",
            Server::Sendmail => "Sendmail",
            Server::OpenSmtpd => "OpenSMTPD",
            Server::Courier => "Courier",
            Server::Cyrus => "Cyrus",
            Server::Rsyslog => "rsyslog",
            Server::Rspamd => "Rspamd",
            Server::Opendkim => "OpenDKIM",
            Server::Opendmarc => "OpenDMARC",
            Server::SpamAssassin => "SpamAssassin",
            Server::Postgrey => "Postgrey",
        })
    }
}

/// Whether these servers can be started here; if not, says on standard error why the test is skipped.
pub fn can_run(servers: &[Server]) -> bool {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can start servers that change to their own users");
        return false;
    }
    let problem = |it: &Server| it.problem().map(|why| format!("no {it} here: {why}"));
    match servers.iter().find_map(problem) {
        Some(why) => {
            eprintln!("skipped: {why}");
            false
        }
        None => true,
    }
}

/// The same for servers that are rarer, with which tests run only if `WAYBILL_E2E` is `all`.
pub fn can_run_all(servers: &[Server]) -> bool {
    if env::var_os("WAYBILL_E2E").is_none_or(|it| it != "all") {
        eprintln!("skipped: WAYBILL_E2E=all runs it");
        return false;
    }
    can_run(servers)
}

fn exists(file: &str) -> bool {
    Path::new(file).exists()
}

fn version(program: &str) -> String {
    let output = Command::new(program).arg("--version").output();
    output.map_or_else(
        |_| String::new(),
        |it| String::from_utf8_lossy(&it.stdout).into_owned(),
    )
}
