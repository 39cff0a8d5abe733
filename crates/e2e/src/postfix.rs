//! Postfix with settings, queue and log of its own.

use crate::place::{Place, free_port};
use crate::process::{Running, run};
use crate::rsyslog::Rsyslog;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const DAEMONS: &str = "/usr/lib/postfix/sbin";

/// What any Postfix runs, in the form of master(5).
const SERVICES: &str = "\
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

/// Folders of the queue, those of `postfix` alone.
const QUEUES: &[&str] = &[
    "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private",
    "saved", "trace",
];

/// A Postfix that runs.
pub struct Postfix {
    folder: PathBuf,
    port: u16,
    log: PathBuf,
    _running: Running,
}

/// A Postfix that is to be started.
pub struct PostfixSetup<'p> {
    place: &'p Place,
    name: String,
    port: u16,
    settings: BTreeMap<String, String>,
    services: String,
    syslog: Option<&'p Rsyslog>,
}

impl Postfix {
    /// One that is host `name` of `example.org`, before its start. It takes mail for anybody from
    /// loopback, and brings mail of `example.org` where `virtual_transport` says.
    pub fn setup<'p>(place: &'p Place, name: &str) -> anyhow::Result<PostfixSetup<'p>> {
        let setup = PostfixSetup {
            place,
            name: name.to_owned(),
            port: free_port()?,
            settings: BTreeMap::new(),
            services: String::new(),
            syslog: None,
        };
        Ok(setup.with_basics())
    }

    /// Where it takes mail.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its log, in the form of `maillog_file`, or that of the syslog daemon.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Has it try all deferred mail now.
    pub fn flush(&self) -> anyhow::Result<()> {
        self.command("postqueue", &["-f"]).map(drop)
    }

    /// What is in its queue, as `postqueue -j` lists it: one JSON object a line.
    pub fn queue(&self) -> anyhow::Result<String> {
        self.command("postqueue", &["-j"])
    }

    /// Does to the queue what postsuper(1) can do (`-H ALL`).
    pub fn postsuper(&self, args: &[&str]) -> anyhow::Result<()> {
        self.command("postsuper", args).map(drop)
    }

    fn command(&self, program: &str, args: &[&str]) -> anyhow::Result<String> {
        let settings = self.folder.join("etc");
        let settings = [Path::new("-c"), &settings];
        let args = args.iter().map(Path::new);
        run(program, settings.into_iter().chain(args))
    }
}

impl<'p> PostfixSetup<'p> {
    /// Paths, users, and nothing that asks the network.
    fn with_basics(self) -> Self {
        let folder = self.place.path(&self.name);
        let inside = |name: &str| folder.join(name).display().to_string();
        let (etc, queue, data) = (inside("etc"), inside("queue"), inside("data"));
        let log = self.log().display().to_string();
        let logs = self.place.path("").display().to_string();
        let host = format!("{}.example.org", self.name);
        self.set("compatibility_level", "3.6")
            .set("config_directory", etc)
            .set("queue_directory", queue)
            .set("data_directory", data)
            .set("daemon_directory", DAEMONS)
            .set("command_directory", "/usr/sbin")
            .set("mail_owner", "postfix")
            .set("setgid_group", "postdrop")
            .set("maillog_file", log)
            .set("maillog_file_prefixes", logs)
            .set("myhostname", host)
            .set("inet_interfaces", "127.0.0.1")
            .set("inet_protocols", "ipv4")
            .set("mynetworks", "127.0.0.0/8")
            .set("mydestination", "")
            .set("alias_maps", "")
            .set("smtp_dns_support_level", "disabled")
            .set("smtp_host_lookup", "native")
            .set("smtpd_peername_lookup", "no")
            .set("virtual_mailbox_domains", "example.org")
    }

    fn log(&self) -> PathBuf {
        if let Some(syslog) = self.syslog {
            return syslog.log().to_owned();
        }
        self.place.path(&format!("{}.log", self.name))
    }

