//! Another configuration while the daemon runs (SIGHUP).

use super::Daemon;
use super::config::{Config, effective};
use super::nightly::Nightly;
use super::ports::Ports;
use ::upkeep::Rules;
use std::path::PathBuf;
use toml::{Table, Value};
use tracing::{error, info, warn};

/// Keys, and tables of keys, that hold from now on; all others wait for a restart.
const TAKEN: [&str; 5] = [
    "follow.files",
    "http.tokens",
    "places",
    "tls",
    "upkeep.hour",
];

/// The configuration that holds, and where it comes from.
pub(super) struct Held {
    path: Option<PathBuf>,
    table: Table,
}

impl Held {
    /// From the file that is named, else the usual one if it is there, and the environment.
    pub(super) fn load(path: Option<PathBuf>) -> anyhow::Result<(Self, Config)> {
        let table = effective(path.as_deref())?;
        let config = Config::of(table.clone())?;
        Ok((Held { path, table }, config))
    }

    /// Reads it anew; if it is wrong, that is told, and the old one stays.
    pub(super) async fn reload(
        &mut self,
        daemon: &Daemon,
        ports: &mut Ports,
        nightly: &mut Nightly,
    ) {
        match self.take(daemon, ports, nightly).await {
            Ok(waiting) => {
                for key in waiting {
                    warn!("needs a restart: `{key}`");
                }
                info!("the configuration is loaded");
            }
            Err(error) => error!("the configuration is not loaded, the old one holds: {error:#}"),
        }
    }

    /// Gives the keys that wait for a restart.
    async fn take(
        &mut self,
        daemon: &Daemon,
        ports: &mut Ports,
        nightly: &mut Nightly,
    ) -> anyhow::Result<Vec<String>> {
        let new = effective(self.path.as_deref())?;
        Config::of(new.clone())?;
        let mut table = self.table.clone();
        let waiting = take_over(&mut table, &new, "");
        let config = Config::of(table.clone())?;
        let places = config.places.open()?;
        let rules = Rules::load(daemon.view.archive().root())?;
        ports.renew(&config).await?;
        daemon.followed.set_files(&config.follow.files);
        daemon.set_places(places);
        nightly.set_hour(config.upkeep.hour);
        let classes = rules.classes();
        let upkeep = move |writer: &mut store::Writer| writer.set_classes(classes);
        daemon.view.upkeep(Box::new(upkeep));
        self.table = table;
        Ok(waiting)
    }
}

/// Takes what can be taken; gives the keys of what else has changed.
fn take_over(held: &mut Table, new: &Table, section: &str) -> Vec<String> {
    let mut waiting = Vec::new();
    for (key, value) in held {
        let path = format!("{section}{key}");
        match (value, new.get(key)) {
            (_, None) => {}
            (value, Some(new)) if value == new => {}
            (value, Some(new)) if TAKEN.contains(&path.as_str()) => *value = new.clone(),
            (Value::Table(held), Some(Value::Table(new))) => {
                waiting.extend(take_over(held, new, &format!("{path}.")));
            }
            _ => waiting.push(path),
        }
    }
    waiting
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_taken_is_named_each_time_and_stays() {
        let table = |text: &str| text.parse::<Table>().expect("it is TOML");
        let mut held =
            table("data = 'a'\n[follow]\nfiles = []\n[tls]\nkey = 'k'\n[listen]\nrelp = 'x'");
        let new =
            table("data = 'b'\n[follow]\nfiles = ['f']\n[tls]\nkey = 'l'\n[listen]\nrelp = 'y'");
        for _ in 0..2 {
            assert_eq!(take_over(&mut held, &new, ""), ["data", "listen.relp"]);
        }
        let now = "data = 'a'\n[follow]\nfiles = ['f']\n[tls]\nkey = 'l'\n[listen]\nrelp = 'x'";
        assert_eq!(held, table(now));
    }
}
