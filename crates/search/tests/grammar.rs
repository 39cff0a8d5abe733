//! Questions and what is understood of them; errors as people see them.

use expect_test::{Expect, expect};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use search::{Filter, Search};

/// 2026-11-22T12:00:00Z, a Sunday.
const NOW: Timestamp = Timestamp::constant(1_795_348_800, 0);

fn parse(text: &str) -> Result<Search, search::Error> {
    Search::parse(text, NOW, &TimeZone::UTC)
}

/// Canonical text, or the error; canonical text must mean the same.
fn told(text: &str) -> String {
    match parse(text) {
        Ok(search) => {
            let canonical = search.to_string();
            assert_eq!(parse(&canonical).as_ref(), Ok(&search), "{canonical}");
            canonical
        }
        Err(error) => error.under(text).to_string(),
    }
}

/// One question a line.
fn check(texts: &[&str], expected: Expect) {
    let told: Vec<String> = texts
        .iter()
        .map(|text| format!("{text}\n    {}\n", told(text).replace('\n', "\n    ")))
        .collect();
    expected.assert_eq(&told.concat());
}

/// The tree itself, where canonical text would hide it.
fn check_tree(text: &str, expected: Expect) {
    let filter = Filter::parse(text, NOW, &TimeZone::UTC).expect("the text is of the grammar");
    expected.assert_debug_eq(&filter);
}

