//! The page for people has the fields that there are.

use expect_test::expect_file;
use search::Field;

const HEAD: &str = "## Fields\n";

#[test]
fn the_page_of_fields_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/search.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (written, _) = page.split_once(HEAD).expect("the page has its last part");
    let mut page =
        format!("{written}{HEAD}\n| field | also | what it is | example |\n|---|---|---|---|\n");
    for field in Field::ALL {
        let aliases: Vec<String> = field.aliases().iter().map(|it| format!("`{it}`")).collect();
        page += &format!(
            "| `{}` | {} | {} | `{}` |\n",
            field.name(),
            aliases.join(" "),
            field.doc(),
            field.example().replace('|', "\\|"),
        );
    }
    expect_file![path].assert_eq(&page);
}
