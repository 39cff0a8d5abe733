//! Mail servers for the end-to-end tests, installed but not started.
//!
//! Only where we are root: the tests need that anyway, and nobody wants a mail server on his desk by
//! way of `sudo`. What would remove another mail server is not installed. Servers that Debian does not
//! allow beside Postfix are unpacked into `target/servers/`.

use super::{apt, install, is_root};
use crate::shell::{self, program};
use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A file that is used, and the package that brings it. `crates/e2e/src/needs.rs` looks for the same.
const SERVERS: &[(&str, &str)] = &[
    ("/usr/lib/postfix/sbin/master", "postfix"),
    ("/usr/lib/dovecot/imap", "dovecot-imapd"),
    ("/usr/lib/dovecot/pop3", "dovecot-pop3d"),
    ("/usr/lib/dovecot/lmtp", "dovecot-lmtpd"),
    (
        "/usr/lib/dovecot/modules/lib90_sieve_plugin.so",
        "dovecot-sieve",
    ),
    ("/usr/sbin/amavisd", "amavisd-new"),
    ("/usr/sbin/rsyslogd", "rsyslog"),
];

/// The same for the tests that `WAYBILL_E2E=all` adds.
const FILTERS: &[(&str, &str)] = &[
    ("/usr/bin/rspamd", "rspamd"),
    ("/usr/sbin/opendkim", "opendkim"),
    ("/usr/sbin/opendkim-genkey", "opendkim-tools"),
    ("/usr/sbin/opendmarc", "opendmarc"),
    ("/usr/sbin/spamd", "spamd"),
    ("/usr/sbin/spamass-milter", "spamass-milter"),
    ("/usr/sbin/postgrey", "postgrey"),
];

/// Exim: what is unpacked, libraries that it needs, and the user that its binary changes to.
const EXIM: &[&str] = &["exim4-daemon-light", "exim4-base"];
const EXIM_LIBRARIES: &[&str] = &["libgnutls-dane0", "libidn12", "libnsl2"];
const EXIM_USER: &str = "Debian-exim";

/// Debian's packages ask this program whether a service may be started, if it is there.
/// Source: invoke-rc.d(8).
const POLICY: &str = "/usr/sbin/policy-rc.d";

pub(super) fn run() {
    if !is_root() {
        eprintln!("not installed: mail servers (not root); end-to-end tests are skipped");
        return;
    }
    let all = env::var_os("WAYBILL_E2E").is_some_and(|it| it == "all");
    let filters = if all { FILTERS } else { &[] };
    let missing: Vec<&str> = SERVERS
        .iter()
        .chain(filters)
        .filter(|(file, _)| !Path::new(file).exists())
        .map(|&(_, package)| package)
        .collect();
    if !missing.is_empty()
        && let Err(reason) = without_starting(|| install(&missing))
    {
        let missing = missing.join(" ");
        eprintln!("not installed: {missing} ({reason}); end-to-end tests with them are skipped");
    }
    let folder = shell::target_dir().join("servers/exim4");
    if !folder.join("usr/sbin/exim4").exists()
        && let Err(error) = exim(&folder)
    {
        eprintln!("not unpacked: exim4 ({error:#}); end-to-end tests with it are skipped");
    }
}

fn exim(folder: &Path) -> anyhow::Result<()> {
    install(EXIM_LIBRARIES).map_err(anyhow::Error::msg)?;
    unpack(EXIM, folder)?;
    // Nothing in a target folder should run as root by itself.
    let binary = folder.join("usr/sbin/exim4");
    fs::set_permissions(binary, fs::Permissions::from_mode(0o755))?;
    add_user(EXIM_USER)
}

/// Keeps packages from starting what they bring.
fn without_starting<T>(install: impl FnOnce() -> T) -> T {
    let policy = Path::new(POLICY);
    if policy.exists() {
        return install();
    }
    let written = fs::write(policy, "#!/bin/sh\nexit 101\n")
        .and_then(|()| fs::set_permissions(policy, fs::Permissions::from_mode(0o755)));
    let result = install();
    if written.is_ok() {
        let _ = fs::remove_file(policy);
    }
    result
}

/// Downloads packages and puts their files below a folder, without asking what they conflict with.
fn unpack(packages: &[&str], folder: &Path) -> anyhow::Result<()> {
    let downloads = folder.with_extension("downloads");
    fs::create_dir_all(&downloads)?;
    let download = || {
        let mut command = program("apt-get", ["download", "--quiet"]);
        command.args(packages).current_dir(&downloads);
        shell::run(command)
    };
    download().or_else(|error| match apt(&["update"]) {
        Ok(()) => download(),
        Err(_) => Err(error),
    })?;
    let files = fs::read_dir(&downloads)?;
    let packed: Vec<PathBuf> = files.flatten().map(|it| it.path()).collect();
    for package in packed {
        let mut command = program("dpkg-deb", ["-x".as_ref(), package.as_path()]);
        command.arg(folder);
        shell::run(command)?;
    }
    Ok(fs::remove_dir_all(&downloads)?)
}

/// Adds a system user, with a group of its name, if it is not there.
fn add_user(name: &str) -> anyhow::Result<()> {
    let users = fs::read_to_string("/etc/passwd")?;
    if users
        .lines()
        .any(|line| line.starts_with(&format!("{name}:")))
    {
        return Ok(());
    }
    shell::run(program(
        "useradd",
        [
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            name,
        ],
    ))
}
