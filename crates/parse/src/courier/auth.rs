//! authdaemond and maildrop.
//! Source: courier-authlib `authdaemond.c`, `authpam.c`, `authuserdb.c`; maildrop `maildrop/main.C`.

use crate::notices::{notice, starting};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use memchr::memmem;
use model::{Body, Kind, MailboxAction};

pub(super) const RULES: &[Rule] = &[SERVICE, REQUEST, RESULT, SECRET];
pub(super) const MAILDROP: &[Rule] = &[FAILED];

const SERVICE: Rule = rule(
    "authdaemond service",
    service,
    "courier-authlib authdaemond.c",
    &[
        "modules=\"authuserdb authpam\", daemons=5",
        "Installing libauthpam",
        "Installation complete: authpam",
        "stopping authdaemond children",
        "restarting authdaemond children",
        "Uninstalling authpam",
    ],
);

fn service<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let kind = match at.one_of(&[
        "modules=\"",
        "Installing ",
        "Installation complete: ",
        "Uninstalling ",
        "stopping authdaemond children",
        "restarting authdaemond children",
    ])? {
        "stopping authdaemond children" => Kind::ServiceStopped,
        "restarting authdaemond children" => Kind::ServiceReloaded,
        "modules=\"" => Kind::ServiceStarted,
        _ => Kind::ServiceInfo,
    };
    Some(notice(kind, text))
}

const REQUEST: Rule = rule(
    "authdaemond request",
    request,
    "courier-authlib authdaemond.c (DEBUG_LOGIN)",
    &[
        "received auth request, service=imap, authtype=login",
        "DEBUG: received auth request, service=pop3, authtype=login",
        "authpam: trying this module",
        "authpam: sysusername=anna, sysuserid=<null>, sysgroupid=1000",
        "received userid lookup request: anna@example.org",
    ],
);

fn request<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at
        .one_of(&[
            "received auth request, ",
            "received userid lookup request: ",
        ])
        .is_none()
    {
        let module = at.until_str(": ")?;
        let named = module.starts_with(b"auth") && !module.contains(&b' ');
        named.then_some(())?;
        at.one_of(&["trying this module", "sysusername=", "found "])?;
    }
    Some(notice(Kind::ServiceInfo, text))
}

const RESULT: Rule = rule(
    "authdaemond result",
    result,
    "courier-authlib authdaemond.c (DEBUG_LOGIN)",
    &[
        "authpam: ACCEPT, username anna",
        "authuserdb: REJECT - try next module",
        "FAIL, all modules rejected",
        "Authenticated: sysusername=anna, sysuserid=<null>, sysgroupid=1000",
        "authmysql: TEMPFAIL - no more modules will be tried",
        "authdaemon: TEMPFAIL - password supplied is too long",
        "password matches successfully",
        "supplied password 'hush' does not match clearpasswd",
    ],
);

/// Where the text tells a password, it ends before that.
fn result<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at.has("supplied password '") {
        return Some(notice(
            Kind::ServiceInfo,
            &text[.."supplied password".len()],
        ));
    }
    let plain = at.one_of(&[
        "FAIL, all modules rejected",
        "Authenticated: sysusername=",
        "password matches successfully",
    ]);
    if plain.is_none() {
        let module = at.until_str(": ")?;
        let named = module.starts_with(b"auth") && !module.contains(&b' ');
        named.then_some(())?;
        at.one_of(&["ACCEPT, username ", "REJECT", "TEMPFAIL"])?;
    }
    let kind = match memmem::find(text, b"TEMPFAIL") {
        Some(_) => Kind::ServiceError,
        None => Kind::ServiceInfo,
    };
    Some(notice(kind, text))
}

const SECRET: Rule = rule(
    "authdaemond password",
    secret,
    "courier-authlib authdaemond.c (DEBUG_LOGIN=2)",
    &[
        "Authenticated: clearpasswd=hush, passwd=$1$abc",
        "authpam: clearpasswd=<null>, passwd=x",
        "authpam: username=anna, password=hush",
    ],
);

/// The text ends where the password starts.
fn secret<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let module = at.until_str(": ")?;
    let named = module.starts_with(b"auth") || module == "Authenticated";
    (named && !module.contains(&b' ')).then_some(())?;
    if at.has("username=") {
        at.until_str(", ")?;
        at.lit("password=")?;
    } else {
        at.lit("clearpasswd=")?;
    }
    let told = &text[..text.len() - at.peek().len()];
    Some(notice(Kind::ServiceInfo, told))
}

const FAILED: Rule = rule(
    "maildrop failed",
    failed,
    "maildrop maildrop/main.C, maildrop/maildrop.C",
    &[
        "Unable to open mailbox.",
        "Unable to deliver to mailbox.",
        "Invalid user specified.",
        "Cannot determine my username.",
        "Timeout quota exceeded.",
        "maildir over quota.",
        "error writing to mailbox.",
        "signal 0x06",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    starting(
        at,
        Kind::ServiceError,
        &[
            "Unable to ",
            "Invalid user specified",
            "Cannot ",
            "Timeout quota exceeded",
            "maildir over quota",
            "error ",
            "signal 0x",
        ],
    )?;
    Some(Body::Mailbox(MailboxAction {
        kind: Kind::MailboxFailed,
        protocol: "lda".into(),
        text: text.into(),
        ..MailboxAction::default()
    }))
}
