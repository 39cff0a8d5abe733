//! Filters and policy services that Postfix asks while it takes a message: Milters, SpamAssassin,
//! greylisting. All log to a syslog daemon; Rspamd to a file of its own too.

use crate::place::{Place, free_port};
use crate::process::{Running, run};
use crate::rsyslog::Rsyslog;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Rspamd logs to.
#[derive(Clone, Debug)]
pub enum RspamdLog {
    /// The syslog daemon.
    Syslog,
    /// A file, which tells whole seconds and no host.
    File(PathBuf),
}

impl RspamdLog {
    /// A place for its own file.
    pub fn path(place: &Place) -> anyhow::Result<PathBuf> {
        Ok(place
            .folder("rspamd-log", "_rspamd:_rspamd", 0o755)?
            .join("rspamd.log"))
    }
}

/// A filter that runs.
pub struct Filter {
    port: u16,
    _running: Running,
}

impl Filter {
    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How `smtpd_milters` names it, if it is a Milter.
    pub fn milter(&self) -> String {
        format!("inet:127.0.0.1:{}", self.port)
    }

    /// OpenDKIM, which signs mail from `example.org`.
    pub fn opendkim(place: &Place, syslog: &Rsyslog) -> anyhow::Result<Self> {
        let port = free_port()?;
        let folder = place.folder("opendkim", "opendkim:opendkim", 0o700)?;
        let key = ["-s", "one", "-d", "example.org", "-b", "1024", "-D"];
        let key = key.iter().map(Path::new).chain([folder.as_path()]);
        run("opendkim-genkey", key)?;
        place.owner("opendkim/one.private", "opendkim:opendkim")?;
        let settings = format!(
            "Syslog yes\nSyslogSuccess yes\nLogWhy yes\nLogResults yes\nUserID opendkim\nRequireSafeKeys no\n\
             Mode sv\nDomain example.org\nSelector one\nKeyFile {folder}/one.private\n\
             Socket inet:{port}@127.0.0.1\nInternalHosts 127.0.0.1\n",
            folder = folder.display(),
        );
        let settings = place.file("opendkim.conf", &settings)?;
        let mut command = Command::new("/usr/sbin/opendkim");
        command.arg("-f").arg("-x").arg(settings);
        Filter::start(place, syslog, "opendkim", &command, port)
    }

    /// OpenDMARC, which checks mail from anywhere but this host.
    pub fn opendmarc(place: &Place, syslog: &Rsyslog) -> anyhow::Result<Self> {
        let port = free_port()?;
        let settings = format!(
            "Syslog true\nUserID opendmarc\nSocket inet:{port}@127.0.0.1\n\
             AuthservID mx1.example.org\n"
        );
        let settings = place.file("opendmarc.conf", &settings)?;
        let mut command = Command::new("/usr/sbin/opendmarc");
        command.arg("-f").arg("-c").arg(settings);
        Filter::start(place, syslog, "opendmarc", &command, port)
    }

    /// Rspamd as a Milter, with no rules but that for the test message GTUBE.
    pub fn rspamd(place: &Place, syslog: &Rsyslog, log: &RspamdLog) -> anyhow::Result<Self> {
        let port = free_port()?;
        let folder = place.folder("rspamd", "_rspamd:_rspamd", 0o700)?;
        let log = match log {
            RspamdLog::Syslog => "type = \"syslog\"; facility = \"mail\";".to_owned(),
            RspamdLog::File(path) => {
                format!("type = \"file\"; filename = \"{}\";", path.display())
            }
        };
        // Its own list of domains takes seconds to load.
        let domains = place.file("rspamd/domains", "org\n")?;
        let settings = format!(
            "options {{ url_tld = \"{domains}\"; pidfile = \"{folder}/pid\"; tempdir = \"{folder}\"; filters = \"\";\n\
             cache_file = \"{folder}/symbols\"; control_socket = \"{folder}/control\";\n\
             dns {{ nameserver = [\"127.0.0.1\"]; timeout = 0.1s; }} }}\n\
             logging {{ {log}\n\
             .include \"/etc/rspamd/logging.inc\"\n}}\n\
             actions {{ reject = 15; add_header = 6; greylist = 4; }}\n\
             worker \"rspamd_proxy\" {{ bind_socket = \"127.0.0.1:{port}\"; milter = yes;\n\
             count = 1; upstream \"local\" {{ default = yes; self_scan = yes; }} }}\n",
            domains = domains.display(),
            folder = folder.display(),
        );
        let settings = place.file("rspamd.conf", &settings)?;
        let mut command = Command::new("/usr/bin/rspamd");
        command.args(["-f", "-u", "_rspamd", "-g", "_rspamd", "-c"]);
        command.arg(settings);
        Filter::start(place, syslog, "rspamd", &command, port)
    }

    /// SpamAssassin's daemon, which asks nobody.
    pub fn spamd(place: &Place, syslog: &Rsyslog) -> anyhow::Result<Self> {
        let port = free_port()?;
        let home = place.folder("spamd", "debian-spamd:debian-spamd", 0o700)?;
        let mut command = Command::new("/usr/sbin/spamd");
        command
            .args(["--local", "--max-children=1", "--username=debian-spamd"])
            .args(["--listen=127.0.0.1", &format!("--port={port}")])
            .arg(format!("--helper-home-dir={}", home.display()));
        Filter::start(place, syslog, "spamd", &command, port)
    }

    /// The Milter that asks SpamAssassin's daemon, and refuses from 15 points on.
    pub fn spamass_milter(place: &Place, syslog: &Rsyslog, spamd: &Filter) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut command = Command::new("/usr/sbin/spamass-milter");
        command
            .args(["-r", "15", "-p", &format!("inet:{port}@127.0.0.1")])
            .args(["--", "-d", "127.0.0.1", "-p", &spamd.port.to_string()]);
        Filter::start(place, syslog, "spamass-milter", &command, port)
    }

    /// Postgrey, which has new senders come again after a second.
    pub fn postgrey(place: &Place, syslog: &Rsyslog) -> anyhow::Result<Self> {
        let port = free_port()?;
        let folder = place.folder("postgrey", "postgrey:postgrey", 0o700)?;
        let mut command = Command::new("/usr/sbin/postgrey");
        command
            .args(["--delay=1", "--hostname=mx1.example.org"])
            .args(["--user=postgrey", "--group=postgrey"])
            .arg(format!("--inet=127.0.0.1:{port}"))
            .arg(format!("--dbdir={}", folder.display()));
        Filter::start(place, syslog, "postgrey", &command, port)
    }

    fn start(
        place: &Place,
        syslog: &Rsyslog,
        name: &str,
        command: &Command,
        port: u16,
    ) -> anyhow::Result<Self> {
        let output = place.path(&format!("{name}.output"));
        let running = Running::start(syslog.for_server(command), &output)?.until_port(port)?;
        Ok(Filter {
            port,
            _running: running,
        })
    }
}
