//! Users: who they are, and who may change them.

use crate::db::{Row, Tx, is_taken, values};
use crate::entry::Action;
use crate::error::{Error, Result};
use crate::ids::{CustomerId, UserId};
use crate::limits::MAILBOXES_MAX;
use crate::names;
use crate::password;
use crate::principal::{Asker, Reach, Who};
use crate::role::{Right, Role};
use crate::secret::Secret;
use crate::tenancy::{Page, Tenancy};
use jiff::Timestamp;
use serde_json::json;

/// What is said of a user who is added or changed.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// What he logs in with; may be an address. No other user has it; it does not change.
    pub login: String,
    /// His name for people.
    pub name: String,
    /// What he is.
    pub role: Role,
    /// Whose customer's he is: needed for a customer's administrator, possible for a mailbox user, of no use else.
    pub customer: Option<CustomerId>,
    /// The mailboxes of a mailbox user; those that are not his customer's are not seen.
    pub mailboxes: Vec<String>,
}

/// How a user likes what he is shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Preferences {
    /// A language tag of BCP 47.
    pub language: Option<String>,
    /// A name of the time zone database: `Europe/Rome`.
    pub time_zone: Option<String>,
}

/// A user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// His number.
    pub id: UserId,
    /// What he logs in with.
    pub login: String,
    /// His name for people.
    pub name: String,
    /// What he is.
    pub role: Role,
    /// Whose customer's he is.
    pub customer: Option<CustomerId>,
    /// The mailboxes of a mailbox user.
    pub mailboxes: Vec<String>,
    /// How he likes what he is shown.
    pub preferences: Preferences,
    /// Whether he is shut out.
    pub disabled: bool,
    /// When he was added.
    pub created: Timestamp,
    /// When he last logged in.
    pub last_login: Option<Timestamp>,
    /// Whether he has a password; without one he needs a link.
    pub has_password: bool,
    /// Whether he is asked for a second factor.
    pub has_second_factor: bool,
}

impl Tenancy {
    /// Adds a user, who cannot log in until he has a password: give him the link of
    /// [`reset_link`](Self::reset_link).
    pub async fn add_user(&self, asker: &Asker, new: &NewUser) -> Result<UserId> {
        self.insert_user(asker, new, None).await
    }

    /// Adds a user with a password, where there is no way to send him a link.
    pub async fn add_user_with_password(
        &self,
        asker: &Asker,
        new: &NewUser,
        password: &Secret,
    ) -> Result<UserId> {
        password::check(password, &names::login(&new.login)?)?;
        let hash = self.hasher.hash(password).await?;
        self.insert_user(asker, new, Some(&hash)).await
    }

    async fn insert_user(
        &self,
        asker: &Asker,
        new: &NewUser,
        hash: Option<&str>,
    ) -> Result<UserId> {
        let new = self.normal(asker, new).await?;
        let mut change = self.change(asker).await?;
        let id = insert(&mut change.tx, &new, hash, asker.now).await?;
        change
            .commit(Action::AddUser, new.customer, new.told(id))
            .await?;
        Ok(id)
    }

    /// Makes a user as told: name, role, customer, mailboxes. The login stays.
    pub async fn set_user(&self, asker: &Asker, id: UserId, new: &NewUser) -> Result<()> {
        let before = self.managed(asker, id).await?;
        let new = self.normal(asker, new).await?;
        let mut change = self.change(asker).await?;
        let sql = "UPDATE users SET name = $1, role = $2, customer = $3 WHERE id = $4";
        let values = values![
            &new.name,
            new.role.as_str(),
            new.customer.map(|it| it.0),
            id.0
        ];
        change.tx.run(sql, values).await?;
        change
            .tx
            .run("DELETE FROM mailboxes WHERE user_id = $1", values![id.0])
            .await?;
        insert_mailboxes(&mut change.tx, id, &new.mailboxes).await?;
        if before.customer != new.customer {
            // What one customer's users asked is not another's business.
            let sql = "UPDATE searches SET shared = 0 WHERE user_id = $1";
            change.tx.run(sql, values![id.0]).await?;
        }
        if before.role == Role::Owner {
            must_have_owner(&mut change.tx).await?;
        }
        change
            .commit(Action::ChangeUser, new.customer, new.told(id))
            .await
    }

    /// Shuts a user out, at once, with his keys; or lets him in again.
    pub async fn set_user_disabled(&self, asker: &Asker, id: UserId, disabled: bool) -> Result<()> {
        let user = self.managed(asker, id).await?;
        let mut change = self.change(asker).await?;
        let sql = "UPDATE users SET disabled = $1 WHERE id = $2";
        change.tx.run(sql, values![disabled, id.0]).await?;
        if disabled {
            change
                .tx
                .run("DELETE FROM sessions WHERE user_id = $1", values![id.0])
                .await?;
        }
        if user.role == Role::Owner {
            must_have_owner(&mut change.tx).await?;
        }
        let action = if disabled {
            Action::DisableUser
        } else {
            Action::EnableUser
        };
        change
            .commit(
                action,
                user.customer,
                json!({ "user": id.0, "login": user.login }),
            )
            .await
    }

