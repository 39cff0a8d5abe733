//! `cargo xtask page`: the page, from `web/` into `web/dist`, where the next build of the binary takes it.

use crate::shell::{self, program, root};
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the build wants. Source: `engines` of `web/package.json`.
const NODE: (u32, u32) = (20, 19);

/// What the page is built from.
const SOURCES: &[&str] = &[
    "src",
    "public",
    "index.html",
    "openapi.json",
    "package-lock.json",
    "svelte.config.js",
    "tsconfig.json",
    "vite.config.ts",
];

/// Types of the API, made from `openapi.json` by each build.
const GENERATED: &str = "api/schema.d.ts";

pub(crate) fn run() -> anyhow::Result<()> {
    match absent() {
        Some(reason) => anyhow::bail!("the page cannot be built: {reason}"),
        None => build(),
    }
}

/// Builds the page where that can be done, and says where it cannot.
///
/// Errs where it was tried and its sources are wrong.
pub(crate) fn try_build() -> anyhow::Result<()> {
    if let Some(reason) = absent() {
        eprintln!("not built: the page ({reason}); the binary tells how to get it");
    } else if let Err(error) = packages() {
        eprintln!("not built: the page ({error:#}; npm's registry is needed once)");
    } else {
        build()?;
    }
    Ok(())
}

/// Whether there is a page for the next build of the binary.
pub(crate) fn is_built() -> bool {
    built().is_some()
}

/// Whether checks and tests of the page can run: it is built, with what builds it.
pub(crate) fn can_be_tested() -> bool {
    can_be_built() && web().join("node_modules").exists() && is_built()
}

/// Whether Node is there, and new enough.
pub(crate) fn can_be_built() -> bool {
    absent().is_none()
}

/// npm, in the folder of the page.
pub(crate) fn npm(args: &[&str]) -> std::process::Command {
    let mut command = program("npm", args);
    command.current_dir(web());
    command
}

fn web() -> PathBuf {
    root().join("web")
}

/// Why the page cannot be built here, if it cannot.
fn absent() -> Option<String> {
    let (major, minor) = NODE;
    let wanted = format!("Node {major}.{minor} or later with npm");
    if !shell::has("node") || !shell::has("npm") {
        return Some(format!("{wanted} is not installed"));
    }
    let told = shell::output(program("node", ["--version"])).unwrap_or_default();
    match version(&told) {
        Some(there) if there >= NODE => None,
        _ => Some(format!("{wanted} is wanted, here is {}", told.trim())),
    }
}

/// Of `v20.19.2`.
fn version(told: &str) -> Option<(u32, u32)> {
    let mut numbers = told.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn build() -> anyhow::Result<()> {
    packages()?;
    let newest = SOURCES.iter().filter_map(|name| newest(&web().join(name)));
    if built() > newest.max() {
        eprintln!("the page in web/dist is current");
        return Ok(());
    }
    shell::run(npm(&["run", "build"]))
}

/// When the page was built.
fn built() -> Option<SystemTime> {
    newest(&web().join("dist/index.html"))
}

/// Installs what `package-lock.json` names, if that is not done.
fn packages() -> anyhow::Result<()> {
    // npm writes it last.
    let done = newest(&web().join("node_modules/.package-lock.json"));
    if done > newest(&web().join("package-lock.json")) {
        return Ok(());
    }
    let ci = ["ci", "--no-audit", "--no-fund", "--fetch-retries=1"];
    shell::run(npm(&ci)).context("npm brought no packages")
}

/// When a file, or the youngest below a folder, was changed, but for what the build itself writes there.
fn newest(path: &Path) -> Option<SystemTime> {
    if path.ends_with(GENERATED) {
        return None;
    }
    if !path.is_dir() {
        return fs::metadata(path).and_then(|it| it.modified()).ok();
    }
    let entries = fs::read_dir(path).ok()?.flatten();
    let below = entries.filter_map(|entry| newest(&entry.path()));
    // What was removed tells by the folder's own time.
    below
        .chain(fs::metadata(path).and_then(|it| it.modified()).ok())
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_are_compared_by_number() {
        assert_eq!(version("v20.19.2\n"), Some((20, 19)));
        assert!(version("v18.19.0") < Some(NODE) && version("v22.1.0") > Some(NODE));
        assert_eq!(version("20"), None);
    }

    /// Else an old page would be taken for the current one.
    #[test]
    fn all_that_the_page_is_built_from_is_there() {
        for name in SOURCES {
            assert!(web().join(name).exists(), "web/{name}");
        }
    }

    #[test]
    fn node_is_the_one_that_the_manifest_wants() {
        let manifest = fs::read_to_string(web().join("package.json")).unwrap();
        let (major, minor) = NODE;
        assert!(manifest.contains(&format!("\"node\": \">={major}.{minor}\"")));
    }
}
