//! Customers, and which domains and accounts are theirs.

use crate::db::{Row, Tx, is_taken, values};
use crate::entry::Action;
use crate::error::{Error, Result};
use crate::ids::CustomerId;
use crate::limits::{ACCOUNTS_MAX, DOMAINS_MAX};
use crate::names;
use crate::principal::{Asker, Reach};
use crate::role::Right;
use crate::tenancy::{Page, Tenancy};
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeSet;

/// What is said of a customer who is added or changed.
#[derive(Clone, Debug, Default)]
pub struct NewCustomer {
    /// His name; no other customer has it.
    pub name: String,
    /// How long his mail is kept: a retention class. `None` for that of everybody.
    pub class: Option<String>,
    /// His domains. All addresses in them are his, those of subdomains are not.
    pub domains: Vec<String>,
    /// His mailboxes, for lists to choose from; those in domains of nobody are his by this alone.
    pub accounts: Vec<String>,
}

/// A customer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Customer {
    /// His number.
    pub id: CustomerId,
    /// His name.
    pub name: String,
    /// How long his mail is kept; `None` for as long as everybody's.
    pub class: Option<String>,
    /// Whether his users and keys are shut out.
    pub disabled: bool,
    /// When he was added.
    pub created: Timestamp,
    /// How many domains he has.
    pub domains: i64,
    /// How many accounts he has.
    pub accounts: i64,
}

/// One of the two lists of a customer.
struct List {
    what: &'static str,
    max: usize,
    read: &'static str,
    insert: &'static str,
    delete: &'static str,
}

const DOMAINS: List = List {
    what: "domain",
    max: DOMAINS_MAX,
    read: "SELECT domain FROM domains WHERE customer = $1 ORDER BY domain",
    insert: "INSERT INTO domains (domain, customer) SELECT $1, $2 WHERE $3 <> '' ON CONFLICT DO NOTHING",
    delete: "DELETE FROM domains WHERE domain = $1",
};

const ACCOUNTS: List = List {
    what: "address",
    max: ACCOUNTS_MAX,
    read: "SELECT address FROM accounts WHERE customer = $1 ORDER BY address",
    insert: "INSERT INTO accounts (address, customer, domain) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    delete: "DELETE FROM accounts WHERE address = $1",
};

impl Tenancy {
    /// Adds a customer.
    pub async fn add_customer(&self, asker: &Asker, new: &NewCustomer) -> Result<CustomerId> {
        asker.must(Right::ManageCustomers)?;
        let new = new.normal()?;
        let mut change = self.change(asker).await?;
        let sql = "INSERT INTO customers (name, class, disabled, created) VALUES ($1, $2, 0, $3) RETURNING id";
        let values = values![&new.name, new.class.as_deref(), asker.now];
        let row = change.tx.row(sql, values).await;
        let row = row.map_err(|error| taken(error, &new.name))?;
        let id = CustomerId(row.ok_or(Error::NotFound("customer"))?.number(0)?);
        set_lists(&mut change.tx, id, &new).await?;
        change
            .commit(Action::AddCustomer, Some(id), new.told())
            .await?;
        Ok(id)
    }

    /// Makes a customer as told: name, class, and both lists.
    pub async fn set_customer(
        &self,
        asker: &Asker,
        id: CustomerId,
        new: &NewCustomer,
    ) -> Result<()> {
        asker.must(Right::ManageCustomers)?;
        let new = new.normal()?;
        let mut change = self.change(asker).await?;
        let sql = "UPDATE customers SET name = $1, class = $2 WHERE id = $3";
        let values = values![&new.name, new.class.as_deref(), id.0];
        let changed = change.tx.run(sql, values).await;
        found(changed.map_err(|error| taken(error, &new.name))?)?;
        set_lists(&mut change.tx, id, &new).await?;
        change
            .commit(Action::ChangeCustomer, Some(id), new.told())
            .await
    }

    /// Shuts a customer's users and keys out, or lets them in again. Nothing is removed.
    pub async fn set_customer_disabled(
        &self,
        asker: &Asker,
        id: CustomerId,
        disabled: bool,
    ) -> Result<()> {
        asker.must(Right::ManageCustomers)?;
        let mut change = self.change(asker).await?;
        let sql = "UPDATE customers SET disabled = $1 WHERE id = $2";
        found(change.tx.run(sql, values![disabled, id.0]).await?)?;
        let action = if disabled {
            Action::DisableCustomer
        } else {
            Action::EnableCustomer
        };
        change.commit(action, Some(id), json!({})).await
    }

    /// Removes a customer with his users, keys, domains and accounts. His mail stays as long as its class says.
    pub async fn remove_customer(&self, asker: &Asker, id: CustomerId) -> Result<()> {
        asker.must(Right::ManageCustomers)?;
        let mut change = self.change(asker).await?;
        let sql = "DELETE FROM customers WHERE id = $1 RETURNING name";
        let row = change.tx.row(sql, values![id.0]).await?;
        let name = row.ok_or(Error::NotFound("customer"))?.text(0)?;
        change
            .commit(Action::RemoveCustomer, Some(id), json!({ "name": name }))
            .await
    }

