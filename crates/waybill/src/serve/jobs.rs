//! Rows of the archive for exports, and where their files are.

use super::Daemon;
use super::config::Config;
use super::web::nets;
use crate::input;
use ::jobs::{Jobs, Settings, Source};
use anyhow::Context;
use jiff::Timestamp;
use query::Sight;
use std::sync::Arc;
use tenancy::{Reach, Tenancy};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Folder of the files in that of the archive.
const FOLDER: &str = "jobs";

struct Rows {
    daemon: Arc<Daemon>,
    internal: Vec<search::Net>,
}

/// Begins to write what is asked for, until it is told to stop.
pub(super) fn write(
    config: &Config,
    daemon: &Arc<Daemon>,
    tenancy: &Arc<Tenancy>,
    stop: watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) -> anyhow::Result<Arc<Jobs>> {
    let written = &config.jobs;
    let version = daemon.view.archive().identity()?;
    // What is behind the sign changes with each commit.
    let archive = version.split('@').next().unwrap_or_default();
    let settings = Settings {
        archive: archive.to_owned(),
        folder: daemon.folder.join(FOLDER),
        keep_days: written.keep_days,
        file_bytes_max: written.file_megabytes << 20,
        bytes_max: written.megabytes << 20,
    };
    let jobs = Jobs::new(settings).context("cannot make the folder of exports")?;
    let jobs = Arc::new(jobs);
    let rows = Rows {
        daemon: Arc::clone(daemon),
        internal: nets("internal", "web", &config.web.internal)?,
    };
    tasks.spawn(::jobs::run(
        Arc::clone(&jobs),
        Arc::new(rows),
        Arc::clone(tenancy),
        stop,
    ));
    Ok(jobs)
}

impl Source for Rows {
    fn sight(&self, reach: &Reach) -> Sight {
        desk::sight(self.daemon.view.archive(), reach, &self.internal)
    }

    fn free_bytes(&self) -> Option<u64> {
        self.daemon.free_bytes()
    }

    fn now(&self) -> Timestamp {
        input::now()
    }
}
