//! Who reads which version, so that nothing is removed that somebody still reads.
//!
//! Each reader holds a lock on a file of its own, `readers/PID-N`, in which the number of its version
//! stands. The lock goes with the process, however that ends. A file without a number is of a reader
//! that looks for its version yet.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

const FOLDER: &str = "readers";

/// That somebody reads; ends with it.
#[derive(Debug)]
pub(super) struct Registration {
    /// `None` where the folder cannot be written to: then nobody knows of the reader.
    file: Option<(File, PathBuf)>,
}

impl Registration {
    pub(super) fn new(root: &Path) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = root.join(FOLDER);
        let path = folder.join(format!("{}-{number}", std::process::id()));
        let open = || {
            std::fs::create_dir_all(&folder)?;
            let file = OpenOptions::new()
                .create(true)
                .truncate(true)
                .read(true)
                .write(true)
                .open(&path)?;
            file.try_lock()?;
            Ok::<_, std::io::Error>(file)
        };
        Registration {
            file: open().ok().map(|file| (file, path)),
        }
    }

    /// Says which version is read.
    pub(super) fn at(&mut self, version: u64) {
        if let Some((file, _)) = &mut self.file {
            // If it cannot be said, all stays; that is safe.
            let _ = file
                .set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| file.write_all(format!("{version:020}").as_bytes()));
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if let Some((_, path)) = &self.file {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The versions that are read; `None` where one of the readers does not say yet.
pub(super) fn versions(root: &Path) -> std::io::Result<Option<Vec<u64>>> {
    let folder = match std::fs::read_dir(root.join(FOLDER)) {
        Ok(folder) => folder,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Some(Vec::new())),
        Err(error) => return Err(error),
    };
    let mut versions = Vec::new();
    for entry in folder {
        let path = entry?.path();
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        match file.try_lock() {
            Ok(()) => {
                // Its reader is gone.
                let _ = std::fs::remove_file(&path);
                continue;
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        match text.parse() {
            Ok(version) if text.len() == 20 => versions.push(version),
            _ => return Ok(None),
        }
    }
    versions.sort_unstable();
    versions.dedup();
    Ok(Some(versions))
}
