//! Target `question`: the text of a question, which anybody may send.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use search::limits::TEXT_BYTES_MAX;
use search::{Facts, Field, FieldValue, Search};

/// When it is asked.
const NOW: Timestamp = Timestamp::constant(1_795_348_800, 0);

/// A row of which each field says the same.
struct Row<'a>(&'a [u8]);

impl Facts for Row<'_> {
    fn each(&self, _: Field, take: &mut dyn FnMut(FieldValue<'_>)) {
        take(FieldValue::Text(self.0));
    }
}

/// Reads a question and writes it down again; an error must point into the text.
pub fn question(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let parse = |text: &str| Search::parse(text, NOW, &TimeZone::UTC);
    let search = match parse(&text) {
        Ok(search) => search,
        Err(error) => {
            assert!(text.get(error.span.clone()).is_some(), "{error:?}");
            let shown = error.under(&text).to_string();
            assert!(shown.contains('^'), "{shown}");
            return;
        }
    };
    let canonical = search.to_string();
    if canonical.len() <= TEXT_BYTES_MAX {
        assert_eq!(parse(&canonical).as_ref(), Ok(&search), "{canonical}");
    }
    search.filter.matches(&Row(input));
}
