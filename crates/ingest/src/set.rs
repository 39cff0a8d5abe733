//! What was found: files, and the rotated sets that they form.

use std::{path::PathBuf, time::SystemTime};

use crate::rotation;

/// One log and its rotated forerunners: what one program wrote through one name.
#[derive(Debug, Clone)]
pub struct LogSet {
    /// Directory and base name, as in `/var/log/mail.log`; `-` for standard input.
    pub name: String,
    /// The files, oldest first; never empty.
    pub files: Vec<LogFile>,
}

impl LogSet {
    /// Tells whether the set can be read a second time: all but standard input, pipes and devices.
    pub fn is_rereadable(&self) -> bool {
        !self.files.iter().any(|file| file.stream)
    }

    /// Bytes that the files take on disk, compressed where they are; 0 for streams, whose length nobody knows.
    pub fn bytes_on_disk(&self) -> u64 {
        self.files.iter().map(|file| file.bytes_on_disk).sum()
    }
}

/// One file of a set, as it was when it was found.
#[derive(Debug, Clone)]
pub struct LogFile {
    /// The path as named or found; `-` for standard input.
    pub path: PathBuf,
    /// Time of the last change; `None` for standard input and where the file system knows none.
    pub modified: Option<SystemTime>,
    /// Bytes on disk, compressed if the file is; 0 for streams.
    pub bytes_on_disk: u64,
    /// Standard input, a pipe or a device: it can be read only once.
    pub stream: bool,
    /// Standard input, and not a file that is called `-`.
    pub(crate) standard_input: bool,
}

impl LogFile {
    /// The path under which the log is written: this one without what rotation and compression added to its name.
    pub fn log_path(&self) -> PathBuf {
        let (parent, base) = rotation::log(&self.path);
        parent.join(base)
    }

    /// Standard input.
    pub(crate) fn standard_input() -> Self {
        Self {
            path: PathBuf::from("-"),
            modified: None,
            bytes_on_disk: 0,
            stream: true,
            standard_input: true,
        }
    }
}
