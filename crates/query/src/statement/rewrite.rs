//! From what PostgreSQL's clients write to what the engine understands.
//!
//! - Columns are named as PostgreSQL names them, and may be called the same.
//! - A table of `pg_catalog` that is not had here has no rows: what is joined to it goes, and
//!   what is read of it alone is nothing. So what clients ask of indexes, triggers, policies and all
//!   else that there is none of is answered without knowing it.
//! - Functions of the catalog have become what they give; what none knows is `NULL`.

use super::catalog::{self, Tables};
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    GroupByExpr, Ident, JoinOperator, ObjectName, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, Statement, TableFactor, TableWithJoins, Value,
    VisitMut, VisitorMut, visit_expressions_mut,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;
use std::collections::HashSet;
use std::ops::ControlFlow;

/// How things are called that a client asks for.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// Who asks.
    pub user: String,
    /// What `version()` gives.
    pub version: String,
    /// Number of the connection.
    pub connection: i32,
}

/// Behind it stands what keeps two columns of a name apart.
const MARK: char = '\u{1}';

/// The name of a column as it was meant.
pub(super) fn shown(name: &str) -> String {
    name.split(MARK).next().unwrap_or_default().to_owned()
}

/// Gives what of the catalog is asked for.
pub(super) fn rewrite(statement: &mut Statement, named: &Named) -> Tables {
    if let Statement::Query(query) = statement {
        name_columns(query);
    }
    let mut rewriter = Rewriter {
        named,
        tables: Tables::new(),
    };
    let _ = statement.visit(&mut rewriter);
    rewriter.tables
}

/// Names columns of an answer that have no name, and those that have the name of another.
fn name_columns(query: &mut Query) {
    let SetExpr::Select(select) = &mut *query.body else {
        return;
    };
    if select.distinct.is_some() {
        return;
    }
    let has_all = select.projection.iter().any(|item| {
        matches!(
            item,
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)
        )
    });
    let mut names = HashSet::new();
    for (number, item) in select.projection.iter_mut().enumerate() {
        let name = match item {
            SelectItem::UnnamedExpr(expr) => name_of(expr),
            SelectItem::ExprWithAlias { alias, .. } => alias.value.clone(),
            _ => continue,
        };
        let is_first = names.insert(name.to_lowercase());
        let unique = match is_first && !has_all {
            true => name,
            false => format!("{name}{MARK}{number}"),
        };
        let unique = Ident::with_quote('"', unique);
        match item {
            SelectItem::UnnamedExpr(Expr::Identifier(_) | Expr::CompoundIdentifier(_))
                if is_first && !has_all => {}
            SelectItem::UnnamedExpr(expr) => {
                let (expr, alias) = (expr.clone(), unique);
                *item = SelectItem::ExprWithAlias { expr, alias };
            }
            SelectItem::ExprWithAlias { alias, .. } if !is_first => *alias = unique,
            _ => {}
        }
    }
}

/// As PostgreSQL names a column of this expression (`parse_target.c`, `FigureColname`).
fn name_of(expr: &Expr) -> String {
    figured(expr).0
}

/// A name, and whether it is better than that of a type to which it is cast.
fn figured(expr: &Expr) -> (String, bool) {
    let name = match expr {
        Expr::Identifier(ident) => return (folded(ident), true),
        Expr::CompoundIdentifier(idents) => {
            return (idents.last().map(folded).unwrap_or_default(), true);
        }
        Expr::Function(function) => return (last(&function.name), true),
        Expr::Nested(expr) | Expr::Collate { expr, .. } => return figured(expr),
        Expr::Cast {
            expr, data_type, ..
        } => {
            return match figured(expr) {
                (name, true) => (name, true),
                _ => (last_word(&data_type.to_string()), false),
            };
        }
        Expr::Case { .. } => return ("case".to_owned(), false),
        Expr::Exists { .. } => "exists",
        Expr::Array(_) => "array",
        Expr::Extract { .. } => "extract",
        Expr::Substring { .. } => "substring",
        Expr::Position { .. } => "position",
        Expr::Trim { .. } => "btrim",
        Expr::Floor { .. } => "floor",
        Expr::Ceil { .. } => "ceil",
        Expr::AtTimeZone { .. } => "timezone",
        _ => return (UNNAMED.to_owned(), false),
    };
    (name.to_owned(), true)
}

/// What PostgreSQL calls a column that it has no name for.
const UNNAMED: &str = "?column?";

fn folded(ident: &Ident) -> String {
    match ident.quote_style {
        None => ident.value.to_lowercase(),
        Some(_) => ident.value.clone(),
    }
}

