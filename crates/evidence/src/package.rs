//! A package that is being made: files one after the other, then the seal.

use crate::check::check_file;
use crate::entry::Measure;
use crate::folder::{self, Folder};
use crate::journal::{Journal, Written};
use crate::limits::{DESCRIPTION_BYTES_MAX, FILES_MAX};
use crate::manifest::{description_bytes, sums};
use crate::name::{
    JOURNAL, MANIFEST, OWN, PART, README, SIGNATURE, SIGNER, SUMS, is_name, is_reserved,
};
use crate::{Cut, Description, Entry, Error, Manifest, SigningKey};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

const README_TEXT: &str = include_str!("README.txt");

/// An export that is not sealed yet, in a folder of its own. What was finished is there after a crash.
pub struct Package {
    folder: Folder,
    description: Description,
    journal: Journal,
    files: Vec<Entry>,
    /// Whether the disk may know of a file that `files` does not have.
    is_broken: bool,
}

impl Package {
    /// Begins a package in a folder that is empty or not there, or goes on with the one that was begun there with the
    /// same description, at whatever time that was asked. Then each file that was finished is read and its hash compared, so this takes as long as
    /// reading them; go on behind the last of [`files`](Self::files). What was not finished is gone.
    ///
    /// Only one can have the folder open ([`Error::InUse`]). [`Error::Sealed`] says that there is nothing left to do.
    pub fn create_or_resume(folder: &Path, description: Description) -> Result<Package, Error> {
        let bytes = description_bytes(&description);
        if bytes > DESCRIPTION_BYTES_MAX {
            return Err(Error::DescriptionTooLong(bytes));
        }
        let folder = Folder::create(folder)?;
        folder.lock()?;
        if folder.has(MANIFEST) {
            // A crash may have come between the manifest and the end of the journal.
            clear(&folder)?;
            return Err(Error::Sealed(folder.path().to_owned()));
        }
        if folder.has(JOURNAL) {
            return Package::resume(folder, description);
        }
        refuse_foreign(&folder, &HashSet::from([PART]))?;
        let journal = Journal::create(&folder, &description)?;
        Ok(Package {
            folder,
            description,
            journal,
            files: Vec::new(),
            is_broken: false,
        })
    }

    fn resume(folder: Folder, description: Description) -> Result<Package, Error> {
        let written: Written = Journal::open(&folder)?;
        let asked_before = Description {
            asked_at: written.description.asked_at,
            ..description
        };
        if written.description != asked_before {
            return Err(Error::OtherExport(folder.path().to_owned()));
        }
        if let Some(last) = written.files.last()
            && !folder.has(&last.name)
            && folder.has(PART)
        {
            // The crash came between the journal's line and the name.
            folder.name_part(&last.name)?;
        }
        for entry in &written.files {
            let name = &entry.name;
            if !is_name(name) || is_reserved(name) {
                return Err(Error::Journal(folder.of(JOURNAL)));
            }
            check_file(&folder, entry, |_| {}).map_err(Error::changed(name))?;
        }
        Ok(Package {
            folder,
            description: written.description,
            journal: written.journal,
            files: written.files,
            is_broken: false,
        })
    }

    /// The files that are finished, in the order in which they were begun.
    pub fn files(&self) -> &[Entry] {
        &self.files
    }

