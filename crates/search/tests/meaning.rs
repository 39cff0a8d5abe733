//! What conditions mean, row by row.

mod row;

use jiff::tz::TimeZone;
use model::{Kind, Severity};
use row::{Row, Value::*};
use search::{Field, FieldType, Filter, words};

fn wants(text: &str, row: &Row) -> bool {
    match Filter::parse(text, jiff::Timestamp::UNIX_EPOCH, &TimeZone::UTC) {
        Ok(filter) => filter.matches(row),
        Err(error) => panic!("{}", error.under(text)),
    }
}

/// Questions that want the row, and such that do not.
fn check(row: &Row, wanted: &[&str], unwanted: &[&str]) {
    for text in wanted {
        assert!(wants(text, row), "{text} does not want the row");
        assert!(!wants(&format!("-({text})"), row), "nor its negation");
    }
    for text in unwanted {
        assert!(!wants(text, row), "{text} wants the row");
        assert!(wants(&format!("-({text})"), row), "nor its negation");
    }
}

#[test]
fn an_address_is_asked_for_by_its_parts_without_case() {
    let row = Row(vec![(Field::MailFrom, Text(b"Anna.Rossi@Mail.X.Example"))]);
    check(
        &row,
        &[
            "from:anna.rossi@mail.x.example",
            "from:ANNA.ROSSI@",
            "from:mail.x.example",
            "from:@mail.x.example",
            "from:.x.example",
            "from:.example",
            "from:anna*",
            "from:*@mail.x.example",
            "from:*rossi*",
            "from:*",
            "from:a@b,mail.x.example",
        ],
        &[
            "from:x.example",
            "from:.mail.x.example",
            "from:.l.x.example",
            "from:rossi@",
            "from:anna.rossi@x.example",
            "from:rossi*",
            "from:<>",
            "to:anna.rossi@",
            "to:*",
        ],
    );
}

#[test]
fn the_null_sender_is_not_a_missing_one() {
    let null = Row(vec![(Field::MailFrom, Text(b""))]);
    check(
        &null,
        &["from:<>", "from:*"],
        &["from:x.example", "from:anna@"],
    );
    check(
        &Row(vec![]),
        &["-from:*"],
        &["from:<>", "from:*", "from:**"],
    );
}

#[test]
fn an_address_without_a_domain_is_a_local_part() {
    let row = Row(vec![(Field::RcptTo, Text(b"<root>"))]);
    check(
        &Row(vec![(Field::RcptTo, Text(b"<root"))]),
        &["to:root"],
        &["to:<>"],
    );
    check(
        &row,
        &["to:root", "to:root@"],
        &["to:@root", "to:root@x.example", "to:.x"],
    );
}

#[test]
fn one_of_several_values_is_enough_and_none_fails() {
    let row = Row(vec![
        (Field::Ip, Text(b"192.0.2.7")),
        (Field::Ip, Text(b"2001:db8::1")),
        (Field::Ip, Text(b"/run/lmtp")),
    ]);
    check(
        &row,
        &[
            "ip:192.0.2.0/24",
            "ip:2001:db8::/32",
            "ip:192.0.2.0/24 ip:2001:db8::1",
        ],
        &[
            "ip:192.0.2.8",
            "ip:198.51.100.0/24",
            "ip:2001:db9::/32",
            "-ip:2001:db8::1",
        ],
    );
}

#[test]
fn networks_hold_addresses_as_logs_write_them() {
    let of = |text| Row(vec![(Field::Client, Text(text))]);
    check(
        &of(b"::ffff:10.1.2.3"),
        &["client:10.0.0.0/8", "client:0.0.0.0/0"],
        &["client:::/0"],
    );
    check(
        &of(b"[10.1.2.3]"),
        &["client:10.1.2.3"],
        &["client:10.1.2.4/30"],
    );
    check(
        &of(b"IPv6:2001:DB8::1"),
        &["client:2001:db8::/127"],
        &["client:2001:db8::/128"],
    );
    check(
        &of(b"Mx1.X.example"),
        &["client:.x.example", "client:mx1.x.example"],
        &["client:.mx1.x.example", "client:0.0.0.0/0"],
    );
}

#[test]
fn identifiers_are_compared_byte_by_byte_without_brackets() {
    let row = Row(vec![(Field::MessageId, Text(b"<A1@x.example>"))]);
    check(
        &row,
        &[
            "message_id:A1@x.example",
            "message_id:<A1@x.example>",
            "message_id:A1*",
            "message_id:*@x.example",
        ],
        &[
            "message_id:a1@x.example",
            "message_id:A1",
            "id:A1@x.example",
        ],
    );
}

