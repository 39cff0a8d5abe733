//! The tables: made when a database is opened, and brought to this version.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

const TABLES: &str = include_str!("../migrations/0001_tables.sql");
const AUDIT_SQLITE: &str = include_str!("../migrations/0002_audit.sqlite.sql");
const AUDIT_POSTGRES: &str = include_str!("../migrations/0002_audit.postgres.sql");

pub(crate) fn sqlite() -> Migrator {
    migrator("INTEGER PRIMARY KEY AUTOINCREMENT", AUDIT_SQLITE)
}

pub(crate) fn postgres() -> Migrator {
    let id = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
    migrator(id, AUDIT_POSTGRES)
}

fn migrator(id: &str, audit: &'static str) -> Migrator {
    let tables = AssertSqlSafe(TABLES.replace("{id}", id)).into_sql_str();
    let step = |version, name: &'static str, sql| {
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    };
    Migrator::with_migrations(vec![
        step(1, "tables", tables),
        step(2, "audit", audit.into_sql_str()),
    ])
}