    /// Removes a user with his sessions, keys and saved searches. What he did stays in the audit log.
    pub async fn remove_user(&self, asker: &Asker, id: UserId) -> Result<()> {
        let user = self.managed(asker, id).await?;
        let mut change = self.change(asker).await?;
        change
            .tx
            .run("DELETE FROM users WHERE id = $1", values![id.0])
            .await?;
        if user.role == Role::Owner {
            must_have_owner(&mut change.tx).await?;
        }
        let detail = json!({ "user": id.0, "login": user.login });
        change
            .commit(Action::RemoveUser, user.customer, detail)
            .await
    }

    /// A user: oneself, or one in the reach of somebody who may manage users or read the audit log.
    pub async fn user(&self, asker: &Asker, id: UserId) -> Result<User> {
        let sql = "SELECT id, login, name, role, customer, \
                   (SELECT string_agg(address, ' ') FROM mailboxes WHERE user_id = u.id), \
                   language, time_zone, disabled, created, last_login, CAST(CASE WHEN password IS NULL THEN 0 ELSE 1 END AS BIGINT), factor_confirmed \
                   FROM users u WHERE id = $1 AND ($2 IS NULL OR customer = $2)";
        let is_self = asker.principal.user == Some(id);
        let may = asker.principal.may(Right::ManageUsers) || asker.principal.may(Right::ReadAudit);
        if !is_self && !may {
            return Err(Error::NotFound("user"));
        }
        let held_to = asker.held_to().filter(|_| !is_self).map(|it| it.0);
        let row = self.db.row(sql, values![id.0, held_to]).await?;
        user(&row.ok_or(Error::NotFound("user"))?)
    }

    /// A page of the users in the asker's reach, by login; of one customer if told.
    pub async fn users(
        &self,
        asker: &Asker,
        customer: Option<CustomerId>,
        page: &Page,
    ) -> Result<Vec<User>> {
        if !asker.principal.may(Right::ReadAudit) {
            asker.must(Right::ManageUsers)?;
        }
        let sql = "SELECT id, login, name, role, customer, \
                   (SELECT string_agg(address, ' ') FROM mailboxes WHERE user_id = u.id), \
                   language, time_zone, disabled, created, last_login, CAST(CASE WHEN password IS NULL THEN 0 ELSE 1 END AS BIGINT), factor_confirmed \
                   FROM users u WHERE ($1 IS NULL OR customer = $1) AND ($2 IS NULL OR customer = $2) \
                   AND login > $3 AND (lower(name) LIKE $4 ESCAPE '\\' OR login LIKE $4 ESCAPE '\\') \
                   ORDER BY login LIMIT $5";
        let (held_to, customer) = (asker.held_to().map(|it| it.0), customer.map(|it| it.0));
        let pattern = page.pattern();
        let values = values![held_to, customer, &page.after, &pattern, page.limit()];
        let rows = self.db.rows(sql, values).await?;
        rows.iter().map(user).collect()
    }

    /// Notes how the asker likes what he is shown.
    pub async fn set_preferences(&self, asker: &Asker, preferences: &Preferences) -> Result<()> {
        let id = asker.user()?;
        let language = names::shown_or_none("language", preferences.language.as_deref())?;
        let zone = names::shown_or_none("time zone", preferences.time_zone.as_deref())?;
        if let Some(zone) = &zone
            && jiff::tz::TimeZone::get(zone).is_err()
        {
            let why = "it should be like `Europe/Rome`";
            return Err(Error::invalid("time zone", why, zone));
        }
        let sql = "UPDATE users SET language = $1, time_zone = $2 WHERE id = $3";
        let values = values![language.as_deref(), zone.as_deref(), id.0];
        self.db.run(sql, values).await?;
        Ok(())
    }

    /// A user whom the asker may change.
    pub(crate) async fn managed(&self, asker: &Asker, id: UserId) -> Result<User> {
        asker.must(Right::ManageUsers)?;
        let user = self.user(asker, id).await?;
        must_manage(asker, user.role)?;
        Ok(user)
    }

