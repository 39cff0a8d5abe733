//! `unsealed.journal`: which files are finished, while a package is not sealed.
//!
//! Lines of JSON: the first has the version, 1, and the description; each further one is the entry of a file. The
//! first is written before the journal has its name, so it is whole. The last may be torn by a crash; then its file
//! was never told to be finished, and the line is cut off.

use crate::folder::Folder;
use crate::limits::MANIFEST_BYTES_MAX;
use crate::name::JOURNAL;
use crate::{Description, Entry, Error};
use serde::{Deserialize, Serialize};
use std::fs::File;

const VERSION: u32 = 1;

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    version: u32,
    description: Description,
}

/// The journal, open for more.
pub(crate) struct Journal {
    file: File,
    bytes: u64,
}

/// What a journal says.
pub(crate) struct Written {
    pub(crate) journal: Journal,
    pub(crate) description: Description,
    pub(crate) files: Vec<Entry>,
}

impl Journal {
    pub(crate) fn create(folder: &Folder, description: &Description) -> Result<Journal, Error> {
        let head = line(&Head {
            version: VERSION,
            description: description.clone(),
        });
        folder.put(JOURNAL, &head)?;
        Ok(Journal {
            file: folder.journal()?,
            bytes: head.len() as u64,
        })
    }

    pub(crate) fn open(folder: &Folder) -> Result<Written, Error> {
        let damaged = || Error::Journal(folder.of(JOURNAL));
        let text = folder.read_whole(JOURNAL, MANIFEST_BYTES_MAX);
        let text = text.map_err(Error::io("read journal", folder.of(JOURNAL)))?;
        let text = text.ok_or_else(damaged)?;
        let mut lines = text.split_inclusive(|&byte| byte == b'\n');
        let head = lines.next().ok_or_else(damaged)?;
        let mut bytes = head.len() as u64;
        let head: Head = serde_json::from_slice(head).map_err(|_| damaged())?;
        if head.version != VERSION {
            return Err(damaged());
        }
        let mut files = Vec::new();
        for line in lines {
            let is_last = bytes + line.len() as u64 == text.len() as u64;
            match serde_json::from_slice(line) {
                Ok(entry) if line.ends_with(b"\n") => files.push(entry),
                _ if is_last => break,
                _ => return Err(damaged()),
            }
            bytes += line.len() as u64;
        }
        let file = folder.journal()?;
        if bytes < text.len() as u64 {
            folder.cut(&file, bytes)?;
        }
        Ok(Written {
            journal: Journal { file, bytes },
            description: head.description,
            files,
        })
    }

    /// Tells, durably, that the part is the whole file of this entry. Where it fails, only opening the journal anew
    /// shows what it holds.
    pub(crate) fn append(&mut self, folder: &Folder, entry: &Entry) -> Result<(), Error> {
        let line = line(entry);
        folder.append(&self.file, self.bytes, &line)?;
        self.bytes += line.len() as u64;
        Ok(())
    }
}

fn line(value: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).expect("text and numbers");
    line.push(b'\n');
    line
}
