//! The summary as one page that needs nothing else: no script, no font, no picture from elsewhere.

mod chart;
mod sections;
mod table;

use crate::shown::escape_html;
use crate::summary::Summary;
use crate::units::{count, counted, duration, moment, percent};

/// Colours, measures, and how it looks at night, on a telephone and on paper.
const STYLE: &str = include_str!("html/style.css");

/// The summary as a complete HTML document. What comes from the log is escaped.
pub fn html(summary: &Summary) -> String {
    let mut out = String::with_capacity(64 * 1024);
    out.push_str("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.push_str("<meta name=\"color-scheme\" content=\"light dark\">\n");
    out.push_str("<meta name=\"referrer\" content=\"no-referrer\">\n");
    out.push_str("<title>Mail report</title>\n<style>\n");
    out.push_str(STYLE);
    out.push_str("</style>\n</head>\n<body>\n<main>\n");
    header(&mut out, summary);
    sections::tiles(&mut out, summary);
    sections::traffic(&mut out, summary);
    out.push_str("<div class=\"grid\">\n");
    sections::delays(&mut out, summary);
    sections::people(&mut out, summary);
    sections::failures(&mut out, summary);
    sections::open(&mut out, summary);
    sections::hosts(&mut out, summary);
    sections::tls(&mut out, summary);
    sections::logins(&mut out, summary);
    sections::rest(&mut out, summary);
    out.push_str("</div>\n");
    sections::pflogsumm(&mut out, summary);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn header(out: &mut String, summary: &Summary) {
    let coverage = &summary.coverage;
    out.push_str("<header>\n<h1>Mail report</h1>\n");
    if let Some((from, to)) = &summary.span {
        let lasted = match (coverage.from, coverage.to) {
            (Some(from), Some(to)) => u64::try_from(to.millis_since(from)).unwrap_or(0),
            _ => 0,
        };
        out.push_str(&format!(
            "<p class=\"span\"><time>{}</time> to <time>{}</time> {} <span>· {}</span></p>\n",
            moment(from),
            moment(to),
            escape_html(&coverage.zone),
            duration(lasted)
        ));
    }
    let unknown = match coverage.unknown {
        0 => "all understood".to_owned(),
        some => format!(
            "{} not understood ({})",
            count(some),
            percent(some, coverage.lines)
        ),
    };
    out.push_str(&format!(
        "<p class=\"muted\">{}, {}, {unknown}</p>\n</header>\n",
        counted(coverage.files, "file", "files"),
        counted(coverage.lines, "line", "lines")
    ));
}
