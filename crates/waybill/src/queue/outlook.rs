//! When what waits is tried again: by the settings of each host, where the archive's owner told them.

use super::age;
use crate::shown::instant;
use anyhow::Context;
use query::{Outlook, Queued, Retry};
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Settings of hosts: `DIR/queues/HOST.cf`, as `postconf` writes them.
pub(crate) struct Rules {
    folder: PathBuf,
    of_hosts: HashMap<String, Retry>,
}

impl Rules {
    pub(crate) fn new(archive: &Path) -> Self {
        Rules {
            folder: archive.join("queues"),
            of_hosts: HashMap::new(),
        }
    }

    /// What is expected of a recipient. Errs where a host's settings are wrong.
    pub(crate) fn outlook(&mut self, queued: &Queued) -> anyhow::Result<Outlook> {
        if let Some(rules) = self.of_hosts.get(&queued.host) {
            return Ok(rules.outlook(queued));
        }
        let rules = self.load(&queued.host)?;
        let outlook = rules.outlook(queued);
        self.of_hosts.insert(queued.host.clone(), rules);
        Ok(outlook)
    }

    fn load(&self, host: &str) -> anyhow::Result<Retry> {
        let is_plain = |it: char| it.is_ascii_alphanumeric() || ".-_".contains(it);
        // Hosts are what lines say; they lead to no other folder.
        if host.starts_with('.') || !host.chars().all(is_plain) {
            return Ok(Retry::default());
        }
        let path = self.folder.join(format!("{host}.cf"));
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Retry::default()),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read `{}`", path.display()));
            }
        };
        let wrong = |problem| anyhow::anyhow!("{problem}, in `{}`", path.display());
        Retry::parse(&text).map_err(wrong)
    }
}

/// `; next in 4m to 9m; given up in 4d23h`: estimates, for people.
pub(super) fn told(outlook: &Outlook, at: i64) -> String {
    let mut told = String::new();
    if let Some((from, until)) = outlook.next {
        told += &match (age(from - at), age(until - at)) {
            _ if until < at => format!("; next was due {} ago", age(at - until)),
            (from, until) if from == until => format!("; next in about {until}"),
            (_, until) if from < at => format!("; next within {until}"),
            (from, until) => format!("; next in {from} to {until}"),
        };
        if outlook.is_observed {
            told += ", if as before";
        }
    }
    if let Some(expires) = outlook.expires {
        told += &match expires < at {
            true => "; given up at the next".to_owned(),
            false => format!("; given up in {}", age(expires - at)),
        };
    }
    told
}

/// The same for programs: names and values.
pub(super) fn fields(outlook: &Outlook) -> [(&'static str, Option<String>); 4] {
    [
        ("next_from", outlook.next.map(|(from, _)| instant(from))),
        ("next_until", outlook.next.map(|(_, until)| instant(until))),
        ("next_by", outlook.next.map(|_| outlook.by().to_owned())),
        ("expires", outlook.expires.map(instant)),
    ]
}
