use crate::shown::check;
use expect_test::expect;

#[test]
fn a_space_before_the_process_id() {
    check(
        r##"Nov 22 08:23:21 sogod [26818]: SOGoRootPage Login from '192.0.2.10, 198.51.100.1' for user 'anna' might not have worked - password policy: 65535  grace: -1  expire: -1  bound: 0"##,
        expect![
            "11-22 08:23:21 host= program=sogod info auth.failed client_address=192.0.2.10 protocol=http user=anna reason=password policy: 65535  grace: -1  expire: -1  bound: 0"
        ],
    );
    check(
        r##"Nov 22 08:23:21 groupware sogod[26818]: SOGoRootPage successful login from '192.0.2.10' for user 'anna' - expire = -1  grace = -1"##,
        expect![
            "11-22 08:23:21 host=groupware program=sogod info auth.succeeded protocol=http user=anna client_address=192.0.2.10"
        ],
    );
    check(
        r##"Nov 22 08:23:21 sogod [26818]: 192.0.2.10 "POST /SOGo/so/anna/Mail/0/folderINBOX/moveMessages HTTP/1.1" 204 0/87 0.012 - - 0"##,
        expect![
            "11-22 08:23:21 host= program=sogod info mailbox.moved client_address=192.0.2.10 http_method=POST path=/SOGo/so/anna/Mail/0/folderINBOX/moveMessages http_status=204 bytes=0 took_ms=12"
        ],
    );
}

#[test]
fn a_directory_that_refuses_tells_the_account_by_its_distinguished_name() {
    let line = |login: &str| {
        format!(
            "Nov 22 08:23:21 sogod [26818]: <0x0xb8537990[LDAPSource]> <NSException: 0xb87c3008> \
             NAME:LDAPException REASON:operation bind failed: Invalid credentials (0x31) \
             INFO:{{login = {login}; }}"
        )
    };
    let user = |login: &str| match crate::line(line(login).as_bytes()).body {
        model::Body::AuthFailure(it) => it.user.to_string(),
        other => panic!("{other:?}"),
    };
    for (login, account) in [
        (r#""uid=anna,ou=users,dc=example,dc=org""#, "anna"),
        (
            r#""cn=Anna B.+UID=anna,ou=users,dc=example,dc=org""#,
            "anna",
        ),
        (
            r#""mail=anna@example.org, dc=example, dc=org""#,
            "anna@example.org",
        ),
        (r#""CN=Anna B.,CN=Users,DC=example,DC=org""#, "Anna B."),
        (r#""anna@example.org""#, "anna@example.org"),
        ("anna", "anna"),
        // No account can be told, or not without a copy.
        (
            r#""ou=users,dc=example,dc=org""#,
            "ou=users,dc=example,dc=org",
        ),
        (r#""uid=,dc=example""#, "uid=,dc=example"),
        (r#""cn=B\, Anna,dc=example""#, r"cn=B\, Anna,dc=example"),
    ] {
        assert_eq!(user(login), account, "{login}");
    }
}