#[test]
fn the_question_of_the_design() {
    check(
        &[
            "from:anna@x.it to:y.com status:bounced after:2026-11-01 ip:10.0.0.0/8 -kind:login \"user unknown\"",
        ],
        expect![[r#"
            from:anna@x.it to:y.com status:bounced after:2026-11-01 ip:10.0.0.0/8 -kind:login "user unknown"
                from:anna@x.it to:@y.com kind:delivery.bounced ip:10.0.0.0/8 -kind:auth "user unknown" time:2026-11-01T00:00:00Z..
        "#]],
    );
    check_tree(
        "to:y.com -(size:>10MB OR \"user unknown\")",
        expect![[r#"
        And(
            [
                Term(
                    Term {
                        field: RcptTo,
                        test: Address(
                            Domain(
                                "y.com",
                            ),
                        ),
                    },
                ),
                Not(
                    Or(
                        [
                            Term(
                                Term {
                                    field: Size,
                                    test: Number(
                                        More(
                                            10000000.0,
                                        ),
                                    ),
                                },
                            ),
                            Term(
                                Term {
                                    field: Text,
                                    test: Words(
                                        Phrase {
                                            words: [
                                                "user",
                                                "unknown",
                                            ],
                                            open_end: false,
                                        },
                                    ),
                                },
                            ),
                        ],
                    ),
                ),
            ],
        )
    "#]],
    );
}

#[test]
fn and_or_not_and_parentheses() {
    check(
        &[
            "",
            "*",
            "-*",
            "from:a@ to:b@ OR to:c@",
            "from:a@ (to:b@ OR subject:x)",
            "from:a@ AND NOT to:b@",
            "NOT NOT from:a@",
            "--from:a@",
            "-(from:a@ to:b@)",
            "((from:a@))",
            "to:a@,b@,c@",
            "-to:a@,b@",
            "to:a@ OR to:b@",
            "subject:\"OR\" OR \"AND\"",
            "or and not",
        ],
        expect![[r#"

                *
            *
                *
            -*
                -*
            from:a@ to:b@ OR to:c@
                (from:a@ to:b@) OR to:c@
            from:a@ (to:b@ OR subject:x)
                from:a@ (to:b@ OR subject:"x")
            from:a@ AND NOT to:b@
                from:a@ -to:b@
            NOT NOT from:a@
                from:a@
            --from:a@
                from:a@
            -(from:a@ to:b@)
                -(from:a@ to:b@)
            ((from:a@))
                from:a@
            to:a@,b@,c@
                to:a@,b@,c@
            -to:a@,b@
                -to:a@,b@
            to:a@ OR to:b@
                to:a@,b@
            subject:"OR" OR "AND"
                subject:"or" OR "and"
            or and not
                "or" "and" "not"
        "#]],
    );
}

#[test]
fn addresses() {
    check(
        &[
            "from:Anna@X.Example",
            "from:x.example",
            "from:@x.example",
            "from:@localhost",
            "from:.x.example",
            "from:anna@",
            "from:anna",
            "from:<>",
            "from:<>*",
            "from:\"\"",
            "from:<anna@x.example>",
            "from=<anna@x.example>",
            "from:anna*",
            "from:*@x.example",
            "from:*news*",
            "from:*",
            "-from:*",
            r#"from:"anna \"b\" c@x.example""#,
            r"user:DOMAIN\anna",
            "mail-from:a@x.example SENDER:b@x.example",
            "orig_to:info@ account:anna@x.example any:.x.example",
        ],
        expect![[r#"
            from:Anna@X.Example
                from:anna@x.example
            from:x.example
                from:@x.example
            from:@x.example
                from:@x.example
            from:@localhost
                from:@localhost
            from:.x.example
                from:.x.example
            from:anna@
                from:anna@
            from:anna
                from:anna@
            from:<>
                from:<>
            from:<>*
                from:*
            from:""
                from:<>
            from:<anna@x.example>
                from:anna@x.example
            from=<anna@x.example>
                from:anna@x.example
            from:anna*
                from:anna*
            from:*@x.example
                from:*@x.example
            from:*news*
                from:*news*
            from:*
                from:*
            -from:*
                -from:*
            from:"anna \"b\" c@x.example"
                from:"anna \"b\" c@x.example"
            user:DOMAIN\anna
                user:"domain\\anna"
            mail-from:a@x.example SENDER:b@x.example
                from:a@x.example from:b@x.example
            orig_to:info@ account:anna@x.example any:.x.example
                orig_to:info@ account:anna@x.example any:.x.example
        "#]],
    );
}

#[test]
fn what_stands_there_without_a_field() {
    check(
        &[
            "unknown",
            "\"User  unknown!\"",
            "user-unknown",
            "timed*",
            "\"connection tim*\"",
            "anna@x.example",
            "@x.example",
            "<a1.b2@x.example>",
            "x.example",
            "\"x.example\"",
            "192.0.2.1",
            "192.0.2.0/24",
            "2001:db8::/32",
            "dead:beef::1",
            "3F2A1C0D9B",
            "1rAbCd-0001aB-2x",
            "550",
            "5.1.1",
            "Émile",
        ],
        expect![[r#"
            unknown
                "unknown"
            "User  unknown!"
                "user unknown"
            user-unknown
                "user unknown"
            timed*
                "timed*"
            "connection tim*"
                "connection tim*"
            anna@x.example
                any:anna@x.example
            @x.example
                any:@x.example
            <a1.b2@x.example>
                any:a1.b2@x.example OR message_id:a1.b2@x.example
            x.example
                any:@x.example OR "x example"
            "x.example"
                "x example"
            192.0.2.1
                ip:192.0.2.1
            192.0.2.0/24
                ip:192.0.2.0/24
            2001:db8::/32
                ip:2001:db8::/32
            dead:beef::1
                ip:dead:beef::1
            3F2A1C0D9B
                id:3F2A1C0D9B OR "3f2a1c0d9b"
            1rAbCd-0001aB-2x
                id:1rAbCd-0001aB-2x OR "1rabcd 0001ab 2x"
            550
                "550"
            5.1.1
                "5 1 1"
            Émile
                "émile"
        "#]],
    );
}

#[test]
fn hosts_and_networks() {
    check(
        &[
            "ip:10.1.2.3/8",
            "ip:::ffff:10.0.0.1",
            "ip:2001:DB8::1",
            "ip:0.0.0.0/0",
            "client:.x.example",
            "client:mx?.x.example",
            "client:[192.0.2.1]",
            "relay:mx1.y.example,192.0.2.0/24",
            "host:MX*",
            "helo:192.0.2.*",
        ],
        expect![[r#"
            ip:10.1.2.3/8
                ip:10.0.0.0/8
            ip:::ffff:10.0.0.1
                ip:10.0.0.1
            ip:2001:DB8::1
                ip:2001:db8::1
            ip:0.0.0.0/0
                ip:0.0.0.0/0
            client:.x.example
                client:*.x.example
            client:mx?.x.example
                client:mx?.x.example
            client:[192.0.2.1]
                client:192.0.2.1
            relay:mx1.y.example,192.0.2.0/24
                relay:mx1.y.example,192.0.2.0/24
            host:MX*
                host:mx*
            helo:192.0.2.*
                helo:192.0.2.*
        "#]],
    );
}

#[test]
fn kinds_and_their_words() {
    check(
        &[
            "kind:delivery.bounced",
            "kind:delivery",
            "kind:delivery.*",
            "status:bounced,expired",
            "status:rejected",
            "status:delivered",
            "status:sent",
            "status:held",
            "status:discarded",
            "status:spam",
            "kind:login,spam",
            "kind:complaint",
            "kind:complained",
            "kind:opened",
            "kind:clicked,unsubscribed",
            "KIND:Bounced",
            "kind:*",
            "severity:warning",
        ],
        expect![[r#"
            kind:delivery.bounced
                kind:delivery.bounced
            kind:delivery
                kind:delivery
            kind:delivery.*
                kind:delivery
            status:bounced,expired
                kind:message.expired,delivery.bounced,delivery.expired
            status:rejected
                kind:session.rejected,message.rejected,sieve.rejected
            status:delivered
                kind:delivery.delivered
            status:sent
                kind:delivery.delivered,delivery.relayed
            status:held
                kind:message.held
            status:discarded
                kind:message.discarded,delivery.discarded,sieve.discarded
            status:spam
                kind:filter.verdict verdict:spam*
            kind:login,spam
                kind:auth OR (kind:filter.verdict verdict:spam*)
            kind:complaint
                kind:complaint
            kind:complained
                kind:complaint
            kind:opened
                kind:engagement.opened
            kind:clicked,unsubscribed
                kind:engagement.clicked,engagement.unsubscribed
            KIND:Bounced
                kind:delivery.bounced
            kind:*
                kind:*
            severity:warning
                severity:warning
        "#]],
    );
}

#[test]
fn numbers_and_units() {
    check(
        &[
            "size:>10MB",
            "size:>=10MiB",
            "size:<1500",
            "size>1.5k",
            "size:1MB..2MB",
            "size:..1MB",
            "delay:>=30s",
            "delay:>90",
            "delay:1500ms",
            "delay:<=1.5h",
            "score:<5",
            "score:-1.25",
            "code:550",
            "code:5xx",
            "code:=421,450..452",
            "enhanced:5.1.1 enhanced:5.1.*",
        ],
        expect![[r#"
            size:>10MB
                size:>10MB
            size:>=10MiB
                size:>=10MiB
            size:<1500
                size:<1500B
            size>1.5k
                size:>1500B
            size:1MB..2MB
                size:1MB..2MB
            size:..1MB
                size:<=1MB
            delay:>=30s
                delay:>=30s
            delay:>90
                delay:>90s
            delay:1500ms
                delay:1500ms
            delay:<=1.5h
                delay:<=90m
            score:<5
                score:<5
            score:-1.25
                score:-1.25
            code:550
                code:550
            code:5xx
                code:500..599
            code:=421,450..452
                code:421,450..452
            enhanced:5.1.1 enhanced:5.1.*
                enhanced:5.1.1 enhanced:5.1.*
        "#]],
    );
}

#[test]
fn identifiers() {
    check(
        &[
            "id:3F2A1C0D9B",
            "message_id:<a1@x.example>",
            "msgid:a1@x.example",
            "queue_id:4bXy*",
            "session:\"a,b (c)\"",
        ],
        expect![[r#"
            id:3F2A1C0D9B
                id:3F2A1C0D9B
            message_id:<a1@x.example>
                message_id:a1@x.example
            msgid:a1@x.example
                message_id:a1@x.example
            queue_id:4bXy*
                queue_id:4bXy*
            session:"a,b (c)"
                session:"a,b (c)"
        "#]],
    );
}

#[test]
fn times_and_what_is_no_condition() {
    check(
        &[
            "after:2026-11-01",
            "after:2026-11-01 before:2026-11-15",
            "since:2026-11-01 until:2026-11-15",
            "on:yesterday",
            "last:7d",
            "last:\"60 minutes\"",
            "time:2026-11-01T10:00..11:30",
            "on:2026-11 -on:2026-11-05",
            "on:today OR on:2026-11-01",
            "after:2026-11-10 before:2026-11-01",
            "order:oldest limit:20 from:a@",
            "from:a@ OR limit:20 from:b@",
            "cursor:0005f5e100000000000000000000002a",
        ],
        expect![[r#"
            after:2026-11-01
                time:2026-11-01T00:00:00Z..
            after:2026-11-01 before:2026-11-15
                time:2026-11-01T00:00:00Z..2026-11-15T00:00:00Z
            since:2026-11-01 until:2026-11-15
                time:2026-11-01T00:00:00Z..2026-11-16T00:00:00Z
            on:yesterday
                time:2026-11-21T00:00:00Z..2026-11-22T00:00:00Z
            last:7d
                time:2026-11-15T12:00:00Z..2026-11-22T12:00:00Z
            last:"60 minutes"
                time:2026-11-22T11:00:00Z..2026-11-22T12:00:00Z
            time:2026-11-01T10:00..11:30
                time:2026-11-01T10:00:00Z..2026-11-01T11:30:00Z
            on:2026-11 -on:2026-11-05
                -time:2026-11-05T00:00:00Z..2026-11-06T00:00:00Z time:2026-11-01T00:00:00Z..2026-12-01T00:00:00Z
            on:today OR on:2026-11-01
                time:2026-11-22T00:00:00Z..2026-11-23T00:00:00Z,2026-11-01T00:00:00Z..2026-11-02T00:00:00Z
            after:2026-11-10 before:2026-11-01
                time:2026-11-10T00:00:00Z..2026-11-10T00:00:00Z
            order:oldest limit:20 from:a@
                from:a@ order:oldest limit:20
            from:a@ OR limit:20 from:b@
                from:a@,b@ limit:20
            cursor:0005f5e100000000000000000000002a
                * cursor:0005f5e100000000000000000000002a
        "#]],
    );
}

#[test]
fn errors_point_at_the_place() {
    check(
        &[
            "form:anna@x.it",
            "to:y.com form:anna@x.it status:bounced",
            "http://x.example",
            "status:bonced",
            "severity:warn",
            "country:it",
            "from:",
            "to:a@, b@",
            "(from:a@",
            "from:a@)",
            "()",
            "\"user unknown",
            "from:a@ OR",
            "AND from:a@",
            "from:a@ AND OR to:b@",
            "NOT",
            "from:a@ - to:b@",
            "ip:10.0.*",
            "ip:10.0.0.0/33",
            "from:a*b",
            "from:@",
            "size:big",
            "size:2MB..1MB",
            "subject:*known",
            "!?",
            "after:soon",
            "after:2026-02-30",
            "time:2026-11-15..2026-11-01",
            "limit:0",
            "limit:5 limit:6",
            "limit:5,6",
            "kind:*,bonced",
            "-limit:5",
            "order:latest",
            "cursor:1",
            "message_id:<>",
            "è à form:x",
            "from:a@\nform:x",
        ],
        expect![[r#"
            form:anna@x.it
                unknown field `form`
                  form:anna@x.it
                  ^^^^ did you mean `from`?
            to:y.com form:anna@x.it status:bounced
                unknown field `form`
                  to:y.com form:anna@x.it status:bounced
                           ^^^^ did you mean `from`?
            http://x.example
                unknown field `http`
                  http://x.example
                  ^^^^ words with `:` in them go into quotes
            status:bonced
                `kind` does not know `bonced`
                  status:bonced
                         ^^^^^^ did you mean `bounced`?
            severity:warn
                severity:warning
            country:it
                unknown field `country`
                  country:it
                  ^^^^^^^ words with `:` in them go into quotes
            from:
                a value is missing
                  from:
                       ^
            to:a@, b@
                a value is missing
                  to:a@, b@
                        ^
            (from:a@
                `(` without its other half
                  (from:a@
                  ^
            from:a@)
                `)` without its other half
                  from:a@)
                         ^
            ()
                a condition is missing
                  ()
                  ^^
            "user unknown
                `"` without its other half
                  "user unknown
                  ^
            from:a@ OR
                a condition is missing
                  from:a@ OR
                          ^^
            AND from:a@
                a condition is missing
                  AND from:a@
                  ^^^
            from:a@ AND OR to:b@
                a condition is missing
                  from:a@ AND OR to:b@
                          ^^^
            NOT
                a condition is missing
                  NOT
                  ^^^
            from:a@ - to:b@
                a condition is missing
                  from:a@ - to:b@
                          ^ `-` stands right before what is not wanted
            ip:10.0.*
                `10.0.*` is not an IP address or network
                  ip:10.0.*
                     ^^^^^^ like `10.0.0.0/8`
            ip:10.0.0.0/33
                `10.0.0.0/33` is not an IP address or network
                  ip:10.0.0.0/33
                     ^^^^^^^^^^^ like `10.0.0.0/8`
            from:a*b
                `*` stands at the end or the beginning of a value
                  from:a*b
                        ^ `\*` is the character itself
            from:@
                `@` is not an address or domain
                  from:@
                       ^
            size:big
                `big` is not a size
                  size:big
                       ^^^
            size:2MB..1MB
                the range ends before it begins
                  size:2MB..1MB
                       ^^^^^^^^
            subject:*known
                words can be left open at their end only
                  subject:*known
                          ^^^^^^
            !?
                no word to look for in `!?`
                  !?
                  ^^
            after:soon
                `soon` is not a time
                  after:soon
                        ^^^^ like `2026-11-01`, `yesterday`, `7d`
            after:2026-02-30
                `2026-02-30` is not a time
                  after:2026-02-30
                        ^^^^^^^^^^ like `2026-11-01`, `yesterday`, `7d`
            time:2026-11-15..2026-11-01
                the range ends before it begins
                  time:2026-11-15..2026-11-01
                       ^^^^^^^^^^^^^^^^^^^^^^
            limit:0
                `0` is not a number from 1 to 10,000
                  limit:0
                        ^
            limit:5 limit:6
                `limit` stands there twice
                  limit:5 limit:6
                          ^^^^^^^
            limit:5,6
                `5,6` is not a number from 1 to 10,000
                  limit:5,6
                        ^^^
            kind:*,bonced
                `kind` does not know `bonced`
                  kind:*,bonced
                         ^^^^^^ did you mean `bounced`?
            -limit:5
                `limit` is no condition
                  -limit:5
                         ^
            order:latest
                `latest` is not an order: `newest`, `oldest`
                  order:latest
                        ^^^^^^
            cursor:1
                `1` is not a cursor
                  cursor:1
                         ^
            message_id:<>
                `<>` is not an identifier
                  message_id:<>
                             ^^
            è à form:x
                unknown field `form`
                  è à form:x
                      ^^^^ did you mean `from`?
            from:a@
            form:x
                unknown field `form`
                  form:x
                  ^^^^ did you mean `from`?
        "#]],
    );
}

#[test]
fn a_filter_alone_takes_no_options() {
    let error = Filter::parse("from:a@ limit:5", NOW, &TimeZone::UTC).unwrap_err();
    expect![[r#"
        `limit` is no condition
          from:a@ limit:5
                        ^"#]]
    .assert_eq(&error.under("from:a@ limit:5").to_string());
}

#[test]
fn what_is_too_much_is_refused() {
    let refused = |text: &str| parse(text).unwrap_err().to_string();
    let nested = |levels| format!("{}a{}", "(".repeat(levels), ")".repeat(levels));
    assert!(parse(&nested(256)).is_ok());
    assert_eq!(refused(&nested(257)), "too many levels of parentheses");
    let deep = |levels| format!("{}c{}", "(a OR (b ".repeat(levels), "))".repeat(levels));
    assert!(parse(&deep(30)).is_ok());
    assert_eq!(refused(&deep(32)), "too many levels of parentheses");
    assert!(parse(&"a ".repeat(1_000)).is_ok());
    assert_eq!(refused(&"a ".repeat(1_001)), "too many conditions");
    assert_eq!(refused(&" ".repeat(16_385)), "the question is too long");
}
