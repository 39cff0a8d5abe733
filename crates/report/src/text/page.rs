//! Titles, lines and tables of the text.

use super::Options;
use anstyle::{AnsiColor, Style};

/// Text under way.
pub(super) struct Page {
    pub(super) out: String,
    pub(super) options: Options,
}

/// A cell of a table.
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) style: Style,
}

pub(super) const PLAIN: Style = Style::new();
pub(super) const TITLE: Style = AnsiColor::Cyan.on_default().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const STRONG: Style = Style::new().bold();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const CARE: Style = AnsiColor::Yellow.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default();

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell { text, style: PLAIN }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Cell {
    pub(super) fn styled(text: impl Into<String>, style: Style) -> Self {
        Cell {
            text: text.into(),
            style,
        }
    }
}

impl Page {
    pub(super) fn new(options: Options) -> Self {
        Page {
            out: String::new(),
            options,
        }
    }

    /// The head of a section.
    pub(super) fn title(&mut self, title: &str) {
        self.out.push('\n');
        self.put(title, TITLE);
        self.out.push('\n');
    }

    /// A line of words in the present section.
    pub(super) fn line(&mut self, words: &str) {
        self.out.push_str("  ");
        self.out.push_str(words);
        self.out.push('\n');
    }

    pub(super) fn dim_line(&mut self, words: &str) {
        self.out.push_str("  ");
        self.put(words, DIM);
        self.out.push('\n');
    }

    pub(super) fn put(&mut self, text: &str, style: Style) {
        if self.options.color && style != PLAIN && !text.is_empty() {
            self.out.push_str(&format!("{style}{text}{style:#}"));
        } else {
            self.out.push_str(text);
        }
    }

    /// Rows below heads; all columns but the last are numbers and stand to the right.
    pub(super) fn table(&mut self, heads: &[&str], rows: &[Vec<Cell>]) {
        let width = |column: usize| {
            let cells = rows.iter().map(|row| chars(&row[column].text));
            cells
                .chain([chars(heads[column])])
                .max()
                .unwrap_or(0)
                .max(8)
        };
        let widths: Vec<usize> = (0..heads.len().saturating_sub(1)).map(width).collect();
        let heads: Vec<Cell> = heads.iter().map(|head| Cell::styled(*head, DIM)).collect();
        if heads.iter().any(|head| !head.text.is_empty()) {
            self.table_row(&widths, &heads);
        }
        for row in rows {
            self.table_row(&widths, row);
        }
    }

    fn table_row(&mut self, widths: &[usize], row: &[Cell]) {
        for (cell, &width) in row.iter().zip(widths) {
            let space = width.saturating_sub(chars(&cell.text)) + 2;
            self.out.push_str(&" ".repeat(space));
            self.put(&cell.text, cell.style);
        }
        if let Some(cell) = row.last().filter(|cell| !cell.text.is_empty()) {
            self.out.push_str("  ");
            self.put(&cell.text, cell.style);
        }
        self.out.push('\n');
    }
}

fn chars(text: &str) -> usize {
    text.chars().count()
}
