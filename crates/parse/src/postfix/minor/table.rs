//! Lookup tables: files that changed, databases that do not answer.

use crate::postfix::notice::{counted, kind_by_severity, notice, trouble, warning};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind};

pub(super) const CHANGED: Rule = rule(
    "table changed",
    changed,
    "postfix src/global/mail_dict.c",
    &[
        "table hash:/etc/postfix/transport(0,lock|fold_fix) has changed -- restarting",
        "table lmdb:/etc/postfix/virtual has changed - finishing in the background",
    ],
);

fn changed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("table ")?;
    let table = at.until_str(" has changed -")?;
    at.one_of(&["- restarting", " finishing in the background"])?;
    at.end()?;
    notice(Kind::ServiceInfo, table, BStr::new(b""))
}

pub(super) const OUTDATED: Rule = rule(
    "table outdated",
    outdated,
    "postfix src/util/dict_db.c",
    &["warning: database /etc/aliases.db is older than source file /etc/aliases"],
);

fn outdated<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("database ")?;
    let database = at.until_str(" is older than source file ")?;
    notice(Kind::ServiceWarning, database, at.remainder())
}

pub(super) const UNAVAILABLE: Rule = rule(
    "table unavailable",
    unavailable,
    "postfix src/util/dict_surrogate.c",
    &[
        "warning: hash:/etc/postfix/relay is unavailable. open database /etc/postfix/relay.db: No such file or directory",
        "error: mysql:/etc/postfix/users.cf is unavailable. unsupported dictionary type: mysql",
    ],
);

fn unavailable<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    trouble(at)?;
    let table = table(at)?;
    at.lit(" is unavailable. ")?;
    notice(Kind::ServiceError, table, at.remainder())
}

/// Takes a table's name, `TYPE:NAME`, up to a space or the `: ` behind it.
fn table<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let text = at.peek();
    let kind_bytes = at
        .while_(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        .len();
    at.lit(":")?;
    if kind_bytes == 0 || at.peek().starts_with(b" ") {
        return None;
    }
    let word = at.word()?;
    let name = word.strip_suffix(b":").unwrap_or(word);
    let len = kind_bytes + ":".len() + name.len();
    *at = at.over(&text[len..]);
    Some(text[..len].into())
}

pub(super) const LOOKUP_ERROR: Rule = rule(
    "table lookup error",
    lookup_error,
    "postfix src/global/maps.c",
    &[
        "warning: hash:/etc/postfix/virtual lookup error for \"anna@example.org\"",
        "warning: proxy:mysql:/etc/postfix/users.cf lookup error for \"anna@example.org\"",
    ],
);

fn lookup_error<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    let table = table(at)?;
    at.lit(" lookup error for \"")?;
    let key = at.until_last("\"")?;
    at.end()?;
    notice(Kind::ServiceError, table, key)
}

pub(super) const LOOKUP_PROBLEM: Rule = rule(
    "table lookup problem",
    lookup_problem,
    "postfix src/util/match_ops.c",
    &[
        "warning: proxy:mysql:/etc/postfix/domains.cf: table lookup problem",
        "warning: virtual_alias_domains: proxy:mysql:/etc/postfix/domains.cf: table lookup problem",
        "warning: virtual_alias_domains lookup failure",
        "warning: virtual_mailbox_domains: ldap:/etc/postfix/domains.cf: lookup table problem",
        "fatal: mysql:/etc/postfix/domains.cf(0,lock|fold_fix): table lookup problem",
    ],
);

fn lookup_problem<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    trouble(at)?;
    let text = at.peek();
    let about = text
        .strip_suffix(b": table lookup problem")
        .or_else(|| text.strip_suffix(b": lookup table problem"))
        .or_else(|| text.strip_suffix(b" lookup failure"))?;
    notice(Kind::ServiceError, about.into(), text.into())
}

pub(super) const DRIVER: Rule = rule(
    "table driver",
    driver,
    "postfix src/global/dict_ldap.c",
    &[
        "warning: dict_ldap_lookup: Search error -1: Can't contact LDAP server ",
        "warning: dict_ldap_connect: Unable to bind to server ldap://ldap.example.org as cn=mail: -1 (Can't contact LDAP server)",
        "warning: dict_nis_init: NIS domain name not set - NIS lookups disabled",
        "error: dict_mysql_lookup: domain for \"x\" not found",
        "fatal: dict_open: unsupported dictionary type: mysql: Is the postfix-mysql package installed?",
    ],
);

/// `dict_TYPE_FUNCTION: TEXT` of the tables' own code.
fn driver<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    trouble(at)?;
    let function = at.peek();
    at.lit("dict_")?;
    let name = at.while_(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    at.lit(": ")?;
    let function = &function[.."dict_".len() + name.len()];
    notice(Kind::ServiceError, function.into(), at.remainder())
}

pub(super) const DATABASE_SERVER: Rule = rule(
    "table database server",
    database_server,
    "postfix src/global/dict_mysql.c",
    &[
        "warning: connect to mysql server db.example.org: Can't connect to MySQL server on 'db.example.org' (111)",
        "warning: connect to pgsql server db.example.org: could not connect to server",
        "warning: connect to PostgreSQL server db.example.org: could not connect to server",
        "warning: mysql query failed: Unknown column 'x' in 'where clause'",
        "warning: pgsql query failed: fatal error from host db.example.org: ERROR",
    ],
);

fn database_server<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    if at.has("connect to ") {
        at.one_of(&["mysql", "pgsql", "PostgreSQL"])?;
        at.lit(" server ")?;
        let server = at.until_str(": ")?;
        return notice(Kind::ServiceError, server, at.remainder());
    }
    let database = at.one_of(&["mysql", "pgsql"])?;
    at.lit(" query failed: ")?;
    notice(Kind::ServiceError, database.into(), at.remainder())
}