    /// Begins the next file. `cut` says how its records end; `None` if it has none that could be shown one by one.
    ///
    /// A name is 1 to [`NAME_BYTES_MAX`](crate::NAME_BYTES_MAX) ASCII letters, digits, `.`, `_` and `-`, with a letter
    /// or digit at each end, and none that the package needs for itself. A file that is dropped before
    /// [`finish`](FileWriter::finish) is as if it had not been begun.
    pub fn begin_file(&mut self, name: &str, cut: Option<Cut>) -> Result<FileWriter<'_>, Error> {
        self.refuse_broken()?;
        if !is_name(name) || is_reserved(name) {
            return Err(Error::Name(name.to_owned()));
        }
        if self
            .files
            .iter()
            .any(|it| it.name.eq_ignore_ascii_case(name))
        {
            return Err(Error::Exists(name.to_owned()));
        }
        if self.files.len() + OWN.len() >= FILES_MAX {
            return Err(Error::TooManyFiles);
        }
        Ok(FileWriter {
            part: BufWriter::new(self.folder.begin_part()?),
            measure: Measure::new(cut),
            name: name.to_owned(),
            package: self,
        })
    }

    /// Adds the files that explain the package, writes signature and manifest, and ends the package: nothing can be
    /// added. Where it fails, resume and seal again.
    pub fn seal(self, key: &SigningKey) -> Result<Manifest, Error> {
        self.refuse_broken()?;
        let Package {
            folder,
            description,
            mut files,
            ..
        } = self;
        let known = files.iter().map(|it| it.name.as_str());
        let known = known.chain(OWN).chain([JOURNAL, PART, SIGNATURE]);
        refuse_foreign(&folder, &known.collect())?;
        let signer = key.verifying_key();
        put_own(&folder, README, README_TEXT, &mut files)?;
        put_own(&folder, SIGNER, &signer.to_pem(), &mut files)?;
        let sums = sums(&files);
        put_own(&folder, SUMS, &sums, &mut files)?;
        let manifest = Manifest::new(description, signer.fingerprint(), files);
        let text = manifest.to_json();
        // What `verify` would refuse is not signed.
        Manifest::from_json(&text)?;
        // The manifest last: its name says that the package is sealed.
        folder.put(SIGNATURE, &key.sign(&text))?;
        folder.put(MANIFEST, &text)?;
        clear(&folder)?;
        Ok(manifest)
    }
}

impl Package {
    fn refuse_broken(&self) -> Result<(), Error> {
        if self.is_broken {
            return Err(Error::Broken(self.folder.path().to_owned()));
        }
        Ok(())
    }
}

/// Removes what only a package that is not sealed has.
fn clear(folder: &Folder) -> Result<(), Error> {
    folder.remove(PART)?;
    folder.remove(JOURNAL)?;
    folder.sync()
}

fn put_own(folder: &Folder, name: &str, text: &str, files: &mut Vec<Entry>) -> Result<(), Error> {
    folder.put(name, text.as_bytes())?;
    let mut measure = Measure::new(None);
    measure.push(text.as_bytes(), |_| {});
    files.push(measure.finish(name, |_| {}));
    Ok(())
}

fn refuse_foreign(folder: &Folder, known: &HashSet<&str>) -> Result<(), Error> {
    for name in folder.names()? {
        let name = name.map_err(Error::io("list folder", folder.path()))?;
        if !name.to_str().is_some_and(|name| known.contains(name)) {
            return Err(Error::Foreign(folder.path().join(name)));
        }
    }
    Ok(())
}

/// A file of a package while it is written. Buffered; hashed as it is written.
pub struct FileWriter<'a> {
    package: &'a mut Package,
    name: String,
    part: BufWriter<File>,
    measure: Measure,
}

impl FileWriter<'_> {
    /// Makes the file durable and part of the package; from here on a resumed package has it. Where it fails, the
    /// file may be begun again, unless that is refused ([`Error::Broken`]).
    pub fn finish(mut self) -> Result<Entry, Error> {
        let Package {
            folder,
            journal,
            files,
            is_broken,
            ..
        } = self.package;
        let flushed = folder::step().and_then(|()| self.part.flush());
        flushed.map_err(Error::io("write file", folder.of(&self.name)))?;
        folder.sync_part(self.part.get_ref())?;
        let entry = self.measure.finish(&self.name, |_| {});
        // Before the name: a file that has its name is in the journal, so no crash leaves one that nobody knows.
        *is_broken = true;
        journal.append(folder, &entry)?;
        folder.name_part(&self.name)?;
        *is_broken = false;
        files.push(entry.clone());
        Ok(entry)
    }
}

impl Write for FileWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.part.write(bytes)?;
        self.measure.push(&bytes[..count], |_| {});
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.part.flush()
    }
}

#[cfg(test)]
mod tests;
