//! Running other programs: shown before they run, an error if they fail.

use anyhow::{Context, ensure};
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace")
}

/// Where builds go.
pub(crate) fn target_dir() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The cargo that runs this, in the environment that one would type it in: build scripts that ask for
/// what cargo tells of a package (`ring`'s does) would run anew for each way in which they are
/// reached, and the engines would be built again after them.
pub(crate) fn cargo<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    let of_package = |name: &str| {
        [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_NAME",
            "CARGO_CRATE_NAME",
        ]
        .iter()
        .any(|prefix| name.starts_with(prefix))
    };
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(of_package) {
            command.env_remove(name);
        }
    }
    command
}

/// Another program.
pub(crate) fn program<S: AsRef<OsStr>>(
    name: impl AsRef<OsStr>,
    args: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = Command::new(name);
    command.args(args).current_dir(root());
    command
}

/// The command as one could type it.
pub(crate) fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    let words = std::iter::once(name).chain(command.get_args());
    let words: Vec<String> = words
        .map(|word| word.to_string_lossy().replace(&shown_root(), ""))
        .collect();
    words.join(" ")
}

fn shown_root() -> String {
    format!("{}/", root().display())
}

/// Shows the command and runs it.
pub(crate) fn run(mut command: Command) -> anyhow::Result<()> {
    let shown = shown(&command);
    eprintln!("$ {shown}");
    let status = command
        .status()
        .with_context(|| format!("cannot run `{shown}`"))?;
    ensure!(status.success(), "`{shown}` failed ({status})");
    Ok(())
}

/// Runs the command in silence and gives what it printed.
pub(crate) fn output(mut command: Command) -> anyhow::Result<String> {
    let shown = shown(&command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot run `{shown}`"))?;
    ensure!(
        output.status.success(),
        "`{shown}` failed ({})",
        output.status
    );
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` printed no UTF-8"))
}

/// Whether a program is installed.
pub(crate) fn has(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let own = env::var_os("CARGO").map(|cargo| PathBuf::from(cargo).with_file_name(name));
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .chain(own)
        .any(|file| file.is_file())
}

/// Whether a cargo subcommand is installed.
pub(crate) fn has_cargo(verb: &str) -> bool {
    has(&format!("cargo-{verb}"))
}

/// Runs this very command again, built for speed, if it is not that already.
///
/// `None` if it is: then go on.
pub(crate) fn again_in_release(features: &[&str]) -> Option<anyhow::Result<()>> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let manifest = root().join("Cargo.toml");
    let mut command = cargo(["run", "--quiet", "--release", "--package", "xtask"]);
    command.arg("--manifest-path").arg(manifest);
    for feature in features {
        command.args(["--features", feature]);
    }
    command.arg("--").args(env::args_os().skip(1));
    // Paths on the command line are meant from where it was typed.
    if let Ok(folder) = env::current_dir() {
        command.current_dir(folder);
    }
    Some(run(command))
}
