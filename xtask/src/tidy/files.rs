//! The files of the project, without what is built or not ours.

use crate::shell::root;
use std::fs;
use std::path::{Path, PathBuf};

/// All files below the workspace with this ending, by path.
pub(super) fn with_ending(ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(root(), ending, &mut files);
    files.sort();
    assert!(!files.is_empty(), "no *.{ending} found");
    files
}

/// The path as one would write it in the project.
pub(super) fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

pub(super) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", shown(path)))
}

fn collect(folder: &Path, ending: &str, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            let is_built = ["target", "artifacts", "node_modules", "dist"].contains(&&*name);
            let is_ours = !name.starts_with('.') && !is_built;
            if is_ours && !path.is_symlink() {
                collect(&path, ending, files);
            }
        } else if path.extension().is_some_and(|it| it == ending) {
            files.push(path);
        }
    }
}
