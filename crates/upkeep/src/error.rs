//! What can go wrong with upkeep.

use std::path::PathBuf;

/// Why upkeep could not be done; what was committed before stays done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The archive could not be read or written.
    #[error("archive could not be read or written")]
    Store(#[from] store::Error),
    /// What the archive says of itself could not be read.
    #[error("state of the archive could not be read")]
    Record(#[from] record::Error),
    /// The rules could not be read or written.
    #[error("retention rules cannot be used: path=`{path}`")]
    Rules {
        /// Where they are.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The rules are not as they must be.
    #[error("retention rules are wrong: {problem} path=`{path}`")]
    WrongRules {
        /// Where they are.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A class may not be called so.
    #[error("a class has small letters, digits, `-` and `_` in its name, 32 at most: name=`{0}`")]
    ClassName(String),
    /// A class that no rule tells of.
    #[error("there is no class of this name: name=`{0}`")]
    NoClass(String),
    /// A class cannot be taken away while domains are in it.
    #[error("class is in use by a domain: name=`{name}` domain=`{domain}`")]
    ClassInUse {
        /// The class.
        name: String,
        /// One of its domains.
        domain: String,
    },
    /// A hold that no rule tells of.
    #[error("there is no hold of this name: name=`{0}`")]
    NoHold(String),
    /// A hold's question cannot be understood.
    #[error("question of a hold cannot be understood: hold=`{hold}`\n{problem}")]
    HoldQuestion {
        /// Its name.
        hold: String,
        /// Why, with a mark under the place.
        problem: String,
    },
    /// What is to be erased is no address.
    #[error("not an address: `{0}`; an address has a local part, `@` and a domain")]
    NoAddress(String),
}

/// What was done, or why not.
pub type Result<T> = std::result::Result<T, Error>;
