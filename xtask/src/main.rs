//! `cargo xtask VERB`: all chores of the project, in Rust, with nothing else to install.
//!
//! Not for anything that a user of Waybill needs. Each verb is one module; `tidy` is a set of tests.

mod bench;
mod bless;
mod check;
mod deb;
mod demo;
mod docs;
mod fuzz;
mod generate;
mod install;
mod live;
mod page;
mod shell;
mod test;
mod tests_run;
#[cfg(test)]
mod tidy;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Chores of the Waybill project.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", max_term_width = 100)]
struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// The quick check before a commit: format, lints, tidy, tests of the pure crates.
    Check,
    /// All that CI runs: format, lints, tidy, every test, the fuzz targets over their seeds.
    Test(test::Test),
    /// Installs what tests use, as `test` does first; `WAYBILL_E2E=all` adds the rarer servers.
    Install,
    /// Makes a day of mail logs, and the truth beside it.
    Gen(generate::Gen),
    /// Builds Waybill and its page, and shows what they can do, with mail that goes on.
    Demo(demo::Demo),
    /// Builds the page into `web/dist`, where the next build of the binary takes it.
    Page,
    /// Measures speed and memory beside the peers (pflogsumm, ripgrep).
    Bench(bench::Bench),
    /// Sends lines to a daemon, and tells how late they are shown and what that takes.
    Live(live::Live),
    /// Runs fuzz targets with libFuzzer, on the stable toolchain.
    Fuzz(fuzz::Fuzz),
    /// Makes the Debian package.
    Deb(deb::Deb),
    /// Rewrites expected outputs in tests, and the generated pages. Read the diff.
    Bless,
    /// Writes the generated pages: `docs/lines.md`.
    Docs,
}

fn main() -> ExitCode {
    let result = match Args::parse().verb {
        Verb::Check => check::run(),
        Verb::Test(verb) => test::run(&verb),
        Verb::Install => {
            install::run();
            Ok(())
        }
        Verb::Gen(verb) => generate::run(&verb),
        Verb::Demo(verb) => demo::run(&verb),
        Verb::Page => page::run(),
        Verb::Bench(verb) => bench::run(&verb),
        Verb::Live(verb) => live::run(&verb),
        Verb::Fuzz(verb) => fuzz::run(&verb),
        Verb::Deb(verb) => deb::run(&verb),
        Verb::Bless => bless::run(),
        Verb::Docs => docs::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
