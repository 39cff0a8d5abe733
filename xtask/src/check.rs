//! `cargo xtask check`: what is worth knowing before each commit, in under a minute.

use crate::shell::{self, cargo};
use crate::tests_run;

/// Crates whose tests need neither files nor other programs.
const PURE: &[&str] = &[
    "waybill-model",
    "waybill-parse",
    "waybill-correlate",
    "waybill-journey",
    "waybill-search",
    "waybill-traffic",
    "xtask",
];

pub(crate) fn run() -> anyhow::Result<()> {
    format_and_lints()?;
    let mut args: Vec<&str> = PURE.iter().flat_map(|name| ["--package", name]).collect();
    // Tests that go through millions of lines are called `long_...`.
    args.extend(["--", "--skip", "long_"]);
    let counts = tests_run::run(&args)?;
    println!("{counts}");
    anyhow::ensure!(counts.all_passed(), "tests failed");
    Ok(())
}

/// Format and lints of the workspace and of the fuzz crate, which is a workspace of its own.
pub(crate) fn format_and_lints() -> anyhow::Result<()> {
    shell::run(cargo(["fmt", "--all", "--check"]))?;
    shell::run(cargo([
        "fmt",
        "--manifest-path",
        "fuzz/Cargo.toml",
        "--check",
    ]))?;
    shell::run(cargo([
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--quiet",
        "--",
        "--deny",
        "warnings",
    ]))
}
