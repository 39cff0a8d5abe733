//! The catalog of PostgreSQL, as far as its clients look at it to find the table, its columns and
//! their types: `pg_catalog` and `information_schema`.
//!
//! All of it is about the table `events`, and the same for all who ask.

use super::wrong::Wrong;
use crate::cells::Shape;
use crate::table::Events;
use datafusion::catalog::MemorySchemaProvider;
use datafusion::catalog::SchemaProvider;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::sqlparser::ast::Expr;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

/// Tables of the catalog, by schema and name.
pub(super) type Tables = BTreeSet<(&'static str, String)>;

/// The database's name.
pub(super) const DATABASE: &str = "waybill";
pub(super) const PG_CATALOG: &str = "pg_catalog";
pub(super) const INFORMATION_SCHEMA: &str = "information_schema";

/// Numbers that PostgreSQL gives to these (`pg_namespace.dat`, `pg_class.h`), and the first that it
/// gives to what users make.
const OF_PG_CATALOG: i64 = 11;
const OF_PUBLIC: i64 = 2_200;
const OF_INFORMATION_SCHEMA: i64 = 13_000;
const OF_EVENTS: i64 = 16_384;

/// A type: its number, name, name in SQL, bytes (-1: any), category, number of its array
/// (`pg_type.dat`).
type Type = (i64, &'static str, &'static str, i64, char, i64);

const TYPES: &[Type] = &[
    (16, "bool", "boolean", 1, 'B', 1000),
    (17, "bytea", "bytea", -1, 'U', 1001),
    (19, "name", "name", 64, 'S', 1003),
    (20, "int8", "bigint", 8, 'N', 1016),
    (21, "int2", "smallint", 2, 'N', 1005),
    (23, "int4", "integer", 4, 'N', 1007),
    (25, "text", "text", -1, 'S', 1009),
    (26, "oid", "oid", 4, 'N', 1028),
    (114, "json", "json", -1, 'U', 199),
    (700, "float4", "real", 4, 'N', 1021),
    (701, "float8", "double precision", 8, 'N', 1022),
    (1043, "varchar", "character varying", -1, 'S', 1015),
    (1082, "date", "date", 4, 'D', 1182),
    (
        1114,
        "timestamp",
        "timestamp without time zone",
        8,
        'D',
        1115,
    ),
    (
        1184,
        "timestamptz",
        "timestamp with time zone",
        8,
        'D',
        1185,
    ),
    (1700, "numeric", "numeric", -1, 'N', 1231),
];

impl Shape {
    /// The number of its type in PostgreSQL.
    pub fn oid(&self) -> u32 {
        match self {
            Shape::Flag => 16,
            Shape::Bytes => 17,
            Shape::Number => 20,
            Shape::Text => 25,
            Shape::Json => 114,
            Shape::Real => 700,
            Shape::Double => 701,
            Shape::Day => 1082,
            Shape::Moment => 1114,
            Shape::Time => 1184,
            Shape::List(of) => {
                let of = i64::from(of.oid());
                let array = TYPES.iter().find(|it| it.0 == of).map_or(1009, |it| it.5);
                // Numbers of types that are built in are small.
                array as u32
            }
        }
    }
}

/// What is asked for as a setting: its name and value.
const SETTINGS: &[(&str, &str)] = &[
    ("application_name", ""),
    ("bytea_output", "hex"),
    ("client_encoding", "UTF8"),
    ("datestyle", "ISO, MDY"),
    ("default_transaction_isolation", "repeatable read"),
    ("default_transaction_read_only", "on"),
    ("extra_float_digits", "1"),
    ("integer_datetimes", "on"),
    ("intervalstyle", "postgres"),
    ("is_superuser", "off"),
    ("lc_collate", "C"),
    ("lc_ctype", "C"),
    ("max_identifier_length", "63"),
    ("max_index_keys", "32"),
    ("search_path", "public"),
    ("server_encoding", "UTF8"),
    ("server_version", SERVER_VERSION),
    ("server_version_num", "140000"),
    ("standard_conforming_strings", "on"),
    ("timezone", "UTC"),
    ("transaction_isolation", "repeatable read"),
    ("transaction_read_only", "on"),
];

/// As which version of PostgreSQL clients are answered: they ask the catalog as it was then, and those
/// of all later ones know it.
pub const SERVER_VERSION: &str = "14.0";

/// The value of a setting that is had.
pub fn setting(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let found = SETTINGS.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| *value)
}

/// For a session in which the catalog can be registered, and times with a zone are in UTC.
pub(super) fn config() -> SessionConfig {
    SessionConfig::new()
        .with_default_catalog_and_schema(DATABASE, "public")
        .set_str("datafusion.execution.time_zone", "UTC")
}

/// Whether it has a table that may have rows.
pub(super) fn has(schema: &str, table: &str) -> bool {
    sql(schema, table).is_some()
}

