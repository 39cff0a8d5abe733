//! The daemon that is measured.

use crate::shell::{self, program};
use anyhow::Context;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const CONFIG: &str = "log = 'json'\n[listen]\nsyslog_udp = '127.0.0.1:0'\n\
    syslog_tcp = '127.0.0.1:0'\nrelp = '127.0.0.1:0'\nhttp = '127.0.0.1:0'\nweb = '127.0.0.1:0'\n";

/// Ended when it is dropped.
pub(super) struct Daemon {
    child: Child,
    waybill: PathBuf,
    data: PathBuf,
    ports: BTreeMap<String, SocketAddr>,
}

impl Daemon {
    /// Starts it with an empty archive, and waits until it is ready.
    pub(super) fn start(waybill: &Path, folder: &Path) -> anyhow::Result<Self> {
        let (config, data) = (folder.join("waybill.toml"), folder.join("data"));
        fs::write(&config, CONFIG)?;
        let mut child = Command::new(waybill)
            .arg("serve")
            .args(["--config".as_ref(), config.as_os_str()])
            .args(["--data".as_ref(), data.as_os_str()])
            .stderr(Stdio::piped())
            .spawn()?;
        let mut said = BufReader::new(child.stderr.take().context("it is piped")?).lines();
        let mut ports = BTreeMap::new();
        loop {
            let line = said.next().context("the daemon ended")??;
            let told: Value = serde_json::from_str(&line).unwrap_or_default();
            let message = told["fields"]["message"].as_str().unwrap_or(&line);
            if let Some(name) = message.strip_prefix("listening: ") {
                let address = told["fields"]["address"].as_str().unwrap_or_default();
                ports.insert(name.to_owned(), address.parse()?);
            }
            if message == "ready" {
                break;
            }
        }
        // What goes wrong is told by it.
        std::thread::spawn(move || {
            for line in said.map_while(Result::ok) {
                if !line.contains("\"INFO\"") {
                    eprintln!("{line}");
                }
            }
        });
        Ok(Daemon {
            child,
            waybill: waybill.to_owned(),
            data,
            ports,
        })
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens, by the key of `[listen]`.
    pub(super) fn port(&self, name: &str) -> SocketAddr {
        self.ports[name]
    }

    /// A command that asks it.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(&self.waybill, arguments);
        command.arg("--data").arg(&self.data);
        command.stdin(Stdio::null());
        command
    }

    /// Lines that came out of the journal.
    pub(super) fn heard(&self) -> anyhow::Result<u64> {
        let told = self.command(&["sources", "--json"]).output()?.stdout;
        let told = told.split(|byte| *byte == b'\n');
        let lines = told.filter_map(|it| serde_json::from_slice::<Value>(it).ok());
        Ok(lines.filter_map(|it| it["lines"].as_u64()).sum())
    }

    /// Ends it as systemd does.
    pub(super) fn end(mut self) -> anyhow::Result<()> {
        shell::output(program("kill", [self.pid().to_string()]))?;
        let status = self.child.wait()?;
        anyhow::ensure!(status.success(), "the daemon failed: {status}");
        Ok(())
    }

    /// Lines in the archive of one that has ended.
    pub(super) fn stored(waybill: &Path, folder: &Path) -> anyhow::Result<u64> {
        let question = "select sum(lines) as lines from events";
        let mut sql = program(waybill, ["sql", question, "--format", "json", "--data"]);
        sql.arg(folder.join("data"));
        let told: Value = serde_json::from_str(&shell::output(sql)?)?;
        told["lines"].as_u64().context("it tells no number")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
