//! Servers for tests, mostly of mail, installed but not started.
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

/// A file that is used, and the package that brings it. `crates/e2e/src/needs.rs` and
/// tests of `intake` and `follow` look for the same.
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
    ("/usr/share/doc/rsyslog-relp/copyright", "rsyslog-relp"),
    (
        "/usr/share/doc/rsyslog-openssl/copyright",
        "rsyslog-openssl",
    ),
    ("/usr/share/doc/rsyslog-gnutls/copyright", "rsyslog-gnutls"),
    ("/usr/bin/redis-server", "redis-server"),
    (
        "/usr/share/doc/rsyslog-hiredis/copyright",
        "rsyslog-hiredis",
    ),
    (
        "/lib/systemd/systemd-journal-upload",
        "systemd-journal-remote",
    ),
    (
        "/usr/share/doc/rsyslog-elasticsearch/copyright",
        "rsyslog-elasticsearch",
    ),
    // Not a mail server, but one that is not to be started either: `crates/tenancy/tests` starts its own.
    ("/usr/share/doc/postgresql/copyright", "postgresql"),
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

/// A server that Debian does not allow beside Postfix: its files are unpacked.
struct Unpacked {
    /// Its folder below `target/servers`. `crates/e2e` looks for the same.
    name: &'static str,
    /// What it runs, below its folder.
    program: &'static str,
    /// What is unpacked.
    packages: &'static [&'static str],
    /// What they need and the machine may have: programs and libraries.
    needed: &'static [&'static str],
    /// Users that it changes to.
    users: &'static [&'static str],
}

const EXIM: Unpacked = Unpacked {
    name: "exim4",
    program: "usr/sbin/exim4",
    packages: &["exim4-daemon-light", "exim4-base"],
    needed: &["libgnutls-dane0", "libidn12", "libnsl2"],
    users: &["Debian-exim"],
};

/// Those for the tests that `WAYBILL_E2E=all` adds.
const RARER: &[Unpacked] = &[
    Unpacked {
        name: "sendmail",
        program: "usr/libexec/sendmail/sendmail",
        packages: &["sendmail-bin", "sendmail-base", "sendmail-cf"],
        needed: &[
            "m4",
            "libdb5.3",
            "libldap-2.5-0",
            "liblockfile1",
            "libnsl2",
            "libsasl2-2",
            "libwrap0",
        ],
        users: &["smmta", "smmsp"],
    },
    Unpacked {
        name: "opensmtpd",
        program: "usr/sbin/smtpd",
        packages: &["opensmtpd"],
        needed: &["libdb5.3", "libevent-2.1-7"],
        users: &["opensmtpd", "opensmtpq"],
    },
    Unpacked {
        name: "courier",
        program: "usr/lib/courier/courier/courierd",
        packages: &[
            "courier-mta",
            "courier-base",
            "courier-authlib",
            "courier-authlib-userdb",
            "courier-authdaemon",
        ],
        needed: &[
            "libcourier-unicode4",
            "libgamin0",
            "libgdbm6",
            "libidn12",
            "libltdl7",
            "libpcre3",
        ],
        users: &["courier"],
    },
    Unpacked {
        name: "cyrus",
        program: "usr/sbin/cyrmaster",
        packages: &["cyrus-imapd", "cyrus-common", "sasl2-bin"],
        needed: &[
            "libclamav12",
            "libical3",
            "libjansson4",
            "libpcre3",
            "libpq5",
            "libsasl2-modules",
            "libsasl2-modules-db",
            "libwrap0",
            "libxapian30",
            "libzephyr4",
        ],
        users: &["cyrus"],
    },
];

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
    let rarer = if all { RARER } else { &[] };
    for server in [&EXIM].into_iter().chain(rarer) {
        let folder = shell::target_dir().join("servers").join(server.name);
        if !folder.join(server.program).exists()
            && let Err(error) = server.unpack(&folder)
        {
            let name = server.name;
            eprintln!("not unpacked: {name} ({error:#}); end-to-end tests with it are skipped");
        }
    }
}

impl Unpacked {
    fn unpack(&self, folder: &Path) -> anyhow::Result<()> {
        install(self.needed).map_err(anyhow::Error::msg)?;
        unpack(self.packages, folder)?;
        // Nothing in a target folder should run as root by itself.
        let mut command = program("chmod", ["-R", "ug-s"]);
        command.arg(folder);
        shell::run(command)?;
        self.users.iter().try_for_each(|name| add_user(name))
    }
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
