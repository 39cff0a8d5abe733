//! What rspamd tells of itself: connections, maps, workers.
//! Source: rspamd `src/rspamd_proxy.c`, `src/worker.c`, `src/controller.c`, `src/rspamd.c`,
//! `src/libserver/milter.c`, `src/libserver/maps/map.c`.

use crate::filter::{Shapes, address, notice, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Notice, Peer};

pub(crate) const RULES: &[Rule] = &[ACCEPTED, CLOSED, WORKER, MAP, PASSWORD, TASK, SETTING];

const ACCEPTED: Rule = rule(
    "rspamd accepted connection",
    accepted,
    "rspamd src/rspamd_proxy.c, src/worker.c, src/controller.c",
    &[
        "<a1b2c3>; proxy; proxy_accept_socket: accepted milter connection from 127.0.0.1 port 41234",
        "<a1b2c3>; proxy; proxy_accept_socket: accepted http connection from ::1 port 41234",
        "<a1b2c3>; worker; accept_socket: accepted connection from 127.0.0.1 port 41234, task ptr: 0x7f0c",
        "<a1b2c3>; milter; rspamd_milter_process_command: got connection from 203.0.113.9:41234",
        "<a1b2c3>; csession; rspamd_controller_accept_socket: accepted connection from /run/rspamd.sock port 0",
    ],
);

/// The peer is the MTA, or for `got connection` the client that the MTA tells of.
fn accepted<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(&["accepted ", "got "])?;
    at.one_of(&["milter ", "http ", "control "]);
    at.lit("connection from ")?;
    let mut peer = address(at.word()?);
    if at.has(" port ") {
        peer.port = Some(at.number()?);
        if at.has(", task ptr: ") {
            at.word()?;
        }
    }
    at.end()?;
    Some(Body::Notice(Notice {
        peer: split(at, peer),
        ..notice(Kind::ServiceInfo, text)
    }))
}

/// Splits `ADDRESS:PORT`; an IPv6 address has brackets then.
fn split<'a>(at: &Scan<'a>, peer: Peer<'a>) -> Peer<'a> {
    let whole = peer.address;
    let mut parts = at.over(whole);
    let bare = match parts.until_last(":") {
        Some(bare) if !bare.contains(&b':') || bare.ends_with(b"]") => bare,
        _ => return peer,
    };
    let Some(port) = parts.number() else {
        return peer;
    };
    let inner = bare.strip_prefix(b"[").and_then(|it| it.strip_suffix(b"]"));
    Peer {
        address: inner.unwrap_or(bare).into(),
        port: Some(port),
        ..peer
    }
}

const CLOSED: Rule = rule(
    "rspamd closed connection",
    closed,
    "rspamd src/rspamd_proxy.c, src/worker.c, src/libserver/milter.c",
    &[
        "<a1b2c3>; proxy; proxy_milter_finish_handler: finished milter connection",
        "<a1b2c3>; milter; rspamd_milter_consume_input: normally closing milter connection from: 203.0.113.9, read EOF",
        "<a1b2c3>; proxy; proxy_milter_error_handler: abnormally closing milter connection from: 203.0.113.9, error: IO write error: Broken pipe",
        "<a1b2c3>; task; rspamd_worker_finish_handler: finished connection from 127.0.0.1",
        "<a1b2c3>; proxy; proxy_backend_master_error_handler: abnormally closing connection from backend: 127.0.0.1, error: IO timeout, retries left: 4",
    ],
);

fn closed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "finished milter connection"),
        (Kind::ServiceInfo, "finished mirror connection to ~"),
        (Kind::ServiceInfo, "finished connection from *"),
        (Kind::ServiceInfo, "normally closing * from: *"),
        (
            Kind::ServiceWarning,
            "abnormally closing * from*: *, error: *",
        ),
        (Kind::ServiceWarning, "abnormally closing * from*: *"),
        (
            Kind::ServiceWarning,
            "MTA specifies too old protocol: #, aborting connection",
        ),
    ];
    shaped(at, SHAPES)
}

