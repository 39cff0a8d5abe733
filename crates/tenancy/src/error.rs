//! What can go wrong, by what the caller can do.

use crate::role::Right;

/// The result of all that can go wrong here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done. Nothing is half done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The token is not known, has expired, was revoked, or its owner was disabled. Log in again.
    #[error("not logged in, or the key is not valid any more")]
    Refused,
    /// Login or password is wrong, or the user is disabled; nobody is told which.
    #[error("login or password is wrong")]
    LoginRefused,
    /// The password is right; try again with the code of the second factor.
    #[error("a code of the second factor is wanted")]
    CodeWanted,
    /// Too many tries for this login or from this address.
    #[error("too many tries: wait_secs=`{wait_secs}`")]
    TooManyTries {
        /// Seconds after which the next try is looked at.
        wait_secs: i64,
    },
    /// The asker's role, or his key's rights, do not allow it.
    #[error("not allowed: right=`{0}`")]
    Forbidden(Right),
    /// The asker may manage users, but not of this role.
    #[error("not allowed for users of this role: role=`{0}`")]
    RoleForbidden(crate::role::Role),
    /// There is none, or none that the asker may see.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// Another one has this name.
    #[error("{what} exists already: name=`{name}`")]
    Taken {
        /// What it is: `login`, `customer`, `search`.
        what: &'static str,
        /// The name that is taken.
        name: String,
    },
    /// A domain, or an address in it, belongs to another customer. Take it from that one first.
    #[error("belongs to another customer: domain=`{domain}` customer=`{customer}`")]
    DomainTaken {
        /// The domain or address.
        domain: String,
        /// The name of its owner.
        customer: String,
    },
    /// What was given cannot be used.
    #[error("{what} cannot be used: {why}: given=`{given}`")]
    Invalid {
        /// What it is: `domain`, `address`, `login`, ...
        what: &'static str,
        /// The reason, with what would do.
        why: &'static str,
        /// What was given; empty if it is secret.
        given: String,
    },
    /// The password is too easy to guess, for this reason.
    #[error("password cannot be used: {0}")]
    WeakPassword(&'static str),
    /// The export has mail that the asker may see no more. Ask for a new one.
    #[error("the export has mail that may be seen no more by who asked for it")]
    ReachShrunk,
    /// The export is not complete: it waits, is being written, failed or was cancelled.
    #[error("the export has no file: state=`{0}`")]
    NoFile(&'static str),
    /// It would leave nobody who may do everything. Make another user owner first.
    #[error("the last owner cannot be removed, disabled or given another role")]
    LastOwner,
    /// There are users already, so there is no first run.
    #[error("the first user exists already")]
    SetUp,
    /// The location of the database is of neither form that is known.
    #[error("not a database: url=`{0}`; use `sqlite:PATH` or `postgres://USER@HOST/NAME`")]
    Url(String),
    /// What is stored is not what was written: somebody else wrote to the database.
    #[error("stored value cannot be read: column=`{column}` value=`{value}`")]
    Damaged {
        /// What was read.
        column: &'static str,
        /// What stood there.
        value: String,
    },
    /// The database did not do what it was asked. Try again if it was out of reach.
    #[error("database failed")]
    Database(#[from] sqlx::Error),
    /// The tables could not be made or brought to this version.
    #[error("tables of the database cannot be made")]
    Schema(#[from] sqlx::migrate::MigrateError),
    /// The file of the database cannot be made.
    #[error("cannot make the database: path=`{path}`", path = .path.display())]
    Io {
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gives no random bytes, or a password could not be hashed.
    #[error("cannot make a secret: {0}")]
    Secret(&'static str),
}

impl Error {
    pub(crate) fn invalid(what: &'static str, why: &'static str, given: &str) -> Self {
        let given = given.to_owned();
        Self::Invalid { what, why, given }
    }
}
