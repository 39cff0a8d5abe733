//! A small log as text, JSON and HTML.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod pipeline;

use expect_test::{expect, expect_file};
use report::{Options, Summary};

/// A day of a small server: a message through a filter, a deferral, a bounce, refusals, logins; and
/// text that strangers wrote to drive terminals and browsers.
const LOG: &str = include_str!("outputs/mail.log");

fn summary() -> Summary {
    pipeline::summary_of(LOG.as_bytes())
}

fn plain() -> String {
    report::text(
        &summary(),
        &Options {
            color: false,
            top_n: 5,
        },
    )
}

#[test]
fn text_is_as_expected() {
    expect_file!["outputs/expected.txt"].assert_eq(&plain());
}

#[test]
fn colour_adds_nothing_but_escapes() {
    let colored = report::text(
        &summary(),
        &Options {
            color: true,
            top_n: 5,
        },
    );
    let mut stripped = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once("\x1b[") {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain());
    assert_ne!(colored, plain());
}

#[test]
fn text_cannot_drive_a_terminal_and_fits() {
    let text = plain();
    assert!(text.chars().all(|it| it == '\n' || !it.is_control()));
    assert!(text.contains("\\u{1b}[31m"), "the hostile sender is shown");
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
        assert_eq!(line.trim_end(), line);
    }
}

#[test]
fn an_empty_log_has_no_sections() {
    let text = report::text(
        &pipeline::summary_of(b""),
        &Options {
            color: false,
            top_n: 5,
        },
    );
    expect![[r#"
        Mail report
        1 file, 0 lines, all understood
    "#]]
    .assert_eq(&text);
    assert!(report::html(&pipeline::summary_of(b"")).ends_with("</html>\n"));
}

#[test]
fn json_keeps_its_names() {
    let json = report::json(&summary());
    let mut names = Vec::new();
    paths(&json, String::new(), &mut names);
    names.sort();
    names.dedup();
    expect_file!["outputs/json-names.txt"].assert_eq(&(names.join("\n") + "\n"));
    assert_eq!(json["totals"]["received"], 3);
    assert_eq!(json["coverage"]["from"], "2025-11-22T08:00:01Z");
}

/// The names of all fields; names that come from the log are left out.
fn paths(value: &serde_json::Value, path: String, out: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                let by_log = path.ends_with("kinds")
                    || path.ends_with("by_code")
                    || path.ends_with("mailbox_actions");
                let name = if by_log { "*" } else { name };
                paths(value, format!("{path}.{name}"), out);
            }
        }
        serde_json::Value::Array(values) => {
            for value in values {
                paths(value, format!("{path}[]"), out);
            }
        }
        _ => out.push(path),
    }
}

#[test]
fn html_is_well_formed_and_needs_nothing_else() {
    let html = report::html(&summary());
    assert_balanced(&html);
    for outside in ["<script", "src=", "href=", "url(", "@import"] {
        assert!(!html.contains(outside), "{outside}");
    }
}

#[test]
fn html_escapes_what_strangers_wrote() {
    let html = report::html(&summary());
    assert!(!html.contains("<img"));
    assert!(html.contains("&lt;img"), "the hostile sender is shown");
    assert!(html.chars().all(|it| it == '\n' || !it.is_control()));
}

/// Each element is closed in its order, each attribute is quoted.
fn assert_balanced(html: &str) {
    const EMPTY: [&str; 2] = ["meta", "!DOCTYPE"];
    let (head, rest) = html.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    let text = format!("{head}{body}");
    let mut open = Vec::new();
    for tag in text.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').unwrap();
        assert!(!text.contains('>'), "{text}");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag
            .trim_start_matches('/')
            .split([' ', '/'])
            .next()
            .unwrap();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed));
        } else if !EMPTY.contains(&name) && !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}
