//! `cargo xtask test`: all that CI runs.

use crate::check;
use crate::install;
use crate::page;
use crate::shell::{self, cargo};
use crate::tests_run;
use anyhow::ensure;

/// All that CI runs.
#[derive(clap::Args)]
pub(crate) struct Test {
    /// Installs nothing; what needs a program that is missing is skipped.
    #[arg(long)]
    no_install: bool,
}

pub(crate) fn run(verb: &Test) -> anyhow::Result<()> {
    if !verb.no_install {
        install::run();
    }
    // Tests run even where the format is wrong: one run tells all.
    let page = page::try_build();
    let style = check::format_and_lints().and_then(|()| licences());
    let mut counts = tests_run::run(&["--workspace"])?;
    let page = page.and_then(|()| flows(&mut counts));
    let target_dir = shell::target_dir().join("fuzz").display().to_string();
    let mut fuzz = vec![
        "--manifest-path",
        "fuzz/Cargo.toml",
        "--target-dir",
        &target_dir,
    ];
    if std::env::var_os("WAYBILL_LONG").is_some() {
        // Its targets of the network have property tests too, and take minutes to build.
        fuzz.push("--all-features");
    }
    counts += tests_run::run(&fuzz)?;
    for error in [&style, &page]
        .into_iter()
        .filter_map(|it| it.as_ref().err())
    {
        eprintln!("error: {error:#}");
    }
    println!("{counts}");
    style.and(page)?;
    ensure!(counts.all_passed(), "tests failed");
    Ok(())
}

/// Types of the page, and its flows in a browser against the binary.
fn flows(counts: &mut tests_run::Counts) -> anyhow::Result<()> {
    if !page::can_be_tested() {
        eprintln!("skipped: checks and flows of the page, which was not built");
        return Ok(());
    }
    shell::run(page::npm(&["run", "check"]))?;
    // Tests of the workspace built it, as it is with the page.
    let build = [
        "build",
        "--workspace",
        "--bin",
        "waybill",
        "--profile",
        "test",
    ];
    shell::run(cargo(build))?;
    *counts += tests_run::run_node(page::npm(&["test"]))?;
    Ok(())
}

/// Licences, bans and sources of dependencies; advisories need the network and are left to
/// `cargo deny check advisories`.
fn licences() -> anyhow::Result<()> {
    if !shell::has_cargo("deny") {
        eprintln!("skipped: licences of dependencies (`cargo install cargo-deny` to check them)");
        return Ok(());
    }
    shell::run(cargo(["deny", "check", "bans", "licenses", "sources"]))
}
