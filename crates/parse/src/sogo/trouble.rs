//! What objects of SOGo complain of: `[WARN] <0x...[CLASS]> TEXT`, `<0x...[CLASS]> <NSException: ...`,
//! and what the daemon tells of itself.
//! Source: SOPE `sope-core/NGExtensions/NGLogging.subproj`.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use model::{AuthFailure, Body, Kind, Notice, Severity};

pub(crate) const RULES: &[Rule] = &[BIND, OBJECT, DAEMON];

const BIND: Rule = rule(
    "sogo ldap login refused",
    bind,
    "sope sope-ldap/NGLdap/NGLdapConnection.m; sogo SoObjects/SOGo/LDAPSource.m",
    &[
        r#"<0x0xb8537990[LDAPSource]> <NSException: 0xb87c3008> NAME:LDAPException REASON:operation bind failed: Invalid credentials (0x31) INFO:{login = "uid=root,ou=users,dc=example,dc=org"; }"#,
        r#"<0x0xb8537990[LDAPSource]> <NSException: 0xb87c3008> NAME:LDAPException REASON:operation bind failed: Invalid credentials (0x31) INFO:{login = "anna@example.org"; }"#,
        "<0x0xb8537990[LDAPSource]> <NSException: 0xb87c3008> NAME:LDAPException REASON:operation bind failed: Can't contact LDAP server (0x51) INFO:{login = anna; }",
    ],
);

/// The directory refuses a user's password; the form's own line names client and user.
fn bind<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("<0x")?;
    at.until_str("[LDAPSource]> <NSException: ")?;
    at.until_str("> NAME:LDAPException REASON:")?;
    let reason = at.until_str(" INFO:")?;
    let login = at.until_str("login = ").and_then(|_| match at.has("\"") {
        true => at.until(b'"'),
        false => at.until(b';'),
    });
    at.remainder();
    Some(Body::AuthFailure(AuthFailure {
        protocol: "ldap".into(),
        user: account(login.unwrap_or_default()),
        reason,
        ..AuthFailure::default()
    }))
}

/// The account that a distinguished name is of: what its first part says in one of these attributes,
/// the first of them where it has several. All of the name where it has none, or one with escapes,
/// which cannot be told without a copy. Source: RFC 4514.
fn account(name: &BStr) -> &BStr {
    const ATTRIBUTES: &[&[u8]] = &[b"uid", b"mail", b"cn"];
    let first = name.split(|byte| *byte == b',').next().unwrap_or_default();
    let value = |attribute: &&[u8]| {
        first.split(|byte| *byte == b'+').find_map(|pair| {
            let (name, value) = pair.split_once_str("=")?;
            let is_it = name.trim_ascii().eq_ignore_ascii_case(attribute);
            is_it.then(|| BStr::new(value.trim_ascii()))
        })
    };
    let found = ATTRIBUTES.iter().find_map(value);
    let plain = found.filter(|it| !it.is_empty() && !first.contains(&b'\\'));
    plain.unwrap_or(name)
}

const OBJECT: Rule = rule(
    "sogo object",
    object,
    "sope sope-core/NGExtensions/NGLogging.subproj/NGLogger.m",
    &[
        "[WARN] <0x0x5581[SOGoMailAccount]> could not open the IMAP4 connection",
        "[ERROR] <0x0x5581[NGImap4ConnectionManager]> IMAP4 login failed: host=imap.example.org, user=anna, pwd=yes",
        "<0x0x5581[SOGoCache]> Cache cleanup interval set every 300.000000 seconds",
        "<0x0x5581[WOHttpAdaptor]> notified the watchdog that we are ready",
    ],
);

fn object<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let kind = match at.one_of(&[
        "[WARN] ", "[ERROR] ", "[INFO] ", "[DEBUG] ", "[FATAL] ", "<",
    ])? {
        "[WARN] " => Kind::ServiceWarning,
        "[ERROR] " | "[FATAL] " => {
            at.severity = Severity::Error;
            Kind::ServiceError
        }
        _ => Kind::ServiceInfo,
    };
    at.has("<");
    at.lit("0x")?;
    let head = at.until(b'>')?;
    at.lit(" ")?;
    let class = head.iter().position(|byte| *byte == b'[')?;
    let about = BStr::new(head[class + 1..].strip_suffix(b"]")?);
    Some(Body::Notice(Notice {
        kind,
        about,
        text: at.remainder(),
        ..Notice::default()
    }))
}

const DAEMON: Rule = rule(
    "sogo daemon",
    daemon,
    "sogo Main/sogod.m, SoObjects/SOGo, ActiveSync/SOGoActiveSyncDispatcher.m",
    &[
        "version 5.9.1 (build root@build 202312) -- starting",
        "EAS - Sync: DeviceId: A1 - forced reset",
        "vmem size check enabled: shutting down app when vmem > 384 MB. Currently at 120 MB",
        "[we are ready] 127.0.0.1:20000 pid: 26818",
        "All children exited.",
        "Terminating with SIGINT or SIGTERM",
        "listening on 127.0.0.1:20000",
    ],
);

fn daemon<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let start = at.one_of(&[
        "version ",
        "EAS - ",
        "vmem size check ",
        "[we are ready] ",
        "All children exited",
        "Terminating ",
        "listening on ",
        "listen on ",
        "Child ",
        "child ",
        "Note: ",
        "WARNING: ",
        "[ProcessManager",
        "File NSData",
        "sending terminate",
    ])?;
    let kind = match start {
        "version " => Kind::ServiceStarted,
        "All children exited" => Kind::ServiceStopped,
        "WARNING: " => Kind::ServiceWarning,
        _ => Kind::ServiceInfo,
    };
    at.remainder();
    Some(Body::Notice(Notice {
        kind,
        text: text.into(),
        ..Notice::default()
    }))
}
