//! The authentication process and its workers: why a login failed.
//! Source: dovecot `src/auth/auth-request.c`, `src/auth/passdb-*.c`.
//!
//! A login that fails has a line here for each attempt and one of the login process for the
//! connection; who counts, counts one of them. With `auth_verbose_passwords` the text ends with the
//! password, so a reason ends before it.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::{memchr, memmem, memrchr};
use model::{AuthFailure, Body, Kind, Notice, Peer};

pub(crate) const RULES: &[Rule] = &[
    FAILED,
    LOOKED_UP,
    IMPERSONATED,
    PAM,
    PENDING,
    DATABASE,
    TIMED_OUT,
];

/// `DB(USER,IP[,MASTER][,<SESSION>]): ` or, in 2.4, `DB: ` behind a prefix that has the identity.
#[derive(Clone, Copy, Default)]
struct Identity<'a> {
    user: &'a BStr,
    address: &'a BStr,
    /// In 2.4 that of the line's prefix.
    session: &'a BStr,
    method: &'a BStr,
}

/// Takes database and identity.
fn identity<'a>(at: &mut Scan<'a>) -> Option<Identity<'a>> {
    let database =
        at.while_(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if database.is_empty() {
        return None;
    }
    if at.has("(") {
        let inner = at.until_str("): ")?;
        return Some(identity_in(inner));
    }
    if at.user.is_empty() {
        return None;
    }
    at.lit(": ")?;
    let identity = identity_in(at.user);
    Some(Identity {
        session: at.session,
        ..identity
    })
}

/// `USER,IP,MASTER,<SESSION>`, each but the first may be absent; 2.4 has `sasl:MECHANISM` for the
/// session. The user may hold commas, what follows does not.
fn identity_in<'a>(inner: &'a [u8]) -> Identity<'a> {
    let mut found = Identity::default();
    let mut rest = inner;
    while let Some(comma) = memrchr(b',', rest) {
        let part = &rest[comma + 1..];
        if let Some(session) = part.strip_prefix(b"<").and_then(|s| s.strip_suffix(b">")) {
            found.session = session.into();
        } else if let Some(method) = part.strip_prefix(b"sasl:") {
            found.method = method.into();
        } else if is_address(part) {
            found.address = part.into();
            rest = &rest[..comma];
            break;
        }
        rest = &rest[..comma];
    }
    found.user = rest.into();
    if found.address.is_empty() {
        // No address: only what looks like a session was taken off, the rest is the user.
        let end = memmem::find(inner, b",<").or_else(|| memchr(b',', inner));
        found.user = end.map_or(inner, |end| &inner[..end]).into();
    }
    found
}

fn is_address(part: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
    part.len() >= 2
        && part.iter().all(is_digit)
        && part.iter().any(|byte| matches!(byte, b'.' | b':'))
}

const FAILED: Rule = rule(
    "dovecot auth failed",
    failed,
    "dovecot src/auth/auth-request.c, src/auth/passdb-*.c",
    &[
        "auth: passwd-file(anna@example.org,203.0.113.7,<3o4uQdlgrqJ/AAAB>): Password mismatch",
        "auth: passwd-file(anna@example.org,203.0.113.7): unknown user (SHA1 of given password: 21bd12)",
        "auth: sql(anna@example.org,203.0.113.7,<3o4uQdlgrqJ/AAAB>): Password mismatch (given password: secret) - trying the next passdb",
        "auth-worker(30165): pam(anna,203.0.113.7,<3o4uQdlgrqJ/AAAB>): pam_authenticate() failed: Authentication failure (Password mismatch?)",
        "auth-worker(57065): Info: conn unix:auth-worker (uid=143): auth-worker<22>: sql(anna,203.0.113.7,<3o4uQdlgrqJ/AAAB>): unknown user",
        "auth-worker(5787): conn unix:auth-worker (pid=27359,uid=97): auth-worker<55>: pam(anna,2001:db8::7): unknown user",
        "auth(anna@example.org,203.0.113.7,sasl:login)<3o4uQdlgrqJ/AAAB>: Info: sql: Password mismatch (given password: secret)",
        "dovecot: auth(default): pam(anna,203.0.113.7): pam_authenticate() failed: User not known to the underlying authentication module: 2 Time(s)",
        "auth: ldap(anna,203.0.113.7,): invalid credentials",
        "auth: plain(?,203.0.113.7,<3o4uQdlgrqJ/AAAB>): Request timed out waiting for client to continue authentication (150 secs)",
        "auth: sql(anna,203.0.113.7,<3o4uQdlgrqJ/AAAB>): allow_nets check failed: IP 203.0.113.7 not in allowed networks",
        "auth: policy(anna,203.0.113.7,<3o4uQdlgrqJ/AAAB>): Authentication failure due to policy server refusal",
        "auth: login(an,na,203.0.113.7): Attempted login with password having illegal chars",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let identity = identity(at)?;
    at.session = identity.session;
    let text = at.peek();
    let known = REASONS.iter().find(|words| text.starts_with(words))?;
    // Looking up a recipient tells of an unknown user, too; nobody wanted in.
    if identity.address.is_empty() && *known == UNKNOWN_USER {
        return None;
    }
    Some(Body::AuthFailure(AuthFailure {
        client: Peer {
            address: identity.address,
            ..Peer::default()
        },
        method: identity.method,
        user: identity.user,
        reason: without_password(text).into(),
        aborted: *known == TIMED_OUT_WORDS,
        ..AuthFailure::default()
    }))
}

const UNKNOWN_USER: &[u8] = b"unknown user";
const TIMED_OUT_WORDS: &[u8] = b"Request timed out waiting for client";

/// How the texts start that tell of a login that failed, frequent ones first.
const REASONS: &[&[u8]] = &[
    b"Password mismatch",
    UNKNOWN_USER,
    b"pam_authenticate() failed: ",
    b"pam_acct_mgmt() failed: ",
    b"invalid credentials",
    b"Unknown user",
    b"user not found",
    b"User is disabled",
    b"Invalid password",
    b"Password expired",
    b"Credentials mismatch",
    b"Empty password",
    b"Empty username",
    b"oauth2 failed: ",
    b"oauth2 introspection failed: ",
    b"Authentication failure due to policy server refusal",
    TIMED_OUT_WORDS,
    b"allow_nets check failed: ",
    b"User found from deny passdb",
    b"Attempted login with ",
    b"Attempted master login with no master passdbs",
    b"Username character disallowed by auth_username_chars: ",
    b"No password returned (and no nopassword)",
    b"No password in reply",
    b"Requested ",
    b"Login user ",
    b"user not allowed to log in as ",
];

/// What stands before ` (given password: ...` and ` (SHA1 of given password: ...`.
fn without_password(text: &[u8]) -> &[u8] {
    let Some(found) = memmem::find(text, b"given password: ") else {
        return text;
    };
    let head = &text[..found];
    let end = memmem::rfind(head, b" (").unwrap_or(found);
    &text[..end]
}

const LOOKED_UP: Rule = rule(
    "dovecot auth looked up",
    looked_up,
    "dovecot src/auth/auth-request.c",
    &["auth: passwd-file(anna@example.org): unknown user"],
);

/// A look-up of a user, such as of LMTP for a recipient.
fn looked_up<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let identity = identity(at)?;
    let text = at.peek();
    at.lit("unknown user")?;
    identity.address.is_empty().then_some(())?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        about: identity.user,
        text: without_password(text).into(),
        ..Notice::default()
    }))
}