    /// Is another instance on host `host`, and writes its own name (`postfix-out/smtpd`).
    pub fn instance_on(self, host: &str) -> Self {
        let name = self.name.clone();
        self.set("myhostname", format!("{host}.example.org"))
            .set("syslog_name", name)
    }

    /// Has it log to a syslog daemon instead of to a file.
    pub fn syslog(mut self, to: &'p Rsyslog) -> Self {
        self.syslog = Some(to);
        self.set("maillog_file", "")
    }

    /// Sets a parameter of postconf(5); the last one counts.
    pub fn set(mut self, name: &str, value: impl ToString) -> Self {
        self.settings.insert(name.to_owned(), value.to_string());
        self
    }

    /// Adds a service, in the form of master(5).
    pub fn service(mut self, line: impl AsRef<str>) -> Self {
        let _ = writeln!(self.services, "{}", line.as_ref());
        self
    }

    /// Where it will take mail.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes a table of lines `key value` and gives its name for a parameter.
    pub fn table(&self, name: &str, lines: &str) -> anyhow::Result<String> {
        self.table_of("texthash", name, lines)
    }

    /// Makes a table of another type (`regexp`), and gives its name for a parameter.
    pub fn table_of(&self, kind: &str, name: &str, lines: &str) -> anyhow::Result<String> {
        let path = format!("{}/etc/{name}", self.name);
        let path = self.place.file(&path, lines)?;
        make_older(&path)?;
        Ok(format!("{kind}:{}", path.display()))
    }

    /// Starts it and waits until it answers.
    pub fn start(self) -> anyhow::Result<Postfix> {
        let name = &self.name;
        let folder = self.place.path(name);
        let log = self.log();
        self.make_queue()?;
        let main = format!("{name}/etc/main.cf");
        let main = self.place.file(&main, &self.main_cf())?;
        make_older(&main)?;
        let services = format!("{name}/etc/master.cf");
        self.place.file(&services, &self.master_cf())?;
        let mut master = Command::new(format!("{DAEMONS}/master"));
        master.arg("-d").arg("-c").arg(folder.join("etc"));
        if let Some(syslog) = self.syslog {
            master = syslog.for_server(&master);
        }
        let running = Running::start(master, &folder.join("output"))?.until_port(self.port)?;
        Ok(Postfix {
            folder,
            port: self.port,
            log,
            _running: running,
        })
    }

    /// As `postfix check` makes it. Source: postfix `conf/postfix-files`.
    fn make_queue(&self) -> anyhow::Result<()> {
        let folder = |name: &str, owner: &str, mode| {
            let name = format!("{}/{name}", self.name);
            self.place.folder(&name, owner, mode).map(drop)
        };
        folder("queue", "root", 0o755)?;
        folder("queue/pid", "root", 0o755)?;
        folder("data", "postfix", 0o700)?;
        folder("queue/maildrop", "postfix:postdrop", 0o730)?;
        folder("queue/public", "postfix:postdrop", 0o710)?;
        QUEUES
            .iter()
            .try_for_each(|name| folder(&format!("queue/{name}"), "postfix", 0o700))
    }

    fn main_cf(&self) -> String {
        let lines = self.settings.iter();
        lines
            .map(|(name, value)| format!("{name} = {value}\n"))
            .collect()
    }

    fn master_cf(&self) -> String {
        let port = self.port;
        format!(
            "127.0.0.1:{port} inet n - n - - smtpd\n{SERVICES}{}",
            self.services
        )
    }
}

/// Postfix does not trust settings that were written a moment ago: it waits for two seconds whether
/// more comes. Source: postfix `src/util/dict.c`.
fn make_older(path: &Path) -> anyhow::Result<()> {
    let file = File::options().write(true).open(path)?;
    let written = file.metadata()?.modified()?;
    Ok(file.set_modified(written - Duration::from_secs(10))?)
}
