//! A block of rows, column by column, without asking each time what type a column has.

use crate::columns::Column;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, BooleanArray, Float32Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::DataType;
use std::borrow::Cow;
use std::io::Write;

/// What stands in a reply for the id that the next hop gave.
pub(crate) const NEXT_QUEUE_ID: &[u8] = b"{next_queue_id}";

/// Rows that were read; columns that were not asked for are absent from all of them.
#[derive(Clone, Debug)]
pub struct View {
    columns: Vec<Values>,
    rows: usize,
}

#[derive(Clone, Debug)]
enum Values {
    NotRead,
    Text(StringArray),
    /// Numbers of words, and the words.
    Word(Int32Array, StringArray),
    Number(Int64Array),
    Time(TimestampMicrosecondArray),
    Float(Float32Array),
    Flag(BooleanArray),
}

impl View {
    /// The columns of a batch, by their names.
    pub fn new(batch: &RecordBatch) -> Self {
        let values = |column: &Column| match batch.column_by_name(column.name()) {
            None => Values::NotRead,
            Some(array) => match array.data_type() {
                DataType::Utf8 => Values::Text(array.as_string().clone()),
                DataType::Dictionary(..) => {
                    let words = array.as_dictionary::<Int32Type>();
                    Values::Word(words.keys().clone(), words.values().as_string().clone())
                }
                DataType::Int64 => Values::Number(array.as_primitive::<Int64Type>().clone()),
                DataType::Float32 => Values::Float(array.as_primitive::<Float32Type>().clone()),
                DataType::Boolean => Values::Flag(array.as_boolean().clone()),
                DataType::Timestamp(..) => {
                    Values::Time(array.as_primitive::<TimestampMicrosecondType>().clone())
                }
                _ => Values::NotRead,
            },
        };
        View {
            columns: Column::ALL.iter().map(values).collect(),
            rows: batch.num_rows(),
        }
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The text of a column in a row; `None` where it has none.
    pub fn text(&self, column: Column, row: usize) -> Option<&str> {
        match &self.columns[column as usize] {
            Values::Text(values) => values.is_valid(row).then(|| values.value(row)),
            Values::Word(numbers, words) => {
                let is_there = numbers.is_valid(row);
                is_there.then(|| words.value(numbers.value(row) as usize))
            }
            _ => None,
        }
    }

    /// What a text of a column means, for each row; of columns that are read as words it is found out
    /// once for each word.
    pub fn meaning<T>(&self, column: Column, of: impl Fn(&str) -> T) -> Meaning<T> {
        match &self.columns[column as usize] {
            Values::Word(numbers, words) => Meaning {
                numbers: Some(numbers.clone()),
                of: words.iter().map(|word| word.map(&of)).collect(),
            },
            _ => Meaning {
                numbers: None,
                of: (0..self.rows)
                    .map(|row| self.text(column, row).map(&of))
                    .collect(),
            },
        }
    }

    /// How many of some rows have each text of a column; `None` stands for those that have none.
    pub fn count<'a>(
        &'a self,
        column: Column,
        rows: impl Iterator<Item = usize>,
        mut take: impl FnMut(Option<&'a str>, u64),
    ) {
        let Values::Word(numbers, words) = &self.columns[column as usize] else {
            return rows.for_each(|row| take(self.text(column, row), 1));
        };
        let mut counts = vec![0; words.len() + 1];
        for row in rows {
            let number = numbers.is_valid(row).then(|| numbers.value(row) as usize);
            counts[number.unwrap_or(words.len())] += 1;
        }
        let words = (0..words.len()).map(|number| Some(words.value(number)));
        for (word, count) in words
            .chain([None])
            .zip(counts)
            .filter(|(_, count)| *count > 0)
        {
            take(word, count);
        }
    }

    /// The number, or the time in microseconds, of a column in a row.
    pub fn number(&self, column: Column, row: usize) -> Option<i64> {
        match &self.columns[column as usize] {
            Values::Number(values) => values.is_valid(row).then(|| values.value(row)),
            Values::Time(values) => values.is_valid(row).then(|| values.value(row)),
            _ => None,
        }
    }

    /// The number with a fraction of a column in a row, as it was written: `-4.6`, which is stored in
    /// four bytes, and not `-4.599999904632568`.
    pub fn float(&self, column: Column, row: usize) -> Option<f64> {
        match &self.columns[column as usize] {
            Values::Float(values) if values.is_valid(row) => {
                let value = values.value(row);
                Some(value.to_string().parse().unwrap_or(f64::from(value)))
            }
            _ => None,
        }
    }

    /// The flag of a column in a row.
    pub fn flag(&self, column: Column, row: usize) -> Option<bool> {
        match &self.columns[column as usize] {
            Values::Flag(values) => values.is_valid(row).then(|| values.value(row)),
            _ => None,
        }
    }

    /// The reply or reason of a row, as it was written; `None` where it has none.
    pub fn reply(&self, row: usize) -> Option<Cow<'_, str>> {
        let text = self.text(Column::Text, row)?;
        let mark = std::str::from_utf8(NEXT_QUEUE_ID).unwrap_or_default();
        Some(
            match (text.find(mark), self.text(Column::NextQueueId, row)) {
                (Some(_), Some(id)) => Cow::Owned(text.replacen(mark, id, 1)),
                _ => Cow::Borrowed(text),
            },
        )
    }

    /// Time of a row, microseconds.
    pub fn at(&self, row: usize) -> i64 {
        self.number(Column::At, row).unwrap_or(0)
    }
}

/// What the texts of a column mean.
#[derive(Clone, Debug)]
pub struct Meaning<T> {
    numbers: Option<Int32Array>,
    of: Vec<Option<T>>,
}

impl<T> Meaning<T> {
    /// Of the text in a row; `None` where it has none.
    pub fn get(&self, row: usize) -> Option<&T> {
        let number = match &self.numbers {
            Some(numbers) if numbers.is_null(row) => return None,
            Some(numbers) => numbers.value(row) as usize,
            None => row,
        };
        self.of[number].as_ref()
    }
}

/// What the columns of a row say, as the texts by which its original lines are kept; used again for
/// the next row.
#[derive(Debug, Default)]
pub(crate) struct Known {
    written: Vec<u8>,
    spans: Vec<(usize, usize)>,
}

impl Known {
    /// Shows the texts of a row, one for each column; numbers in decimal, times and what is absent
    /// as nothing.
    pub(crate) fn of<T>(&mut self, view: &View, row: usize, show: impl FnOnce(&[&[u8]]) -> T) -> T {
        self.written.clear();
        self.spans.clear();
        for &column in Column::ALL {
            let start = self.written.len();
            if let Values::Number(_) = view.columns[column as usize]
                && let Some(number) = view.number(column, row)
            {
                // Writing to memory does not fail.
                let _ = write!(self.written, "{number}");
            }
            self.spans.push((start, self.written.len()));
        }
        let reply = view.reply(row);
        let mut texts: [&[u8]; Column::ALL.len()] = [b""; Column::ALL.len()];
        for (&column, &(start, end)) in Column::ALL.iter().zip(&self.spans) {
            texts[column as usize] = match view.text(column, row) {
                Some(text) => text.as_bytes(),
                None => &self.written[start..end],
            };
        }
        if let Some(reply) = &reply {
            texts[Column::Text as usize] = reply.as_bytes();
        }
        show(&texts)
    }
}