/// The last part of a name.
fn last(name: &ObjectName) -> String {
    let ident = name.0.last().and_then(|part| part.as_ident());
    ident.map(folded).unwrap_or_default()
}

fn last_word(text: &str) -> String {
    let word = text.rsplit('.').next().unwrap_or_default();
    word.to_lowercase()
}

/// The schema of a name; empty where it has none.
fn schema(name: &ObjectName) -> String {
    let parts = name.0.len();
    let part = parts.checked_sub(2).and_then(|at| name.0[at].as_ident());
    part.map(folded).unwrap_or_default()
}

struct Rewriter<'n> {
    named: &'n Named,
    tables: Tables,
}

impl VisitorMut for Rewriter<'_> {
    type Break = ();

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        let mut gone = Vec::new();
        if self.body(&mut query.body, &mut gone) {
            query.order_by = None;
            query.limit_clause = None;
        }
        if !gone.is_empty() {
            // Only `break` ends it, and there is none.
            let _ = visit_expressions_mut(query, |expr| {
                if let Expr::CompoundIdentifier(idents) = expr
                    && gone.contains(&folded(&idents[0]))
                {
                    *expr = none();
                }
                ControlFlow::<()>::Continue(())
            });
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let new = match expr {
            // Here it is the column, as everywhere: who asks is `current_user`.
            Expr::Function(function) if is_user(function) => {
                Some(Expr::Identifier(Ident::with_quote('"', "user")))
            }
            Expr::Function(function) => self.function(function),
            Expr::Identifier(ident) if ident.quote_style.is_none() => {
                constant(&ident.value.to_lowercase(), self.named)
            }
            Expr::Cast {
                expr, data_type, ..
            } => cast(expr, data_type),
            Expr::Collate { expr, .. } => Some((**expr).clone()),
            Expr::Subquery(query) if is_nothing(query) => Some(none()),
            Expr::Exists { subquery, negated } if is_nothing(subquery) => Some(flag(*negated)),
            Expr::InSubquery {
                subquery, negated, ..
            } if is_nothing(subquery) => Some(flag(*negated)),
            Expr::BinaryOp { op, .. } => {
                plain(op);
                None
            }
            _ => None,
        };
        if let Some(new) = new {
            *expr = new;
        }
        ControlFlow::Continue(())
    }
}

