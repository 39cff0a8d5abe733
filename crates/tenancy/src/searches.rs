//! Questions that are kept under a name.

use crate::db::{Row, is_taken, values};
use crate::error::{Error, Result};
use crate::ids::{SearchId, UserId};
use crate::limits::{SEARCH_BYTES_MAX, SEARCHES_MAX};
use crate::names;
use crate::principal::Asker;
use crate::role::Right;
use crate::tenancy::Tenancy;
use jiff::Timestamp;

/// What is said of a search that is kept.
#[derive(Clone, Debug)]
pub struct NewSearch {
    /// Its name; its owner has no other of this name.
    pub name: String,
    /// The question, as it was typed.
    pub question: String,
    /// Whether the other users of the owner's customer see it; of those who run the system, the others who do.
    pub is_shared: bool,
}

/// A search that is kept. Whoever asks it sees his own mail alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SavedSearch {
    /// Its number.
    pub id: SearchId,
    /// Whose it is; only he changes it.
    pub owner: UserId,
    /// His login.
    pub owner_login: String,
    /// Its name.
    pub name: String,
    /// The question, as it was typed.
    pub question: String,
    /// Whether others see it.
    pub is_shared: bool,
    /// When it was kept.
    pub created: Timestamp,
}

impl Tenancy {
    /// Keeps a search for the asker.
    pub async fn add_search(&self, asker: &Asker, new: &NewSearch) -> Result<SearchId> {
        let owner = owner(asker)?;
        let name = new.checked()?;
        let count = "SELECT count(*) FROM searches WHERE user_id = $1";
        let kept = self.db.row(count, values![owner.0]).await?;
        if kept.map_or(Ok(0), |row| row.number(0))? >= SEARCHES_MAX {
            return Err(Error::invalid(
                "search",
                "there are too many; remove some",
                &name,
            ));
        }
        let sql = "INSERT INTO searches (user_id, name, question, shared, created) \
                   VALUES ($1, $2, $3, $4, $5) RETURNING id";
        let values = values![owner.0, &name, &new.question, new.is_shared, asker.now];
        let row = self.db.row(sql, values).await;
        let row = row.map_err(|error| taken(error, &name))?;
        Ok(SearchId(row.ok_or(Error::NotFound("search"))?.number(0)?))
    }

    /// Makes a search of the asker's as told.
    pub async fn set_search(&self, asker: &Asker, id: SearchId, new: &NewSearch) -> Result<()> {
        let owner = owner(asker)?;
        let name = new.checked()?;
        let sql = "UPDATE searches SET name = $1, question = $2, shared = $3 WHERE id = $4 AND user_id = $5";
        let values = values![&name, &new.question, new.is_shared, id.0, owner.0];
        let changed = self.db.run(sql, values).await;
        found(changed.map_err(|error| taken(error, &name))?)
    }

    /// Removes a search of the asker's.
    pub async fn remove_search(&self, asker: &Asker, id: SearchId) -> Result<()> {
        let owner = owner(asker)?;
        let sql = "DELETE FROM searches WHERE id = $1 AND user_id = $2";
        found(self.db.run(sql, values![id.0, owner.0]).await?)
    }

    /// The asker's searches, and those that are shared with him; by name.
    pub async fn searches(&self, asker: &Asker) -> Result<Vec<SavedSearch>> {
        let owner = owner(asker)?;
        let sql = "SELECT s.id, s.user_id, u.login, s.name, s.question, s.shared, s.created \
                   FROM searches s JOIN users u ON u.id = s.user_id \
                   WHERE s.user_id = $1 OR (s.shared = 1 AND COALESCE(u.customer, 0) = $2 \
                   AND (u.customer IS NOT NULL OR u.role <> 'mailbox_user')) \
                   ORDER BY s.name, s.id";
        // Mailbox users without a customer have nothing in common.
        let none = if asker.principal.role.reaches_everything() {
            0
        } else {
            -1
        };
        let customer = asker.principal.customer.map_or(none, |it| it.0);
        let rows = self.db.rows(sql, values![owner.0, customer]).await?;
        rows.iter().map(search).collect()
    }
}

impl NewSearch {
    /// The name as it is stored.
    fn checked(&self) -> Result<String> {
        if self.question.len() > SEARCH_BYTES_MAX {
            return Err(Error::invalid("search", "it is too long", &self.name));
        }
        names::shown("search", &self.name)
    }
}

fn owner(asker: &Asker) -> Result<UserId> {
    asker.must(Right::SaveSearches)?;
    asker
        .principal
        .user
        .ok_or(Error::Forbidden(Right::SaveSearches))
}

fn search(row: &Row) -> Result<SavedSearch> {
    Ok(SavedSearch {
        id: SearchId(row.number(0)?),
        owner: UserId(row.number(1)?),
        owner_login: row.text(2)?,
        name: row.text(3)?,
        question: row.text(4)?,
        is_shared: row.flag(5)?,
        created: row.time(6)?,
    })
}

fn found(rows: u64) -> Result<()> {
    if rows == 0 {
        Err(Error::NotFound("search"))
    } else {
        Ok(())
    }
}

fn taken(error: Error, name: &str) -> Error {
    if is_taken(&error) {
        let name = name.to_owned();
        return Error::Taken {
            what: "search",
            name,
        };
    }
    error
}
