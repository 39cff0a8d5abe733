//! Which archive a command means.

use crate::args::Data;
use ::upkeep::Rules;
use anyhow::Context;
use std::path::{Path, PathBuf};
use store::{Archive, Error, Writer};

/// The archive in a folder, or a new one, to be written to.
pub(crate) fn open_or_create(folder: &Path) -> anyhow::Result<Writer> {
    let opening = || format!("cannot open `{}`", folder.display());
    let archive = Archive::open_or_create(folder).with_context(opening)?;
    writer(archive, &Rules::load(folder)?)
}

fn writer(archive: Archive, rules: &Rules) -> anyhow::Result<Writer> {
    let folder = archive.root().to_owned();
    let mut writer = match archive.writer() {
        Err(Error::Locked(_)) => anyhow::bail!(
            "another process writes to `{}`; `waybill serve` takes files that `[follow]` of its \
             configuration names, or can be stopped meanwhile",
            folder.display()
        ),
        opened => opened.with_context(|| format!("cannot open `{}`", folder.display()))?,
    };
    writer.set_classes(rules.classes());
    Ok(writer)
}

impl Data {
    /// The folder: the one named, else root's, else the user's.
    pub(crate) fn folder(&self) -> PathBuf {
        if let Some(folder) = &self.data {
            return folder.clone();
        }
        if rustix::process::geteuid().is_root() {
            return PathBuf::from("/var/lib/waybill");
        }
        let home = std::env::var_os("HOME").map_or_else(PathBuf::new, PathBuf::from);
        let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
        data.unwrap_or_else(|| home.join(".local/share"))
            .join("waybill")
    }

    /// The archive, to be written to, which must be there.
    pub(crate) fn open_to_write(&self) -> anyhow::Result<(Writer, Rules)> {
        let archive = self.open()?;
        let rules = Rules::load(archive.root())?;
        Ok((writer(archive, &rules)?, rules))
    }

    /// The archive, which must be there.
    pub(crate) fn open(&self) -> anyhow::Result<Archive> {
        let folder = self.folder();
        match Archive::open(&folder) {
            Err(Error::Absent(_)) => anyhow::bail!(
                "no archive in `{}`; `waybill import FILE...` makes one, `--data` names another",
                folder.display()
            ),
            opened => opened.with_context(|| format!("cannot open `{}`", folder.display())),
        }
    }
}
