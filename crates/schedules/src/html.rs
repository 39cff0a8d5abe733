//! A report as HTML that mail programs show.
//!
//! Gmail, Outlook and others drop scripts, SVG, and some the style sheet in the head: what is needed to read
//! it stands in tables and their attributes (sides of numbers, widths and colours of bars); the sheet makes
//! it pretty, and knows dark and narrow. It is said once there and not in each cell, since Gmail cuts a mail
//! behind 102 kB. Nothing is loaded.

use crate::report::{Report, Sheet};
use crate::shown::escaped;
use std::fmt::Write as _;

/// What is pretty.
const STYLE: &str = "\
:root{color-scheme:light dark;supported-color-schemes:light dark}\
.f{border-collapse:collapse;color:#16191d}\
.f td,.f th{border-bottom:1px solid #e4e8ed;padding:3px 0 3px 8px;vertical-align:top;font-weight:400}\
.f th{font-size:12px;color:#5a6270;vertical-align:bottom}\
.f td:first-child,.f th:first-child{padding-left:0;word-break:break-word}\
.f .b{margin-top:3px}.f .b td{border:0;padding:0;font-size:1px;line-height:10px}\
.f small{color:#5a6270}\
@media (max-width:520px){.minor{display:none!important}.sheet{padding:14px 12px!important}}\
@media (prefers-color-scheme:dark){\
.ground{background:#14171c!important}.sheet{background:#1d2128!important;border-color:#343a44!important}\
.text,.f{color:#e6e8ec!important}.muted,.f th,.f small{color:#a3abb8!important}\
.f td,.f th{border-color:#343a44!important}.link{color:#8fbcff!important}\
.bar{background:#6ea8fe!important}.rest{background:#2a3038!important}\
.warn{background:#3a3115!important;color:#f3dfa2!important}}";

const FONT: &str = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/// A table that is a layout.
const TABLE: &str = "width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"";

/// A table of figures.
const FIGURES: &str = "<table class=\"f\" width=\"100%\" cellpadding=\"3\" cellspacing=\"0\" border=\"0\" \
                       style=\"font-size:13px\">";

impl Report {
    /// As a page of HTML that needs nothing else.
    pub fn html(&self) -> String {
        let language = self.wanted.language;
        let mut body = String::new();
        let name = escaped(&crate::shown::visible(&self.wanted.name));
        let _ = write!(
            body,
            "<h1 class=\"text\" style=\"margin:0;font-size:21px;color:#16191d\">{name}</h1>\
             <p class=\"text\" style=\"margin:4px 0 0;font-size:15px;color:#16191d\">{}</p>\
             <p class=\"muted\" style=\"margin:2px 0 0;font-size:13px;color:#5a6270\">{}</p>",
            escaped(&self.period()),
            escaped(&self.whose()),
        );
        for warning in self.warnings() {
            let _ = write!(
                body,
                "<p class=\"warn\" style=\"margin:10px 0 0;padding:8px 10px;background:#fff4d6;\
                 color:#5c4500;font-size:13px\">{}</p>",
                escaped(&warning)
            );
        }
        sheet(&mut body, &self.totals(), 0);
        self.write_bars(&mut body);
        for it in self.sheets() {
            if it.rows.is_empty() {
                heading(&mut body, &it.title);
                paragraph(&mut body, language.page("nothing"));
            } else {
                sheet(&mut body, &it, 1);
            }
        }
        heading(&mut body, &language.own("complete", &[]));
        for note in self.coverage() {
            paragraph(&mut body, &note);
        }
        if let Some((url, word)) = self.link() {
            let _ = write!(
                body,
                "<p style=\"margin:18px 0 0;font-size:14px\"><a class=\"link\" href=\"{}\" \
                 style=\"color:#1d5fd1\">{}</a></p>",
                escaped(&url),
                escaped(&word)
            );
        }
        body.push_str("<div style=\"height:14px;line-height:14px\">&nbsp;</div>");
        for line in self.footer() {
            paragraph(&mut body, &line);
        }
        format!(
            "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>{}</title>\
             <style>{STYLE}</style></head>\n\
             <body class=\"ground\" bgcolor=\"#f2f4f7\" style=\"margin:0;padding:0;background:#f2f4f7\">\
             <div role=\"main\"><table role=\"presentation\" {TABLE}><tr><td class=\"ground\" align=\"center\" \
             bgcolor=\"#f2f4f7\" style=\"padding:14px 6px;background:#f2f4f7\">\
             <table role=\"presentation\" width=\"680\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" \
             style=\"width:100%;max-width:680px\"><tr><td class=\"sheet\" align=\"left\" \
             bgcolor=\"#ffffff\" style=\"padding:20px 24px;background:#ffffff;border:1px solid #dfe3e8;{FONT}\">\n\
             {body}\n</td></tr></table></td></tr></table></div></body></html>\n",
            language.code(),
            escaped(&self.subject()),
        )
    }

