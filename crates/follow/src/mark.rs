//! What stands behind a file's name in the journal: how far the file was read when its lines were appended.

use crate::taken::Taken;
use std::ffi::OsStr;
use std::fmt::Write;
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What the source of a line begins with that came from a file.
const KIND: &[u8] = b"file ";

/// A file, whatever its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        FileId {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }
}

/// How far a log was read: one content, in whatever file it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Number of the content; later ones have greater numbers.
    pub(crate) id: u64,
    /// The file that it was read from.
    pub(crate) file: FileId,
    pub(crate) taken: Taken,
    /// The rest of a line that was cut is still to be passed over.
    pub(crate) is_in_long_line: bool,
    /// It was there before anything was followed, and nobody asked for it.
    pub(crate) is_passed: bool,
}

/// The part of a source that is for people: `file /var/log/mail.log`, without what only this crate reads. Sources of
/// others are given back whole.
pub fn source_name(source: &[u8]) -> &[u8] {
    let end = memchr::memchr(0, source).unwrap_or(source.len());
    &source[..end]
}

impl Mark {
    /// The source of lines: `file PATH`, a NUL, and numbers.
    pub(crate) fn source(&self, path: &Path) -> Vec<u8> {
        let mut numbers = String::new();
        let flags = u8::from(self.is_in_long_line) | u8::from(self.is_passed) << 1;
        let (file, taken) = (self.file, &self.taken);
        // Writing to a string does not fail.
        let _ = write!(
            numbers,
            "1 {:x} {:x} {:x} {flags:x} {:x} {:x}",
            self.id, file.device, file.inode, taken.bytes, taken.crc
        );
        for point in &taken.points {
            let _ = write!(numbers, " {point:x}");
        }
        let path = path.as_os_str().as_bytes();
        [KIND, path, b"\0", numbers.as_bytes()].concat()
    }

    /// Reads what [`source`](Self::source) wrote; `None` for sources of others.
    pub(crate) fn of_source(source: &[u8]) -> Option<(PathBuf, Mark)> {
        let name = source_name(source);
        let path = name.strip_prefix(KIND)?;
        let numbers = std::str::from_utf8(source.get(name.len() + 1..)?).ok()?;
        let mut numbers = numbers.split(' ').map(|it| u64::from_str_radix(it, 16));
        let mut next = || numbers.next()?.ok();
        if next()? != 1 {
            return None;
        }
        let (id, device, inode, flags) = (next()?, next()?, next()?, next()?);
        let (bytes, crc) = (next()?, next()? as u32);
        let points = numbers.map(|it| it.map(|it| it as u32).ok());
        let mark = Mark {
            id,
            file: FileId { device, inode },
            taken: Taken {
                bytes,
                crc,
                points: points.collect::<Option<_>>()?,
            },
            is_in_long_line: flags & 1 != 0,
            is_passed: flags & 2 != 0,
        };
        Some((OsStr::from_bytes(path).into(), mark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> Mark {
        Mark {
            id: 7,
            file: FileId {
                device: 0xfe01,
                inode: u64::MAX,
            },
            taken: Taken {
                bytes: 300,
                crc: 0xdead_beef,
                points: vec![0, 0xffff_ffff],
            },
            is_in_long_line: true,
            is_passed: false,
        }
    }

    #[test]
    fn a_mark_is_read_back_and_split_off() {
        let path = Path::new("/var/log/mail log");
        let source = mark().source(path);
        assert_eq!(source_name(&source), b"file /var/log/mail log");
        assert_eq!(Mark::of_source(&source), Some((path.to_owned(), mark())));
    }

    #[test]
    fn sources_of_others_are_no_marks() {
        for source in [
            &b"syslog tcp 192.0.2.1"[..],
            b"file /var/log/mail.log",
            b"file a\0",
            b"file a\x002 1 2 3 4 5 6",
            b"file a\x001 1 2 3 4 5 x",
            b"",
        ] {
            assert_eq!(Mark::of_source(source), None);
        }
        assert_eq!(
            source_name(b"syslog tcp 192.0.2.1"),
            b"syslog tcp 192.0.2.1"
        );
    }
}
