//! How long rows are kept: classes, which domain has which, and holds.
//!
//! They stand in `DIR/retention.json`:
//!
//! ```text
//! { "classes": { "standard": null, "short": 30 },      days; null is for ever
//!   "domains": { "example.org": "short" },
//!   "customers": { "example.com": "short" },           as customers were given a class
//!   "holds": { "case-12": { "query": "any:anna@example.org", "since": "2026-11-22T10:00:00Z" } } }
//! ```

use crate::error::{Error, Result};
use jiff::tz::TimeZone;
use search::{Filter, Search};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use store::{CLASS, Classes, StoredRow, is_class_name};

/// Class of rows that only a hold keeps.
pub const HELD: &str = "held";

const FILE: &str = "retention.json";
/// Whoever changes the rules holds it.
const LOCK: &str = "retention.lock";

/// The rules of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Days for which rows of a class are kept; `None` is for ever.
    pub classes: BTreeMap<String, Option<u32>>,
    /// Class of the rows of an account domain; of all others it is [`CLASS`].
    #[serde(default)]
    pub domains: BTreeMap<String, String>,
    /// The same for domains of customers who were given a class; `domains` comes first.
    #[serde(default)]
    pub customers: BTreeMap<String, String>,
    /// Rows that stay whatever their class says, by the name of the case.
    #[serde(default)]
    pub holds: BTreeMap<String, Hold>,
}

/// What is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// The question that the rows answer.
    pub query: String,
    /// When it was put there; `yesterday` in the question is the day before.
    pub since: jiff::Timestamp,
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            classes: BTreeMap::from([(CLASS.to_owned(), None)]),
            domains: BTreeMap::new(),
            customers: BTreeMap::new(),
            holds: BTreeMap::new(),
        }
    }
}

impl Rules {
    /// The rules of the archive in a folder; those of a new archive keep all for ever.
    pub fn load(root: &Path) -> Result<Self> {
        let path = root.join(FILE);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Rules::default());
            }
            Err(source) => return Err(Error::Rules { path, source }),
        };
        let wrong = |problem: String| Error::WrongRules {
            path: path.clone(),
            problem,
        };
        let rules: Rules = serde_json::from_slice(&text).map_err(|it| wrong(it.to_string()))?;
        rules.verify().map_err(|it| wrong(it.to_string()))?;
        Ok(rules)
    }

    /// Changes the rules of the archive in a folder: whole or not at all, and one after the other.
    pub fn change<T>(root: &Path, change: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let path = root.join(LOCK);
        let locked = File::create(&path).and_then(|file| file.lock().map(|()| file));
        let _lock = locked.map_err(|source| Error::Rules { path, source })?;
        let old = Rules::load(root)?;
        let mut rules = old.clone();
        let done = change(&mut rules)?;
        if rules != old {
            rules.save(root)?;
        }
        Ok(done)
    }

    /// Writes them, whole or not at all.
    pub fn save(&self, root: &Path) -> Result<()> {
        let path = root.join(FILE);
        let put = |to: &PathBuf| {
            let mut file = File::create(to)?;
            serde_json::to_writer_pretty(&mut file, self)?;
            file.write_all(b"\n")?;
            file.sync_all()
        };
        let new = root.join("retention.json.new");
        put(&new)
            .and_then(|()| std::fs::rename(&new, &path))
            .and_then(|()| File::open(root)?.sync_all())
            .map_err(|source| Error::Rules { path, source })
    }

    fn verify(&self) -> Result<()> {
        for class in self.classes.keys() {
            if !is_class_name(class) || class == HELD {
                return Err(Error::ClassName(class.clone()));
            }
        }
        let mut used = self.domains.values().chain(self.customers.values());
        if let Some(class) = used.find(|it| !self.has(it)) {
            return Err(Error::NoClass(class.clone()));
        }
        self.filters().map(|_| ())
    }

    /// Whether there is such a class.
    pub fn has(&self, class: &str) -> bool {
        class == CLASS || self.classes.contains_key(class)
    }

    /// Makes a class, or gives it other days.
    pub fn set_class(&mut self, name: &str, days: Option<u32>) -> Result<()> {
        if !is_class_name(name) || name == HELD {
            return Err(Error::ClassName(name.to_owned()));
        }
        self.classes.insert(name.to_owned(), days);
        Ok(())
    }

    /// Takes a class away that no domain is in.
    pub fn remove_class(&mut self, name: &str) -> Result<()> {
        let mut users = self.domains.iter().chain(&self.customers);
        let user = users.find(|(_, class)| *class == name);
        if let Some((domain, _)) = user {
            return Err(Error::ClassInUse {
                name: name.to_owned(),
                domain: domain.clone(),
            });
        }
        match self.classes.remove(name) {
            Some(_) => Ok(()),
            None => Err(Error::NoClass(name.to_owned())),
        }
    }

    /// Puts a domain into a class.
    pub fn set_domain(&mut self, domain: &str, class: &str) -> Result<()> {
        if !self.has(class) {
            return Err(Error::NoClass(class.to_owned()));
        }
        let domain = domain.to_ascii_lowercase();
        match class {
            CLASS if !self.customers.contains_key(&domain) => self.domains.remove(&domain),
            _ => self.domains.insert(domain, class.to_owned()),
        };
        Ok(())
    }

    /// Sets the classes of customers' domains, pairs of domain and class; gives classes that there are
    /// not, whose domains stay in [`CLASS`].
    pub fn set_customers(
        &mut self,
        of: impl IntoIterator<Item = (String, String)>,
    ) -> BTreeSet<String> {
        let (known, unknown): (Vec<_>, Vec<_>) =
            of.into_iter().partition(|(_, class)| self.has(class));
        self.customers = known.into_iter().collect();
        unknown.into_iter().map(|(_, class)| class).collect()
    }

    /// Holds all rows that answer a question.
    pub fn hold(&mut self, name: &str, query: &str, since: jiff::Timestamp) -> Result<()> {
        let hold = Hold {
            query: query.to_owned(),
            since,
        };
        hold.question(name)?;
        self.holds.insert(name.to_owned(), hold);
        Ok(())
    }

    /// Ends a hold.
    pub fn release(&mut self, name: &str) -> Result<()> {
        match self.holds.remove(name) {
            Some(_) => Ok(()),
            None => Err(Error::NoHold(name.to_owned())),
        }
    }

    /// Which class the rows of each domain are written to.
    pub fn classes(&self) -> Classes {
        let mut classes = Classes::default();
        for (domain, class) in self.customers.iter().chain(&self.domains) {
            classes.put(domain, class);
        }
        classes
    }

    /// Days for which rows of a class are kept; `None` is for ever.
    pub fn days(&self, class: &str) -> Option<u32> {
        self.classes.get(class).copied().flatten()
    }

    /// What is held, ready to be asked row by row.
    pub(crate) fn filters(&self) -> Result<Holds> {
        let questions = self.holds.iter().map(|(name, hold)| hold.question(name));
        Ok(Holds(questions.collect::<Result<_>>()?))
    }
}