const WORKER: Rule = rule(
    "rspamd worker",
    worker,
    "rspamd src/rspamd.c, src/libserver/worker_util.c",
    &[
        "(main) main: rspamd 3.8 is loading configuration, build id: release",
        "(main) <abcdef>; main; main: rspamd 3.8 is starting, build id: release",
        "(main) main: cpu features: avx2, sse42",
        "(main) rspamd_fork_worker: prepare to fork process normal (0); listen on: localhost:11333",
        "(main) rspamd_check_termination_clause: normal process 1235 terminated normally",
        "(main) rspamd_term_handler: catch termination signal, waiting for 4 children for 10.00 seconds",
        "(main) rspamd_hup_handler: rspamd 3.8 is requested to reload configuration",
        "(main) main: terminating...",
    ],
);

fn worker<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceStarted, "rspamd ~ is starting*"),
        (Kind::ServiceStarted, "main: rspamd ~ is starting*"),
        (
            Kind::ServiceInfo,
            "main: rspamd ~ is loading configuration*",
        ),
        (Kind::ServiceInfo, "rspamd ~ is loading configuration*"),
        (Kind::ServiceReloaded, "*rspamd ~ is restarting*"),
        (
            Kind::ServiceReloaded,
            "*rspamd ~ is requested to reload configuration*",
        ),
        (Kind::ServiceInfo, "*cpu features: *"),
        (Kind::ServiceInfo, "*cryptobox configuration: *"),
        (Kind::ServiceInfo, "*libottery prf: *"),
        (Kind::ServiceInfo, "prepare to fork process ~ (#); *"),
        (Kind::ServiceInfo, "starting ~ process (#)*"),
        (Kind::ServiceInfo, "~ process # terminated normally*"),
        (Kind::ServiceError, "~ process # terminated abnormally *"),
        (Kind::ServiceWarning, "lost * heartbeat from worker type *"),
        (Kind::ServiceWarning, "lost heartbeat from worker type *"),
        (Kind::ServiceInfo, "received heartbeat from worker type *"),
        (Kind::ServiceError, "force kill worker type *"),
        (Kind::ServiceInfo, "do not respawn process ~ *"),
        (
            Kind::ServiceStopped,
            "catch termination signal, waiting for # children for ~ seconds",
        ),
        (Kind::ServiceStopped, "*terminating..."),
        (Kind::ServiceInfo, "*worker*'s shutdown*"),
        (Kind::ServiceInfo, "listening on: *"),
        (Kind::ServiceInfo, "perform full gc cycle; memory stats: *"),
    ];
    shaped(at, SHAPES)
}

const MAP: Rule = rule(
    "rspamd map",
    map,
    "rspamd src/libserver/maps/map.c",
    &[
        "(controller) map; http_map_finish: https://maps.example.org/rspamd/redirectors.inc.zst(192.0.2.5:443): read map data 480 bytes compressed, 1022 uncompressed, next check at Mon, 23 Nov 2026 08:28:21 GMT",
        "(main) map; rspamd_map_read_cached: https://maps.example.org/x.inc.zst: read map data cached 480 bytes",
        "(normal) map; rspamd_map_schedule_periodic: rereading map file /etc/rspamd/local.d/maps.d/x.map",
    ],
);

fn map<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "~: read map data*"),
        (Kind::ServiceInfo, "~: read map chunk*"),
        (Kind::ServiceInfo, "rereading map file ~"),
        (
            Kind::ServiceInfo,
            "data is not modified for server ~, next check at *",
        ),
        (Kind::ServiceInfo, "need to reread map from ~"),
        (
            Kind::ServiceInfo,
            "need to reread cached map triggered by *",
        ),
        (
            Kind::ServiceInfo,
            "don't try to reread map ~ as it is locked *",
        ),
        (Kind::ServiceWarning, "~: map file is not found; *"),
        (
            Kind::ServiceWarning,
            "~: map file is unavailable for reading: *",
        ),
        (Kind::ServiceWarning, "cannot load map *"),
        (
            Kind::ServiceWarning,
            "error reading ~ connection with http server terminated *",
        ),
        (Kind::ServiceInfo, "read hash of # elements*"),
        (Kind::ServiceInfo, "read regexp list of # elements*"),
        (Kind::ServiceInfo, "read radix trie of # elements: *"),
        (Kind::ServiceWarning, "duplicate ~ entry found for map *"),
    ];
    shaped(at, SHAPES)
}

