//! The database: SQLite in a file or a PostgreSQL server, asked in the same words.
//!
//! Both understand `$1`, `RETURNING` and `ON CONFLICT`, and all values are integers or texts; so each question is
//! written once.

use crate::error::{Error, Result};
use crate::limits::{BUSY_SECS, CONNECTIONS_MAX};
use crate::schema;
use jiff::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow};
use sqlx::{Database, Encode, PgPool, Postgres, Row as _, Sqlite, SqlitePool, Transaction, Type};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

/// A database with its tables.
pub(crate) enum Db {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// What is written together or not at all; taken back if it is dropped.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A row of an answer.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A value in a question.
pub(crate) enum Value<'a> {
    Number(Option<i64>),
    Text(Option<&'a str>),
}

/// Runs the same on either engine.
macro_rules! either {
    ($type:ident, $self:expr, $it:ident => $body:expr) => {
        match $self {
            $type::Sqlite($it) => $body,
            $type::Postgres($it) => $body,
        }
    };
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://...`, makes what is missing.
    pub(crate) async fn open(url: &str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Self::open_sqlite(path.strip_prefix("//").unwrap_or(path).as_ref()).await;
        }
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(Error::Url(without_password(url)));
        }
        let options =
            PgConnectOptions::from_str(url).map_err(|_| Error::Url(without_password(url)))?;
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS_MAX);
        let pool = pool.connect_with(options).await?;
        schema::postgres().run(&pool).await?;
        Ok(Self::Postgres(pool))
    }

    async fn open_sqlite(path: &Path) -> Result<Self> {
        create_private(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(BUSY_SECS));
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS_MAX);
        let pool = pool.connect_with(options).await?;
        schema::sqlite().run(&pool).await?;
        Ok(Self::Sqlite(pool))
    }

    pub(crate) async fn close(&self) {
        either!(Self, self, pool => pool.close().await);
    }

    pub(crate) async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            // A transaction that reads first and writes then would fail where another wrote in between.
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    pub(crate) async fn rows(&self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>> {
        Ok(match self {
            Self::Sqlite(pool) => Row::all(bound(sql, values).fetch_all(pool).await?, Row::Sqlite),
            Self::Postgres(pool) => {
                Row::all(bound(sql, values).fetch_all(pool).await?, Row::Postgres)
            }
        })
    }

    pub(crate) async fn row(&self, sql: &'static str, values: &[Value<'_>]) -> Result<Option<Row>> {
        Ok(match self {
            Self::Sqlite(pool) => bound(sql, values)
                .fetch_optional(pool)
                .await?
                .map(Row::Sqlite),
            Self::Postgres(pool) => bound(sql, values)
                .fetch_optional(pool)
                .await?
                .map(Row::Postgres),
        })
    }

    /// Does one thing by itself; the number of rows that it changed.
    pub(crate) async fn run(&self, sql: &'static str, values: &[Value<'_>]) -> Result<u64> {
        Ok(either!(Self, self, pool => bound(sql, values).execute(pool).await?.rows_affected()))
    }
}

impl Tx {
    pub(crate) async fn rows(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>> {
        Ok(match self {
            Self::Sqlite(tx) => {
                Row::all(bound(sql, values).fetch_all(&mut **tx).await?, Row::Sqlite)
            }
            Self::Postgres(tx) => Row::all(
                bound(sql, values).fetch_all(&mut **tx).await?,
                Row::Postgres,
            ),
        })
    }

    pub(crate) async fn row(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    pub(crate) async fn run(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64> {
        Ok(either!(Self, self, tx => bound(sql, values).execute(&mut **tx).await?.rows_affected()))
    }

    pub(crate) async fn commit(self) -> Result<()> {
        either!(Self, self, tx => tx.commit().await?);
        Ok(())
    }
}

impl Row {
    fn all<R>(rows: Vec<R>, this: impl Fn(R) -> Self) -> Vec<Self> {
        rows.into_iter().map(this).collect()
    }

    pub(crate) fn number(&self, at: usize) -> Result<i64> {
        Ok(either!(Self, self, row => row.try_get(at)?))
    }

    pub(crate) fn number_or_none(&self, at: usize) -> Result<Option<i64>> {
        Ok(either!(Self, self, row => row.try_get(at)?))
    }

    pub(crate) fn text(&self, at: usize) -> Result<String> {
        Ok(either!(Self, self, row => row.try_get(at)?))
    }

    pub(crate) fn text_or_none(&self, at: usize) -> Result<Option<String>> {
        Ok(either!(Self, self, row => row.try_get(at)?))
    }

    pub(crate) fn flag(&self, at: usize) -> Result<bool> {
        Ok(self.number(at)? != 0)
    }

    pub(crate) fn time(&self, at: usize) -> Result<Timestamp> {
        self.number(at).and_then(timestamp)
    }

    pub(crate) fn time_or_none(&self, at: usize) -> Result<Option<Timestamp>> {
        self.number_or_none(at)?.map(timestamp).transpose()
    }

    /// A text that one of our types wrote.
    pub(crate) fn word<T>(
        &self,
        at: usize,
        column: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T> {
        let value = self.text(at)?;
        parse(&value).ok_or(Error::Damaged { column, value })
    }
}

fn timestamp(micros: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|_| Error::Damaged {
        column: "time",
        value: micros.to_string(),
    })
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Self::Number(Some(flag.into()))
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(time: Timestamp) -> Self {
        Self::Number(Some(time.as_microsecond()))
    }
}

impl From<Option<Timestamp>> for Value<'_> {
    fn from(time: Option<Timestamp>) -> Self {
        Self::Number(time.map(Timestamp::as_microsecond))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text)
    }
}

/// The values of a question.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::db::Value::from($value)),*] };
}
pub(crate) use values;

fn bound<'q, D: Database>(sql: &'static str, values: &[Value<'_>]) -> Query<'q, D, D::Arguments>
where
    for<'t> Option<i64>: Encode<'t, D> + Type<D>,
    for<'t> Option<&'t str>: Encode<'t, D> + Type<D>,
{
    values
        .iter()
        .fold(sqlx::query(sql), |query, value| match value {
            Value::Number(number) => query.bind(*number),
            Value::Text(text) => query.bind(*text),
        })
}

/// Makes the file for its owner alone. SQLite gives the same rights to the files beside it.
fn create_private(path: &Path) -> Result<()> {
    let made = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path);
    let path = path.to_owned();
    made.map(drop).map_err(|source| Error::Io { path, source })
}

/// Whether an error says that a name is taken.
pub(crate) fn is_taken(error: &Error) -> bool {
    matches!(error, Error::Database(sqlx::Error::Database(it)) if it.is_unique_violation())
}

/// A location as one may show it.
fn without_password(url: &str) -> String {
    match url.split_once("://").zip(url.rsplit_once('@')) {
        Some(((scheme, _), (_, host))) => format!("{scheme}://...@{host}"),
        None => url.to_owned(),
    }
}
