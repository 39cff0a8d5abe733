//! Values of an answer, for those who do not know Arrow.

use crate::Result;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Float32Array, Float64Array,
    Int64Array, ListArray, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::arrow::json::writer::{LineDelimited, WriterBuilder};
use datafusion::error::DataFusionError;
use std::sync::Arc;

/// What a column of an answer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Yes or no.
    Flag,
    /// 64 bits, signed.
    Number,
    /// 32 bits.
    Real,
    /// 64 bits.
    Double,
    /// UTF-8.
    Text,
    /// Microseconds since 1970-01-01 UTC.
    Time,
    /// Microseconds since 1970-01-01 of no zone.
    Moment,
    /// Days since 1970-01-01.
    Day,
    /// Bytes.
    Bytes,
    /// A JSON document.
    Json,
    /// Several values of one shape.
    List(Box<Shape>),
}

/// A value of an answer, or for a parameter of a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'v> {
    /// There is none.
    None,
    /// Yes or no.
    Flag(bool),
    /// 64 bits, signed.
    Number(i64),
    /// 32 bits.
    Real(f32),
    /// 64 bits.
    Double(f64),
    /// A text, or a JSON document.
    Text(&'v str),
    /// Microseconds since 1970-01-01 UTC.
    Time(i64),
    /// Microseconds since 1970-01-01 of no zone.
    Moment(i64),
    /// Days since 1970-01-01.
    Day(i32),
    /// Bytes.
    Bytes(&'v [u8]),
    /// Several.
    List(Vec<Value<'v>>),
}

impl Shape {
    /// In which values of a type of Arrow are told.
    pub(crate) fn of(arrow: &DataType) -> Self {
        use DataType as T;
        match arrow {
            T::Boolean => Shape::Flag,
            it if it.is_integer() => Shape::Number,
            T::Float16 | T::Float32 => Shape::Real,
            T::Float64 => Shape::Double,
            T::Timestamp(_, Some(_)) => Shape::Time,
            T::Timestamp(_, None) => Shape::Moment,
            T::Date32 | T::Date64 => Shape::Day,
            T::Binary | T::LargeBinary | T::BinaryView | T::FixedSizeBinary(_) => Shape::Bytes,
            T::Struct(_) | T::Map(..) | T::Union(..) => Shape::Json,
            T::Dictionary(_, values) => Shape::of(values),
            T::RunEndEncoded(_, values) => Shape::of(values.data_type()),
            T::List(of) | T::LargeList(of) | T::ListView(of) | T::LargeListView(of) => {
                Shape::list(of)
            }
            T::FixedSizeList(of, _) => Shape::list(of),
            _ => Shape::Text,
        }
    }

    /// Lists of lists have no rows of one length, as arrays of SQL must.
    fn list(of: &Field) -> Self {
        match Shape::of(of.data_type()) {
            Shape::List(_) | Shape::Json => Shape::Json,
            of => Shape::List(Box::new(of)),
        }
    }

    fn arrow(&self) -> DataType {
        match self {
            Shape::Flag => DataType::Boolean,
            Shape::Number => DataType::Int64,
            Shape::Real => DataType::Float32,
            Shape::Double => DataType::Float64,
            Shape::Text | Shape::Json => DataType::Utf8,
            Shape::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Shape::Moment => DataType::Timestamp(TimeUnit::Microsecond, None),
            Shape::Day => DataType::Date32,
            Shape::Bytes => DataType::Binary,
            Shape::List(of) => DataType::new_list(of.arrow(), true),
        }
    }
}

/// Some rows of an answer.
pub struct Rows {
    rows: usize,
    columns: Vec<Cells>,
}

impl Rows {
    /// Of a batch, with columns of these shapes.
    pub(crate) fn new(batch: &RecordBatch, shapes: &[Shape]) -> Result<Self> {
        let columns = batch.columns().iter().zip(shapes);
        let columns = columns.map(|(array, shape)| Cells::new(array, shape));
        Ok(Rows {
            rows: batch.num_rows(),
            columns: columns.collect::<Result<_>>()?,
        })
    }

    /// How many.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The values of a row, in the order of the columns.
    pub fn row(&self, row: usize) -> impl ExactSizeIterator<Item = Value<'_>> {
        self.columns.iter().map(move |column| column.value(row))
    }
}

/// A column of some rows.
enum Cells {
    Flag(BooleanArray),
    Number(Int64Array),
    Real(Float32Array),
    Double(Float64Array),
    Text(StringArray),
    Time(TimestampMicrosecondArray),
    Moment(TimestampMicrosecondArray),
    Day(Date32Array),
    Bytes(BinaryArray),
    List(ListArray, Box<Cells>),
}

impl Cells {
    fn new(array: &ArrayRef, shape: &Shape) -> Result<Self> {
        use datafusion::arrow::datatypes as types;
        let array = match (shape, array.data_type()) {
            (Shape::Json, arrow) if arrow.is_nested() => Arc::new(documents(array)?) as ArrayRef,
            _ => {
                // What does not fit is told, not left out.
                let options = CastOptions {
                    safe: false,
                    ..CastOptions::default()
                };
                cast_with_options(array, &shape.arrow(), &options).map_err(DataFusionError::from)?
            }
        };
        Ok(match shape {
            Shape::Flag => Cells::Flag(array.as_boolean().clone()),
            Shape::Number => Cells::Number(array.as_primitive::<types::Int64Type>().clone()),
            Shape::Real => Cells::Real(array.as_primitive::<types::Float32Type>().clone()),
            Shape::Double => Cells::Double(array.as_primitive::<types::Float64Type>().clone()),
            Shape::Text | Shape::Json => Cells::Text(array.as_string::<i32>().clone()),
            Shape::Time => {
                let times = array.as_primitive::<types::TimestampMicrosecondType>();
                Cells::Time(times.clone())
            }
            Shape::Moment => {
                let times = array.as_primitive::<types::TimestampMicrosecondType>();
                Cells::Moment(times.clone())
            }
            Shape::Day => Cells::Day(array.as_primitive::<types::Date32Type>().clone()),
            Shape::Bytes => Cells::Bytes(array.as_binary::<i32>().clone()),
            Shape::List(of) => {
                let lists = array.as_list::<i32>().clone();
                let values = Cells::new(lists.values(), of)?;
                Cells::List(lists, Box::new(values))
            }
        })
    }

    fn value(&self, row: usize) -> Value<'_> {
        if self.array().is_null(row) {
            return Value::None;
        }
        match self {
            Cells::Flag(array) => Value::Flag(array.value(row)),
            Cells::Number(array) => Value::Number(array.value(row)),
            Cells::Real(array) => Value::Real(array.value(row)),
            Cells::Double(array) => Value::Double(array.value(row)),
            Cells::Text(array) => Value::Text(array.value(row)),
            Cells::Time(array) => Value::Time(array.value(row)),
            Cells::Moment(array) => Value::Moment(array.value(row)),
            Cells::Day(array) => Value::Day(array.value(row)),
            Cells::Bytes(array) => Value::Bytes(array.value(row)),
            Cells::List(lists, values) => {
                let offsets = lists.value_offsets();
                // Offsets are those of an array that is in memory.
                let places = offsets[row] as usize..offsets[row + 1] as usize;
                Value::List(places.map(|place| values.value(place)).collect())
            }
        }
    }

    fn array(&self) -> &dyn Array {
        match self {
            Cells::Flag(array) => array,
            Cells::Number(array) => array,
            Cells::Real(array) => array,
            Cells::Double(array) => array,
            Cells::Text(array) => array,
            Cells::Time(array) | Cells::Moment(array) => array,
            Cells::Day(array) => array,
            Cells::Bytes(array) => array,
            Cells::List(array, _) => array,
        }
    }
}