    /// A customer, if he is in the asker's reach.
    pub async fn customer(&self, asker: &Asker, id: CustomerId) -> Result<Customer> {
        asker.must_reach(Some(id))?;
        let sql = "SELECT id, name, class, disabled, created, \
                   (SELECT count(*) FROM domains WHERE customer = c.id), \
                   (SELECT count(*) FROM accounts WHERE customer = c.id) \
                   FROM customers c WHERE id = $1";
        let row = self.db.row(sql, values![id.0]).await?;
        customer(&row.ok_or(Error::NotFound("customer"))?)
    }

    /// A page of the customers in the asker's reach, by name.
    pub async fn customers(&self, asker: &Asker, page: &Page) -> Result<Vec<Customer>> {
        let sql = "SELECT id, name, class, disabled, created, \
                   (SELECT count(*) FROM domains WHERE customer = c.id), \
                   (SELECT count(*) FROM accounts WHERE customer = c.id) \
                   FROM customers c WHERE ($1 IS NULL OR id = $1) AND name > $2 \
                   AND lower(name) LIKE $3 ESCAPE '\\' ORDER BY name LIMIT $4";
        let held_to = asker.held_to().map(|it| it.0);
        let pattern = page.pattern();
        let values = values![held_to, &page.after, &pattern, page.limit()];
        let rows = self.db.rows(sql, values).await?;
        rows.iter().map(customer).collect()
    }

    /// A customer's domains, by name.
    pub async fn domains(&self, asker: &Asker, id: CustomerId) -> Result<Vec<String>> {
        asker.must_reach(Some(id))?;
        self.list(&DOMAINS, id).await
    }

    /// A part of the domains of all customers, by name, and how many there are. For those who reach all.
    pub async fn all_domains(
        &self,
        asker: &Asker,
        skip: u32,
        limit: u32,
    ) -> Result<(Vec<String>, i64)> {
        if asker.principal.reach != Reach::Everything {
            return Err(Error::NotFound("customer"));
        }
        let sql = "SELECT domain FROM domains ORDER BY domain LIMIT $1 OFFSET $2";
        let values = values![crate::tenancy::limit(limit), i64::from(skip)];
        let domains = texts(&self.db.rows(sql, values).await?)?;
        let count = self.db.row("SELECT count(*) FROM domains", &[]).await?;
        Ok((domains, count.map_or(Ok(0), |row| row.number(0))?))
    }

    /// A page of a customer's accounts, by address.
    pub async fn accounts(
        &self,
        asker: &Asker,
        id: CustomerId,
        page: &Page,
    ) -> Result<Vec<String>> {
        asker.must_reach(Some(id))?;
        let sql = "SELECT address FROM accounts WHERE customer = $1 AND address > $2 \
                   AND address LIKE $3 ESCAPE '\\' ORDER BY address LIMIT $4";
        let pattern = page.pattern();
        let values = values![id.0, &page.after, &pattern, page.limit()];
        texts(&self.db.rows(sql, values).await?)
    }

    /// The customer whom a domain or an address belongs to. For those who reach all.
    pub async fn owner_of(&self, asker: &Asker, text: &str) -> Result<Option<CustomerId>> {
        if asker.principal.reach != Reach::Everything {
            return Err(Error::NotFound("customer"));
        }
        let address = names::address(text).ok();
        let domain = match &address {
            Some(address) => names::domain_of(address).to_owned(),
            None => names::domain(text)?,
        };
        let sql = "SELECT customer FROM domains WHERE domain = $1 \
                   UNION ALL SELECT customer FROM accounts WHERE address = $2 LIMIT 1";
        let row = self
            .db
            .row(sql, values![&domain, address.as_deref()])
            .await?;
        row.map(|row| row.number(0).map(CustomerId)).transpose()
    }

    /// Each domain whose customer has a retention class, with that class: what retention needs to know.
    pub async fn classes(&self) -> Result<Vec<(String, String)>> {
        let sql = "SELECT domain, class FROM domains JOIN customers ON id = customer \
                   WHERE class IS NOT NULL ORDER BY domain";
        let rows = self.db.rows(sql, &[]).await?;
        rows.iter()
            .map(|row| Ok((row.text(0)?, row.text(1)?)))
            .collect()
    }

    /// Each domain with the name of its customer, but for those who are shut out; by domain.
    pub async fn customers_of_domains(&self) -> Result<Vec<(String, String)>> {
        let sql = "SELECT domain, name FROM domains JOIN customers ON id = customer \
                   WHERE disabled = 0 ORDER BY domain";
        let rows = self.db.rows(sql, &[]).await?;
        rows.iter()
            .map(|row| Ok((row.text(0)?, row.text(1)?)))
            .collect()
    }

