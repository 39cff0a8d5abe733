//! Sendmail with settings, queue and mailboxes of its own.

use crate::place::{Place, free_port};
use crate::rsyslog::Rsyslog;
use crate::unpacked::{HOST, Unpacked};
use std::path::{Path, PathBuf};

/// Makes what the package's scripts make when it is installed, and starts the daemon.
const START: &str = "\
mkdir -p /run/sendmail/mta /var/lib/sendmail/host_status /var/mail
chown root:root /var/spool/mqueue
chmod 1777 /var/mail
chmod 700 /var/spool/mqueue
m4 /etc/mail/sendmail.mc > /etc/mail/sendmail.cf
/usr/libexec/sendmail/sendmail -bi
exec /usr/libexec/sendmail/sendmail -L sm-mta -bD
";

/// A Sendmail that runs: its users in `example.net` are those of the machine, and other domains go to
/// the next host.
pub struct Sendmail {
    port: u16,
    log: PathBuf,
    server: Unpacked,
}

impl Sendmail {
    /// Starts it and waits until it answers; mail for other domains goes to `next_port`. Aliases are
    /// lines of aliases(5).
    pub fn start(
        place: &Place,
        aliases: &str,
        next_port: u16,
        syslog: &Rsyslog,
    ) -> anyhow::Result<Self> {
        let port = free_port()?;
        place.file("sendmail/etc/mail/sendmail.mc", &settings(port, next_port))?;
        place.file("sendmail/etc/mail/aliases", aliases)?;
        Ok(Sendmail {
            port,
            log: syslog.log().to_owned(),
            server: Unpacked::start(place, "sendmail", START, port, syslog)?,
        })
    }

    /// Where it takes mail.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The log of the syslog daemon.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Has it try all that is queued now.
    pub fn flush(&self) -> anyhow::Result<()> {
        let words = ["/usr/libexec/sendmail/sendmail", "-L", "sm-mta", "-q"];
        self.server.run("root", &words).map(drop)
    }
}

fn settings(port: u16, next_port: u16) -> String {
    format!(
        "\
include(`/usr/share/sendmail/cf/m4/cf.m4')
OSTYPE(`debian')
define(`confDOMAIN_NAME', `{HOST}')
define(`confDONT_PROBE_INTERFACES', `True')
define(`confTO_IDENT', `0')
FEATURE(`no_default_msa')
FEATURE(`nocanonify')
FEATURE(`accept_unresolvable_domains')
FEATURE(`promiscuous_relay')
FEATURE(`local_lmtp', `/usr/libexec/sendmail/mail.local')
LOCAL_DOMAIN(`example.net')
DAEMON_OPTIONS(`Family=inet, Name=MTA, Port={port}, Addr=127.0.0.1')
define(`SMART_HOST', `esmtp:[127.0.0.1]')
define(`ESMTP_MAILER_ARGS', `TCP $h {next_port}')
MAILER(`local')
MAILER(`smtp')
"
    )
}