/// Nested values as JSON documents.
fn documents(array: &ArrayRef) -> Result<StringArray> {
    let field = Field::new("v", array.data_type().clone(), true);
    let schema = Arc::new(Schema::new(vec![field]));
    let batch = RecordBatch::try_new(schema, vec![Arc::clone(array)]);
    let batch = batch.map_err(DataFusionError::from)?;
    let mut lines = Vec::new();
    let builder = WriterBuilder::new().with_explicit_nulls(true);
    let mut writer = builder.build::<_, LineDelimited>(&mut lines);
    writer.write(&batch).map_err(DataFusionError::from)?;
    writer.finish().map_err(DataFusionError::from)?;
    drop(writer);
    let lines = String::from_utf8_lossy(&lines);
    let value = |line: &str| {
        let value = line.strip_prefix("{\"v\":")?.strip_suffix('}')?;
        Some(value.to_owned())
    };
    let documents = lines.lines().enumerate().map(|(row, line)| {
        let document = value(line);
        document.filter(|_| !array.is_null(row))
    });
    Ok(documents.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{
        DictionaryArray, Int32Array, StructArray, TimestampNanosecondArray, UInt64Array,
    };

    fn shown(array: ArrayRef) -> (Shape, Vec<String>) {
        let shape = Shape::of(array.data_type());
        let cells = Cells::new(&array, &shape).expect("it can be told");
        let value = |row| format!("{:?}", cells.value(row));
        (shape, (0..array.len()).map(value).collect())
    }

    #[test]
    fn values_of_all_kinds_are_told() {
        let words = DictionaryArray::<types::Int32Type>::from_iter([Some("a"), None]);
        use datafusion::arrow::datatypes as types;
        assert_eq!(
            shown(Arc::new(words)),
            (
                Shape::Text,
                vec!["Text(\"a\")".to_owned(), "None".to_owned()]
            )
        );
        let times = TimestampNanosecondArray::from(vec![Some(1_500), None]).with_timezone("UTC");
        let (shape, told) = shown(Arc::new(times));
        assert_eq!((shape, told[0].as_str()), (Shape::Time, "Time(1)"));
        let lists = ListArray::from_iter_primitive::<types::Int32Type, _, _>([
            Some(vec![Some(1), None]),
            Some(vec![]),
            None,
        ]);
        assert_eq!(
            shown(Arc::new(lists)),
            (
                Shape::List(Box::new(Shape::Number)),
                ["List([Number(1), None])", "List([])", "None"]
                    .map(str::to_owned)
                    .to_vec()
            )
        );
        let field = Arc::new(Field::new("a", DataType::Int32, true));
        let numbers = Arc::new(Int32Array::from(vec![Some(1), None])) as ArrayRef;
        let documents = StructArray::from(vec![(field, numbers)]);
        let (shape, told) = shown(Arc::new(documents));
        assert_eq!(shape, Shape::Json);
        assert_eq!(
            told,
            ["Text(\"{\\\"a\\\":1}\")", "Text(\"{\\\"a\\\":null}\")"]
        );
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let large = Arc::new(UInt64Array::from(vec![u64::MAX])) as ArrayRef;
        assert!(Cells::new(&large, &Shape::Number).is_err());
    }
}
