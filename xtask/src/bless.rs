//! `cargo xtask bless`: what is expected becomes what is. Read the diff before you commit it.

use crate::docs;
use crate::shell::{self, cargo};

pub(crate) fn run() -> anyhow::Result<()> {
    docs::run()?;
    let mut tests = cargo(["test", "--workspace", "--quiet", "--no-fail-fast"]);
    tests.env("UPDATE_EXPECT", "1");
    let blessed = shell::run(tests);
    shell::run(shell::program("git", ["status", "--short"]))?;
    blessed
}
