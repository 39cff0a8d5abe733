//! What was refused, bounced and deferred, and why.

use super::rankings::number;
use crate::shown::shown_within;
use crate::summary::{Reason, Reasons, Summary};
use crate::text::page::{BAD, CARE, DIM, Page};
use crate::units::count;
use anstyle::Style;

const REASON_COLUMNS: usize = 82;
const VALUE_COLUMNS: usize = 70;
/// Values shown below a reason.
const VALUES_SHOWN: usize = 3;

pub(in crate::text) fn rejections(page: &mut Page, summary: &Summary) {
    section(page, "Rejected", &summary.rejections, BAD);
    if summary.rejections_by_code.len() > 1 {
        let codes: Vec<String> = summary
            .rejections_by_code
            .iter()
            .map(|(code, times)| format!("{code}: {}", count(*times)))
            .collect();
        page.dim_line(&format!("by reply code  {}", codes.join("  ")));
    }
    section(
        page,
        "Would have been rejected",
        &summary.reject_warnings,
        CARE,
    );
}

pub(in crate::text) fn failures(page: &mut Page, summary: &Summary) {
    section(page, "Bounced", &summary.bounces, BAD);
    section(page, "Deferred", &summary.deferrals, CARE);
}

/// Reasons, each with what it was most given for.
pub(super) fn section(page: &mut Page, title: &str, all: &Reasons, style: Style) {
    if all.count == 0 {
        return;
    }
    page.title(&format!("{title} ({})", count(all.count)));
    for reason in all.reasons.iter().take(page.options.top_n) {
        one(page, reason, style);
    }
    let rest = all.reasons.len().saturating_sub(page.options.top_n);
    if rest > 0 {
        page.dim_line(&format!("        … {rest} more reasons"));
    }
}

fn one(page: &mut Page, reason: &Reason, style: Style) {
    let cell = number(reason.count, style);
    let space = 10usize.saturating_sub(cell.text.chars().count());
    page.out.push_str(&" ".repeat(space));
    page.put(&cell.text, cell.style);
    page.out.push_str("  ");
    let mut words = reason.stage.to_vec();
    if !words.is_empty() {
        words.push(b' ');
    }
    let text: &[u8] = match reason.text.is_empty() {
        true => b"no reason in words",
        false => &reason.text,
    };
    words.extend_from_slice(text);
    page.out.push_str(&shown_within(&words, REASON_COLUMNS));
    page.out.push('\n');
    for value in reason.values.entries.iter().take(VALUES_SHOWN) {
        let name = shown_within(&value.name, VALUE_COLUMNS);
        page.put(&format!("{:>20}  {name}", count(value.counts)), DIM);
        page.out.push('\n');
    }
}
