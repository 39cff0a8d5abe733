//! OpenSMTPD with settings, queue and mailboxes of its own.

use crate::place::{Place, free_port, id_of};
use crate::rsyslog::Rsyslog;
use crate::unpacked::{HOST, Unpacked};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// An OpenSMTPD that runs, with mailboxes for users of `example.net`; other domains go to the next
/// host.
pub struct OpenSmtpd {
    port: u16,
    log: PathBuf,
    server: Unpacked,
}

impl OpenSmtpd {
    /// Starts it and waits until it answers; mail for other domains goes to `next_port`. Aliases are
    /// lines of aliases(5).
    pub fn start(
        place: &Place,
        users: &[&str],
        aliases: &str,
        next_port: u16,
        syslog: &Rsyslog,
    ) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mail = place.folder("opensmtpd/mail", "mail:mail", 0o750)?;
        let uid = id_of("/etc/passwd", "mail")?;
        let gid = id_of("/etc/group", "mail")?;
        let mut entries = String::new();
        for user in users {
            let _ = writeln!(entries, "{user} {uid}:{gid}:{}", mail.display());
        }
        place.file("opensmtpd/etc/smtpd.users", &entries)?;
        place.file("opensmtpd/etc/smtpd.aliases", aliases)?;
        let settings = settings(&mail, port, next_port);
        place.file("opensmtpd/etc/smtpd.conf", &settings)?;
        let script = "exec /usr/sbin/smtpd -F";
        Ok(OpenSmtpd {
            port,
            log: syslog.log().to_owned(),
            server: Unpacked::start(place, "opensmtpd", script, port, syslog)?,
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

    /// Does what smtpctl(8) can do (`schedule all`).
    pub fn control(&self, words: &[&str]) -> anyhow::Result<String> {
        let words: Vec<&str> = ["/usr/sbin/smtpctl"].iter().chain(words).copied().collect();
        self.server.run("opensmtpq", &words)
    }
}

fn settings(mail: &Path, port: u16, next_port: u16) -> String {
    let mail = mail.display();
    format!(
        "\
table users file:/etc/smtpd.users
table aliases file:/etc/smtpd.aliases
listen on 127.0.0.1 port {port} hostname {HOST}
action \"box\" maildir \"{mail}/%{{user.username}}\" userbase <users> alias <aliases>
action \"next\" relay host smtp://127.0.0.1:{next_port}
match from any for domain \"example.net\" action \"box\"
match from any for any action \"next\"
"
    )
}