const PASSWORD: Rule = rule(
    "rspamd password",
    password,
    "rspamd src/controller.c (rspamd_controller_check_password)",
    &[
        "<a1b2c3>; csession; rspamd_controller_check_password: using password as enable_password for all commands",
        "<a1b2c3>; csession; rspamd_controller_check_password: absent or incorrect password has been specified; source ip: 203.0.113.9",
        "<a1b2c3>; csession; rspamd_controller_check_password: allow unauthorized connection from a trusted IP 127.0.0.1",
        "<a1b2c3>; controller; rspamd_controller_password_sane: enable password is not set, so you should filter controller availability by using of firewall",
    ],
);

fn password<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "using password as enable_password *"),
        (
            Kind::ServiceInfo,
            "allow unauthorized * from a trusted IP ~",
        ),
        (
            Kind::ServiceInfo,
            "allow unauthorized proxied connection from a trusted IP ~ via ~",
        ),
        (Kind::ServiceWarning, "your ~ password is not encrypted, *"),
        (Kind::ServiceWarning, "enable password is not set, *"),
        (
            Kind::ServiceWarning,
            "absent or incorrect password has been specified; source ip: ~",
        ),
        (
            Kind::ServiceWarning,
            "absent password has been specified; source ip: ~",
        ),
        (
            Kind::ServiceWarning,
            "deny default password for remote access; source ip: ~",
        ),
        (
            Kind::ServiceWarning,
            "no password to check while executing a privileged command; source ip: ~",
        ),
    ];
    shaped(at, SHAPES)
}

const TASK: Rule = rule(
    "rspamd task",
    task,
    "rspamd src/libserver/task.c, src/lua/*.c, src/plugins/*.c",
    &[
        "<a1b2c3>; task; rspamd_task_timeout: processing of task time out: 8.00 second spent; forced processing",
        "<a1b2c3>; task; rspamd_symcache_process_symbols: slow rule: BAYES(12): 812.00 ms; enable slow timer delay",
        "<a1b2c3>; lua; clamav.lua:100: clamav: virus found: Win.Test.EICAR_HDB-1",
        "<a1b2c3>; task; fuzzy_check_session_fin: found fuzzy hash abc with weight: 1.00, probability 1.00, in list: FUZZY_DENIED:11",
        "<a1b2c3>; lua; lua_redis.lua:10: cannot make request: Connection refused",
        "<a1b2c3>; task; rspamd_redis_connected: connected to redis server, tokens learned for BAYES_SPAM: 200",
        "<a1b2c3>; task; rspamd_stat_check_autolearn: <a1@example.net>: autolearn ham for classifier 'bayes' as message's score is negative: -1.20",
        "<a1b2c3>; proxy; rspamd_protocol_http_reply: regexp statistics: 0 pcre regexps scanned, 0 regexps matched, 176 regexps total, 27 regexps cached, 0B scanned using pcre, 1.20KiB scanned total",
        "<a1b2c3>; task; rspamd_mime_parse_message: cannot find content-type for a message, assume text/plain",
        "<a1b2c3>; proxy; rspamd_add_passthrough_result: <a1@example.net>: set pre-result to 'reject' (15.00): 'Gtube pattern' from GTUBE(3)",
        "<a1b2c3>; csession; rspamd_controller_learn_fin_task: cannot learn <a1@example.net>: <a1@example.net> contains less tokens than required for bayes classifier: 2 < 11",
    ],
);

fn task<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceWarning, "processing of task time out: *"),
        (Kind::ServiceWarning, "slow rule: *"),
        (Kind::ServiceWarning, "slow regexp rule: *"),
        (Kind::ServiceWarning, "~: virus found: *"),
        (Kind::ServiceInfo, "found fuzzy hash* with weight: *"),
        (
            Kind::ServiceInfo,
            "found suspicious fuzzy hash* with weight: *",
        ),
        (Kind::ServiceWarning, "got IO timeout with server *"),
        (Kind::ServiceWarning, "cannot make request*"),
        (Kind::ServiceWarning, "cannot * redis*: *"),
        (
            Kind::ServiceInfo,
            "connected to redis server, tokens learned for ~ #",
        ),
        (
            Kind::ServiceWarning,
            "error getting reply from redis server *",
        ),
        (Kind::ServiceInfo, "~ autolearn ~ for classifier *"),
        (Kind::ServiceInfo, "skip filtering*"),
        (Kind::ServiceInfo, "skip ~ check*"),
        (Kind::ServiceInfo, "* is whitelisted, skip *"),
        (Kind::ServiceInfo, "added ~ to the timeout *"),
        (Kind::ServiceInfo, "loaded message from ~ *"),
        (Kind::ServiceInfo, "regexp statistics: # *"),
        (
            Kind::ServiceInfo,
            "cannot find content-type for a message, *",
        ),
        (Kind::ServiceInfo, "detected missing CTE for part as: *"),
        (Kind::ServiceInfo, "gtube ~ pattern has been found *"),
        (Kind::ServiceInfo, "~ set pre-result to '*"),
        (Kind::ServiceInfo, "skip statistics as *"),
        (Kind::ServiceInfo, "skip learning: *"),
        (Kind::ServiceInfo, "~ contains less tokens than required *"),
        (Kind::ServiceWarning, "cannot learn <*>: *"),
        (Kind::ServiceInfo, "<*>: skip *"),
    ];
    shaped(at, SHAPES)
}