/// Makes tables known to a session.
pub(super) async fn register(session: &SessionContext, tables: &Tables) -> Result<(), Wrong> {
    let Some(catalog) = session.catalog(DATABASE) else {
        return Ok(());
    };
    let mut schemas: Vec<(&str, Arc<MemorySchemaProvider>)> = Vec::new();
    for (schema, table) in tables {
        let Some(sql) = sql(schema, table) else {
            continue;
        };
        let view = session.sql(&sql).await?.into_view();
        let provider = match schemas.iter().find(|(name, _)| name == schema) {
            Some((_, provider)) => Arc::clone(provider),
            None => {
                let provider = Arc::new(MemorySchemaProvider::new());
                schemas.push((schema, Arc::clone(&provider)));
                provider
            }
        };
        provider.register_table(table.clone(), view)?;
    }
    for (name, provider) in schemas {
        catalog.register_schema(name, provider)?;
    }
    Ok(())
}

/// The number of a table.
pub(super) fn oid_of_table(name: &str) -> Option<i64> {
    let name = name.rsplit('.').next().unwrap_or(name).trim_matches('"');
    match name {
        "events" => Some(OF_EVENTS),
        "pg_type" => Some(1_247),
        "pg_attribute" => Some(1_249),
        "pg_proc" => Some(1_255),
        "pg_class" => Some(1_259),
        "pg_database" => Some(1_262),
        "pg_namespace" => Some(2_615),
        _ => None,
    }
}

/// In SQL the name of a table with this number.
pub(super) fn case_of_tables(oid: &Expr) -> String {
    format!("CASE {oid} WHEN {OF_EVENTS} THEN 'events' ELSE CAST({oid} AS TEXT) END")
}

/// In SQL the name of a schema with this number.
pub(super) fn case_of_schemas(oid: &Expr) -> String {
    format!(
        "CASE {oid} WHEN {OF_PUBLIC} THEN 'public' WHEN {OF_PG_CATALOG} THEN '{PG_CATALOG}' \
         WHEN {OF_INFORMATION_SCHEMA} THEN '{INFORMATION_SCHEMA}' END"
    )
}

/// In SQL the name of a type with this number.
pub(super) fn case_of_types(oid: &Expr) -> String {
    let mut case = format!("CASE {oid}");
    for (of, _, name, .., array) in TYPES {
        let _ = write!(
            case,
            " WHEN {of} THEN '{name}' WHEN {array} THEN '{name}[]'"
        );
    }
    case + " ELSE '???' END"
}

