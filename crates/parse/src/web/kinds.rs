//! What a request to a webmail does, as far as path, method and answer tell.
//! Source: roundcube `program/include/rcmail.php`, SOGo `UI/MainUI`, horde `login.php`.

use bstr::BStr;
use memchr::memmem;
use model::Kind;

/// The kind of a request; `user` is the one that the request was made as.
pub(crate) fn kind_of(method: &BStr, path: &BStr, status: Option<u16>, user: &BStr) -> Kind {
    let path: &[u8] = path;
    let (script, query) = match path.iter().position(|byte| matches!(byte, b'?' | b' ')) {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (path, &b""[..]),
    };
    if let Some(task) = parameter(query, b"_task") {
        return roundcube(method, task, query, status);
    }
    if let Some(rest) = memmem::find(script, b"/SOGo/").map(|at| &script[at + 6..]) {
        return sogo(method, rest, query, status);
    }
    if script.ends_with(b"/auth.owa") {
        return answered(method, status, 302);
    }
    if memmem::find(script, b"Microsoft-Server-ActiveSync").is_some() {
        return activesync(query, status, user);
    }
    // Horde and SquirrelMail.
    if script.ends_with(b"/login.php") || script.ends_with(b"/redirect.php") {
        return answered(method, status, 302);
    }
    with_basic_auth(status, user)
}

/// A form sent to log in: the answer tells whether it was right.
fn answered(method: &BStr, status: Option<u16>, right: u16) -> Kind {
    match (method == "POST", status) {
        (true, Some(status)) if status == right => Kind::AuthSucceeded,
        (true, Some(200 | 401 | 403)) => Kind::AuthFailed,
        _ => Kind::WebRequest,
    }
}

/// A refusal of a request that named a user; the first request of a client names none.
fn with_basic_auth(status: Option<u16>, user: &BStr) -> Kind {
    match status {
        Some(401) if !user.is_empty() => Kind::AuthFailed,
        _ => Kind::WebRequest,
    }
}

/// The value of a query's parameter.
fn parameter<'a>(query: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    query
        .split(|byte| *byte == b'&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix(b"="))
}

fn roundcube(method: &BStr, task: &[u8], query: &[u8], status: Option<u16>) -> Kind {
    if task == b"login" {
        return answered(method, status, 302);
    }
    if task != b"mail" || status.is_none_or(|status| status >= 400) {
        return Kind::WebRequest;
    }
    match parameter(query, b"_action") {
        Some(b"send") if method == "POST" => Kind::MessageSubmitted,
        Some(b"move") => Kind::MailboxMoved,
        Some(b"copy") => Kind::MailboxCopied,
        Some(b"delete") => Kind::MailboxDeleted,
        Some(b"expunge" | b"purge") => Kind::MailboxExpunged,
        Some(b"mark") => Kind::MailboxFlagged,
        Some(b"show" | b"preview" | b"get" | b"viewsource") => Kind::MailboxFetched,
        _ => Kind::WebRequest,
    }
}

/// `rest` follows `/SOGo/`.
fn sogo(method: &BStr, rest: &[u8], query: &[u8], status: Option<u16>) -> Kind {
    if rest == b"connect" {
        return answered(method, status, 200);
    }
    if rest.starts_with(b"Microsoft-Server-ActiveSync") {
        return activesync(query, status, BStr::new(b""));
    }
    if !rest.starts_with(b"so/") || status.is_none_or(|status| status >= 400) {
        return Kind::WebRequest;
    }
    match rest.rsplit(|byte| *byte == b'/').next() {
        Some(b"send") if method == "POST" => Kind::MessageSubmitted,
        Some(b"moveMessages") => Kind::MailboxMoved,
        Some(b"copyMessages") => Kind::MailboxCopied,
        Some(b"batchDelete" | b"trash" | b"delete") => Kind::MailboxDeleted,
        Some(b"expunge" | b"emptyTrash") => Kind::MailboxExpunged,
        Some(b"addOrRemoveLabel" | b"markMessageUnread" | b"markMessageRead" | b"markRead") => {
            Kind::MailboxFlagged
        }
        Some(b"createFolder") => Kind::FolderCreated,
        Some(b"renameFolder") => Kind::FolderRenamed,
        Some(b"deleteFolder") => Kind::FolderDeleted,
        _ => Kind::WebRequest,
    }
}

/// Source: MS-ASHTTP §2.2.1.1 (`Cmd`).
fn activesync(query: &[u8], status: Option<u16>, user: &BStr) -> Kind {
    if status.is_some_and(|status| status >= 400) {
        let named = !user.is_empty() || parameter(query, b"User").is_some();
        return match status {
            Some(401 | 403) if named => Kind::AuthFailed,
            _ => Kind::WebRequest,
        };
    }
    match parameter(query, b"Cmd") {
        Some(b"SendMail" | b"SmartReply" | b"SmartForward") => Kind::MessageSubmitted,
        Some(b"MoveItems") => Kind::MailboxMoved,
        Some(b"ItemOperations" | b"GetAttachment") => Kind::MailboxFetched,
        Some(b"FolderCreate") => Kind::FolderCreated,
        Some(b"FolderDelete") => Kind::FolderDeleted,
        Some(b"FolderUpdate") => Kind::FolderRenamed,
        _ => Kind::WebRequest,
    }
}
