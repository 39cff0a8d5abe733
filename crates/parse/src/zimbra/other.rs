//! What other parts of the mailbox server tell, by their categories.
//! Source: zm-mailbox `common/src/java/com/zimbra/common/util/ZimbraLog.java` (categories).

use super::{context, level};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Notice, Severity};

pub(crate) const RULES: &[Rule] = &[OTHER];

/// Whether Zimbra has a category of that name.
fn is_category(name: &[u8]) -> bool {
    matches!(
        name,
        b"abook"
            | b"account"
            | b"acl"
            | b"activity"
            | b"addresslist"
            | b"autoprov"
            | b"backup"
            | b"cache"
            | b"calendar"
            | b"charset"
            | b"contact"
            | b"datasource"
            | b"dav"
            | b"dbconn"
            | b"doc"
            | b"ews"
            | b"extensions"
            | b"filter"
            | b"gal"
            | b"im"
            | b"imap"
            | b"imap-client"
            | b"index"
            | b"io"
            | b"ldap"
            | b"lmtp"
            | b"lmtp-client"
            | b"mailbox"
            | b"mailop"
            | b"milter"
            | b"misc"
            | b"nginxlookup"
            | b"perf"
            | b"pop"
            | b"pop-client"
            | b"purge"
            | b"redolog"
            | b"rmgmt"
            | b"scheduler"
            | b"search"
            | b"security"
            | b"session"
            | b"sieve"
            | b"smtp"
            | b"soap"
            | b"SoapEngine"
            | b"sqltrace"
            | b"store"
            | b"sync"
            | b"system"
            | b"tnef"
            | b"tracking"
            | b"upload"
            | b"webclient"
            | b"wiki"
            | b"xsync"
            | b"zimlet"
    )
}

const OTHER: Rule = rule(
    "zimbra other",
    other,
    "zm-mailbox common/src/java/com/zimbra/common/util/ZimbraLog.java",
    &[
        "2026-11-22 08:23:21,123 INFO  [qtp1-137:https://mail.example.org/service/soap/SearchRequest] [name=anna@example.org;mid=3;oip=192.0.2.10;soapId=9fd8101;] soap - SearchRequest elapsed=12",
        "2026-11-22 08:23:21,123 WARN  [main] [] system - unable to read settings",
        "2026-11-22 08:23:21,123 INFO  [ImapSSLServer-7] [ip=192.0.2.10;] imap - [192.0.2.10] connected",
        "2026-11-22 08:23:21,123 INFO  [LmtpServer-1] [ip=192.0.2.25;] lmtp - S: 250 2.1.5 Delivery OK",
    ],
);

fn other<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let severity = level(at)?;
    let context = context(at)?;
    let category = at.until_str(" - ")?;
    is_category(category).then_some(())?;
    let kind = match severity {
        Severity::Debug | Severity::Info => Kind::ServiceInfo,
        Severity::Warning => Kind::ServiceWarning,
        Severity::Error | Severity::Fatal | Severity::Panic => Kind::ServiceError,
    };
    Some(Body::Notice(Notice {
        kind,
        peer: context.client(),
        about: category,
        text: at.remainder(),
        ..Notice::default()
    }))
}
