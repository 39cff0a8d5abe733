//! A PostgreSQL server of our own: on a socket in a temporary folder, as a user who is not root.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A server that runs as long as this lives.
pub(crate) struct Server {
    programs: PathBuf,
    owner: Option<(u32, u32)>,
    folder: tempfile::TempDir,
}

impl Server {
    /// Starts one; tells why not if its programs are not here.
    pub(crate) fn start() -> Result<Self, &'static str> {
        let programs = programs().ok_or("no /usr/lib/postgresql/*/bin/initdb")?;
        let folder = tempfile::Builder::new()
            .prefix("waybill-pg")
            .tempdir_in("/tmp")
            .unwrap();
        let owner = match is_root() {
            true => Some(
                user("postgres")
                    .or_else(|| user("nobody"))
                    .ok_or("no user but root")?,
            ),
            false => None,
        };
        if let Some((uid, gid)) = owner {
            chown(folder.path(), Some(uid), Some(gid)).unwrap();
        }
        let this = Self {
            programs,
            owner,
            folder,
        };
        let data = this.data();
        let words = [
            "-A",
            "trust",
            "-U",
            "waybill",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
            "-D",
            &data,
        ];
        this.run("initdb", &words);
        let socket = this.folder.path().display().to_string();
        let options = format!(
            "-k '{socket}' -c listen_addresses= -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        );
        let log = format!("{socket}/log");
        this.run(
            "pg_ctl",
            &["start", "-w", "-D", &data, "-o", &options, "-l", &log],
        );
        Ok(this)
    }

    /// Makes a schema, which is as good as an empty database and quicker.
    pub(crate) fn schema(&self, name: &str) -> String {
        let socket = self.folder.path().display().to_string();
        let sql = format!("CREATE SCHEMA {name}");
        self.run(
            "psql",
            &[
                "-q", "-h", &socket, "-U", "waybill", "-d", "postgres", "-c", &sql,
            ],
        );
        format!("postgres://waybill@localhost/postgres?host={socket}&options[search_path]={name}")
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn run(&self, program: &str, words: &[&str]) {
        let mut command = Command::new(self.programs.join(program));
        command
            .args(words)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        if let Some((uid, gid)) = self.owner {
            command.uid(uid).gid(gid);
        }
        // The server keeps what it inherits: a pipe would never end.
        let said = self.folder.path().join("said");
        let to = fs::File::create(&said).unwrap();
        command.stdout(to.try_clone().unwrap()).stderr(to);
        let status = command.status().unwrap();
        assert!(
            status.success(),
            "{program}: {}",
            fs::read_to_string(&said).unwrap()
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.run("pg_ctl", &["stop", "-m", "immediate", "-D", &self.data()]);
    }
}

/// The programs of the newest version.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions.flatten().map(|it| it.path().join("bin")).collect();
    found.retain(|it| it.join("initdb").exists() && it.join("postgres").exists());
    found.sort();
    found.pop()
}

/// Source: proc(5), the owner of a process's folder is its effective user.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(Path::new("/proc/self")).is_ok_and(|it| it.uid() == 0)
}

/// User and group number of a name. Source: passwd(5).
fn user(name: &str) -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let fields: Vec<&str> = users
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.first() == Some(&name))?;
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}
