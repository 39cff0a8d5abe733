//! The package's folder: each step that changes it, and reading that stays inside.
//!
//! A step is what a crash can fall before or behind. Tests let all steps from the n-th on fail, which leaves on the
//! disk what a kill there would leave.

use crate::Error;
use crate::name::{JOURNAL, PART};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

pub(crate) struct Folder {
    path: PathBuf,
    /// Open, so that it can be synced and locked.
    file: File,
}

impl Folder {
    /// Makes the folder where there is none.
    pub(crate) fn create(path: &Path) -> Result<Folder, Error> {
        fs::create_dir_all(path).map_err(Error::io("create folder", path))?;
        Folder::open(path)
    }

    pub(crate) fn open(path: &Path) -> Result<Folder, Error> {
        let file = File::open(path).map_err(Error::io("open folder", path))?;
        let path = path.to_owned();
        Ok(Folder { path, file })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Keeps all others from writing, until the folder is dropped.
    pub(crate) fn lock(&self) -> Result<(), Error> {
        self.file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Error::InUse(self.path.clone()),
            TryLockError::Error(error) => Error::io("lock folder", &self.path)(error),
        })
    }

    /// Opens a file to read it, with its length. Only a plain file: a link would lead outside, a pipe would wait.
    pub(crate) fn read(&self, name: &str) -> io::Result<(File, u64)> {
        let path = self.of(name);
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        Ok((file, bytes))
    }

    /// A small file whole; `None` if it is longer than `bytes_max`.
    pub(crate) fn read_whole(&self, name: &str, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
        let (file, _) = self.read(name)?;
        let mut bytes = Vec::new();
        file.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
        Ok((bytes.len() <= bytes_max).then_some(bytes))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        fs::symlink_metadata(self.of(name)).is_ok()
    }

    /// Names of all that is in the folder.
    pub(crate) fn names(&self) -> Result<impl Iterator<Item = io::Result<OsString>>, Error> {
        let entries = fs::read_dir(&self.path).map_err(Error::io("list folder", &self.path))?;
        Ok(entries.map(|entry| entry.map(|it| it.file_name())))
    }

    /// Begins the part, empty.
    pub(crate) fn begin_part(&self) -> Result<File, Error> {
        step()
            .and_then(|()| File::create(self.of(PART)))
            .map_err(Error::io("create file", self.of(PART)))
    }

    /// Makes the part's bytes, and that it is there, durable.
    pub(crate) fn sync_part(&self, part: &File) -> Result<(), Error> {
        let synced = step().and_then(|()| part.sync_all());
        synced.map_err(Error::io("sync file", self.of(PART)))?;
        self.sync()
    }

    /// Gives the part its name, for good.
    pub(crate) fn name_part(&self, name: &str) -> Result<(), Error> {
        step()
            .and_then(|()| fs::rename(self.of(PART), self.of(name)))
            .map_err(Error::io("rename file", self.of(name)))?;
        self.sync()
    }

    /// Writes a small file so that it is there whole or not at all.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let mut part = self.begin_part()?;
        let written = step().and_then(|()| part.write_all(bytes));
        written.map_err(Error::io("write file", self.of(name)))?;
        self.sync_part(&part)?;
        self.name_part(name)
    }

    /// Opens the journal to write to it.
    pub(crate) fn journal(&self) -> Result<File, Error> {
        let file = OpenOptions::new().write(true).open(self.of(JOURNAL));
        file.map_err(Error::io("open journal", self.of(JOURNAL)))
    }

    /// Cuts the journal to a length, and syncs it.
    pub(crate) fn cut(&self, journal: &File, bytes: u64) -> Result<(), Error> {
        let cut = step().and_then(|()| journal.set_len(bytes));
        let cut = cut.and_then(|()| journal.sync_all());
        cut.map_err(Error::io("cut journal", self.of(JOURNAL)))
    }

    /// Writes at the end of the journal, and syncs it.
    pub(crate) fn append(&self, journal: &File, at: u64, line: &[u8]) -> Result<(), Error> {
        let (first, rest) = line.split_at(line.len() / 2);
        step()
            .and_then(|()| journal.write_all_at(first, at))
            .and_then(|()| step())
            .and_then(|()| journal.write_all_at(rest, at + first.len() as u64))
            .and_then(|()| step())
            .and_then(|()| journal.sync_all())
            .map_err(Error::io("write journal", self.of(JOURNAL)))
    }

    /// Removes a file if it is there.
    pub(crate) fn remove(&self, name: &str) -> Result<(), Error> {
        match step().and_then(|()| fs::remove_file(self.of(name))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::io("remove file", self.of(name))(error))
            }
            _ => Ok(()),
        }
    }

    /// Makes names durable.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        let synced = step().and_then(|()| self.file.sync_all());
        synced.map_err(Error::io("sync folder", &self.path))
    }
}

/// Comes before each change of the disk.
pub(crate) fn step() -> io::Result<()> {
    #[cfg(test)]
    crash::step()?;
    Ok(())
}

#[cfg(test)]
pub(crate) mod crash;
