//! Ranges of time in words.

use expect_test::{Expect, expect};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use search::time::range;

/// In Rome the clock goes back on 2026-10-25 at 03:00 and forward on 2026-03-29 at 02:00.
fn check_at(now: &str, zone: &str, texts: &[&str], expected: Expect) {
    let zone = TimeZone::get(zone).expect("the zone is known");
    let now: Timestamp = now.parse().expect("the moment is one");
    let told: Vec<String> = texts
        .iter()
        .map(|text| match range(text, now, &zone) {
            Ok(range) => format!("{text:<32} {range}\n"),
            Err(problem) => format!("{text:<32} {problem}\n"),
        })
        .collect();
    expected.assert_eq(&told.concat());
}

#[test]
fn back_from_now() {
    check_at(
        "2026-11-22T11:30:15.5Z",
        "Europe/Rome",
        &[
            "last 7 days",
            "last 60 minutes",
            "24h",
            "-2h",
            "last 90s",
            "last hour",
            "last day",
            "Last 2 Weeks",
            "3 months",
            "-2h..",
            "-2h..-1h",
            "2h ago..",
            "since 2h",
            "since now",
            "last 0 days",
            "last -1 days",
            "last 99999999999 years",
            "last 900 years",
            "last",
        ],
        expect![[r#"
            last 7 days                      2026-11-15T11:30:15.5Z..2026-11-22T11:30:15.5Z
            last 60 minutes                  2026-11-22T10:30:15.5Z..2026-11-22T11:30:15.5Z
            24h                              2026-11-21T11:30:15.5Z..2026-11-22T11:30:15.5Z
            -2h                              2026-11-22T09:30:15.5Z..2026-11-22T11:30:15.5Z
            last 90s                         2026-11-22T11:28:45.5Z..2026-11-22T11:30:15.5Z
            last hour                        2026-11-22T10:30:15.5Z..2026-11-22T11:30:15.5Z
            last day                         2026-11-21T11:30:15.5Z..2026-11-22T11:30:15.5Z
            Last 2 Weeks                     2026-11-08T11:30:15.5Z..2026-11-22T11:30:15.5Z
            3 months                         2026-08-22T10:30:15.5Z..2026-11-22T11:30:15.5Z
            -2h..                            2026-11-22T09:30:15.5Z..
            -2h..-1h                         2026-11-22T09:30:15.5Z..2026-11-22T10:30:15.5Z
            2h ago..                         2026-11-22T09:30:15.5Z..
            since 2h                         2026-11-22T09:30:15.5Z..
            since now                        2026-11-22T11:30:15.5Z..
            last 0 days                      2026-11-22T11:30:15.5Z..2026-11-22T11:30:15.5Z
            last -1 days                     `last -1 days` is not a time
            last 99999999999 years           `last 99999999999 years` is not a time
            last 900 years                   `last 900 years` is not a time
            last                             `last` is not a time
        "#]],
    );
}

#[test]
fn named_days_and_months() {
    check_at(
        "2026-11-22T11:30:15Z",
        "Europe/Rome",
        &[
            "today",
            "yesterday",
            "this week",
            "last week",
            "this month",
            "last month",
            "this year",
            "last year",
            "sunday",
            "mon",
            "since tue",
            "until yesterday",
            "before yesterday",
            "after yesterday",
            "on friday",
            "tomorrow",
            "this",
            "this day",
        ],
        expect![[r#"
            today                            2026-11-21T23:00:00Z..2026-11-22T23:00:00Z
            yesterday                        2026-11-20T23:00:00Z..2026-11-21T23:00:00Z
            this week                        2026-11-15T23:00:00Z..2026-11-22T23:00:00Z
            last week                        2026-11-08T23:00:00Z..2026-11-15T23:00:00Z
            this month                       2026-10-31T23:00:00Z..2026-11-30T23:00:00Z
            last month                       2026-09-30T22:00:00Z..2026-10-31T23:00:00Z
            this year                        2025-12-31T23:00:00Z..2026-12-31T23:00:00Z
            last year                        2024-12-31T23:00:00Z..2025-12-31T23:00:00Z
            sunday                           2026-11-21T23:00:00Z..2026-11-22T23:00:00Z
            mon                              2026-11-15T23:00:00Z..2026-11-16T23:00:00Z
            since tue                        2026-11-16T23:00:00Z..
            until yesterday                  ..2026-11-21T23:00:00Z
            before yesterday                 ..2026-11-20T23:00:00Z
            after yesterday                  2026-11-20T23:00:00Z..
            on friday                        2026-11-19T23:00:00Z..2026-11-20T23:00:00Z
            tomorrow                         `tomorrow` is not a time
            this                             `this` is not a time
            this day                         `this day` is not a time
        "#]],
    );
}

#[test]
fn written_dates() {
    check_at(
        "2026-11-22T11:30:15Z",
        "Europe/Rome",
        &[
            "2026",
            "2026-11",
            "2026-11-01",
            "2026/11/01",
            "2026-11-01..2026-11-15",
            "2026-11..",
            "..2026-11-15",
            "2026-10..2026-11",
            "..",
            "since 2026-11-01",
            "until 2026-11",
            "2026-11-01T10:00..11:30",
            "2026-11-01 10:00..2026-11-02",
            "10:00..11:30",
            "10:00",
            "2026-11-01T10:00:30",
            "2026-11-01T10:00:00.25Z..",
            "2026-11-01T10:00:00+05:30..",
            "since 2026-11-01t10:00z",
            "2026-11-01T10",
            "2026-13",
            "2026-02-30",
            "2026-1-1",
            "1600",
            "2300",
            "2026-11-15..2026-11-01",
            "2026-11-01T10:00..09:00",
            "10:00..10:00",
            "",
            "soon",
            "2026-11-01-01",
            "25:00",
            "10:00+01:00",
            "a..b",
        ],
        expect![[r#"
            2026                             2025-12-31T23:00:00Z..2026-12-31T23:00:00Z
            2026-11                          2026-10-31T23:00:00Z..2026-11-30T23:00:00Z
            2026-11-01                       2026-10-31T23:00:00Z..2026-11-01T23:00:00Z
            2026/11/01                       2026-10-31T23:00:00Z..2026-11-01T23:00:00Z
            2026-11-01..2026-11-15           2026-10-31T23:00:00Z..2026-11-15T23:00:00Z
            2026-11..                        2026-10-31T23:00:00Z..
            ..2026-11-15                     ..2026-11-15T23:00:00Z
            2026-10..2026-11                 2026-09-30T22:00:00Z..2026-11-30T23:00:00Z
            ..                               ..
            since 2026-11-01                 2026-10-31T23:00:00Z..
            until 2026-11                    ..2026-11-30T23:00:00Z
            2026-11-01T10:00..11:30          2026-11-01T09:00:00Z..2026-11-01T10:30:00Z
            2026-11-01 10:00..2026-11-02     2026-11-01T09:00:00Z..2026-11-02T23:00:00Z
            10:00..11:30                     2026-11-22T09:00:00Z..2026-11-22T10:30:00Z
            10:00                            2026-11-22T09:00:00Z..2026-11-22T09:01:00Z
            2026-11-01T10:00:30              2026-11-01T09:00:30Z..2026-11-01T09:00:31Z
            2026-11-01T10:00:00.25Z..        2026-11-01T10:00:00.25Z..
            2026-11-01T10:00:00+05:30..      2026-11-01T04:30:00Z..
            since 2026-11-01t10:00z          2026-11-01T10:00:00Z..
            2026-11-01T10                    `2026-11-01T10` is not a time
            2026-13                          `2026-13` is not a time
            2026-02-30                       `2026-02-30` is not a time
            2026-1-1                         `2026-1-1` is not a time
            1600                             `1600` is not a time
            2300                             `2300` is not a time
            2026-11-15..2026-11-01           the range ends before it begins
            2026-11-01T10:00..09:00          the range ends before it begins
            10:00..10:00                     2026-11-22T09:00:00Z..2026-11-22T09:00:00Z
                                             `` is not a time
            soon                             `soon` is not a time
            2026-11-01-01                    `2026-11-01-01` is not a time
            25:00                            `25:00` is not a time
            10:00+01:00                      `10:00+01:00` is not a time
            a..b                             `a..b` is not a time
        "#]],
    );
}

#[test]
fn a_day_on_which_the_clock_is_put_back_has_25_hours() {
    check_at(
        "2026-10-25T12:00:00Z",
        "Europe/Rome",
        &[
            "today",
            "24h",
            "1 day",
            "2026-10",
            "02:30..",
            "2026-10-25T02:30..03:30",
        ],
        expect![[r#"
            today                            2026-10-24T22:00:00Z..2026-10-25T23:00:00Z
            24h                              2026-10-24T12:00:00Z..2026-10-25T12:00:00Z
            1 day                            2026-10-24T11:00:00Z..2026-10-25T12:00:00Z
            2026-10                          2026-09-30T22:00:00Z..2026-10-31T23:00:00Z
            02:30..                          2026-10-25T00:30:00Z..
            2026-10-25T02:30..03:30          2026-10-25T00:30:00Z..2026-10-25T02:30:00Z
        "#]],
    );
}

#[test]
fn a_moment_that_the_clock_leaves_out_is_later() {
    check_at(
        "2026-03-29T12:00:00Z",
        "Europe/Rome",
        &["today", "02:30..", "01:30..03:30", "1 day", "24h"],
        expect![[r#"
            today                            2026-03-28T23:00:00Z..2026-03-29T22:00:00Z
            02:30..                          2026-03-29T01:30:00Z..
            01:30..03:30                     2026-03-29T00:30:00Z..2026-03-29T01:30:00Z
            1 day                            2026-03-28T13:00:00Z..2026-03-29T12:00:00Z
            24h                              2026-03-28T12:00:00Z..2026-03-29T12:00:00Z
        "#]],
    );
    // There the day begins at 01:00.
    check_at(
        "2026-09-06T15:00:00Z",
        "America/Santiago",
        &["today", "yesterday"],
        expect![[r#"
            today                            2026-09-06T04:00:00Z..2026-09-07T03:00:00Z
            yesterday                        2026-09-05T04:00:00Z..2026-09-06T04:00:00Z
        "#]],
    );
}
