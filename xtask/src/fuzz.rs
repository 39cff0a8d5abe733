//! `cargo xtask fuzz`: libFuzzer on the stable toolchain.
//!
//! `cargo fuzz` asks for a nightly compiler only because of the address sanitizer. All crates here
//! forbid unsafe code, so the coverage that LLVM's `sancov` pass gives is enough; that pass can be
//! asked for on stable. libFuzzer itself is compiled by `libfuzzer-sys`, which needs a C++ compiler.

use crate::shell::{self, cargo, program, root};
use anyhow::{Context, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// The functions in `fuzz/src/lib.rs`, each with a program of its name in `fuzz/src/bin`.
const TARGETS: &[&str] = &[
    "line",
    "header",
    "archive",
    "correlate",
    "question",
    "lines",
    "journal",
    "manifest",
    "http",
    "streams",
];

/// What makes LLVM count edges and record comparisons, as `cargo fuzz` asks for it.
const FLAGS: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
];

/// Memory of a target; beyond, it has failed.
const MEMORY_MIB_MAX: u32 = 1024;

/// Seconds for one input; beyond, the target has failed.
const INPUT_SECONDS_MAX: u32 = 20;

/// Runs fuzz targets with libFuzzer, on the stable toolchain.
#[derive(clap::Args)]
pub(crate) struct Fuzz {
    /// Which one [default: each in turn].
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(TARGETS))]
    target: Option<String>,
    /// How long, for each target.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    minutes: f64,
}

pub(crate) fn run(verb: &Fuzz) -> anyhow::Result<()> {
    let host = host()?;
    let target_dir = shell::target_dir().join("fuzz");
    let mut build = cargo(["build", "--release", "--bins", "--all-features"]);
    build
        .args(["--manifest-path", "fuzz/Cargo.toml", "--target", &host])
        .arg("--target-dir")
        .arg(&target_dir)
        .env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    shell::run(build)?;
    let programs = target_dir.join(&host).join("release");
    for &name in TARGETS {
        if verb.target.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        let found = target_dir.join("found").join(name);
        let artifacts = root().join("fuzz/artifacts").join(name);
        let seeds = root().join("fuzz/seeds").join(name);
        for folder in [&found, &artifacts] {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make folder `{}`", folder.display()))?;
        }
        let mut fuzz = program(programs.join(name), [&found, &seeds]);
        match name {
            "line" => fuzz.arg(samples(&target_dir)?),
            "correlate" => fuzz.arg(sequences(&target_dir)?),
            _ => &mut fuzz,
        };
        fuzz.args([
            format!("-max_total_time={}", (verb.minutes * 60.0).ceil()),
            format!("-rss_limit_mb={MEMORY_MIB_MAX}"),
            format!("-timeout={INPUT_SECONDS_MAX}"),
            format!("-artifact_prefix={}/", artifacts.display()),
            "-print_final_stats=1".to_owned(),
        ]);
        shell::run(fuzz).with_context(|| {
            format!(
                "finding in `{name}`: keep the file in fuzz/artifacts/{name} as a seed, mend it"
            )
        })?;
    }
    Ok(())
}

/// A folder with the samples of all rules, so that no family has to be found by chance.
fn samples(target_dir: &Path) -> anyhow::Result<PathBuf> {
    let folder = target_dir.join("samples");
    fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make folder `{}`", folder.display()))?;
    let families = parse::families().iter();
    let lines = families.flat_map(|family| family.samples());
    for (number, (_, line)) in lines.enumerate() {
        let path = folder.join(number.to_string());
        fs::write(&path, line).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(folder)
}

/// Lines as they stand, the time between them 10 ms: the form of input that `fuzz/src/correlate.rs`
/// has for them.
const AS_WRITTEN: u8 = 5;
const STEP: u8 = b'+';

/// A folder with the samples of each family as one sequence of lines.
fn sequences(target_dir: &Path) -> anyhow::Result<PathBuf> {
    let folder = target_dir.join("sequences");
    fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make folder `{}`", folder.display()))?;
    for family in parse::families() {
        let mut input = vec![AS_WRITTEN];
        for (_, line) in family.samples() {
            input.push(STEP);
            input.extend(line.into_bytes());
            input.push(b'\n');
        }
        let path = folder.join(family.name);
        fs::write(&path, input).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(folder)
}

fn host() -> anyhow::Result<String> {
    let version = shell::output(program("rustc", ["-vV"]))?;
    match version.lines().find_map(|line| line.strip_prefix("host: ")) {
        Some(host) => Ok(host.to_owned()),
        None => bail!("`rustc -vV` names no host"),
    }
}
