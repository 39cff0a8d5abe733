//! Rows as they are counted: when, how many lines, and what tells them apart.

use crate::Result;
use crate::blocks;
use crate::facts::{columns_of, wanted_rows};
use crate::sight::Sight;
use search::{Filter, TimeRange};
use store::Column;

/// Shows each row that a filter wants, in no order: its time in microseconds, how many original lines it
/// was made of, and what it has in columns of text.
pub async fn counted(
    sight: &Sight,
    (filter, range): (&Filter, TimeRange),
    columns: &[Column],
    mut take: impl FnMut(i64, u64, &[Option<&str>]),
) -> Result<()> {
    let mut read = columns_of(filter);
    read.push(Column::Lines);
    read.extend(columns);
    read.sort_unstable();
    read.dedup();
    blocks::each(sight, (filter, range), &read, |block| {
        let view = &block.view;
        let mut texts = Vec::with_capacity(columns.len());
        for row in wanted_rows(view, filter, range) {
            texts.clear();
            texts.extend(columns.iter().map(|it| view.text(*it, row)));
            let lines = view.number(Column::Lines, row).unwrap_or_default();
            take(view.at(row), lines.unsigned_abs(), &texts);
        }
    })
    .await
}
