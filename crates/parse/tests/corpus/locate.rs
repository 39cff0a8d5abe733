//! Where the corpus lies and how its files are read.

use std::fs;
use std::path::{Path, PathBuf};

/// The corpus folder; `None`, with a word about it, where there is none.
pub(crate) fn root() -> Option<PathBuf> {
    let root = std::env::var_os("WAYBILL_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    if root.is_dir() {
        return Some(root);
    }
    println!("skipped: no corpus at {}", root.display());
    None
}

/// The files of a folder, ordered by path; with those of its folders where `deep`.
pub(crate) fn files(folder: &Path, deep: bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        if !path.is_dir() {
            found.push(path);
        } else if deep {
            found.extend(files(&path, deep));
        }
    }
    found.sort();
    found
}

/// The folders in a folder, ordered by name.
pub(crate) fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let mut found: Vec<PathBuf> = paths.filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

/// The bytes of a file, unpacked where it is packed.
pub(crate) fn bytes(path: &Path) -> Vec<u8> {
    let stored = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    if path.extension().is_some_and(|it| it == "zst") {
        return zstd::decode_all(&stored[..]).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
    stored
}

/// The text of a file that is known to be UTF-8.
pub(crate) fn text(path: &Path) -> String {
    String::from_utf8(bytes(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The file's name without its extension.
pub(crate) fn stem(path: &Path) -> String {
    path.file_stem()
        .expect("a file has a name")
        .to_string_lossy()
        .into_owned()
}
