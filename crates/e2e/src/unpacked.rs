//! Servers that Debian does not allow beside Postfix: their packages are unpacked into
//! `target/servers`, and laid over the machine's files where the server alone sees them.

use crate::place::Place;
use crate::process::{Running, run};
use crate::rsyslog::Rsyslog;
use anyhow::Context;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Name of the host that such a server takes itself for.
pub(crate) const HOST: &str = "mx4.example.net";

/// Runs the rest of its arguments where a package is installed: below `$1` are its files, below `$2`
/// is what is written over them, and `/run`.
const WHERE_INSTALLED: &str = r#"
set -e
mkdir -p "$2/run"
for part in usr etc var; do
    mkdir -p "$2/$part" "$2/.$part"
    mount -t overlay none -o "lowerdir=$1/$part:/$part,upperdir=$2/$part,workdir=$2/.$part" "/$part"
done
mount --bind "$2/run" /run
echo "$3" > /proc/sys/kernel/hostname
shift 3
exec "$@"
"#;

/// A server that runs where its package is installed.
pub(crate) struct Unpacked {
    running: Running,
}

impl Unpacked {
    /// Starts it by a shell script and waits until it answers. Its settings lie below the folder of
    /// its name (`sendmail/etc/mail`), as below the root of the machine.
    pub(crate) fn start(
        place: &Place,
        name: &str,
        script: &str,
        port: u16,
        syslog: &Rsyslog,
    ) -> anyhow::Result<Self> {
        let root = place.path(name);
        place.file(
            &format!("{name}/etc/hosts"),
            &format!("127.0.0.1 {HOST} localhost\n"),
        )?;
        let mut command = Command::new("unshare");
        command
            .args(["--uts", "sh", "-c", WHERE_INSTALLED, "sh"])
            .args([&folder(name), &root])
            .args([HOST, "sh", "-e", "-c", script]);
        let output = place.path(&format!("{name}.output"));
        let running = Running::start(syslog.for_server(&command), &output)?.until_port(port)?;
        Ok(Unpacked { running })
    }

    /// Runs a program of the package where the server runs, with the rights of a group.
    pub(crate) fn run(&self, group: &str, words: &[&str]) -> anyhow::Result<String> {
        let pid = self.running.pid().to_string();
        let here = ["--target", &pid, "--mount", "--uts", "setpriv", "--regid"];
        let words = here.iter().chain([&group, &"--clear-groups"]).chain(words);
        run("nsenter", words)
    }
}

/// Where a package was unpacked. `xtask/src/install/servers.rs` does that.
pub(crate) fn folder(name: &str) -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    workspace.join(target).join("servers").join(name)
}

/// Whether a package was unpacked, and can be laid over the machine's files.
pub(crate) fn can_run(name: &str) -> anyhow::Result<()> {
    let folder = folder(name).canonicalize();
    let folder = folder.with_context(|| format!("`{name}` is not unpacked"))?;
    let own = tempfile::tempdir()?;
    let [upper, work] = ["upper", "work"].map(|name| own.path().join(name));
    fs::create_dir(&upper)?;
    fs::create_dir(&work)?;
    let layers = format!(
        "lowerdir={}/usr:/usr,upperdir={},workdir={}",
        folder.display(),
        upper.display(),
        work.display()
    );
    let args = ["--mount", "mount", "-t", "overlay", "none", "-o"];
    let args = args.into_iter().chain([layers.as_str(), "/usr"]);
    run("unshare", args).map(drop).context("may not mount")
}