impl Hold {
    fn question(&self, name: &str) -> Result<Search> {
        Search::parse(&self.query, self.since, &TimeZone::UTC).map_err(|error| {
            Error::HoldQuestion {
                hold: name.to_owned(),
                problem: error.under(&self.query).to_string(),
            }
        })
    }
}

/// The questions of all holds.
pub(crate) struct Holds(Vec<Search>);

impl Holds {
    /// Whether a row is held.
    pub(crate) fn ask_for(&self, row: StoredRow<'_>) -> bool {
        let (view, place) = row.place();
        let at = view.at(place);
        self.0
            .iter()
            .any(|it| it.range.contains(at) && query::fits(&it.filter, view, place))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What any of them may ask for.
    pub(crate) fn filter(&self) -> Filter {
        Filter::or(self.0.iter().map(|it| it.filter.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(domain: &str, class: &str) -> (String, String) {
        (domain.to_owned(), class.to_owned())
    }

    #[test]
    fn a_rule_comes_before_what_a_customer_has() {
        let mut rules = Rules::default();
        rules.set_class("short", Some(30)).expect("a name");
        rules.set_class("long", Some(365)).expect("a name");
        let of_customers = [
            pair("a.example", "short"),
            pair("b.example", "short"),
            pair("c.example", "gone"),
        ];
        let unknown = rules.set_customers(of_customers);
        assert_eq!(unknown, BTreeSet::from(["gone".to_owned()]));
        rules.set_domain("B.example", CLASS).expect("a class");
        let class = |rules: &Rules, domain: &str| rules.classes().of(domain).to_owned();
        assert_eq!(class(&rules, "a.example"), "short");
        assert_eq!(class(&rules, "b.example"), CLASS);
        assert_eq!(class(&rules, "c.example"), CLASS);
        rules.set_domain("a.example", "long").expect("a class");
        assert_eq!(class(&rules, "a.example"), "long");
        assert!(rules.remove_class("short").is_err(), "customers have it");
        rules.set_customers([]);
        rules.remove_class("short").expect("nobody has it");
        assert_eq!(class(&rules, "b.example"), CLASS);
    }

    #[test]
    fn changes_come_one_after_the_other() {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let root = folder.path();
                scope.spawn(move || {
                    for number in 0..20 {
                        let name = format!("c{thread}-{number}");
                        Rules::change(root, |rules| rules.set_class(&name, Some(1)))
                            .expect("it can be changed");
                    }
                });
            }
        });
        let rules = Rules::load(folder.path()).expect("they can be read");
        assert_eq!(rules.classes.len(), 81);
    }
}