const IMPERSONATED: Rule = rule(
    "dovecot auth impersonated",
    impersonated,
    "dovecot src/auth/auth-request.c",
    &[
        "auth: passwd-file(master,203.0.113.7,master,<3o4uQdlgrqJ/AAAB>): Master user logging in as anna@example.org",
    ],
);

/// An administrator enters as a user.
fn impersonated<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let identity = identity(at)?;
    at.lit("Master user logging in as ")?;
    Some(Body::Notice(Notice {
        kind: Kind::AdminAction,
        peer: Peer {
            address: identity.address,
            ..Peer::default()
        },
        about: identity.user,
        text: at.remainder(),
        ..Notice::default()
    }))
}

const PAM: Rule = rule(
    "dovecot pam failed",
    pam,
    "linux-pam modules/pam_unix/support.c",
    &[
        "auth: pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=anna rhost=203.0.113.7",
        "auth: pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=rhost=x rhost=203.0.113.7  user=anna",
    ],
);

/// PAM writes by itself, under the name of the process. The name tried may hold anything, the host
/// does not, so the last ` rhost=` is the true one.
fn pam<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("pam_")?;
    at.until(b'(')?;
    at.until_str("): authentication failure; ")?;
    at.until_str(" ruser=")?;
    let user = at.until_last(" rhost=")?;
    let address = at.while_(|byte| byte != b' ');
    Some(Body::AuthFailure(AuthFailure {
        client: Peer {
            address,
            ..Peer::default()
        },
        user,
        reason: BStr::new(b"authentication failure"),
        ..AuthFailure::default()
    }))
}

const PENDING: Rule = rule(
    "dovecot auth client gone",
    pending,
    "dovecot src/auth/auth-request-handler.c",
    &[
        "auth: Warning: auth client 0 disconnected with 1 pending requests: EOF",
        "auth: Warning: auth client 123 disconnected with 2 pending requests: Connection reset by peer",
    ],
);

/// A login process or an MTA went away while it waited.
fn pending<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("auth client ")?;
    let about = at.until(b' ')?;
    at.lit("disconnected with ")?;
    let requests = at.number()?;
    at.lit(" pending requests: ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceWarning,
        about,
        number: Some(requests),
        text: at.remainder(),
        ..Notice::default()
    }))
}

const DATABASE: Rule = rule(
    "dovecot auth database",
    database,
    "dovecot src/lib-sql/driver-mysql.c, driver-pgsql.c, src/auth/db-ldap.c",
    &[
        "auth-worker: mysql(localhost): Connected to database mail",
        "auth-worker(99): Error: mysql(localhost): Connect failed to database (mail): Can't connect to local MySQL server - waiting for 1 seconds before retry",
        "auth: Error: pgsql(db.example.org): Connect failed to database mail: could not connect to server",
    ],
);

/// The user database came or went.
fn database<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.one_of(&["mysql", "pgsql", "sqlite", "cassandra"])?;
    at.lit("(")?;
    let host = at.until_str("): ")?;
    let text = at.peek();
    let kind = match at.one_of(&["Connected to database ", "Connect failed to database "])? {
        "Connected to database " => Kind::ServiceInfo,
        _ => Kind::ServiceError,
    };
    Some(Body::Notice(Notice {
        kind,
        peer: Peer {
            name: host,
            ..Peer::default()
        },
        text: text.into(),
        ..Notice::default()
    }))
}

const TIMED_OUT: Rule = rule(
    "dovecot auth timed out",
    timed_out,
    "dovecot src/auth/auth-request-handler.c",
    &["auth: Error: Request 28470.1 timed out after 150 secs, state=2"],
);

fn timed_out<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Request ")?;
    let about = at.until(b' ')?;
    at.lit("timed out after ")?;
    let secs = at.number()?;
    at.lit(" secs, state=")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceError,
        about,
        number: Some(secs),
        text: at.remainder(),
        ..Notice::default()
    }))
}