    /// What was told, checked: each role has what it needs and nothing else, within the asker's reach.
    async fn normal(&self, asker: &Asker, new: &NewUser) -> Result<NewUser> {
        asker.must(Right::ManageUsers)?;
        must_manage(asker, new.role)?;
        if new.role.reaches_everything() && new.customer.is_some() {
            let why = "this role is not a customer's";
            return Err(Error::invalid("customer", why, new.role.as_str()));
        }
        if new.role == Role::CustomerAdmin && new.customer.is_none() {
            return Err(Error::invalid("customer", "this role needs one", ""));
        }
        if (new.role == Role::MailboxUser) == new.mailboxes.is_empty() {
            let why = "a mailbox user has some, other roles have none";
            return Err(Error::invalid("mailboxes", why, new.role.as_str()));
        }
        asker.must_reach(new.customer)?;
        let normal = NewUser {
            login: names::login(&new.login)?,
            name: names::shown("name", &new.name)?,
            role: new.role,
            customer: new.customer,
            mailboxes: names::set(&new.mailboxes, names::address)?,
        };
        if let Some(customer) = new.customer {
            self.customer(asker, customer).await?;
            let reach = self.reach_of(customer, asker.now).await?;
            if let Some(other) = normal.mailboxes.iter().find(|it| !reach.covers(it)) {
                return Err(Error::invalid(
                    "mailboxes",
                    "it is not the customer's",
                    other,
                ));
            }
        }
        if normal.mailboxes.len() > MAILBOXES_MAX {
            return Err(Error::invalid(
                "mailboxes",
                "they are too many",
                &normal.login,
            ));
        }
        Ok(normal)
    }
}

impl NewUser {
    /// For the audit log.
    fn told(&self, id: UserId) -> serde_json::Value {
        json!({
            "user": id.0,
            "login": self.login,
            "name": self.name,
            "role": self.role.as_str(),
            "mailboxes": self.mailboxes,
        })
    }
}

fn must_manage(asker: &Asker, role: Role) -> Result<()> {
    // A key shall not make somebody who may more than the key.
    let is_key = matches!(asker.principal.who, Who::Key(_));
    if asker.principal.role.may_manage(role) && !(is_key && role.reaches_everything()) {
        Ok(())
    } else {
        Err(Error::RoleForbidden(role))
    }
}

/// Errs if there is no owner who can log in.
async fn must_have_owner(tx: &mut Tx) -> Result<()> {
    let sql = "SELECT id FROM users WHERE role = 'owner' AND disabled = 0 LIMIT 1";
    tx.row(sql, &[]).await?.map(drop).ok_or(Error::LastOwner)
}

pub(crate) async fn insert(
    tx: &mut Tx,
    new: &NewUser,
    hash: Option<&str>,
    now: Timestamp,
) -> Result<UserId> {
    let sql = "INSERT INTO users (login, name, role, customer, password, disabled, created) \
               VALUES ($1, $2, $3, $4, $5, 0, $6) RETURNING id";
    let customer = new.customer.map(|it| it.0);
    let values = values![
        &new.login,
        &new.name,
        new.role.as_str(),
        customer,
        hash,
        now
    ];
    let row = tx.row(sql, values).await.map_err(|error| match error {
        error if is_taken(&error) => Error::Taken {
            what: "login",
            name: new.login.clone(),
        },
        error => error,
    })?;
    let id = UserId(row.ok_or(Error::NotFound("user"))?.number(0)?);
    insert_mailboxes(tx, id, &new.mailboxes).await?;
    Ok(id)
}

async fn insert_mailboxes(tx: &mut Tx, id: UserId, mailboxes: &[String]) -> Result<()> {
    for address in mailboxes {
        let sql = "INSERT INTO mailboxes (user_id, address) VALUES ($1, $2)";
        tx.run(sql, values![id.0, address]).await?;
    }
    Ok(())
}

/// What the users of a role see.
pub(crate) fn reach(role: Role, customer: Option<Reach>, mailboxes: Vec<String>) -> Reach {
    if role.reaches_everything() {
        return Reach::Everything;
    }
    match (role, customer) {
        (Role::CustomerAdmin, Some(reach)) => reach,
        (Role::MailboxUser, customer) => {
            let is_his = |it: &String| customer.as_ref().is_none_or(|reach| reach.covers(it));
            let mut own: Vec<String> = mailboxes.into_iter().filter(is_his).collect();
            own.sort_unstable();
            Reach::Mailboxes(own.into())
        }
        _ => Reach::Mailboxes(Vec::new().into()),
    }
}

/// Addresses as one text.
pub(crate) fn mailboxes(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    let mut mailboxes: Vec<String> = text.split(' ').map(str::to_owned).collect();
    mailboxes.retain(|it| !it.is_empty());
    mailboxes.sort_unstable();
    mailboxes
}

fn user(row: &Row) -> Result<User> {
    Ok(User {
        id: UserId(row.number(0)?),
        login: row.text(1)?,
        name: row.text(2)?,
        role: row.word(3, "role", Role::parse)?,
        customer: row.number_or_none(4)?.map(CustomerId),
        mailboxes: mailboxes(row.text_or_none(5)?),
        preferences: Preferences {
            language: row.text_or_none(6)?,
            time_zone: row.text_or_none(7)?,
        },
        disabled: row.flag(8)?,
        created: row.time(9)?,
        last_login: row.time_or_none(10)?,
        has_password: row.flag(11)?,
        has_second_factor: row.flag(12)?,
    })
}