    /// Traffic by time: a bar for what was accepted, and numbers.
    fn write_bars(&self, body: &mut String) {
        let (title, head, bars) = self.bars();
        heading(body, &title);
        let _ = write!(body, "{FIGURES}<tr><td></td><td width=\"36%\"></td>");
        for (at, word) in head.iter().enumerate() {
            th(body, word, "right", minor(at));
        }
        body.push_str("</tr>");
        for bar in bars {
            let cell = |percent: u64, class: &str, colour: &str| match percent {
                0 => String::new(),
                percent => format!(
                    "<td class=\"{class}\" width=\"{percent}%\" height=\"10\" bgcolor=\"{colour}\"></td>"
                ),
            };
            let _ = write!(
                body,
                "<tr><td nowrap>{}</td><td><table role=\"presentation\" class=\"b\" {TABLE}><tr>{}{}</tr>\
                 </table></td>",
                escaped(&bar.label),
                cell(bar.percent, "bar", "#2f6fde"),
                cell(100 - bar.percent, "rest", "#eef1f5"),
            );
            for (at, value) in bar.cells.iter().enumerate() {
                number(body, value, minor(at));
            }
            body.push_str("</tr>");
        }
        body.push_str("</table>");
    }
}

/// Columns for which there is no room on a narrow screen.
fn minor(at: usize) -> &'static str {
    if at == 1 { MINOR } else { "" }
}

const MINOR: &str = " class=\"minor\"";

fn heading(to: &mut String, title: &str) {
    let _ = write!(
        to,
        "<h2 class=\"text\" style=\"margin:22px 0 6px;font-size:15px;color:#16191d\">{}</h2>",
        escaped(title)
    );
}

fn paragraph(to: &mut String, text: &str) {
    let _ = write!(
        to,
        "<p class=\"muted\" style=\"margin:3px 0;font-size:13px;color:#5a6270\">{}</p>",
        escaped(text)
    );
}

fn th(to: &mut String, word: &str, align: &str, class: &str) {
    let word = escaped(word);
    // A head that says nothing is none.
    let cell = match word.is_empty() {
        true => format!("<td{class}></td>"),
        false => format!("<th scope=\"col\" align=\"{align}\"{class}>{word}</th>"),
    };
    to.push_str(&cell);
}

fn number(to: &mut String, value: &str, class: &str) {
    let _ = write!(
        to,
        "<td align=\"right\" nowrap{class}>{}</td>",
        escaped(value)
    );
}

/// A table of figures; so many words of its head are of names.
fn sheet(to: &mut String, sheet: &Sheet, names: usize) {
    heading(to, &sheet.title);
    let _ = write!(to, "{FIGURES}<tr>");
    if names == 0 {
        th(to, "", "left", "");
    }
    // Of many columns the first number stays.
    let minor = |at: usize| match at > 1 && sheet.head.len() > 4 {
        true => MINOR,
        false => "",
    };
    for (at, word) in sheet.head.iter().enumerate() {
        match at < names {
            true => th(to, word, "left", ""),
            false => th(to, word, "right", minor(at - names)),
        }
    }
    to.push_str("</tr>");
    for row in &sheet.rows {
        let _ = write!(to, "<tr><td>{}", escaped(&row.name));
        if let Some(note) = &row.note {
            let _ = write!(to, "<br><small>{}</small>", escaped(note));
        }
        to.push_str("</td>");
        for (at, cell) in row.cells.iter().enumerate() {
            number(to, cell, minor(at));
        }
        to.push_str("</tr>");
    }
    to.push_str("</table>");
}
