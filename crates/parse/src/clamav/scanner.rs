//! clamd. Source: ClamAV `clamd/*.c`.

use crate::filter::{Shapes, address, notice, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Notice, Peer};

pub(crate) const RULES: &[Rule] = &[FOUND, SERVICE, LIMIT, TROUBLE];

const FOUND: Rule = rule(
    "clamd found",
    found,
    "ClamAV clamd/scanner.c",
    &[
        "/var/lib/amavis/tmp/amavis-1/parts/p001: Win.Test.EICAR_HDB-1 FOUND",
        "instream(127.0.0.1@41234): Win.Test.EICAR_HDB-1 FOUND",
        "fd[11]: Win.Test.EICAR_HDB-1(44d88612fea8a8f36de82e1278abb02f:68) FOUND",
        "/var/lib/amavis/tmp/amavis-1/parts/p001: OK",
        "instream(local): Can't allocate memory ERROR",
    ],
);

/// The line knows a file, no message: the program that asked tells the verdict.
fn found<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let scanned = at.until_last(": ")?;
    let result = at.remainder();
    let (about, kind) = if *result == "OK" {
        (scanned, Kind::ServiceInfo)
    } else if let Some(name) = result.strip_suffix(b" FOUND") {
        (name.into(), Kind::ServiceWarning)
    } else {
        result.strip_suffix(b" ERROR")?;
        (scanned, Kind::ServiceError)
    };
    let mut client = at.over(scanned);
    let mut peer = Peer::default();
    if client.one_of(&["instream(", "stream("]).is_some()
        && let Some(from) = client.until(b'@')
    {
        peer = address(from);
        peer.port = client.number();
    }
    Some(Body::Notice(Notice {
        about,
        peer,
        ..notice(kind, text)
    }))
}

const SERVICE: Rule = rule(
    "clamd service",
    service,
    "ClamAV clamd/clamd.c, clamd/server-th.c",
    &[
        "+++ Started at Sun Nov 22 08:33:19 2026",
        "clamd daemon 1.4.6 (OS: Linux, ARCH: x86_64, CPU: x86_64)",
        "Loaded 8700000 signatures.",
        "SelfCheck: Database status OK.",
        "SelfCheck: Database modification detected. Forcing reload.",
        "Reading databases from /var/lib/clamav",
        "Database correctly reloaded (8700000 signatures)",
        "LOCAL: Unix socket file /run/clamav/clamd.ctl",
        "Listening daemon: PID: 1234",
        "Self checking every 3600 seconds.",
        "--- Stopped at Sun Nov 22 09:33:19 2026",
    ],
);

fn service<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "SelfCheck: Database status OK."),
        (
            Kind::ServiceInfo,
            "No stats for Database check - forcing reload",
        ),
        (
            Kind::ServiceInfo,
            "SelfCheck: Database modification detected. *",
        ),
        (
            Kind::ServiceReloaded,
            "Database correctly reloaded (# signatures)",
        ),
        (Kind::ServiceInfo, "Database reload completed."),
        (Kind::ServiceInfo, "Activating the newly loaded database..."),
        (Kind::ServiceInfo, "Reading databases from *"),
        (Kind::ServiceStarted, "+++ Started at *"),
        (Kind::ServiceInfo, "clamd daemon ~ (*)"),
        (
            Kind::ServiceInfo,
            "Received # file descriptor(s) from systemd.",
        ),
        (Kind::ServiceInfo, "Log file size limit*"),
        (Kind::ServiceInfo, "Running as user ~ *"),
        (Kind::ServiceInfo, "Loaded # signatures."),
        (Kind::ServiceInfo, "LOCAL: *"),
        (Kind::ServiceInfo, "TCP: *"),
        (Kind::ServiceInfo, "~ support enabled."),
        (Kind::ServiceInfo, "~ support disabled."),
        (Kind::ServiceInfo, "* support *abled."),
        (Kind::ServiceInfo, "* alerts *abled."),
        (Kind::ServiceInfo, "* detection *abled."),
        (Kind::ServiceInfo, "Bytecode: *"),
        (Kind::ServiceInfo, "Listening daemon: PID: #"),
        (Kind::ServiceInfo, "MaxQueue set to: #"),
        (Kind::ServiceInfo, "Self checking *"),
        (Kind::ServiceInfo, "Not loading * signatures."),
        (Kind::ServiceInfo, "Only * signatures."),
        (Kind::ServiceStopped, "--- Stopped at *"),
        (Kind::ServiceInfo, "Pid file removed."),
        (Kind::ServiceInfo, "Socket file removed."),
        (Kind::ServiceInfo, "Closing the main socket*"),
        (Kind::ServiceInfo, "Waiting for all threads to finish"),
        (Kind::ServiceInfo, "SIGHUP caught: *"),
        (Kind::ServiceInfo, "Shutting down the main socket*"),
    ];
    shaped(at, SHAPES)
}

const LIMIT: Rule = rule(
    "clamd limit",
    limit,
    "ClamAV clamd/server-th.c",
    &[
        "Limits: Global size limit set to 104857600 bytes.",
        "Limits: Global time limit protection disabled.",
    ],
);

fn limit<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[(Kind::ServiceInfo, "Limits: *")];
    shaped(at, SHAPES)
}

const TROUBLE: Rule = rule(
    "clamd trouble",
    trouble,
    "ClamAV clamd/*.c",
    &[
        "ERROR: Database load failed: Malformed database",
        "WARNING: lstat() failed on: /tmp/x",
        "Client disconnected while command was active!",
        "WARNING: Ignoring deprecated option DetectBrokenExecutables at /etc/clamav/clamd.conf:40",
        "Instream: Failed to read: Connection reset by peer",
        "INSTREAM size limit exceeded.",
        "ScanStream 1024: accept timeout.",
        "[LibClamAV] cli_loaddbdir: No supported database files found in /var/lib/clamav",
    ],
);

fn trouble<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceError, "Database *failed: *"),
        (Kind::ServiceError, "Database initialization error: *"),
        (Kind::ServiceError, "reload_th: *"),
        (Kind::ServiceError, "*db_load() failed*"),
        (Kind::ServiceWarning, "~() failed*"),
        (Kind::ServiceWarning, "Client disconnected *"),
        (Kind::ServiceWarning, "Client read timed out"),
        (Kind::ServiceWarning, "Ignoring * option *"),
        (Kind::ServiceWarning, "Instream: *"),
        (Kind::ServiceLimitReached, "INSTREAM size limit exceeded."),
        (
            Kind::ServiceLimitReached,
            "ScanStream*: Size limit reached (max: #)",
        ),
        (Kind::ServiceWarning, "ScanStream*: *"),
        (Kind::ServiceWarning, "Access denied: *"),
        (Kind::ServiceWarning, "Not supported file type*"),
        (Kind::ServiceWarning, "Skipping symlink: *"),
        (Kind::ServiceWarning, "File path check failure*"),
        (Kind::ServiceError, "Command dispatch failed"),
        (Kind::ServiceError, "Error condition on fd #"),
        (Kind::ServiceError, "accept() failed: *"),
        (Kind::ServiceInfo, "[LibClamAV] *"),
        (Kind::ServiceWarning, "LibClamAV ~ *"),
        (Kind::ServiceWarning, "Can't *"),
        (Kind::ServiceWarning, "VirusEvent: *"),
    ];
    shaped(at, SHAPES)
}
