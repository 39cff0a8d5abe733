//! A report as plain text, for programs that show no other, and for those who listen.

use crate::report::{Report, Sheet};

/// Cells of a bar in text.
const BAR: u64 = 20;

impl Report {
    /// As plain text.
    pub fn text(&self) -> String {
        let mut lines = vec![self.subject(), self.whose(), String::new()];
        for warning in self.warnings() {
            lines.extend([warning, String::new()]);
        }
        sheet(&mut lines, &self.totals());
        let (title, head, bars) = self.bars();
        let bars = bars.into_iter().map(|bar| {
            let length = usize::try_from(bar.percent * BAR / 100).unwrap_or_default();
            let mut row = vec![bar.label];
            row.extend(bar.cells);
            row.push("#".repeat(length));
            row
        });
        let mut head = head;
        head.insert(0, String::new());
        lines.extend(aligned(&title, std::iter::once(head).chain(bars).collect()));
        for it in self.sheets().iter().filter(|it| !it.rows.is_empty()) {
            sheet(&mut lines, it);
        }
        let language = self.wanted.language;
        lines.push(underlined(&language.own("complete", &[])));
        lines.extend(self.coverage().into_iter().map(|it| format!("- {it}")));
        lines.push(String::new());
        if let Some((url, word)) = self.link() {
            lines.extend([format!("{word}: {url}"), String::new()]);
        }
        lines.extend(self.footer());
        lines.push(String::new());
        lines.join("\n")
    }
}

fn sheet(to: &mut Vec<String>, sheet: &Sheet) {
    let mut rows = Vec::with_capacity(sheet.rows.len() + 1);
    let mut head = sheet.head.clone();
    // Numbers first: names are long.
    match sheet.rows.first() {
        Some(row) if row.cells.len() < head.len() => {
            let name = head.remove(0);
            head.push(name);
        }
        _ => head.push(String::new()),
    }
    rows.push(head);
    for row in &sheet.rows {
        let mut cells = row.cells.clone();
        cells.push(row.name.clone());
        rows.push(cells);
        if let Some(note) = &row.note {
            let mut cells = vec![String::new(); row.cells.len()];
            cells.push(format!("  {note}"));
            rows.push(cells);
        }
    }
    to.extend(aligned(&sheet.title, rows));
}

fn underlined(title: &str) -> String {
    format!("{title}\n{}", "-".repeat(title.chars().count()))
}

/// Columns to the right, but for the last.
fn aligned(title: &str, rows: Vec<Vec<String>>) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at));
        cells.map(|it| it.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(at, (cell, width))| match at + 1 == columns {
                true => cell.clone(),
                false => format!("{cell:>width$}"),
            });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![underlined(title)];
    lines.extend(rows.iter().map(line).filter(|it| !it.is_empty()));
    lines.push(String::new());
    lines
}
