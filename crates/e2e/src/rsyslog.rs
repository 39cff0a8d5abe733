//! rsyslog with a socket and a file of its own, for servers that are made to see it as `/dev/log`.

use crate::place::Place;
use crate::process::{Running, run};
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Name of the host in all lines.
const HOST: &str = "mx1";

/// Runs the rest of its arguments where `/dev` holds only what a mail server needs, and `log` is our
/// socket. Each server has a view of its own; the machine's `/dev` stays as it is.
const WITH_OWN_DEV: &str = r#"
set -e
mount -t tmpfs none "$1"
for name in null zero full random urandom; do
    touch "$1/$name"
    mount --bind "/dev/$name" "$1/$name"
done
ln -s "$2" "$1/log"
mount --rbind "$1" /dev
shift 2
exec "$@"
"#;

/// A syslog daemon that runs, and writes all that it gets to one file, with times as RFC 3339.
pub struct Rsyslog {
    view: View,
    log: PathBuf,
    _running: Running,
}

impl Rsyslog {
    /// Starts it and waits until it listens.
    pub fn start(place: &Place) -> anyhow::Result<Self> {
        Self::start_with(place, "")
    }

    /// Starts one that also sends all that it gets to ports of loopback: by RELP (package
    /// `rsyslog-relp`) with an RFC 5424 header, and by TCP with one of RFC 3164.
    pub fn start_sending(
        place: &Place,
        relp_port: u16,
        tcp_port: Option<u16>,
    ) -> anyhow::Result<Self> {
        let stays = "queue.type=\"LinkedList\" action.resumeRetryCount=\"-1\" \
                     action.resumeInterval=\"1\"";
        let mut actions = format!(
            "module(load=\"omrelp\")\n\
             action(type=\"omrelp\" target=\"127.0.0.1\" port=\"{relp_port}\" \
             template=\"RSYSLOG_SyslogProtocol23Format\" {stays})\n"
        );
        if let Some(port) = tcp_port {
            // Whichever way a line comes first, it must say which daemon wrote it.
            actions += &format!(
                "global(parser.permitSlashInProgramName=\"on\")\n\
                 template(name=\"old\" type=\"string\" \
                 string=\"<%PRI%>%TIMESTAMP% %HOSTNAME% %syslogtag%%msg:::sp-if-no-1st-sp%%msg%\")\n\
                 action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{port}\" protocol=\"tcp\" \
                 TCP_Framing=\"octet-counted\" template=\"old\" {stays})\n"
            );
        }
        Self::start_with(place, &actions)
    }

    /// Its file, for who wants to know it before it is there.
    pub fn log_in(place: &Place) -> PathBuf {
        place.path("syslog")
    }

    fn start_with(place: &Place, actions: &str) -> anyhow::Result<Self> {
        let dev = place.folder("dev", "root", 0o755)?;
        let (socket, log) = (place.path("syslog.socket"), Self::log_in(place));
        let settings = format!(
            "global(localHostname=\"{HOST}\" workDirectory=\"{folder}\")\n\
             module(load=\"imuxsock\" SysSock.Use=\"off\")\n\
             input(type=\"imuxsock\" Socket=\"{socket}\" RateLimit.Interval=\"0\")\n\
             action(type=\"omfile\" file=\"{log}\" template=\"RSYSLOG_FileFormat\")\n\
             {actions}",
            folder = place.path("").display(),
            socket = socket.display(),
            log = log.display(),
        );
        let settings = place.file("rsyslog.conf", &settings)?;
        let mut rsyslogd = Command::new("/usr/sbin/rsyslogd");
        rsyslogd.arg("-n").arg("-f").arg(settings);
        rsyslogd.arg("-i").arg(place.path("rsyslog.pid"));
        let running = Running::start(rsyslogd, &place.path("rsyslog.output"))?
            .until("making a socket", || socket.exists())?;
        Ok(Rsyslog {
            view: View { dev, socket },
            log,
            _running: running,
        })
    }

    /// Its file.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The command that runs another one with `/dev/log` being this daemon's socket.
    pub(crate) fn for_server(&self, server: &Command) -> Command {
        self.view.wrap(server)
    }

    /// What servers see.
    pub(crate) fn view(&self) -> View {
        self.view.clone()
    }
}

/// A view of the machine in which `/dev/log` is a daemon's socket.
#[derive(Clone)]
pub(crate) struct View {
    dev: PathBuf,
    socket: PathBuf,
}

impl View {
    /// The command that runs another one in this view.
    pub(crate) fn wrap(&self, server: &Command) -> Command {
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "sh", "-c", WITH_OWN_DEV, "sh"])
            .arg(&self.dev)
            .arg(&self.socket)
            .arg(server.get_program())
            .args(server.get_args());
        command
    }
}

/// Whether a server can be given a `/dev/log` of its own: most containers may not mount.
pub(crate) fn can_mount() -> anyhow::Result<()> {
    let args = ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"];
    run("unshare", args).map(drop).context("may not mount")
}
