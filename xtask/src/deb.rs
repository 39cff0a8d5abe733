//! `cargo xtask deb`: the Debian package, with completions and manual pages that the binary makes of
//! itself. What goes into it stands in `crates/waybill/Cargo.toml`.

use crate::page;
use crate::shell::{self, cargo, program};
use anyhow::{Context, bail};
use std::fs;
use std::path::Path;

#[derive(clap::Args)]
pub(crate) struct Deb {
    /// Packs the binary that the tests use, which is built sooner and is slower.
    #[arg(long)]
    quick: bool,
    /// Packs `target/release/waybill` as it is, built before or elsewhere.
    #[arg(long, conflicts_with = "quick")]
    built: bool,
}

pub(crate) fn run(verb: &Deb) -> anyhow::Result<()> {
    if !shell::has("cargo-deb") {
        bail!("`cargo deb` is not here; `cargo install --locked cargo-deb` brings it");
    }
    let (built_as, profile, folder) = match verb.quick {
        true => ("test", "dev", "debug"),
        false => ("release", "release", "release"),
    };
    if !verb.built {
        page::try_build()?;
        // As all builds: the whole workspace, or the engines are built again.
        let build = ["build", "--workspace", "--bin", "waybill", "--profile"];
        shell::run(cargo(build.into_iter().chain([built_as])))?;
    }
    let target = shell::target_dir().join(folder);
    let waybill = target.join("waybill");
    // One that was built before may not know the settings that go with it.
    let config = shell::root().join("crates/waybill/src/serve/waybill.toml");
    shell::run(program(
        &waybill,
        ["config".as_ref(), "check".as_ref(), config.as_os_str()],
    ))?;
    pages(&waybill, &target.join("package"))?;
    // What debuggers want of the release profile would be half of the package.
    let pack = [
        "deb",
        "--package",
        "waybill",
        "--no-build",
        "--strip",
        "--profile",
    ];
    shell::run(cargo(pack.into_iter().chain([profile])))
}

/// What the binary tells of its command line.
fn pages(waybill: &Path, folder: &Path) -> anyhow::Result<()> {
    let man = folder.join("man");
    let _ = fs::remove_dir_all(&man);
    fs::create_dir_all(&man)?;
    for shell in ["bash", "zsh", "fish"] {
        let script = program(waybill, ["completions", shell]).output()?;
        fs::write(folder.join(shell), script.stdout).context("completions")?;
    }
    shell::run(program(waybill, [Path::new("man"), &man]))?;
    // Debian's policy wants them packed, the same from the same text.
    let pages = fs::read_dir(&man)?.map(|page| Ok(page?.path()));
    let pages = pages.collect::<std::io::Result<Vec<_>>>()?;
    let mut gzip = program("gzip", ["-9n"]);
    gzip.args(pages);
    shell::run(gzip)
}
