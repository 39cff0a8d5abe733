//! Installing from the distribution what tests and benches use, where that may be done.

mod servers;

use crate::page;
use crate::shell::{self, program};
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

/// A program that tests run or compare with, and the package that brings it.
const WANTED: &[(&str, &str)] = &[
    ("pflogsumm", "pflogsumm"),
    ("rg", "ripgrep"),
    ("logrotate", "logrotate"),
    ("psql", "postgresql-client"),
];

/// Installs what is missing. Says what it does, and what it could not do; that is no error, since
/// a test that needs a program says itself that it skips.
pub(crate) fn run() {
    let missing: Vec<&str> = WANTED
        .iter()
        .filter(|(name, _)| !shell::has(name))
        .map(|&(_, package)| package)
        .collect();
    if !missing.is_empty()
        && let Err(reason) = install(&missing)
    {
        let missing = missing.join(" ");
        eprintln!("not installed: {missing} ({reason}); comparisons with them are skipped");
    }
    browser();
    servers::run();
    modules();
    packages(PACKAGES);
}

/// The browser for flows of the page, where there is a page to be looked at.
fn browser() {
    if page::can_be_built()
        && !shell::has("chromium")
        && let Err(reason) = install(&["chromium"])
    {
        eprintln!("not installed: chromium ({reason}); flows of the page are skipped");
    }
}

fn install(packages: &[&str]) -> Result<(), &'static str> {
    let words: Vec<&str> = ["install", "--yes", "--no-install-recommends", "--no-remove"]
        .into_iter()
        .chain(packages.iter().copied())
        .collect();
    apt(&words)
        .or_else(|_| apt(&["update"]).and_then(|()| apt(&words)))
        .map_err(|reason| reason.unwrap_or("apt-get failed"))
}

/// Runs apt-get; errs with the reason why it could not be tried, or with none if it failed.
fn apt(args: &[&str]) -> Result<(), Option<&'static str>> {
    if !shell::has("apt-get") {
        return Err(Some("no apt-get here"));
    }
    let as_root: &[&str] = if is_root() {
        &["apt-get"]
    } else if may_sudo() {
        &["sudo", "-n", "apt-get"]
    } else {
        return Err(Some("neither root nor `sudo -n`"));
    };
    let words: Vec<&str> = as_root.iter().chain(args).copied().collect();
    let mut command = program(words[0], &words[1..]);
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdout(Stdio::null());
    shell::run(command).map_err(|_| None)
}

/// Source: proc_pid_status(5), the effective user id is the second number.
fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("Uid:"))
        .is_some_and(|ids| ids.split_whitespace().nth(1) == Some("0"))
}

fn may_sudo() -> bool {
    shell::has("sudo")
        && program("sudo", ["-n", "true"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
}

/// Modules of Python that read the archive without us, or send lines to it, and the packages that bring them. Tests
/// that need one say that they skip.
const MODULES: &[(&str, &str)] = &[
    ("duckdb", "duckdb"),
    ("polars", "polars"),
    ("deltalake", "deltalake"),
    ("elasticsearch", "elasticsearch"),
    (
        "opentelemetry.exporter.otlp.proto.http",
        "opentelemetry-exporter-otlp-proto-http",
    ),
    ("logging_loki", "python-logging-loki"),
    ("mailgun", "mailgun"),
    ("psycopg", "psycopg[binary]"),
    ("anymail", "django-anymail"),
    ("schemathesis", "schemathesis"),
];

fn modules() {
    let folder = shell::target_dir().join("python");
    let python = folder.join("bin/python");
    let long = std::env::var_os("WAYBILL_LONG").is_some();
    let wanted = MODULES
        .iter()
        .chain(long.then_some(&("pyspark", "pyspark")));
    let (modules, packages): (Vec<_>, Vec<_>) = wanted.copied().unzip();
    let modules = modules.join(", ");
    let has_all = |python: &str| {
        let mut command = program(python, ["-c", &format!("import {modules}")]);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let python = python.display().to_string();
    if has_all(&python) || has_all("python3") {
        return;
    }
    let made = shell::has("python3")
        && shell::run(program(
            "python3",
            ["-m", "venv", &folder.display().to_string()],
        ))
        .is_ok();
    let mut words = vec![
        "-m",
        "pip",
        "install",
        "--quiet",
        "--timeout",
        "20",
        "--retries",
        "1",
    ];
    words.extend(&packages);
    if !made || shell::run(program(&python, &words)).is_err() {
        eprintln!("not installed: {modules} (PyPI); other readers and clients are not tested");
    }
}

/// In which country which address is, in the public domain (CC0).
const COUNTRIES: &str = "@ip-location-db/geo-whois-asn-country-mmdb";

/// Packages of npm that ask as programs of customers do, or that are asked, as servers of theirs. Tests that need one say that
/// they skip.
const PACKAGES: &[&str] = &["mailgun.js", "form-data", "oidc-provider", COUNTRIES];

/// A database of countries, if it can be had.
pub(crate) fn countries() -> Option<PathBuf> {
    packages(&[COUNTRIES]);
    let file = "geo-whois-asn-country.mmdb";
    let modules = shell::target_dir().join("node/node_modules");
    Some(modules.join(COUNTRIES).join(file)).filter(|it| it.exists())
}

fn packages(wanted: &[&str]) {
    let folder = shell::target_dir().join("node");
    let is_there = |name: &&str| folder.join("node_modules").join(name).exists();
    if wanted.iter().all(is_there) {
        return;
    }
    let folder = folder.display().to_string();
    let mut words = vec![
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--prefix",
        &folder,
    ];
    words.extend(wanted);
    if !shell::has("npm") || shell::run(program("npm", words)).is_err() {
        let names = wanted.join(", ");
        eprintln!("not installed: {names} (npm); what needs them is left out");
    }
}