    /// What a customer's administrators may see.
    pub(crate) async fn reach_of(&self, id: CustomerId, now: Timestamp) -> Result<Reach> {
        if let Some(reach) = self.cache.reach(id, now) {
            return Ok(reach);
        }
        let changes = self.cache.changes();
        let sql = "SELECT address FROM accounts a WHERE customer = $1 \
                   AND NOT EXISTS (SELECT 1 FROM domains d WHERE d.domain = a.domain) ORDER BY address";
        let mut domains = self.list(&DOMAINS, id).await?;
        let mut accounts = texts(&self.db.rows(sql, values![id.0]).await?)?;
        // The database may sort by the rules of a language.
        domains.sort_unstable();
        accounts.sort_unstable();
        let reach = Reach::Domains {
            customer: id,
            domains: domains.into(),
            accounts: accounts.into(),
        };
        self.cache.keep_reach(id, reach.clone(), now, changes);
        Ok(reach)
    }

    async fn list(&self, list: &List, id: CustomerId) -> Result<Vec<String>> {
        texts(&self.db.rows(list.read, values![id.0]).await?)
    }
}

impl NewCustomer {
    fn normal(&self) -> Result<Self> {
        Ok(Self {
            name: names::shown("customer", &self.name)?,
            class: names::shown_or_none("class", self.class.as_deref())?,
            domains: names::set(&self.domains, names::domain)?,
            accounts: names::set(&self.accounts, names::address)?,
        })
    }

    /// For the audit log.
    fn told(&self) -> serde_json::Value {
        json!({
            "name": self.name,
            "class": self.class,
            "domains": self.domains,
            "accounts": self.accounts.len(),
        })
    }
}

async fn set_lists(tx: &mut Tx, id: CustomerId, new: &NewCustomer) -> Result<()> {
    set_list(tx, &DOMAINS, id, &new.domains).await?;
    set_list(tx, &ACCOUNTS, id, &new.accounts).await?;
    let sql = "SELECT a.address, c.name FROM accounts a JOIN domains d ON d.domain = a.domain \
               JOIN customers c ON c.id = CASE WHEN a.customer = $1 THEN d.customer ELSE a.customer END \
               WHERE a.customer <> d.customer AND (a.customer = $1 OR d.customer = $1) LIMIT 1";
    match tx.row(sql, values![id.0]).await? {
        Some(row) => Err(Error::DomainTaken {
            domain: row.text(0)?,
            customer: row.text(1)?,
        }),
        None => Ok(()),
    }
}

async fn set_list(tx: &mut Tx, list: &List, id: CustomerId, wanted: &[String]) -> Result<()> {
    if wanted.len() > list.max {
        let why = "the customer has too many";
        return Err(Error::invalid(list.what, why, &wanted.len().to_string()));
    }
    let present = texts(&tx.rows(list.read, values![id.0]).await?)?;
    let present: BTreeSet<&String> = present.iter().collect();
    let wanted: BTreeSet<&String> = wanted.iter().collect();
    for &gone in present.difference(&wanted) {
        tx.run(list.delete, values![gone]).await?;
    }
    for &new in wanted.difference(&present) {
        let domain = new.rsplit('@').next().unwrap_or(new);
        if tx.run(list.insert, values![new, id.0, domain]).await? == 0 {
            return Err(owned_by_another(tx, new).await?);
        }
    }
    Ok(())
}

async fn owned_by_another(tx: &mut Tx, name: &str) -> Result<Error> {
    let sql = "SELECT name FROM customers WHERE id IN (SELECT customer FROM domains WHERE domain = $1 \
               UNION SELECT customer FROM accounts WHERE address = $1)";
    let row = tx.row(sql, values![name]).await?;
    Ok(Error::DomainTaken {
        domain: name.to_owned(),
        customer: row.map_or(Ok(String::new()), |row| row.text(0))?,
    })
}

fn customer(row: &Row) -> Result<Customer> {
    Ok(Customer {
        id: CustomerId(row.number(0)?),
        name: row.text(1)?,
        class: row.text_or_none(2)?,
        disabled: row.flag(3)?,
        created: row.time(4)?,
        domains: row.number(5)?,
        accounts: row.number(6)?,
    })
}

fn texts(rows: &[Row]) -> Result<Vec<String>> {
    rows.iter().map(|row| row.text(0)).collect()
}

fn found(rows: u64) -> Result<()> {
    if rows == 0 {
        Err(Error::NotFound("customer"))
    } else {
        Ok(())
    }
}

fn taken(error: Error, name: &str) -> Error {
    if is_taken(&error) {
        let name = name.to_owned();
        return Error::Taken {
            what: "customer",
            name,
        };
    }
    error
}
