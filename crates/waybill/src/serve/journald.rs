//! What comes from journald: the journal of this machine, and those that other hosts upload.

use super::config::Config;
use anyhow::Context;
use follow::{Journald, JournaldSettings};
use intake::http::Uploads;
use journal::Journal;
use std::path::Path;
use std::sync::Arc;

/// The reader of this machine's journal, if it is wanted.
pub(super) fn reader(
    folder: &Path,
    config: &Config,
    journal: &Arc<dyn Journal>,
) -> anyhow::Result<Option<Journald>> {
    if !config.journald.follow {
        return Ok(None);
    }
    let directory = &config.journald.directory;
    let directory = (directory != Path::new("")).then(|| {
        let mut argument = std::ffi::OsString::from("--directory=");
        argument.push(directory);
        argument
    });
    let settings = JournaldSettings {
        arguments: directory.into_iter().collect(),
        wanted: config.journald.wanted()?,
        ..JournaldSettings::default()
    };
    let state = folder.join("follow");
    let reader = Journald::open(&state, Arc::clone(journal), settings, super::now_ns);
    Ok(Some(
        reader.context("the journal of this machine cannot be read")?,
    ))
}

/// How far the journals of other hosts were taken.
pub(super) fn uploads(folder: &Path, journal: &Arc<dyn Journal>) -> anyhow::Result<Arc<Uploads>> {
    let path = folder.join("journald.uploads");
    let uploads = Uploads::open(&path, &**journal);
    let uploads = uploads.with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(Arc::new(uploads))
}