/// A table of the catalog, as a question.
fn sql(schema: &str, table: &str) -> Option<String> {
    let columns = columns_of_events();
    Some(match (schema, table) {
        (PG_CATALOG, "pg_namespace") => rows(
            "oid, nspname, nspowner, nspacl",
            &[
                format!("{OF_PG_CATALOG}, 'pg_catalog', 10, cast(null as text)"),
                format!("{OF_PUBLIC}, 'public', 10, null"),
                format!("{OF_INFORMATION_SCHEMA}, 'information_schema', 10, null"),
            ],
        ),
        (PG_CATALOG, "pg_class") => {
            let natts = columns.len();
            rows(
                "oid, relname, relnamespace, reltype, reloftype, relowner, relam, relfilenode, \
                 reltablespace, relpages, reltuples, relallvisible, reltoastrelid, relhasindex, \
                 relisshared, relpersistence, relkind, relnatts, relchecks, relhasrules, \
                 relhastriggers, relhassubclass, relrowsecurity, relforcerowsecurity, \
                 relispopulated, relreplident, relispartition, relrewrite, relfrozenxid, \
                 relminmxid, relacl, reloptions, relpartbound, relhasoids",
                &[format!(
                    "{OF_EVENTS}, 'events', {OF_PUBLIC}, 0, 0, 10, 0, {OF_EVENTS}, \
                     0, 0, cast(-1 as real), 0, 0, false, \
                     false, 'p', 'r', {natts}, 0, false, \
                     false, false, false, false, \
                     true, 'n', false, 0, 0, \
                     0, cast(null as text), cast(null as text), cast(null as text), false"
                )],
            )
        }
        (PG_CATALOG, "pg_attribute") => {
            let column = |column: &OfEvents| {
                let OfEvents {
                    number,
                    name,
                    of: (oid, _, _, len, ..),
                    required,
                } = column;
                let by_value = (1..=8).contains(len);
                format!(
                    "{OF_EVENTS}, '{name}', {oid}, -1, {len}, {number}, 0, -1, -1, {by_value}, \
                     'i', 'p', '', {required}, false, false, '', '', false, true, 0, 0, \
                     cast(null as text), cast(null as text), cast(null as text), cast(null as text)"
                )
            };
            rows(
                "attrelid, attname, atttypid, attstattarget, attlen, attnum, attndims, \
                 attcacheoff, atttypmod, attbyval, attalign, attstorage, attcompression, \
                 attnotnull, atthasdef, atthasmissing, attidentity, attgenerated, attisdropped, \
                 attislocal, attinhcount, attcollation, attacl, attoptions, attfdwoptions, \
                 attmissingval",
                &columns.iter().map(column).collect::<Vec<_>>(),
            )
        }
        (PG_CATALOG, "pg_type") => {
            let mut types = Vec::new();
            for (oid, name, _, len, category, array) in TYPES {
                let by_value = (1..=8).contains(len);
                let row =
                    |oid: &i64, name: &str, len: &i64, category: char, of: i64, array: &i64| {
                        format!(
                            "{oid}, '{name}', {OF_PG_CATALOG}, 10, {len}, {by_value}, 'b', \
                         '{category}', false, true, ',', 0, {of}, {array}, '{name}in', \
                         '{name}out', '{name}recv', '{name}send', 0, 'i', 'p', false, 0, -1, 0, \
                         0, cast(null as text), cast(null as text)"
                        )
                    };
                types.push(row(oid, name, len, *category, 0, array));
                types.push(row(array, &format!("_{name}"), &-1, 'A', *oid, &0));
            }
            rows(
                "oid, typname, typnamespace, typowner, typlen, typbyval, typtype, typcategory, \
                 typispreferred, typisdefined, typdelim, typrelid, typelem, typarray, typinput, \
                 typoutput, typreceive, typsend, typmodin, typalign, typstorage, typnotnull, \
                 typbasetype, typtypmod, typndims, typcollation, typdefault, typacl",
                &types,
            )
        }
        (PG_CATALOG, "pg_database") => rows(
            "oid, datname, datdba, encoding, datcollate, datctype, datistemplate, datallowconn, \
             datconnlimit, datlastsysoid, datfrozenxid, datminmxid, dattablespace, datacl",
            &[format!(
                "1, '{DATABASE}', 10, 6, 'C', 'C', false, true, -1, 0, 0, 0, 1663, \
                 cast(null as text)"
            )],
        ),
        (PG_CATALOG, "pg_tables") => rows(
            "schemaname, tablename, tableowner, tablespace, hasindexes, hasrules, hastriggers, \
             rowsecurity",
            &[
                "'public', 'events', 'waybill', cast(null as text), false, false, false, false"
                    .to_owned(),
            ],
        ),
        (PG_CATALOG, "pg_settings") => {
            let setting = |(name, value): &(&str, &str)| {
                format!("'{name}', '{value}', cast(null as text), 'internal', 'string', 'default'")
            };
            rows(
                "name, setting, unit, context, vartype, source",
                &SETTINGS.iter().map(setting).collect::<Vec<_>>(),
            )
        }
        (INFORMATION_SCHEMA, "schemata") => rows(
            "catalog_name, schema_name, schema_owner",
            &[format!("'{DATABASE}', 'public', 'waybill'")],
        ),
        (INFORMATION_SCHEMA, "tables") => rows(
            "table_catalog, table_schema, table_name, table_type, is_insertable_into, is_typed",
            &[format!(
                "'{DATABASE}', 'public', 'events', 'BASE TABLE', 'NO', 'NO'"
            )],
        ),
        (INFORMATION_SCHEMA, "columns") => {
            let column = |column: &OfEvents| {
                let OfEvents {
                    number,
                    name,
                    of: (_, udt, sql, ..),
                    required,
                } = column;
                let nullable = if *required { "NO" } else { "YES" };
                format!(
                    "'{DATABASE}', 'public', 'events', '{name}', {number}, cast(null as text), \
                     '{nullable}', '{sql}', cast(null as bigint), cast(null as bigint), \
                     cast(null as bigint), cast(null as bigint), '{DATABASE}', '{PG_CATALOG}', \
                     '{udt}', 'NO', 'NEVER', 'NO'"
                )
            };
            rows(
                "table_catalog, table_schema, table_name, column_name, ordinal_position, \
                 column_default, is_nullable, data_type, character_maximum_length, \
                 numeric_precision, numeric_scale, datetime_precision, udt_catalog, udt_schema, \
                 udt_name, is_identity, is_generated, is_updatable",
                &columns.iter().map(column).collect::<Vec<_>>(),
            )
        }
        _ => return None,
    })
}

/// A table of rows.
fn rows(columns: &str, rows: &[String]) -> String {
    let names = columns.split(", ").enumerate();
    let names: Vec<String> = names
        .map(|(at, name)| format!("column{} as {name}", at + 1))
        .collect();
    let names = names.join(", ");
    let rows = rows.join("), (");
    format!("select {names} from (values ({rows}))")
}

/// A column of the table `events`.
struct OfEvents {
    number: usize,
    name: String,
    of: Type,
    required: bool,
}

fn columns_of_events() -> Vec<OfEvents> {
    let text = TYPES[6];
    let fields = Events::columns();
    let columns = fields.fields().iter().enumerate().map(|(at, field)| {
        let oid = i64::from(Shape::of(field.data_type()).oid());
        OfEvents {
            number: at + 1,
            name: field.name().clone(),
            of: TYPES.iter().find(|it| it.0 == oid).copied().unwrap_or(text),
            required: !field.is_nullable(),
        }
    });
    columns.collect()
}