#[test]
fn words_stand_one_after_the_other_in_one_text() {
    let row = Row(vec![
        (
            Field::Text,
            Text(b"<b@y.example>: Recipient address rejected: User\xff unknown in 5.1.1"),
        ),
        (Field::Text, Text("Été: Größe".as_bytes())),
    ]);
    check(
        &row,
        &[
            "unknown",
            "\"USER UNKNOWN\"",
            "user-unknown",
            "\"5.1.1\"",
            "\"user unkn*\"",
            "rej*",
            "été",
            "GRÖSSE OR größe",
            "unknown été",
        ],
        &[
            "unkn",
            "\"unknown user\"",
            "\"user in\"",
            "\"5.1.1.1\"",
            "\"in 5.1.1 été\"",
            "\"us unknown\"",
            "ete",
        ],
    );
}

#[test]
fn names_numbers_kinds_and_severities() {
    let row = Row(vec![
        (Field::Kind, Kind(Kind::Bounced)),
        (Field::Severity, Severity(Severity::Warning)),
        (Field::Size, Number(10_000_000.0)),
        (Field::Delay, Number(30_000.0)),
        (Field::Enhanced, Text(b"5.1.1")),
        (Field::User, Text(b"Anna")),
        (Field::Time, Time(1_000_000)),
    ]);
    check(
        &row,
        &[
            "status:bounced",
            "kind:delivery",
            "status:failed",
            "severity:info",
            "severity:warning",
            "size:10MB",
            "size:>=10MB",
            "size:<=10MB",
            "size:9MB..10MB",
            "size:<10MiB",
            "delay:30",
            "delay:0.5m",
            "enhanced:5.1.*",
            "enhanced:5.1.1",
            "user:ANNA",
            "user:*nn*",
            "time:1970-01-01T00:00:01Z..1970-01-01T00:00:02Z",
            "before:1970-01-02",
            "time:..",
        ],
        &[
            "status:sent",
            "severity:error",
            "size:>10MB",
            "size:<10MB",
            "size:10MiB",
            "delay:>30s",
            "enhanced:5.1",
            "user:ann",
            "time:1970-01-01T00:00:00Z..1970-01-01T00:00:01Z",
            "after:1970-01-02",
            "score:<5",
            "-score:>5 score:*",
        ],
    );
}

#[test]
fn an_open_range_holds_the_last_of_all_times() {
    assert!(search::TimeRange::ALL.contains(i64::MAX));
    assert!(!search::TimeRange { from: 0, until: 5 }.contains(5));
}

#[test]
fn words_are_runs_of_letters_and_digits() {
    let all = |text: &[u8]| words(text).map(Into::into).collect::<Vec<String>>();
    assert_eq!(
        all(b"User unknown; <a.b@x>"),
        ["user", "unknown", "a", "b", "x"]
    );
    assert_eq!(
        all("\u{130}stanbul ΣΑΣ ½".as_bytes()),
        ["\u{130}stanbul", "σασ", "½"]
    );
    assert_eq!(all(b"a\xffb\xc3"), ["a", "b"]);
    assert_eq!(all("x".repeat(65).as_bytes()), ["x".repeat(64)]);
    assert!(all(b" --\n").is_empty());
}

#[test]
fn each_word_of_a_word_is_that_word() {
    for c in ('\0'..=char::MAX).filter(|c| c.is_alphanumeric()) {
        let once: Vec<String> = words(c.to_string().as_bytes()).map(Into::into).collect();
        let [once] = &once[..] else {
            panic!("{c:?}: {once:?}")
        };
        let twice: Vec<_> = words(once.as_bytes()).collect();
        assert_eq!(twice, [once.as_str()], "{c:?}");
    }
}

#[test]
fn each_field_has_a_name_of_its_own_and_an_example() {
    let mut names: Vec<&str> = Field::ALL.iter().flat_map(|field| field.names()).collect();
    names.extend(["order", "limit", "cursor"]);
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a name is used twice");
    for &field in Field::ALL {
        for name in field.names() {
            assert_eq!(
                Field::named(&name.to_uppercase().replace('_', "-")),
                Some(field)
            );
        }
        assert!(field.doc().ends_with('.'), "{field:?}: {}", field.doc());
        let filter = Filter::parse(field.example(), jiff::Timestamp::UNIX_EPOCH, &TimeZone::UTC);
        let Ok(Filter::Term(term)) = filter else {
            panic!("{field:?}: {filter:?}")
        };
        assert_eq!(term.field, field, "{}", field.example());
        assert_eq!(field == Field::Kind, field.field_type() == FieldType::Kind);
    }
}
