//! What must hold for any text and any tree.

mod row;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use row::{Row, Value};
use search::limits::TEXT_BYTES_MAX;
use search::{Cursor, Field, Filter, Order, Search, TimeRange, words};

const NOW: Timestamp = Timestamp::constant(1_795_348_800, 0);

/// Pieces of which texts are made; most make sense together.
const PIECES: &[&str] = &[
    " ",
    " ",
    " ",
    "from:",
    "to:",
    "-",
    "(",
    ")",
    " OR ",
    " AND ",
    "NOT ",
    "\"",
    "\\",
    "*",
    ",",
    ":",
    "..",
    "anna@x.example",
    "@",
    ".x.example",
    "<>",
    "<",
    ">",
    "=",
    "size:>",
    "10MB",
    "delay:",
    "30s",
    "ip:",
    "10.0.0.0/8",
    "::1",
    "kind:",
    "delivery",
    "spam",
    "login",
    "status:bounced",
    "severity:",
    "error",
    "code:5xx",
    "enhanced:5.1.*",
    "id:",
    "3F2A1C0D9B",
    "user unknown",
    "subject:",
    "time:",
    "last:",
    "7d",
    "after:",
    "2026-11-01",
    "yesterday",
    "T10:00",
    "limit:",
    "20",
    "order:oldest",
    "client:",
    "È",
    "\u{130}",
    "\u{2003}",
    "\0",
    "\n",
    "account:",
    "5",
];

/// Conditions of all types, as rows below may fit them.
const TERMS: &[&str] = &[
    "from:anna@x.example",
    "from:x.example",
    "from:.example",
    "from:anna@",
    "from:<>",
    "from:*",
    "from:an*",
    "from:\"a \\\"b,\\* c@x\"",
    "to:x.example",
    "-to:*",
    "ip:10.0.0.0/8",
    "ip:::1",
    "client:mx*",
    "client:10.0.0.1",
    "kind:delivery",
    "kind:login",
    "status:spam",
    "severity:error",
    "size:>10MB",
    "size:..1kB",
    "delay:1.5s",
    "score:-1..5",
    "code:5xx",
    "enhanced:5.*",
    "id:A1",
    "id:*1",
    "\"user unknown\"",
    "unkn*",
    "subject:invoice",
    "text:*",
    "last:7d",
    "on:2026-11-22",
    "before:2026-11-01",
    "x.example",
    "A1B2C3D4",
    "user:\"\"",
];

const TEXTS: &[&[u8]] = &[
    b"",
    b"anna@x.example",
    b"Bob@mail.x.example",
    b"10.0.0.1",
    b"::1",
    b"mx1.x.example",
    b"<A1>",
    b"User unknown",
    b"5.1.1",
    b"INVOICE 7",
    b"SPAMMY",
    b"a1b2c3d4",
    b"\xff",
];

fn parse(text: &str) -> Result<Search, search::Error> {
    Search::parse(text, NOW, &TimeZone::UTC)
}

fn filter(text: &str) -> Filter {
    Filter::parse(text, NOW, &TimeZone::UTC).unwrap_or_else(|error| panic!("{}", error.under(text)))
}

fn any_text() -> impl Strategy<Value = String> {
    let piece =
        prop_oneof![9 => prop::sample::select(PIECES).prop_map(str::to_owned), 1 => ".{0,3}"];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

/// Trees of any form, also such that the constructors would simplify.
fn any_tree() -> impl Strategy<Value = Filter> {
    let term = prop::sample::select(TERMS).prop_map(filter);
    let leaf = prop_oneof![8 => term, 1 => Just(Filter::All)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let several = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            several().prop_map(Filter::And),
            several().prop_map(Filter::Or),
            inner.clone().prop_map(|it| Filter::Not(Box::new(it))),
        ]
    })
}

fn any_row() -> impl Strategy<Value = Row> {
    let value = prop_oneof![
        6 => prop::sample::select(TEXTS).prop_map(Value::Text),
        2 => prop::sample::select(&[0.0, 5.0, 500.0, 550.0, 1500.0, 2e7][..]).prop_map(Value::Number),
        1 => prop::sample::select(&[0, 1_795_348_700_000_000][..]).prop_map(Value::Time),
        1 => prop::sample::select(model::Kind::ALL).prop_map(Value::Kind),
        1 => Just(Value::Severity(model::Severity::Error)),
    ];
    let fact = (prop::sample::select(Field::ALL), value);
    prop::collection::vec(fact, 0..60).prop_map(Row)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_is_understood_or_the_place_of_its_error_is_told(text in any_text()) {
        match parse(&text) {
            Ok(search) => {
                let canonical = search.to_string();
                if canonical.len() <= TEXT_BYTES_MAX {
                    prop_assert_eq!(parse(&canonical), Ok(search), "{}", canonical);
                }
            }
            Err(error) => {
                prop_assert!(text.get(error.span.clone()).is_some(), "{:?}", error);
                let _ = error.under(&text).to_string();
            }
        }
    }

    #[test]
    fn canonical_text_of_any_tree_wants_the_same_rows(
        tree in any_tree(),
        rows in prop::collection::vec(any_row(), 8),
    ) {
        let text = tree.to_string();
        let again = filter(&text);
        prop_assert_eq!(&filter(&again.to_string()), &again, "{}", text);
        for row in &rows {
            prop_assert_eq!(again.matches(row), tree.matches(row), "{}", text);
        }
    }

    #[test]
    fn a_question_is_the_same_after_its_text(
        tree in any_tree(),
        range in (-8e15 as i64..0, 0..8e15 as i64),
        limit in 1..10_000_usize,
        is_oldest: bool,
        after in prop::option::of((any::<i64>(), any::<u64>())),
    ) {
        // A time that all rows must have would become part of the range.
        let filter = Filter::or([filter("from:a@"), tree]);
        let filter = match filter {
            Filter::Or(_) => parse(&filter.to_string()).unwrap().filter,
            _ => Filter::All,
        };
        let search = Search {
            filter,
            range: TimeRange { from: range.0, until: range.1 },
            order: if is_oldest { Order::Oldest } else { Order::Newest },
            limit,
            after: after.map(|(moment, row)| Cursor { moment, row }),
        };
        prop_assert_eq!(parse(&search.to_string()), Ok(search));
    }

    #[test]
    fn a_cursor_is_the_same_after_its_text(moment: i64, row: u64) {
        let cursor = Cursor { moment, row };
        prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    #[test]
    fn words_are_those_between_all_else(text in ".*") {
        let simple = text.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty());
        let found: Vec<_> = words(text.as_bytes()).collect();
        prop_assert_eq!(found.len(), simple.clone().count());
        for (found, simple) in found.iter().zip(simple) {
            prop_assert_eq!(found.to_lowercase(), simple.to_lowercase());
        }
        let joined = found.join(" ");
        prop_assert_eq!(words(joined.as_bytes()).collect::<Vec<_>>(), found);
    }

    #[test]
    fn any_words_make_a_range_or_an_error(text in "[a-z0-9 :./+TZ-]{0,24}") {
        if let Ok(range) = search::time::range(&text, NOW, &TimeZone::UTC) {
            prop_assert!(range.from <= range.until);
        }
    }
}
