//! Which rows are kept for how long is a matter of classes: each a part of the table of its own.

use hashbrown::HashMap;

/// Retention class of rows to which no rule gives another.
pub const CLASS: &str = "standard";

/// Which retention class the rows of an account domain belong to.
#[derive(Clone, Debug)]
pub struct Classes {
    names: Vec<String>,
    of_domain: HashMap<String, usize, foldhash::fast::RandomState>,
}

impl Default for Classes {
    fn default() -> Self {
        Classes {
            names: vec![CLASS.to_owned()],
            of_domain: HashMap::default(),
        }
    }
}

impl Classes {
    /// Puts rows of a domain, in small letters, into a class. Its name becomes part of paths: see
    /// [`is_class_name`].
    pub fn put(&mut self, domain: &str, class: &str) {
        let known = self.names.iter().position(|name| name == class);
        let number = known.unwrap_or_else(|| {
            self.names.push(class.to_owned());
            self.names.len() - 1
        });
        self.of_domain.insert(domain.to_owned(), number);
    }

    /// The class of rows of a domain.
    pub fn of(&self, domain: &str) -> &str {
        self.name(self.number_of(domain))
    }

    pub(crate) fn number_of(&self, domain: &str) -> usize {
        self.of_domain.get(domain).copied().unwrap_or(0)
    }

    pub(crate) fn name(&self, number: usize) -> &str {
        &self.names[number]
    }
}

/// Whether a class may be called so: small letters, digits, `-` and `_`, at most 32.
pub fn is_class_name(name: &str) -> bool {
    let may_hold = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'-' | b'_');
    (1..=32).contains(&name.len()) && name.bytes().all(may_hold)
}
