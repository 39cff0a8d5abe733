//! Errors: `TEXT[ while DOING], client: ..., server: ...`, and what nginx tells of itself.
//! Source: nginx `src/http/ngx_http_core_module.c`, `src/core/nginx.c`, `src/os/unix/`.

use super::trailer;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use memchr::memmem;
use model::{Body, Kind, Notice, Severity};

pub(crate) const RULES: &[Rule] = &[CLIENT, PROCESS];

fn kind(severity: Severity) -> Kind {
    match severity {
        Severity::Debug | Severity::Info => Kind::ServiceInfo,
        Severity::Warning => Kind::ServiceWarning,
        Severity::Error | Severity::Fatal | Severity::Panic => Kind::ServiceError,
    }
}

const CLIENT: Rule = rule(
    "nginx client error",
    client,
    "nginx src/http/ngx_http_request.c (ngx_http_log_error_handler), src/mail/ngx_mail_handler.c (ngx_mail_log_error)",
    &[
        "[error] 8#8: *23638 directory index of \"/static/\" is forbidden, client: 203.0.113.9, server: , request: \"GET / HTTP/1.1\", host: \"mail.example.org\"",
        "[error] 8#8: *15950 192.0.2.10 could not be resolved (3: Host not found) while in resolving client address, client: 192.0.2.10, server: 0.0.0.0:25",
        "[error] 8#8: *7 connect() failed (111: Connection refused) while connecting to upstream, client: 192.0.2.10, server: mail.example.org, request: \"POST /?_task=mail HTTP/2.0\", upstream: \"fastcgi://127.0.0.1:9000\", host: \"mail.example.org\", referrer: \"https://mail.example.org/\"",
        "[info] 8#8: *9 client closed connection while SSL handshaking, client: 203.0.113.9, server: 0.0.0.0:993",
    ],
);

/// The last `, client: ` begins the trailer: the text before it may quote what the client sent.
fn client<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.until_last(", client: ")?;
    let trailer = trailer(at)?;
    let end = memmem::rfind(text, b" while ").unwrap_or(text.len());
    let about = text.get(end + " while ".len()..).unwrap_or_default();
    Some(Body::Notice(Notice {
        kind: kind(at.severity),
        peer: trailer.client,
        about: about.into(),
        text: text[..end].into(),
        ..Notice::default()
    }))
}

const PROCESS: Rule = rule(
    "nginx process",
    process,
    "nginx src/core/nginx.c, src/os/unix/ngx_process_cycle.c, ngx_process.c",
    &[
        "[notice] 1#1: nginx/1.24.0",
        "[notice] 1#1: using the \"epoll\" event method",
        "[notice] 1#1: start worker processes",
        "[notice] 1#1: signal 15 (SIGTERM) received from 1, exiting",
        "[emerg] 1#1: bind() to 0.0.0.0:443 failed (98: Address already in use)",
        "[notice] 1#1: exit",
    ],
);

fn process<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.session.is_empty().then_some(())?;
    let text = at.peek();
    let kind = match at.severity {
        Severity::Debug | Severity::Info => match at.one_of(&[
            "nginx/",
            "using ",
            "built by ",
            "OS: ",
            "getrlimit(",
            "start ",
            "signal ",
            "exit",
            "gracefully shutting down",
            "worker process ",
            "reconfiguring",
            "cache ",
            "http file cache",
            "reopening logs",
            "unknown process ",
            "shutting down",
            "cycle pool",
        ])? {
            "nginx/" => Kind::ServiceStarted,
            "exit" => Kind::ServiceStopped,
            "reconfiguring" => Kind::ServiceReloaded,
            _ => Kind::ServiceInfo,
        },
        severity => kind(severity),
    };
    (!text.is_empty()).then_some(())?;
    at.remainder();
    Some(Body::Notice(Notice {
        kind,
        text: text.into(),
        ..Notice::default()
    }))
}