impl Rewriter<'_> {
    /// Whether it gives nothing; names of tables that are gone are added.
    fn body(&mut self, body: &mut SetExpr, gone: &mut Vec<String>) -> bool {
        match body {
            SetExpr::Select(select) => self.select(select, gone),
            SetExpr::Query(query) => is_nothing(query),
            SetExpr::SetOperation { left, right, .. } => {
                let left = self.body(left, gone);
                self.body(right, gone) && left
            }
            _ => false,
        }
    }

    fn select(&mut self, select: &mut Select, gone: &mut Vec<String>) -> bool {
        let mut is_nothing = false;
        for tables in &mut select.from {
            is_nothing |= self.tables(tables, gone);
        }
        if is_nothing {
            give_nothing(select);
        }
        select.projection.retain(|item| match item {
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                !gone.contains(&last(name))
            }
            _ => true,
        });
        is_nothing
    }

    /// Whether tables that are joined have no rows.
    fn tables(&mut self, tables: &mut TableWithJoins, gone: &mut Vec<String>) -> bool {
        let mut is_nothing = self.is_gone(&mut tables.relation, gone).is_some();
        tables.joins.retain_mut(|join| {
            let Some(name) = self.is_gone(&mut join.relation, gone) else {
                return true;
            };
            if matches!(
                join.join_operator,
                JoinOperator::Left(_) | JoinOperator::LeftOuter(_)
            ) {
                gone.push(name);
                return false;
            }
            is_nothing = true;
            true
        });
        is_nothing
    }

    /// What a table is called here that has no rows; others are noted.
    fn is_gone(&mut self, factor: &mut TableFactor, gone: &mut Vec<String>) -> Option<String> {
        match factor {
            TableFactor::Table {
                name, alias, args, ..
            } => {
                let table = last(name);
                let schema = match schema(name).as_str() {
                    "" if table.starts_with("pg_") => catalog::PG_CATALOG,
                    "" | "public" => return None,
                    catalog::PG_CATALOG => catalog::PG_CATALOG,
                    catalog::INFORMATION_SCHEMA => catalog::INFORMATION_SCHEMA,
                    _ => return None,
                };
                let called = alias.as_ref().map(|it| folded(&it.name));
                if args.is_some() && !table.starts_with("pg_") {
                    *name = ObjectName::from(vec![Ident::new(table)]);
                    return None;
                }
                if !catalog::has(schema, &table) {
                    return Some(called.unwrap_or(table));
                }
                *name = ObjectName::from(vec![Ident::new(schema), Ident::new(table.as_str())]);
                self.tables.insert((schema, table));
                None
            }
            TableFactor::Derived {
                subquery, alias, ..
            } if is_nothing(subquery) => {
                let called = alias.as_ref().map(|it| folded(&it.name));
                Some(called.unwrap_or_default())
            }
            TableFactor::NestedJoin {
                table_with_joins, ..
            } => self.tables(table_with_joins, gone).then(String::new),
            _ => None,
        }
    }

    /// What a function of the catalog gives.
    fn function(&self, function: &mut Function) -> Option<Expr> {
        let name = last(&function.name);
        let schema = schema(&function.name);
        if !matches!(schema.as_str(), "" | catalog::PG_CATALOG) {
            return None;
        }
        if let FunctionArguments::Subquery(query) = &function.args
            && is_nothing(query)
        {
            return Some(none());
        }
        let arguments = arguments(function);
        match (name.as_str(), arguments.as_slice()) {
            (name, []) if constant(name, self.named).is_some() => constant(name, self.named),
            ("pg_get_userbyid", _) => Some(text(&self.named.user)),
            ("pg_encoding_to_char", _) => Some(text("UTF8")),
            ("current_schemas", _) => parsed("ARRAY['pg_catalog', 'public']"),
            ("current_setting", [name, ..]) => {
                let value = literal(name).and_then(catalog::setting);
                Some(value.map_or_else(none, text))
            }
            ("set_config", [_, value, ..]) => Some(value.clone()),
            // No name here has to be quoted.
            ("quote_ident", [name]) => Some(name.clone()),
            ("format_type", [oid, ..]) => parsed(&catalog::case_of_types(oid)),
            ("to_regclass", [name]) => Some(oid_of_table(literal(name)?)),
            ("array_to_string", [Expr::CompoundIdentifier(column), ..])
                if column.last().is_some_and(|it| it.value.ends_with("acl")) =>
            {
                Some(none())
            }
            (name, _) if name.ends_with("_is_visible") => Some(flag(true)),
            (name, _) if name.starts_with("has_") && name.ends_with("_privilege") => {
                Some(flag(true))
            }
            ("pg_has_role", _) => Some(flag(true)),
            ("obj_description" | "col_description" | "shobj_description", _) => Some(none()),
            (name, _) if name.starts_with("pg_") && name != "pg_typeof" => Some(none()),
            _ => {
                function.name = ObjectName::from(vec![Ident::new(name)]);
                None
            }
        }
    }
}

/// Whether it is the word `user`.
fn is_user(function: &Function) -> bool {
    let name = &function.name;
    name.0.len() == 1 && last(name) == "user" && function.args == FunctionArguments::None
}

fn arguments(function: &Function) -> Vec<Expr> {
    let FunctionArguments::List(list) = &function.args else {
        return Vec::new();
    };
    let arguments = list.args.iter().filter_map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
        _ => None,
    });
    arguments.collect()
}

/// What a word or a function without arguments stands for.
fn constant(name: &str, named: &Named) -> Option<Expr> {
    Some(match name {
        "current_user" | "session_user" | "current_role" => text(&named.user),
        "current_database" | "current_catalog" => text(catalog::DATABASE),
        "current_schema" => text("public"),
        "version" => text(&named.version),
        "pg_backend_pid" => number(named.connection.into()),
        "pg_is_in_recovery" => flag(false),
        "pg_my_temp_schema" => number(0),
        "inet_server_addr" | "inet_client_addr" => none(),
        _ => return None,
    })
}

/// A cast to a type that the engine does not know.
fn cast(expr: &Expr, to: &mut DataType) -> Option<Expr> {
    let name = match &*to {
        DataType::Regclass => "regclass".to_owned(),
        DataType::Custom(name, _) => last(name),
        _ => return None,
    };
    match name.as_str() {
        "regclass" => match literal(expr) {
            Some(name) => Some(oid_of_table(name)),
            None => parsed(&catalog::case_of_tables(expr)),
        },
        "regtype" => parsed(&catalog::case_of_types(expr)),
        "regnamespace" => parsed(&catalog::case_of_schemas(expr)),
        "oid" | "xid" | "cid" | "int8" => {
            *to = DataType::BigInt(None);
            None
        }
        "int4" | "int2" => {
            *to = DataType::Integer(None);
            None
        }
        "float8" => {
            *to = DataType::DoublePrecision;
            None
        }
        "bool" => {
            *to = DataType::Boolean;
            None
        }
        _ => {
            *to = DataType::Text;
            None
        }
    }
}

