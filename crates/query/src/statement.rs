//! Questions as PostgreSQL's clients ask them: its SQL, with parameters, and its catalog.
//!
//! What is asked of the catalog reads no row: it is answered of the table's columns alone.

mod catalog;
mod places;
mod rewrite;
mod split;
mod wrong;

pub use catalog::{SERVER_VERSION, setting};
pub use rewrite::Named;
pub use split::split;
pub use wrong::{What, Wrong};

use crate::cells::{Rows, Shape, Value};
use crate::nesting;
use crate::sight::Sight;
use crate::sums::{reading, session_of};
use crate::table::Events;
use catalog::Tables;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::ParamValues;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::dataframe::DataFrame;
use datafusion::datasource::empty::EmptyTable;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;
use datafusion::sql::parser::Statement as Parsed;
use datafusion::sql::sqlparser::ast::Statement;
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;
use futures::StreamExt;
use futures::stream::BoxStream;
use search::{Filter, TimeRange};
use std::sync::Arc;

/// What was asked for, or what is wrong with it.
type Result<T> = std::result::Result<T, Wrong>;

/// A question that was understood.
#[derive(Clone)]
pub struct Question {
    statement: Box<Statement>,
    /// What it asks of the catalog.
    tables: Tables,
    reads_mail: bool,
    columns: Vec<(String, Shape)>,
    parameters: Vec<Shape>,
}

impl Question {
    /// Reads one statement, and finds out what its answer and its parameters are like. No row is read.
    pub async fn new(text: &str, named: &Named) -> Result<Self> {
        nesting::look(text)?;
        let mut statement = parsed(text)?;
        let tables = rewrite::rewrite(&mut statement, named);
        let mut question = Question {
            statement: Box::new(statement),
            tables,
            reads_mail: false,
            columns: Vec::new(),
            parameters: Vec::new(),
        };
        let (_, plan) = question.plan(None).await?;
        let fields = plan.schema().fields().iter();
        question.columns = fields
            .map(|field| (rewrite::shown(field.name()), Shape::of(field.data_type())))
            .collect();
        question.parameters = parameters(&plan)?;
        question.reads_mail = reads_mail(&plan)?;
        Ok(question)
    }

    /// Names of the columns of the answer, and what they hold.
    pub fn columns(&self) -> &[(String, Shape)] {
        &self.columns
    }

    /// What the parameters are expected to be, the first first.
    pub fn parameters(&self) -> &[Shape] {
        &self.parameters
    }

    /// Whether rows of mail are read for it.
    pub fn reads_mail(&self) -> bool {
        self.reads_mail
    }

    /// Its answer, read for who sees this; nothing is read where it reads no mail.
    pub async fn answer(
        &self,
        sight: &Sight,
        values: &[Value<'_>],
    ) -> Result<BoxStream<'static, Result<Rows>>> {
        if values.len() != self.parameters.len() {
            let (given, wanted) = (values.len(), self.parameters.len());
            let text = format!("{given} parameters are given, {wanted} are wanted");
            return Err(Wrong::new(What::Parameters, text));
        }
        let sight = Some(sight).filter(|_| self.reads_mail);
        self.rows(sight, values).await
    }

    async fn rows(
        &self,
        sight: Option<&Sight>,
        values: &[Value<'_>],
    ) -> Result<BoxStream<'static, Result<Rows>>> {
        let (session, plan) = self.plan(sight).await?;
        let values = values.iter().map(scalar).collect::<Result<Vec<_>>>()?;
        let plan = match values.is_empty() {
            true => plan,
            false => plan.with_param_values(ParamValues::from(values))?,
        };
        let frame = DataFrame::new(session.state(), plan);
        let batches = frame.execute_stream().await?;
        let shapes: Vec<Shape> = self
            .columns
            .iter()
            .map(|(_, shape)| shape.clone())
            .collect();
        let rows = batches.map(move |batch| Ok(Rows::new(&batch?, &shapes)?));
        Ok(rows.boxed())
    }

