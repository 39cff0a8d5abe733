//! Makes a table of the built page's files: `web/dist`, as `cargo xtask page` leaves it.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

fn main() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    // Cargo looks for a missing folder anew with each build; an empty one it can watch.
    let _ = fs::create_dir_all(&dist);
    println!("cargo::rerun-if-changed={}", dist.display());
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let kept = out.join("dist");
    let _ = fs::remove_dir_all(&kept);
    let mut files = BTreeSet::new();
    // The page may be built anew before these are compiled.
    copy(&dist, &kept, &mut files);
    let mut table = String::from("&[\n");
    for file in files.iter().filter(|file| !is_packed(file)) {
        let path = file.strip_prefix(&kept).unwrap_or(file);
        let packed = |ending: &str| {
            let mut packed = file.clone().into_os_string();
            packed.push(ending);
            let packed = PathBuf::from(packed);
            match files.contains(&packed) {
                true => format!("Some(include_bytes!({packed:?}))"),
                false => "None".to_owned(),
            }
        };
        let _ = writeln!(
            table,
            "File {{ path: {path:?}, tag: \"W/\\\"{:016x}\\\"\", plain: include_bytes!({file:?}), br: {}, gzip: {} }},",
            hash(file),
            packed(".br"),
            packed(".gz"),
        );
    }
    table.push(']');
    fs::write(out.join("files.rs"), table).expect("OUT_DIR can be written");
}

/// Copies what lies below a folder, and notes the copies.
fn copy(from: &Path, to: &Path, copies: &mut BTreeSet<PathBuf>) {
    fs::create_dir_all(to).expect("OUT_DIR can be written");
    for entry in fs::read_dir(from).into_iter().flatten().flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to, copies);
        } else if fs::copy(&path, &to).is_ok() {
            copies.insert(to);
        }
    }
}

/// Whether it is another file, packed by the build of the page.
fn is_packed(file: &Path) -> bool {
    file.extension().is_some_and(|it| it == "br" || it == "gz")
}

/// Tells this content from that of another build.
fn hash(file: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(&fs::read(file).expect("a file that was just found can be read"));
    hasher.finish()
}
