//! Python with modules that tests use, where it is there.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A Python that has the modules (`mailgun, requests`): `WAYBILL_PYTHON`, the one that `cargo xtask test`
/// put into `target/python`, or the system's; none if no one has them.
#[must_use]
pub fn python(modules: &str) -> Option<PathBuf> {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    let of_user = std::env::var_os("WAYBILL_PYTHON").map(PathBuf::from);
    let mut pythons = of_user.into_iter().chain([ours, "python3".into()]);
    pythons.find(|python| {
        let mut command = Command::new(python);
        command.args(["-c", &format!("import {modules}")]);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}