pub(super) const REMOTE_MAP: Rule = rule(
    "table remote map",
    remote_map,
    "postfix src/util/dict_tcp.c",
    &[
        "warning: read TCP map reply from 127.0.0.1:10030: unexpected EOF (Operation now in progress)",
        "warning: connect to TCP map 127.0.0.1:10030: Connection refused",
        "warning: 127.0.0.1:10030 socketmap server permanent error: no such map",
        "warning: 127.0.0.1:10030 socketmap server temporary error: later",
    ],
);

fn remote_map<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    if at
        .one_of(&["read TCP map reply from ", "connect to TCP map "])
        .is_some()
    {
        let server = at.until_str(": ")?;
        return notice(Kind::ServiceError, server, at.remainder());
    }
    let server = at.until_str(" socketmap server ")?;
    let text = at.peek();
    at.one_of(&["permanent error", "temporary error"])?;
    at.lit(": ")?;
    notice(Kind::ServiceError, server, text.into())
}

pub(super) const UNSUPPORTED: Rule = rule(
    "table type unsupported",
    unsupported,
    "postfix src/util/dict_open.c",
    &[
        "error: unsupported dictionary type: mysql",
        "fatal: unsupported dictionary type: pcre: Is the postfix-pcre package installed?",
    ],
);

fn unsupported<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    trouble(at)?;
    at.lit("unsupported dictionary type: ")?;
    let kind = at.while_(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    at.has(": ");
    notice(Kind::ServiceError, kind, at.remainder())
}

pub(super) const DATABASE: Rule = rule(
    "table database",
    database,
    "postfix src/util/dict_db.c",
    &[
        "error: open database /etc/postfix/virtual.db: No such file or directory",
        "fatal: open database /etc/postfix/virtual.db: No such file or directory",
        "warning: open database /etc/postfix/virtual.db: No such file or directory",
        "warning: close database /var/lib/postfix/verify_cache.db: No such file or directory (possible Berkeley DB bug)",
    ],
);

fn database<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    trouble(at)?;
    at.one_of(&["open database ", "close database "])?;
    let path = at.until_str(": ")?;
    notice(Kind::ServiceError, path, at.remainder())
}

pub(super) const ENTRY: Rule = rule(
    "table entry",
    entry,
    "postfix src/util/dict_db.c",
    &[
        "warning: /etc/postfix/virtual.db: duplicate entry: \"anna@example.org\"",
        "warning: /etc/postfix/virtual.lmdb: duplicate entry: \"anna@example.org\"",
    ],
);

fn entry<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    let path = at.until_str(": duplicate entry: \"")?;
    let key = at.until_last("\"")?;
    at.end()?;
    notice(Kind::ServiceWarning, path, key)
}

pub(super) const MAP_LINE: Rule = rule(
    "table map line",
    map_line,
    "postfix src/util/dict_regexp.c",
    &[
        "warning: regexp map /etc/postfix/header_checks, line 7: no closing regexp delimiter \"/\": skipping this rule",
        "warning: pcre map /etc/postfix/header_checks, line 7: error in regex at offset 3: missing )",
        "warning: cidr map /etc/postfix/clients, line 7: non-null host address bits in \"192.0.2.1/24\": skipping this rule",
    ],
);

fn map_line<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    trouble(at)?;
    at.one_of(&["regexp", "pcre", "cidr"])?;
    at.lit(" map ")?;
    let path = at.until_str(", line ")?;
    let line = at.number()?;
    at.lit(": ")?;
    counted(kind_by_severity(at), path, Some(line), at.remainder())
}

pub(super) const ALLOWED: Rule = rule(
    "proxymap allowed",
    allowed,
    "postfix src/proxymap/proxymap.c",
    &[
        "allowlisting mysql:/etc/postfix/users.cf from virtual_mailbox_maps",
        "whitelisting mysql:/etc/postfix/users.cf from virtual_mailbox_maps",
    ],
);

fn allowed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.one_of(&["allowlisting ", "whitelisting "])?;
    let table = at.until_str(" from ")?;
    notice(Kind::ServiceInfo, table, at.remainder())
}

pub(super) const UNAPPROVED: Rule = rule(
    "proxymap unapproved",
    unapproved,
    "postfix src/proxymap/proxymap.c",
    &[
        "warning: request for unapproved table: \"unix:passwd.byname\"",
        "warning: to approve this table for read-only access, list proxy:unix:passwd.byname in main.cf:proxy_read_maps",
        "warning: request to update table btree:/var/spool/postfix/smtpd_scache in non-postfix directory /var/spool/postfix",
        "warning: redirecting the request to postfix-owned data_directory /var/lib/postfix",
    ],
);

fn unapproved<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    if at.has("request for unapproved table: \"") {
        let table = at.until_last("\"")?;
        at.end()?;
        return notice(Kind::ServiceError, table, BStr::new(b""));
    }
    if at.has("to approve this table for ") {
        let _access = at.until_str(" access, list ")?;
        let table = at.until_str(" in ")?;
        return notice(Kind::ServiceInfo, table, at.remainder());
    }
    if at.has("redirecting the request to postfix-owned data_directory ") {
        return notice(Kind::ServiceInfo, at.remainder(), BStr::new(b""));
    }
    at.lit("request to update table ")?;
    let table = at.until_str(" in non-postfix directory ")?;
    notice(Kind::ServiceWarning, table, at.remainder())
}
