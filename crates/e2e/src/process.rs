//! Programs that run as long as a value lives, and those that run and end.

use crate::wait;
use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server that runs in the foreground, in a process group of its own; stopped when dropped.
pub(crate) struct Running {
    child: Child,
    output: PathBuf,
}

impl Running {
    /// Starts it; what it prints goes to a file.
    pub(crate) fn start(mut command: Command, output: &Path) -> anyhow::Result<Self> {
        let file = File::create(output)?;
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0);
        let child = command
            .spawn()
            .with_context(|| format!("cannot run {:?}", command.get_program()))?;
        let output = output.to_owned();
        Ok(Running { child, output })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it is ready; errs with what it printed if it ends or takes too long.
    pub(crate) fn until(
        mut self,
        what: &str,
        mut is_ready: impl FnMut() -> bool,
    ) -> anyhow::Result<Self> {
        let ended = wait::until(what, || match self.child.try_wait() {
            Ok(Some(status)) => Some(Some(status)),
            _ => is_ready().then_some(None),
        });
        let printed = || fs::read_to_string(&self.output).unwrap_or_default();
        match ended.with_context(printed)? {
            Some(status) => bail!("ended instead of {what} ({status}): {}", printed()),
            None => Ok(self),
        }
    }

    /// Waits until it takes connections at a port on loopback.
    pub(crate) fn until_port(self, port: u16) -> anyhow::Result<Self> {
        self.until(&format!("listening at port {port}"), || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
        })
    }
}

impl Drop for Running {
    /// Asks the server to stop, waits for its end, and then ends what is left of its group.
    fn drop(&mut self) {
        let pid = Pid::from_child(&self.child);
        let _ = kill_process(pid, Signal::TERM);
        let ended = wait::until("the server's end", || self.child.try_wait().ok().flatten());
        let _ = kill_process_group(pid, Signal::KILL);
        if ended.is_err() {
            let _ = self.child.wait();
        }
    }
}

/// Runs a program to its end and gives what it printed.
pub(crate) fn run<S: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    args: impl IntoIterator<Item = S>,
) -> anyhow::Result<String> {
    let program = program.as_ref();
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {program:?}"))?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    ensure!(
        output.status.success(),
        "{program:?} failed ({}): {}",
        output.status,
        said(&output.stderr)
    );
    Ok(said(&output.stdout))
}
