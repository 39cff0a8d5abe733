use crate::filter::described;
use expect_test::{Expect, expect};

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&described(&format!(
        "Nov 22 08:23:21 mx1 opendkim[7]: {text}"
    )));
}

#[test]
fn a_signature_made_and_one_checked() {
    check(
        r#"4jXNLn0rVKzyQd: DKIM-Signature field added (s=mail, d=example.org)"#,
        expect![
            "info filter.signed queue_id=4jXNLn0rVKzyQd method=dkim domain=example.org selector=mail"
        ],
    );
    check(
        r#"4jXNLn0rVKzyQd: DKIM verification successful"#,
        expect![
            "info filter.auth_result queue_id=4jXNLn0rVKzyQd method=dkim result=pass text=DKIM verification successful"
        ],
    );
}

#[test]
fn an_empty_error_of_the_library_is_none() {
    check(
        r#"4jXNLn0rVKzyQd: s=s1 d=example.net SSL "#,
        expect![
            "info service.info queue_id=4jXNLn0rVKzyQd about=example.net text=s=s1 d=example.net SSL "
        ],
    );
    check(
        r#"4jXNLn0rVKzyQd: s=s1 d=example.net SSL error:04091068:rsa routines:int_rsa_verify:bad signature"#,
        expect![
            "info filter.auth_result queue_id=4jXNLn0rVKzyQd method=dkim result=fail domain=example.net selector=s1 text=error:04091068:rsa routines:int_rsa_verify:bad signature"
        ],
    );
    check(
        r#"4jXNLn0rVKzyQd: bad signature data"#,
        expect![
            "info filter.auth_result queue_id=4jXNLn0rVKzyQd method=dkim result=fail text=bad signature data"
        ],
    );
}

#[test]
fn a_key_that_did_not_come() {
    check(
        r#"4jXNLn0rVKzyQd: key retrieval failed (s=s1, d=example.net): 's1._domainkey.example.net' query timed out"#,
        expect![
            "info filter.auth_result queue_id=4jXNLn0rVKzyQd method=dkim result=temperror domain=example.net selector=s1 text=key retrieval failed (s=s1, d=example.net): 's1._domainkey.example.net' query timed out"
        ],
    );
    check(
        r#"4jXNLn0rVKzyQd: key revoked (s=s1, d=example.net, a=rsa-sha256)"#,
        expect![
            "info filter.auth_result queue_id=4jXNLn0rVKzyQd method=dkim result=permerror domain=example.net selector=s1 text=key revoked (s=s1, d=example.net, a=rsa-sha256)"
        ],
    );
}

#[test]
fn a_client_from_outside() {
    check(
        r#"4jXNLn0rVKzyQd: [203.0.113.9] [203.0.113.9] not internal"#,
        expect![
            "info service.info queue_id=4jXNLn0rVKzyQd peer_address=203.0.113.9 text=[203.0.113.9] [203.0.113.9] not internal"
        ],
    );
    check(
        r#"(unknown-jobid): mail.example.net [203.0.113.9] not internal"#,
        expect![
            "info service.info peer_name=mail.example.net peer_address=203.0.113.9 text=mail.example.net [203.0.113.9] not internal"
        ],
    );
}

#[test]
fn a_limit() {
    check(
        r#"4jXNLn0rVKzyQd: rate limit for 'example.org' (100) exceeded"#,
        expect![
            "info service.limit_reached queue_id=4jXNLn0rVKzyQd about=example.org number=100 text=rate limit for 'example.org' (100) exceeded"
        ],
    );
}
