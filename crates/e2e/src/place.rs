//! A temporary folder that holds all that the servers of a test have: settings, queues, mail, logs.

use anyhow::Context;
use std::env;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};
use tempfile::TempDir;

/// A temporary folder, removed when dropped; servers in it must be dropped before. With
/// `WAYBILL_E2E_KEEP` set it stays, so that one can look at settings and logs.
///
/// Its path is short: a socket's may not be longer than 107 bytes.
pub struct Place {
    folder: TempDir,
}

/// Ports are looked for below those that the system gives to outgoing connections.
const PORT_FIRST: u16 = 12_000;
const PORTS: u16 = 20_000;

/// Apart for tests that run at the same time: each process starts elsewhere.
const PORTS_PER_PROCESS: u32 = 64;

impl Place {
    /// A new one, open to the users that servers run as.
    pub fn new() -> anyhow::Result<Self> {
        let keep = env::var_os("WAYBILL_E2E_KEEP").is_some();
        let folder = tempfile::Builder::new()
            .prefix("waybill-")
            .disable_cleanup(keep)
            .tempdir()?;
        if keep {
            eprintln!("kept: {}", folder.path().display());
        }
        mode(folder.path(), 0o755)?;
        Ok(Place { folder })
    }

    /// Where something of this name lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, with the folders that lead to it.
    pub fn file(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let path = self.path(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// Makes a folder that belongs to a user (`postfix`) or to a user and group (`mail:mail`).
    pub fn folder(&self, name: &str, owner: &str, bits: u32) -> anyhow::Result<PathBuf> {
        let path = self.path(name);
        fs::create_dir_all(&path)?;
        mode(&path, bits)?;
        self.owner(name, owner)?;
        Ok(path)
    }

    /// Copies a program, without the right to run as its owner.
    pub(crate) fn program(&self, name: &str, from: &Path) -> anyhow::Result<PathBuf> {
        let path = self.path(name);
        fs::copy(from, &path).with_context(|| format!("cannot copy {}", from.display()))?;
        mode(&path, 0o755)?;
        Ok(path)
    }

    /// Gives a file or folder to a user, as [`Place::folder`] does.
    pub fn owner(&self, name: &str, owner: &str) -> anyhow::Result<()> {
        let path = self.path(name);
        let (user, group) = owner.split_once(':').unwrap_or((owner, ""));
        let uid = id_of("/etc/passwd", user)?;
        let gid = match group {
            "" => None,
            group => Some(id_of("/etc/group", group)?),
        };
        chown(&path, Some(uid), gid)
            .with_context(|| format!("cannot give {} to {owner}", path.display()))
    }
}

fn mode(path: &Path, bits: u32) -> anyhow::Result<()> {
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(bits))?)
}

/// The number of a user or group. Source: passwd(5), group(5).
pub(crate) fn id_of(file: &str, name: &str) -> anyhow::Result<u32> {
    let text = fs::read_to_string(file)?;
    let mut entries = text.lines().map(|line| line.split(':'));
    let id = entries.find_map(|mut it| (it.next() == Some(name)).then(|| it.nth(1))?);
    let id = id.with_context(|| format!("no `{name}` in {file}"))?;
    Ok(id.parse()?)
}

/// Whether a user is there.
pub(crate) fn has_user(name: &str) -> bool {
    id_of("/etc/passwd", name).is_ok()
}

/// A port on loopback where nobody listens, given out once.
pub fn free_port() -> anyhow::Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = (process::id().wrapping_mul(PORTS_PER_PROCESS) % u32::from(PORTS)) as u16;
    for _ in 0..PORTS {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = PORT_FIRST + start.wrapping_add(step) % PORTS;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    anyhow::bail!("no free port on loopback")
}