/// The number of a table or of what is given as a number.
fn oid_of_table(name: &str) -> Expr {
    let oid = name.parse().ok().or_else(|| catalog::oid_of_table(name));
    oid.map_or_else(none, number)
}

/// `OPERATOR(pg_catalog.~)` is `~`.
fn plain(operator: &mut BinaryOperator) {
    use BinaryOperator as B;
    let B::PGCustomBinaryOperator(parts) = &*operator else {
        return;
    };
    let plain = match parts.last().map(String::as_str) {
        Some("~") => B::PGRegexMatch,
        Some("~*") => B::PGRegexIMatch,
        Some("!~") => B::PGRegexNotMatch,
        Some("!~*") => B::PGRegexNotIMatch,
        Some("~~") => B::PGLikeMatch,
        Some("~~*") => B::PGILikeMatch,
        Some("!~~") => B::PGNotLikeMatch,
        Some("!~~*") => B::PGNotILikeMatch,
        Some("=") => B::Eq,
        Some("<>") => B::NotEq,
        Some("<") => B::Lt,
        Some("<=") => B::LtEq,
        Some(">") => B::Gt,
        Some(">=") => B::GtEq,
        _ => return,
    };
    *operator = plain;
}

/// Has a select give no rows, or what sums over none are.
fn give_nothing(select: &mut Select) {
    let grouped = match &select.group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(by, _) => !by.is_empty(),
    };
    let mut sums = true;
    let mut names: HashSet<String> = HashSet::new();
    let mut items = Vec::new();
    for (number, item) in select.projection.drain(..).enumerate() {
        let (expr, name) = match item {
            SelectItem::ExprWithAlias { expr, alias } => (expr, folded(&alias)),
            SelectItem::UnnamedExpr(expr) => {
                let name = name_of(&expr);
                (expr, name)
            }
            _ => (none(), UNNAMED.to_owned()),
        };
        let sum = match &expr {
            Expr::Function(function) => last(&function.name),
            _ => String::new(),
        };
        sums &= SUMS.contains(&sum.as_str());
        let unique = match names.insert(name.clone()) {
            true => name,
            false => format!("{name}{MARK}{number}"),
        };
        items.push(SelectItem::ExprWithAlias {
            expr: match sum.as_str() {
                "count" => self::number(0),
                _ => none(),
            },
            alias: Ident::with_quote('"', unique),
        });
    }
    select.projection = items;
    select.from.clear();
    select.distinct = None;
    select.having = None;
    select.sort_by.clear();
    select.group_by = GroupByExpr::Expressions(Vec::new(), Vec::new());
    select.selection = match sums && !grouped {
        true => None,
        false => Some(flag(false)),
    };
}

/// Functions that give one row of none.
const SUMS: &[&str] = &[
    "array_agg",
    "bool_and",
    "bool_or",
    "count",
    "max",
    "min",
    "string_agg",
    "sum",
];

/// Whether a query is known to give no rows.
fn is_nothing(query: &Query) -> bool {
    fn of(body: &SetExpr) -> bool {
        match body {
            SetExpr::Select(select) => {
                select.from.is_empty() && select.selection == Some(flag(false))
            }
            SetExpr::Query(query) => is_nothing(query),
            SetExpr::SetOperation { left, right, .. } => of(left) && of(right),
            _ => false,
        }
    }
    of(&query.body)
}

/// The text that an expression is.
fn literal(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        Expr::Cast { expr, .. } | Expr::Nested(expr) => literal(expr),
        _ => None,
    }
}

fn none() -> Expr {
    Expr::Value(Value::Null.into())
}

fn flag(is: bool) -> Expr {
    Expr::Value(Value::Boolean(is).into())
}

fn number(number: i64) -> Expr {
    Expr::Value(Value::Number(number.to_string(), false).into())
}

fn text(text: &str) -> Expr {
    Expr::Value(Value::SingleQuotedString(text.to_owned()).into())
}

/// An expression of ours.
fn parsed(text: &str) -> Option<Expr> {
    let parser = Parser::new(&PostgreSqlDialect {}).try_with_sql(text);
    parser.ok()?.parse_expr().ok()
}
