//! amavis with settings, quarantine and log of its own.

use crate::place::{Place, free_port};
use crate::process::Running;
use crate::rsyslog::Rsyslog;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An amavis that runs as an after-queue filter: it takes mail by SMTP and gives it back to another
/// port. It asks no virus scanner and no SpamAssassin; attachments called `*.exe` are banned.
pub struct Amavis {
    port: u16,
    log: PathBuf,
    quarantine: PathBuf,
    _running: Running,
}

impl Amavis {
    /// Starts it and waits until it answers. What passes goes to `back_port`. It logs to the syslog
    /// daemon, or to a file where there is none.
    pub fn start(place: &Place, back_port: u16, syslog: Option<&Rsyslog>) -> anyhow::Result<Self> {
        let port = free_port()?;
        let log = place.path("amavis.log");
        for name in ["amavis", "amavis/tmp", "amavis/db", "amavis/quarantine"] {
            place.folder(name, "amavis:amavis", 0o750)?;
        }
        // It opens the log after it changed to its own user.
        place.file("amavis.log", "")?;
        place.owner("amavis.log", "amavis:amavis")?;
        let settings = place.file(
            "amavis.conf",
            &settings(place, port, back_port, syslog.is_none()),
        )?;
        let mut amavis = Command::new("/usr/sbin/amavisd");
        amavis.arg("-c").arg(settings).arg("foreground");
        if let Some(syslog) = syslog {
            amavis = syslog.for_server(&amavis);
        }
        let running = Running::start(amavis, &place.path("amavis.output"))?.until_port(port)?;
        Ok(Amavis {
            port,
            log: syslog.map_or(log, |it| it.log().to_owned()),
            quarantine: place.path("amavis/quarantine"),
            _running: running,
        })
    }

    /// Where it takes mail.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its log, in the form that it writes to a file itself, or that of the syslog daemon.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Where it keeps what it blocked.
    pub fn quarantine(&self) -> &Path {
        &self.quarantine
    }
}

fn settings(place: &Place, port: u16, back_port: u16, to_file: bool) -> String {
    let home = place.path("amavis");
    let (home, to_syslog) = (home.display(), u8::from(!to_file));
    format!(
        "use strict;\n\
         $daemon_user = 'amavis';\n\
         $daemon_group = 'amavis';\n\
         $max_servers = 1;\n\
         $MYHOME = '{home}';\n\
         $TEMPBASE = '{home}/tmp';\n\
         $db_home = '{home}/db';\n\
         $helpers_home = '{home}';\n\
         $pid_file = '{home}/amavisd.pid';\n\
         $lock_file = '{home}/amavisd.lock';\n\
         $QUARANTINEDIR = '{home}/quarantine';\n\
         $do_syslog = {to_syslog};\n\
         $LOGFILE = '{home}.log';\n\
         $log_level = 0;\n\
         $log_recip_templ = undef;\n\
         $enable_dkim_verification = 0;\n\
         $mydomain = 'example.org';\n\
         $myhostname = 'mx1.example.org';\n\
         $inet_socket_bind = '127.0.0.1';\n\
         $inet_socket_port = {port};\n\
         $forward_method = 'smtp:[127.0.0.1]:{back_port}';\n\
         $notify_method = $forward_method;\n\
         $enable_db = 0;\n\
         $enable_zmq = 0;\n\
         @local_domains_maps = (['.example.org']);\n\
         @bypass_virus_checks_maps = (1);\n\
         @bypass_spam_checks_maps = (1);\n\
         $banned_filename_re = new_RE(qr'\\.exe$'i);\n\
         $final_banned_destiny = D_DISCARD;\n\
         $banned_files_quarantine_method = 'local:banned-%m';\n\
         1;\n"
    )
}
