//! Exim with settings, spool and log of its own.
//!
//! Debian does not allow it beside Postfix, so its files are unpacked into `target/servers/exim4`.

use crate::place::{Place, free_port};
use crate::process::{Running, run};
use crate::rsyslog::{Rsyslog, View};
use crate::unpacked;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The user that Debian's Exim changes to.
pub(crate) const USER: &str = "Debian-exim";

/// An Exim that runs: host `mx3.example.net`, with mailboxes for two users of `example.net`. All
/// other users bounce, and other domains go to the next host.
pub struct Exim {
    port: u16,
    log: PathBuf,
    binary: PathBuf,
    settings: PathBuf,
    view: Option<View>,
    _running: Running,
}

impl Exim {
    /// Starts it and waits until it answers; mail for other domains goes to `next_port`. It logs to
    /// the syslog daemon, or to a file where there is none.
    pub fn start(
        place: &Place,
        users: &[&str],
        next_port: u16,
        syslog: Option<&Rsyslog>,
    ) -> anyhow::Result<Self> {
        let port = free_port()?;
        for name in ["exim/spool", "exim/log", "exim/mail"] {
            place.folder(name, &format!("{USER}:{USER}"), 0o750)?;
        }
        // It runs itself as another user, who may not see where the workspace is.
        let binary = place.program("exim/exim4", &program())?;
        let log = match syslog {
            Some(_) => "syslog".to_owned(),
            None => place.path("exim/log/%slog").display().to_string(),
        };
        let settings = settings(place, &binary, &log, users, [port, next_port]);
        let settings = place.file("exim/exim.conf", &settings)?;
        let mut exim = Command::new(&binary);
        exim.arg("-C").arg(&settings).arg("-bdf");
        if let Some(syslog) = syslog {
            exim = syslog.for_server(&exim);
        }
        let running = Running::start(exim, &place.path("exim/output"))?.until_port(port)?;
        Ok(Exim {
            port,
            log: syslog.map_or_else(|| place.path("exim/log/mainlog"), |it| it.log().to_owned()),
            binary,
            settings,
            view: syslog.map(Rsyslog::view),
            _running: running,
        })
    }

    /// Where it takes mail.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its main log, or that of the syslog daemon.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Has it try all deferred mail now.
    pub fn flush(&self) -> anyhow::Result<()> {
        let mut command = Command::new(&self.binary);
        command.arg("-C").arg(&self.settings).arg("-qff");
        let command = match &self.view {
            Some(view) => view.wrap(&command),
            None => command,
        };
        run(command.get_program(), command.get_args()).map(drop)
    }
}

fn program() -> PathBuf {
    unpacked::folder("exim4").join("usr/sbin/exim4")
}

/// Whether it is there, with its libraries.
pub(crate) fn can_run() -> anyhow::Result<()> {
    run(program(), ["-C", "/dev/null", "-bV"]).map(drop)
}

fn settings(
    place: &Place,
    binary: &Path,
    log: &str,
    users: &[&str],
    [port, next_port]: [u16; 2],
) -> String {
    let folder = place.path("exim");
    format!(
        "\
exim_path = {binary}
primary_hostname = mx3.example.net
spool_directory = {folder}/spool
log_file_path = {log}
syslog_timestamp = no
syslog_processname = exim
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
keep_environment =
tls_advertise_hosts =
host_lookup =
rfc1413_query_timeout = 0s
deliver_drop_privilege
acl_smtp_rcpt = all
acl_smtp_data = all
begin acl
all:
  accept
begin routers
user:
  driver = accept
  domains = example.net
  local_parts = {users}
  transport = mailbox
nobody:
  driver = redirect
  domains = example.net
  allow_fail
  data = :fail: no such user
next:
  driver = manualroute
  route_list = * 127.0.0.1::{next_port}
  self = send
  transport = remote
begin transports
mailbox:
  driver = appendfile
  file = {folder}/mail/$local_part_data
  user = {USER}
remote:
  driver = smtp
begin retry
* * F,2h,1m
",
        binary = binary.display(),
        folder = folder.display(),
        users = users.join(" : "),
    )
}
