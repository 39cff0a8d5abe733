//! Dovecot with users, mail and log of its own.

use crate::place::{Place, free_port};
use crate::process::Running;
use crate::rsyslog::Rsyslog;
use crate::wait;
use std::fmt::{Display, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The password of all users.
pub const PASSWORD: &str = "correct";

/// A Dovecot that runs: LMTP, IMAP, POP3, Sieve, and the plugin that logs what users do.
pub struct Dovecot {
    lmtp: PathBuf,
    auth: PathBuf,
    imap_port: u16,
    pop3_port: u16,
    log: PathBuf,
    _running: Running,
}

/// A Dovecot that is to be started.
pub struct DovecotSetup<'p> {
    place: &'p Place,
    users: Vec<String>,
    settings: String,
    syslog: Option<&'p Rsyslog>,
}

impl Dovecot {
    /// One without users, before its start.
    pub fn setup(place: &Place) -> DovecotSetup<'_> {
        DovecotSetup {
            place,
            users: Vec::new(),
            settings: String::new(),
            syslog: None,
        }
    }

    /// Where it takes mail, for a Postfix: `lmtp:unix:...`.
    pub fn transport(&self) -> String {
        format!("lmtp:unix:{}", self.lmtp.display())
    }

    /// Where it tells a Postfix whether a login is right: `smtpd_sasl_path`.
    pub fn auth(&self) -> &Path {
        &self.auth
    }

    /// Where its IMAP is.
    pub fn imap_port(&self) -> u16 {
        self.imap_port
    }

    /// Where its POP3 is.
    pub fn pop3_port(&self) -> u16 {
        self.pop3_port
    }

    /// Waits until the log tells that so many messages were saved in an inbox: Dovecot's lines go
    /// through a process of their own, and may come after the line of the server that knows it.
    pub fn until_saved(&self, count: usize) -> anyhow::Result<()> {
        wait::for_lines(&self.log, count, &["saved mail to INBOX"])
    }

    /// Its log, in the form of `log_path`, or that of the syslog daemon.
    pub fn log(&self) -> &Path {
        &self.log
    }
}

impl<'p> DovecotSetup<'p> {
    /// Adds users (`bob@example.org`), all with [`PASSWORD`].
    pub fn users(mut self, names: &[&str]) -> Self {
        self.users.extend(names.iter().map(|it| (*it).to_owned()));
        self
    }

    /// Gives a user a Sieve script.
    pub fn sieve(self, user: &str, script: &str) -> anyhow::Result<Self> {
        let name = format!("dovecot/sieve/{user}.sieve");
        self.place.file(&name, script)?;
        Ok(self)
    }

    /// Sets a parameter; the last one counts.
    pub fn set(mut self, name: &str, value: impl Display) -> Self {
        let _ = writeln!(self.settings, "{name} = {value}");
        self
    }

    /// Has it log to a syslog daemon instead of to a file.
    pub fn syslog(mut self, to: &'p Rsyslog) -> Self {
        self.syslog = Some(to);
        self.set("log_path", "syslog")
    }

    /// Starts it and waits until it answers.
    pub fn start(self) -> anyhow::Result<Dovecot> {
        let place = self.place;
        let [imap_port, pop3_port] = [free_port()?, free_port()?];
        place.folder("dovecot/mail", "mail:mail", 0o700)?;
        let mut users = String::new();
        for user in &self.users {
            // Else deliveries at the same time log that they cannot open files in it yet.
            let home = place.folder(&format!("dovecot/mail/{user}"), "mail:mail", 0o700)?;
            let _ = writeln!(users, "{user}:{{PLAIN}}{PASSWORD}::::{}::", home.display());
        }
        place.file("dovecot/users", &users)?;
        // The server writes compiled scripts beside their sources.
        place.folder("dovecot/sieve", "mail:mail", 0o755)?;
        let settings = settings(place, imap_port, pop3_port) + &self.settings;
        let settings = place.file("dovecot/dovecot.conf", &settings)?;
        let mut dovecot = Command::new("/usr/sbin/dovecot");
        dovecot.arg("-F").arg("-c").arg(settings);
        if let Some(syslog) = self.syslog {
            dovecot = syslog.for_server(&dovecot);
        }
        let running = Running::start(dovecot, &place.path("dovecot/output"))?;
        let running = running.until_port(imap_port)?;
        Ok(Dovecot {
            lmtp: place.path("dovecot/lmtp"),
            auth: place.path("dovecot/auth"),
            imap_port,
            pop3_port,
            log: match self.syslog {
                Some(syslog) => syslog.log().to_owned(),
                None => place.path("dovecot.log"),
            },
            _running: running,
        })
    }
}

fn settings(place: &Place, imap_port: u16, pop3_port: u16) -> String {
    let folder = place.path("dovecot");
    let folder = folder.display();
    format!(
        "\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}.log
protocols = imap pop3 lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
auth_verbose = yes
mail_location = maildir:~/Maildir
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
mail_plugins = notify mail_log
postmaster_address = postmaster@example.org
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
}}
namespace inbox {{
  inbox = yes
  mailbox Trash {{
    auto = create
  }}
}}
service auth {{
  unix_listener {folder}/auth {{
    mode = 0666
  }}
}}
service lmtp {{
  unix_listener {folder}/lmtp {{
    mode = 0666
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3_port}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
protocol lmtp {{
  mail_plugins = $mail_plugins sieve
}}
plugin {{
  mail_log_events = delete undelete expunge copy save mailbox_delete mailbox_rename flag_change
  mail_log_fields = uid box msgid size from subject
  sieve = file:{folder}/sieve/%u.sieve
}}
"
    )
}
