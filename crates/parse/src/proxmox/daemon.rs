//! What the gateway's daemons tell of themselves, and who logs in to its pages.
//! Source: pmg-api `src/bin/*`, `src/PMG/Service/*.pm`.

use crate::filter::{Shapes, address, net_server, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{AuthFailure, Body, Kind, Login};

pub(crate) const RULES: &[Rule] = &[MAINTENANCE, LOGIN_FAILED, LOGIN, SERVICE, SERVER];

const MAINTENANCE: Rule = rule(
    "pmg maintenance",
    maintenance,
    "pmg-api src/bin/pmg-smtp-filter, src/bin/pmgpolicy, src/bin/pmgmirror",
    &[
        "starting policy database maintainance (greylist, rbl)",
        "end policy database maintainance (7 ms, 0 ms)",
        "starting database maintainance",
        "end database maintainance (3 ms)",
        "starting cluster syncronization",
        "cluster syncronization finished  (0 errors, 0.11 seconds (files 0.09, database 0.03, config 0.00))",
    ],
);

fn maintenance<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "starting *database maint*nance*"),
        (Kind::ServiceStatistics, "end *database maint*nance (*)"),
        (Kind::ServiceInfo, "starting cluster sync*"),
        (Kind::ServiceStatistics, "cluster sync* finished *(*)"),
        (Kind::ServiceInfo, "detected rule database changes - *"),
        (Kind::ServiceInfo, "finished rule database sync from *"),
        (Kind::ServiceInfo, "update statistics (*)*"),
    ];
    shaped(at, SHAPES)
}

const LOGIN_FAILED: Rule = rule(
    "pmgdaemon login failed",
    login_failed,
    "pmg-api src/PMG/AccessControl.pm, src/PMG/API2/AccessControl.pm",
    &["authentication failure; rhost=203.0.113.9 user=root@pam msg=Authentication failure"],
);

fn login_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("authentication failure; rhost=")?;
    let client = address(at.word()?);
    at.lit(" user=")?;
    let user = at.until_str(" msg=")?;
    Some(Body::AuthFailure(AuthFailure {
        client,
        user,
        reason: at.remainder(),
        ..AuthFailure::default()
    }))
}

const LOGIN: Rule = rule(
    "pmgdaemon login",
    login,
    "pmg-api src/PMG/API2/AccessControl.pm",
    &["successful auth for user 'root@pam'"],
);

fn login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("successful auth for user '")?;
    let user = at.until(b'\'')?;
    at.end()?;
    Some(Body::Login(Login {
        user,
        ..Login::default()
    }))
}

const SERVICE: Rule = rule(
    "pmg service",
    service,
    "pmg-api src/bin/*, src/PMG/Service/*.pm",
    &[
        "Filter daemon (re)started (max. 34 processes)",
        "Policy daemon (re)started",
        "reloading configuration Proxmox_ruledb",
        "starting server",
        "starting 3 worker(s)",
        "worker 1234 started",
        "fast exit to reduce server load (free 5242880 bytes)",
        "WARNING: Use of uninitialized value at /usr/bin/pmg-smtp-filter line 1.",
        "ERROR: could not connect to database",
        "starting tunnel 1234 192.0.2.7",
    ],
);

fn service<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceStarted, "~ daemon (re)started*"),
        (Kind::ServiceReloaded, "reloading configuration*"),
        (Kind::ServiceStarted, "starting server"),
        (Kind::ServiceStopped, "server stopped"),
        (Kind::ServiceStopped, "server closing"),
        (Kind::ServiceReloaded, "restarting server"),
        (Kind::ServiceReloaded, "server shutdown (restart)"),
        (Kind::ServiceReloaded, "received signal ~"),
        (Kind::ServiceInfo, "starting # worker(s)"),
        (Kind::ServiceInfo, "worker # started"),
        (Kind::ServiceInfo, "worker # finished"),
        (Kind::ServiceInfo, "worker exit"),
        (Kind::ServiceInfo, "starting tunnel # ~"),
        (Kind::ServiceInfo, "stopping tunnel # ~"),
        (Kind::ServiceInfo, "tunnel finished # ~"),
        (Kind::ServiceInfo, "restarting crashed tunnel # ~"),
        (Kind::ServiceInfo, "fast exit *(free # bytes)"),
        (Kind::ServiceStatistics, "memory usage: # bytes"),
        (
            Kind::ServiceInfo,
            "demo mode detected - not starting server",
        ),
        (Kind::ServiceWarning, "Cleanup failures: *"),
        (Kind::ServiceWarning, "WARNING: *"),
        (Kind::ServiceError, "ERROR: *"),
        (Kind::ServiceError, "database sync '*' failed*"),
    ];
    shaped(at, SHAPES)
}

const SERVER: Rule = rule(
    "pmg server",
    server,
    "Net::Server lib/Net/Server.pm",
    &[
        "2026/11/22-08:23:21 CONNECT TCP Peer: \"[127.0.0.1]:39208\" Local: \"[127.0.0.1]:10023\"",
        "Starting \"2\" children",
    ],
);

fn server<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    net_server(at)
}
