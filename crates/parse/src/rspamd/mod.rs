//! Rspamd: results of scans, what its modules decide, what it tells of itself.
//!
//! Its own files and syslog have the same text behind the header, in which only the function's name
//! and what follows it are always there: `[INFO] #PID(WORKER) <ID>; MODULE; FUNCTION: TEXT`. The id
//! of the task is the event's session; a message has another one in each worker that it passes.
//! With `log_json` a line is one JSON object whose texts are left as escaped.
//! Source: rspamd `src/libserver/logger/logger_file.c`, `logger_syslog.c`.

mod daemon;
mod decision;
mod result;
mod service;

use crate::header::{self, Header};
use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use crate::stamp;
use bstr::BStr;
use memchr::memmem;
use model::{Body, Severity};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    // Its samples show all forms of the header.
    ("", result::RULES),
    ("rspamd", decision::RULES),
    ("rspamd", service::RULES),
    ("rspamd", daemon::RULES),
];

/// `2026-11-22 08:23:21 #1234(normal) `, also with `[INFO] ` before `#`; or `{"ts": `.
pub(crate) fn header(line: &[u8]) -> Option<Header<'_>> {
    if line.starts_with(b"{\"ts\":") {
        return json_header(line);
    }
    if line.get(10) != Some(&b' ') {
        return None;
    }
    let (stamp, text) = header::stamp(line)?;
    let mut at = Scan::new(text, b"");
    severity(&mut at);
    at.lit("#")?;
    let pid = at.number()?;
    at.lit("(")?;
    let worker = at.until(b')')?;
    at.lit(" ")?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    worker.iter().all(is_name).then_some(Header {
        stamp,
        tag: BStr::new("rspamd"),
        pid: Some(pid),
        text,
        ..Header::default()
    })
}

fn json_header(line: &[u8]) -> Option<Header<'_>> {
    let mut at = Scan::new(line, b"");
    at.lit("{\"ts\":")?;
    at.has(" ");
    let seconds = at.while_(|byte| byte.is_ascii_digit() || byte == b'.');
    let stamp = stamp::epoch(seconds)?;
    at.lit(",")?;
    at.has(" ");
    at.lit("\"pid\":")?;
    at.has(" ");
    let pid = at.number()?;
    at.lit(",")?;
    Some(Header {
        stamp,
        tag: BStr::new("rspamd"),
        pid: Some(pid),
        text: line,
        ..Header::default()
    })
}

/// Takes a text apart: severity, task, module and function, then the rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    let module = match at.peek().first() {
        Some(b'{') => Some(json(at)?),
        _ => prefix(at),
    };
    first_match(&[result::RULES, decision::RULES, service::RULES], at).or_else(|| {
        let is_of_daemon = module.is_some_and(|it| daemon::is_its_own(it));
        is_of_daemon.then(|| first_match(&[daemon::RULES], at))?
    })
}

/// Takes what stands in front of the text; gives the module, empty where only a function is named,
/// and `None` without either.
fn prefix<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    severity(at);
    let mut ahead = *at;
    if ahead.has("#") && ahead.number::<u32>().is_some() {
        *at = ahead;
    }
    if at.peek().first() == Some(&b'(') {
        ahead = *at;
        if ahead.until_str(") ").is_some() {
            *at = ahead;
        }
    }
    ahead = *at;
    if ahead.has("<")
        && let Some(id) = ahead.until(b'>')
        && ahead.has("; ")
    {
        ahead.session = id;
        *at = ahead;
    }
    ahead = *at;
    let mut module = ahead.while_(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match ahead.has("; ") {
        true => *at = ahead,
        false => module = b"".into(),
    }
    let has_function = function(at);
    (has_function || !module.is_empty()).then_some(module)
}

/// Takes `rspamd_task_write_log: ` or `greylist.lua:285: `.
fn function(at: &mut Scan<'_>) -> bool {
    let mut ahead = *at;
    let name =
        ahead.while_(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':'));
    let is_function = name.contains(&b'_') || memmem::find(name, b".lua:").is_some();
    let found = is_function && name.ends_with(b":") && ahead.has(" ");
    if found {
        *at = ahead;
    }
    found
}

/// Takes `[INFO] `. Source: rspamd `src/libserver/logger/logger.c` (`rspamd_get_log_severity_string`).
fn severity(at: &mut Scan<'_>) {
    let mut ahead = *at;
    if !ahead.has("[") {
        return;
    }
    let Some(word) = ahead.until_str("] ") else {
        return;
    };
    let Some(severity) = severity_of(word) else {
        return;
    };
    ahead.severity = severity;
    *at = ahead;
}

fn severity_of(word: &[u8]) -> Option<Severity> {
    Some(match word {
        b"CRIT" | b"crit" | b"critical" | b"ALERT" | b"EMERG" => Severity::Fatal,
        b"ERROR" | b"error" | b"err" => Severity::Error,
        b"WARN" | b"WARNING" | b"warn" | b"warning" => Severity::Warning,
        b"NOTICE" | b"notice" | b"INFO" | b"info" | b"MESSAGE" => Severity::Info,
        b"DEBUG" | b"debug" => Severity::Debug,
        _ => return None,
    })
}

/// Goes to the message of a JSON line; notes severity and task, and gives the module.
fn json<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let mut ahead = *at;
    ahead.until_str("\"severity\":")?;
    ahead.has(" ");
    ahead.lit("\"")?;
    let severity = ahead.until(b'"')?;
    at.severity = severity_of(severity).unwrap_or_default();
    let before_message = memmem::find(ahead.peek(), b"\"message\":")?;
    let mut id = ahead.over(&ahead.peek()[..before_message]);
    if id.until_str("\"id\":").is_some() {
        id.has(" ");
        if id.has("\"") {
            at.session = id.until(b'"')?;
        }
    }
    let mut module = ahead.over(&ahead.peek()[..before_message]);
    module.until_str("\"module\":");
    module.has(" ");
    module.has("\"");
    ahead.until_str("\"message\":")?;
    ahead.has(" ");
    let text = ahead.peek().strip_prefix(b"\"")?.strip_suffix(b"\"}")?;
    *at = at.over(text);
    Some(module.while_(|byte| byte != b'"'))
}

#[cfg(test)]
mod tests;