    async fn plan(&self, sight: Option<&Sight>) -> Result<(SessionContext, LogicalPlan)> {
        let session = session_of(catalog::config())?;
        let events: Arc<dyn datafusion::catalog::TableProvider> = match sight {
            Some(sight) => Arc::new(Events::new(sight.clone(), Filter::All, TimeRange::ALL)?),
            None => Arc::new(EmptyTable::new(Events::columns())),
        };
        session.register_table(EVENTS, events)?;
        catalog::register(&session, &self.tables).await?;
        let parsed = Parsed::Statement(self.statement.clone());
        let plan = session.state().statement_to_plan(parsed).await?;
        reading().verify_plan(&plan)?;
        Ok((session, plan))
    }
}

/// One statement that reads.
fn parsed(text: &str) -> Result<Statement> {
    let mut parser = Parser::new(&PostgreSqlDialect {})
        .try_with_sql(text)
        .map_err(|error| Wrong::syntax(&error, text))?;
    let statements = parser.parse_statements();
    let statements = statements.map_err(|error| Wrong::syntax(&error, text))?;
    let [statement] = <[Statement; 1]>::try_from(statements)
        .map_err(|_| Wrong::new(What::Syntax, "one statement is expected"))?;
    match statement {
        it @ (Statement::Query(_) | Statement::Explain { .. }) => Ok(it),
        other => {
            let verb = other.to_string();
            let verb = verb.split_whitespace().next().unwrap_or_default();
            let text = format!("cannot execute {} here", verb.to_uppercase());
            Err(Wrong::new(What::Writes, text))
        }
    }
}

/// A value for a parameter, as the engine has it.
fn scalar(value: &Value<'_>) -> Result<ScalarValue> {
    Ok(match value {
        Value::None => ScalarValue::Null,
        Value::Flag(it) => ScalarValue::Boolean(Some(*it)),
        Value::Number(it) => ScalarValue::Int64(Some(*it)),
        Value::Real(it) => ScalarValue::Float32(Some(*it)),
        Value::Double(it) => ScalarValue::Float64(Some(*it)),
        Value::Text(it) => ScalarValue::Utf8(Some((*it).to_owned())),
        Value::Time(it) => ScalarValue::TimestampMicrosecond(Some(*it), Some("UTC".into())),
        Value::Moment(it) => ScalarValue::TimestampMicrosecond(Some(*it), None),
        Value::Day(it) => ScalarValue::Date32(Some(*it)),
        Value::Bytes(it) => ScalarValue::Binary(Some(it.to_vec())),
        Value::List(_) => return Err(Wrong::new(What::NotHad, "a list is no parameter")),
    })
}

/// Whether a plan has the table of mail in it.
fn reads_mail(plan: &LogicalPlan) -> Result<bool> {
    let mut reads = false;
    plan.apply_with_subqueries(|node| {
        reads |= matches!(node, LogicalPlan::TableScan(scan) if scan.table_name.table() == EVENTS);
        Ok(match reads {
            true => TreeNodeRecursion::Stop,
            false => TreeNodeRecursion::Continue,
        })
    })?;
    Ok(reads)
}

/// What a plan expects for `$1`, `$2`, ...; texts where it does not matter.
fn parameters(plan: &LogicalPlan) -> Result<Vec<Shape>> {
    let types = plan.get_parameter_types()?;
    let number = |name: &str| name.strip_prefix('$').and_then(|it| it.parse().ok());
    let numbers = types.keys().map(|name| {
        let text = || format!("`{name}` is no parameter: they are called `$1`, `$2`, ...");
        let number: Option<usize> = number(name).filter(|it| (1..=PARAMETERS_MAX).contains(it));
        number.ok_or_else(|| Wrong::new(What::Parameters, text()))
    });
    let numbers = numbers.collect::<Result<Vec<_>>>()?;
    let last = numbers.into_iter().max().unwrap_or_default();
    let shape = |number: usize| match types.get(&format!("${number}")) {
        Some(Some(arrow)) if *arrow != DataType::Null => Shape::of(arrow),
        _ => Shape::Text,
    };
    Ok((1..=last).map(shape).collect())
}

/// The table of mail.
const EVENTS: &str = "events";

/// Parameters of a question, as PostgreSQL's protocol has it.
const PARAMETERS_MAX: usize = 65_535;

#[cfg(test)]
mod tests;
