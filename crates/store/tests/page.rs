//! The page on the archive names every column.

use expect_test::expect_file;
use std::fmt::Write;
use store::{Column, Type};

const BEGIN: &str = "<!-- columns -->\n";
const END: &str = "<!-- end of columns -->\n";

#[test]
fn the_page_names_every_column() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/archive.md");
    let page = std::fs::read_to_string(path).expect("the page is there");
    let (before, rest) = page
        .split_once(BEGIN)
        .expect("the page has a place for columns");
    let (_, after) = rest.split_once(END).expect("the place ends");
    let mut table = String::from("| column | holds | what |\n|---|---|---|\n");
    for &column in Column::ALL {
        let holds = match column.holds() {
            Type::Time => "timestamp, UTC",
            Type::Text => "text",
            Type::Number => "integer",
            Type::Float => "float",
            Type::Flag => "boolean",
        };
        writeln!(
            table,
            "| `{}` | {holds} | {} |",
            column.name(),
            column.doc()
        )
        .expect("memory can be written");
    }
    expect_file![path].assert_eq(&format!("{before}{BEGIN}{table}{END}{after}"));
}