const SETTING: Rule = rule(
    "rspamd setting",
    setting,
    "rspamd src/libserver/cfg_utils.c, src/libserver/rspamd_symcache.c, src/plugins/lua/*.lua",
    &[
        "(main) <abcdef>; cfg; rspamd_init_lua_filters: lua module spamhaus is enabled but has not been configured",
        "(main) <abcdef>; lua; greylist.lua:502: no servers are specified, disabling module",
        "(main) <abcdef>; cfg; rspamd_config_is_module_enabled: lua module clickhouse is disabled in the configuration",
        "(main) <abcdef>; lua; lua_maps.lua:412: reuse url for https://maps.example.org/freemail/free.txt.zst(hash)",
        "(main) <abcdef>; lua; rbl.lua:1168: added rbl rule SPAMHAUS: checks: alive,user,local,ip,received",
        "(main) <abcdef>; lua; init.lua:100: controller plugin maps; register webui path query",
        "<>; lua; lua_cfg_transform.lua:442: no symbol groups defined",
    ],
);

fn setting<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (
            Kind::ServiceInfo,
            "*module ~ is disabled in the configuration*",
        ),
        (
            Kind::ServiceInfo,
            "*module ~ is enabled but has not been configured*",
        ),
        (Kind::ServiceInfo, "*disabling unconfigured lua module*"),
        (Kind::ServiceInfo, "*disabling module"),
        (Kind::ServiceInfo, "init lua module ~*"),
        (Kind::ServiceInfo, "loaded configuration from ~*"),
        (Kind::ServiceInfo, "Module is unconfigured"),
        (Kind::ServiceInfo, "no redis servers are specified, *"),
        (
            Kind::ServiceInfo,
            "mandatory parameters missing, disable * signing",
        ),
        (Kind::ServiceInfo, "set default score ~ for *"),
        (Kind::ServiceInfo, "enabled ratelimit: *"),
        (Kind::ServiceInfo, "disable limit *"),
        (Kind::ServiceInfo, "added multimap rule: *"),
        (Kind::ServiceInfo, "Registered symbol *"),
        (Kind::ServiceInfo, "loaded # of # hyperscan *"),
        (Kind::ServiceInfo, "loaded hyperscan engine *"),
        (Kind::ServiceInfo, "hyperscan database *"),
        (Kind::ServiceInfo, "compiled # regular expressions *"),
        (Kind::ServiceInfo, "loaded # languages, *"),
        (Kind::ServiceInfo, "reuse url for *"),
        (Kind::ServiceInfo, "added ~ rule ~: *"),
        (Kind::ServiceInfo, "added URL whitelist for *"),
        (Kind::ServiceInfo, "disable ~ \"*\""),
        (Kind::ServiceInfo, "enable `*` for *"),
        (Kind::ServiceInfo, "converted ~ rules to ~ rules"),
        (Kind::ServiceInfo, "controller plugin ~; *"),
        (Kind::ServiceInfo, "active routines [*]"),
        (Kind::ServiceInfo, "loaded # elements of settings"),
        (Kind::ServiceInfo, "no * defined"),
        (Kind::ServiceInfo, "group ~ has no symbols"),
        (Kind::ServiceWarning, "duplicate symbol: ~*"),
        (Kind::ServiceWarning, "cannot register *"),
    ];
    shaped(at, SHAPES)
}
