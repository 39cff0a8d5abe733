//! The summary for a terminal of 100 columns.

mod page;
mod sections;

use crate::summary::Summary;
use page::Page;

/// How the text is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether to colour it by ANSI escapes.
    pub color: bool,
    /// Lines of each ranking.
    pub top_n: usize,
}

/// The summary as text. There is no section for what did not occur. What comes from the log cannot
/// drive the terminal.
pub fn text(summary: &Summary, options: &Options) -> String {
    let mut page = Page::new(*options);
    sections::header(&mut page, summary);
    sections::totals(&mut page, summary);
    sections::open(&mut page, summary);
    sections::hours(&mut page, summary);
    sections::days(&mut page, summary);
    sections::delays(&mut page, summary);
    sections::senders(&mut page, summary);
    sections::recipients(&mut page, summary);
    sections::clients(&mut page, summary);
    sections::relays(&mut page, summary);
    sections::rejections(&mut page, summary);
    sections::failures(&mut page, summary);
    sections::tls(&mut page, summary);
    sections::logins(&mut page, summary);
    sections::filters(&mut page, summary);
    sections::sessions(&mut page, summary);
    sections::warnings(&mut page, summary);
    sections::pflogsumm(&mut page, summary);
    page.out
}
