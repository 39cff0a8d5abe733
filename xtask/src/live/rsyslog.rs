//! A real rsyslog between sender and daemon.

use super::daemon::Daemon;
use anyhow::{Context, ensure};
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const RSYSLOGD: &str = "/usr/sbin/rsyslogd";

/// How it sends on.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Tcp,
    /// Needs the package `rsyslog-relp`.
    Relp,
}

/// Ended when it is dropped.
pub(super) struct Rsyslog {
    child: Child,
    port: u16,
}

impl Rsyslog {
    /// Takes lines by TCP and sends them to the daemon, waiting for it as long as it must.
    pub(super) fn start(kind: Kind, daemon: &Daemon, folder: &Path) -> anyhow::Result<Self> {
        ensure!(
            Path::new(RSYSLOGD).exists(),
            "{RSYSLOGD} is not there: package `rsyslog`"
        );
        fs::create_dir_all(folder)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let (module, to, more) = match kind {
            Kind::Tcp => (
                "",
                daemon.port("syslog_tcp"),
                "type=\"omfwd\" protocol=\"tcp\" TCP_Framing=\"octet-counted\"",
            ),
            Kind::Relp => (
                "module(load=\"omrelp\")\n",
                daemon.port("relp"),
                "type=\"omrelp\"",
            ),
        };
        // `%msg%` begins with its blank; a batch of 1,024 is rsyslog's own largest.
        let settings = format!(
            "global(workDirectory=\"{}\")\n\
             main_queue(queue.size=\"200000\" queue.dequeueBatchSize=\"1024\")\n\
             module(load=\"imptcp\")\n\
             input(type=\"imptcp\" address=\"127.0.0.1\" port=\"{port}\")\n\
             {module}\
             action({more} target=\"127.0.0.1\" port=\"{}\" template=\"RSYSLOG_SyslogProtocol23Format\" \
             action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\")\n",
            folder.display(),
            to.port()
        );
        let config = folder.join("rsyslog.conf");
        fs::write(&config, settings)?;
        let output = fs::File::create(folder.join("output"))?;
        let child = Command::new(RSYSLOGD)
            .arg("-n")
            .args(["-f".as_ref(), config.as_os_str()])
            .args(["-i".as_ref(), folder.join("pid").as_os_str()])
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()?;
        let mut rsyslog = Rsyslog { child, port };
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(rsyslog);
            }
            ensure!(
                rsyslog.child.try_wait()?.is_none(),
                "rsyslog ended: see {}",
                folder.display()
            );
            std::thread::park_timeout(Duration::from_millis(20));
        }
        Err(anyhow::anyhow!("it does not listen")).context("rsyslog")
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Rsyslog {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
