//! Charts, drawn as SVG that stretches with the page; labels are HTML, so that they do not.

use crate::histogram::Percentiles;
use crate::traffic::Traffic;
use crate::units::{count, duration};

/// Names of what is stacked, in the order of [`Traffic::outcomes`].
const OUTCOMES: [&str; 4] = ["delivered", "deferred", "bounced", "rejected"];

/// Units of the drawing: a column is 10 wide, the whole 100 high.
const COLUMN: f64 = 10.0;
const GAP: f64 = 1.6;

/// A column of a chart.
pub(super) struct Column {
    /// Escaped text that names it.
    pub(super) name: String,
    pub(super) traffic: Traffic,
}

/// Stacked columns of what became of mail, with what was received as a line.
pub(super) fn stacked(out: &mut String, label: &str, columns: &[Column]) {
    let most = columns
        .iter()
        .map(|it| {
            it.traffic
                .outcomes()
                .iter()
                .sum::<u64>()
                .max(it.traffic.received)
        })
        .max();
    let top = round_up(most.unwrap_or(0));
    legend(out);
    out.push_str("<div class=\"plot\">\n<div class=\"y\">");
    for part in [4, 3, 2, 1, 0] {
        out.push_str(&format!("<span>{}</span>", count(top * part / 4)));
    }
    let width = columns.len() as f64 * COLUMN;
    out.push_str(&format!(
        "</div>\n<svg viewBox=\"0 0 {width} 100\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{label}\">\n"
    ));
    for y in [0, 25, 50, 75, 100] {
        out.push_str(&format!(
            "<line class=\"grid-line\" x1=\"0\" x2=\"{width}\" y1=\"{y}\" y2=\"{y}\"/>\n"
        ));
    }
    for (at, column) in columns.iter().enumerate() {
        stack(out, at as f64 * COLUMN, column, top as f64);
    }
    received(out, columns, top as f64);
    out.push_str("</svg>\n");
}

fn legend(out: &mut String) {
    out.push_str("<div class=\"legend\">");
    for (at, name) in OUTCOMES.iter().enumerate() {
        out.push_str(&format!("<span><i class=\"c{at}\"></i>{name}</span>"));
    }
    out.push_str("<span><i class=\"c4 stroke\"></i>received</span></div>\n");
}

fn stack(out: &mut String, left: f64, column: &Column, top: f64) {
    let outcomes = column.traffic.outcomes();
    out.push_str("<g><title>");
    out.push_str(&column.name);
    out.push_str(&format!(": {} received", count(column.traffic.received)));
    for (name, &value) in OUTCOMES.iter().zip(&outcomes) {
        if value > 0 {
            out.push_str(&format!(", {} {name}", count(value)));
        }
    }
    out.push_str("</title>");
    // Something to point at where there is nothing.
    out.push_str(&format!(
        "<rect x=\"{left}\" y=\"0\" width=\"{COLUMN}\" height=\"100\" fill=\"transparent\"/>"
    ));
    let mut base = 100.0;
    for (at, &value) in outcomes.iter().enumerate().filter(|(_, value)| **value > 0) {
        let height = value as f64 * 100.0 / top;
        base -= height;
        out.push_str(&format!(
            "<rect class=\"c{at}\" x=\"{:.2}\" y=\"{base:.3}\" width=\"{:.2}\" \
             height=\"{height:.3}\"/>",
            left + GAP / 2.0,
            COLUMN - GAP
        ));
    }
    out.push_str("</g>\n");
}

fn received(out: &mut String, columns: &[Column], top: f64) {
    out.push_str("<path class=\"received\" d=\"");
    for (at, column) in columns.iter().enumerate() {
        let y = 100.0 - column.traffic.received as f64 * 100.0 / top;
        let left = at as f64 * COLUMN;
        let step = if at == 0 { 'M' } else { 'L' };
        out.push_str(&format!("{step}{left} {y:.3}H{}", left + COLUMN));
    }
    out.push_str("\"/>\n");
}

/// The least of 4, 8, 20, 40, 80, 200, ... that is not less: it has whole quarters.
fn round_up(most: u64) -> u64 {
    let mut ten = 1u64;
    loop {
        for step in [4, 8, 20] {
            let value = ten.saturating_mul(step);
            if value >= most {
                return value;
            }
        }
        ten = ten.saturating_mul(10);
    }
}

/// Where a duration lies between 1 ms and the longest, 0 to 100, on a logarithmic scale.
fn place(ms: u64, longest_ms: u64) -> f64 {
    let log = |ms: u64| (ms.max(1) as f64).ln();
    100.0 * log(ms) / log(longest_ms.max(10))
}

/// From the half of all to 90 and 99 of 100, with marks at the half and at the longest.
pub(super) fn range(out: &mut String, times: &Percentiles, longest_ms: u64) {
    let at = |ms| place(ms, longest_ms);
    let (p50, p90, p99) = (at(times.p50_ms), at(times.p90_ms), at(times.p99_ms));
    out.push_str(&format!(
        "<svg class=\"range\" viewBox=\"0 0 100 12\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"p50 {}, p99 {}\">",
        duration(times.p50_ms),
        duration(times.p99_ms)
    ));
    let mut rect = |class: &str, from: f64, to: f64, (top, height): (u8, u8)| {
        out.push_str(&format!(
            "<rect class=\"{class}\" x=\"{from:.2}\" y=\"{top}\" width=\"{:.2}\" \
             height=\"{height}\"/>",
            (to - from).max(0.0)
        ));
    };
    rect("track", 0.0, 100.0, (5, 2));
    rect("most", p50, p99, (3, 6));
    rect("many", p50, p90, (3, 6));
    rect("tick", p50, p50 + 0.6, (1, 10));
    let max = at(times.max_ms).min(99.4);
    rect("tick", max, max + 0.6, (3, 6));
    out.push_str("</svg>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_numbers_with_whole_quarters() {
        let ends = [0, 4, 5, 9, 21, 100, 801].map(round_up);
        assert_eq!(ends, [4, 4, 8, 20, 40, 200, 2000]);
        assert!(round_up(u64::MAX) > 0);
    }

    #[test]
    fn a_duration_has_its_place_on_the_scale() {
        assert_eq!(place(0, 1000), 0.0);
        assert_eq!(place(1000, 1000), 100.0);
        assert!((place(32, 1000) - 50.0).abs() < 0.5);
    }
}
