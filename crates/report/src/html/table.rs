//! Cards, and tables with bars.

use crate::ranking::{Named, Top};
use crate::shown::{escape_html, html, shown_within};
use crate::summary::Reasons;
use crate::units::count;

/// Rows shown at once; up to [`ROWS_MAX`] can be unfolded.
const ROWS: usize = 10;
const ROWS_MAX: usize = 50;
/// Characters of a name.
const NAME_CHARACTERS: usize = 120;
/// Values shown below a reason.
const VALUES: usize = 4;

/// The tone of a card's bars.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Calm,
    Care,
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Tone::Calm => "card",
            Tone::Care => "card care",
            Tone::Bad => "card bad",
        }
    }
}

/// Begins a card; the note stands small beside the title.
pub(super) fn begin(out: &mut String, tone: Tone, title: &str, note: &str) {
    out.push_str(&format!(
        "<section class=\"{}\">\n<h2>{title}",
        tone.class()
    ));
    if !note.is_empty() {
        out.push_str(&format!("<small>{}</small>", escape_html(note)));
    }
    out.push_str("</h2>\n");
}

pub(super) fn end(out: &mut String) {
    out.push_str("</section>\n");
}

/// How many names there were, for the note of a ranking.
pub(super) fn distinct<C>(top: &Top<C>) -> String {
    let about = if top.exact { "" } else { "about " };
    format!("{about}{}", count(top.distinct))
}

/// A table of a ranking: name with a bar, then a number for each head.
pub(super) struct Ranked<'t, C> {
    pub(super) top: &'t Top<C>,
    pub(super) heads: &'t [&'t str],
    /// Escaped HTML of the numbers.
    pub(super) cells: fn(&C) -> Vec<String>,
    /// How long the bar is.
    pub(super) weight: fn(&C) -> u64,
    /// What else is known of a name, as escaped HTML.
    pub(super) beside: fn(&C) -> String,
}

impl<C> Ranked<'_, C> {
    pub(super) fn write(&self, out: &mut String) {
        let entries = &self.top.entries;
        let most = entries.iter().map(|it| (self.weight)(&it.counts)).max();
        let (shown, folded) = entries.split_at(entries.len().min(ROWS));
        self.table(out, shown, most.unwrap_or(0));
        let folded = &folded[..folded.len().min(ROWS_MAX - ROWS)];
        if !folded.is_empty() {
            out.push_str(&format!(
                "<details><summary>{} more</summary>\n",
                folded.len()
            ));
            self.table(out, folded, most.unwrap_or(0));
            out.push_str("</details>\n");
        }
    }

    fn table(&self, out: &mut String, entries: &[Named<C>], most: u64) {
        let class = if self.heads.len() > 3 {
            " class=\"many\""
        } else {
            ""
        };
        out.push_str(&format!("<table{class}>\n<thead><tr><th></th>"));
        for head in self.heads {
            out.push_str(&format!("<th scope=\"col\">{head}</th>"));
        }
        out.push_str("</tr></thead>\n<tbody>\n");
        for entry in entries {
            let name = escape_html(&shown_within(&entry.name, NAME_CHARACTERS));
            out.push_str(&format!("<tr><td>{name}{}", (self.beside)(&entry.counts)));
            bar(out, (self.weight)(&entry.counts), most);
            out.push_str("</td>");
            for cell in (self.cells)(&entry.counts) {
                out.push_str(&format!("<td>{cell}</td>"));
            }
            out.push_str("</tr>\n");
        }
        out.push_str("</tbody>\n</table>\n");
    }
}

/// A table of plain counts.
pub(super) fn counts(out: &mut String, head: &str, top: &Top<u64>) {
    Ranked {
        top,
        heads: &[head],
        cells: |it| vec![number(*it)],
        weight: |it| *it,
        beside: |_| String::new(),
    }
    .write(out);
}

/// A count as a cell, faint where it is 0.
pub(super) fn number(value: u64) -> String {
    match value {
        0 => "<span class=\"no\">·</span>".to_owned(),
        value => count(value),
    }
}

pub(super) fn bar(out: &mut String, value: u64, most: u64) {
    let width = value as f64 * 100.0 / most.max(1) as f64;
    out.push_str(&format!(
        "<span class=\"bar\"><i style=\"width:{width:.1}%\"></i></span>"
    ));
}

/// Reasons with what each was most given for.
pub(super) fn reasons(out: &mut String, all: &Reasons) {
    let most = all.reasons.first().map_or(0, |it| it.count);
    for (at, reason) in all.reasons.iter().take(ROWS_MAX).enumerate() {
        if at == ROWS {
            let more = all.reasons.len().min(ROWS_MAX) - ROWS;
            out.push_str(&format!("<details><summary>{more} more</summary>\n"));
        }
        out.push_str("<div class=\"reason\"><span>");
        if !reason.stage.is_empty() {
            out.push_str(&format!("<code>{}</code>", html(&reason.stage)));
        }
        if reason.text.is_empty() {
            out.push_str("no reason in words");
        }
        out.push_str(&html(&reason.text));
        out.push_str(&format!("</span><span>{}</span>", count(reason.count)));
        bar(out, reason.count, most);
        values(out, &reason.values);
        out.push_str("</div>\n");
    }
    if all.reasons.len() > ROWS {
        out.push_str("</details>\n");
    }
}

fn values(out: &mut String, top: &Top<u64>) {
    if top.entries.is_empty() {
        return;
    }
    let shown: Vec<String> = top
        .entries
        .iter()
        .take(VALUES)
        .map(|it| {
            let name = escape_html(&shown_within(&it.name, NAME_CHARACTERS));
            format!("{name} <b>{}</b>", count(it.counts))
        })
        .collect();
    out.push_str(&format!(
        "<span class=\"values\">{}</span>",
        shown.join(" · ")
    ));
}
