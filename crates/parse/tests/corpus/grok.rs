//! postfix-grok-patterns: one YAML file for each case, with a pattern's name, a text without syslog
//! header, and the fields expected of it.

use crate::comparison::{Comparison, Counterpart, Table, part};
use crate::facts::Facts;
use crate::locate;
use Counterpart::{Made, Nothing, Part, Same};

#[test]
fn grok_patterns_agree() {
    let Some(root) = locate::root() else { return };
    let mut comparison = Comparison::new("grok", TABLE);
    for path in locate::files(&root.join("postfix/grok-patterns"), false) {
        let name = locate::stem(&path);
        let case = Case::read(&locate::text(&path));
        comparison.case();
        let facts = case.facts();
        for (field, expected) in &case.results {
            match field.as_str() {
                "postfix_keyvalue_data" => {
                    for (key, value) in pairs(expected) {
                        comparison.field(&name, &format!("={key}"), &value, &facts);
                    }
                }
                _ if field.starts_with("postfix_cmd_") => {
                    let counts = facts.get("counts").unwrap_or_default();
                    let ours = Facts::one("count", count(counts, field));
                    comparison.field(&name, "postfix_cmd_*", expected, &ours);
                }
                _ => comparison.field(&name, field, expected, &facts),
            }
        }
    }
    comparison.conclude(include_str!("deviations/grok.txt"));
}

const TABLE: Table = &[
    (
        "postfix_queueid",
        Made(|ours, _| Some(ours.get("queue_id").unwrap_or("NOQUEUE").into())),
    ),
    (
        "postfix_client_hostname",
        Same(&["client_name", "peer_name"]),
    ),
    (
        "postfix_client_ip",
        Same(&["client_address", "peer_address"]),
    ),
    (
        "postfix_client_ip_unknown",
        Same(&["client_address", "peer_address"]),
    ),
    ("postfix_client_port", Same(&["client_port", "peer_port"])),
    ("postfix_relay_hostname", Same(&["relay_name", "peer_name"])),
    ("postfix_relay_ip", Same(&["relay_address", "peer_address"])),
    ("postfix_relay_port", Same(&["relay_port", "peer_port"])),
    ("postfix_relay_service", Same(&["relay_address"])),
    // What stands in key=value lists, under the list's own keys.
    ("=from", Same(&["mail_from"])),
    ("=to", Same(&["rcpt_to"])),
    ("=orig_to", Same(&["orig_rcpt_to"])),
    ("=proto", Same(&["protocol"])),
    ("=helo", Same(&["helo"])),
    ("=size", Same(&["size"])),
    ("=nrcpt", Same(&["recipients"])),
    ("=relay", Made(|ours, _| Some(relay(ours)))),
    ("=delay", Made(|ours, _| ours.get("delay_ms").map(seconds))),
    ("=delays", Made(|ours, _| delays(ours))),
    ("=tls", Same(&["tls"])),
    ("=dsn", Same(&["enhanced_status"])),
    ("postfix_from", Same(&["mail_from"])),
    (
        "postfix_message-id",
        Made(|ours, _| ours.get("message_id").map(without_brackets)),
    ),
    ("postfix_status", Made(|ours, _| status(ours))),
    ("postfix_message_level", Made(level)),
    ("postfix_message", Made(message)),
    ("postfix_action", Made(|ours, _| action(ours))),
    ("postfix_smtp_stage", Made(stage)),
    ("postfix_status_code", Same(&["code"])),
    ("postfix_status_code_enhanced", Same(&["enhanced_status"])),
    ("postfix_status_data", Part(&["text"])),
    ("postfix_status_message", Part(&["text"])),
    ("postfix_proxy_result", Same(&["action"])),
    ("postfix_proxy_smtp_stage", Same(&["stage"])),
    ("postfix_proxy_message", Made(proxy_message)),
    ("postfix_proxy_status_code", Same(&["code"])),
    (
        "postfix_proxy_status_code_enhanced",
        Same(&["enhanced_status"]),
    ),
    ("postfix_smtp_response", Part(&["text", "reason"])),
    ("postfix_error_response", Same(&["text"])),
    ("postfix_local_response", Same(&["text"])),
    ("postfix_pipe_response", Same(&["text"])),
    ("postfix_smtp_lostconn_data", Part(&["reason", "text"])),
    ("postfix_smtp_lostconn_reason", Part(&["reason", "text"])),
    (
        "postfix_smtpd_lostconn_data",
        Made(|ours, _| lost_connection(ours)),
    ),
    ("postfix_postscreen_access", Same(&["verdict"])),
    (
        "postfix_postscreen_violation",
        Made(|ours, _| violation(ours)),
    ),
    (
        "postfix_postscreen_violation_time",
        Nothing("seconds until a client hung up are not kept"),
    ),
    ("postfix_postscreen_toobusy_data", Part(&["text"])),
    (
        "postfix_postscreen_cache_retained",
        Made(|ours, _| keyed(ours, "retained")),
    ),
    (
        "postfix_postscreen_cache_dropped",
        Made(|ours, _| keyed(ours, "dropped")),
    ),
    ("postfix_verify_cleanup_type", Part(&["text"])),
    (
        "postfix_verify_cache_retained",
        Made(|ours, _| keyed(ours, "retained")),
    ),
    (
        "postfix_verify_cache_dropped",
        Made(|ours, _| keyed(ours, "dropped")),
    ),
    ("postfix_dnsbl_domain", Same(&["dns_list"])),
    ("postfix_dnsbl_result", Same(&["answer"])),
    ("postfix_tls_version", Same(&["tls_protocol"])),
    ("postfix_tls_trustlevel", Same(&["tls_trust"])),
    ("postfix_tls_cipher", Same(&["tls_cipher"])),
    ("postfix_tls_cipher_size", Made(|ours, _| cipher_size(ours))),
    ("postfix_tls_key_exchange", Part(&["tls_details"])),
    ("postfix_tls_server_signature", Part(&["tls_details"])),
    ("postfix_tls_server_signature_curve", Part(&["tls_details"])),
    ("postfix_tls_server_signature_size", Part(&["tls_details"])),
    ("postfix_tls_server_digest", Part(&["tls_details"])),
    ("postfix_tls_error", Same(&["reason"])),
    ("postfix_tls_security_level", Part(&["tls"])),
    ("postfix_tls_downgrade_level", Part(&["tls"])),
    ("postfix_tls_policy_undecided", Part(&["tls"])),
    ("postfix_requiretls", Part(&["tls"])),
    ("postfix_requiretls_policy_violation", Part(&["tls"])),
    ("postfix_requiretls_policy_undecided", Part(&["tls"])),
    ("postfix_requiretls_downgrade_level", Part(&["tls"])),
    ("postfix_command_counter_data", Same(&["counts"])),
    ("postfix_cmd_*", Same(&["count"])),
    ("postfix_bounce_queueid", Same(&["dsn_queue_id"])),
    (
        "postfix_bounce_reason",
        Made(|ours, _| ours.get("notification").map(notification)),
    ),
    (
        "postfix_bounce_recipient",
        Made(|ours, _| ours.get("to_postmaster").map(notified)),
    ),
    (
        "postfix_postsuper_action",
        Made(|ours, _| administered(ours)),
    ),
    ("postfix_postsuper_summary_action", Part(&["about", "text"])),
    ("postfix_postsuper_summary_count", Same(&["number"])),
    (
        "postfix_milter_result",
        Made(|ours, _| Some(format!("header-{}", ours.get("action")?))),
    ),
    ("postfix_milter_message", Part(&["content"])),
    ("postfix_milter_data", Same(&["text"])),
    ("postfix_prepend_type", Same(&["part"])),
    ("postfix_prepend_trigger", Made(|ours, _| header(ours))),
    ("postfix_prepend_value", Same(&["text"])),
    ("postfix_version", Part(&["about", "text"])),
    ("postfix_config_path", Part(&["about", "text"])),
    ("postfix_termination_signal", Part(&["number", "text"])),
    ("postfix_service", Same(&["service"])),
    ("postfix_anvil_conn_count", Same(&["number"])),
    ("postfix_anvil_conn_rate", Same(&["number"])),
    (
        "postfix_anvil_conn_period",
        Made(|ours, theirs| period(ours.get("period_secs")?, theirs)),
    ),
    ("postfix_anvil_timestamp", Part(&["about", "text"])),
    ("postfix_scache_timestamp", Part(&["text"])),
    ("postfix_scache_hits", Made(|ours, _| keyed(ours, "hits"))),
    ("postfix_scache_miss", Made(|ours, _| keyed(ours, "miss"))),
    (
        "postfix_scache_success",
        Made(|ours, _| keyed(ours, "success")),
    ),
    (
        "postfix_scache_domains",
        Made(|ours, _| keyed(ours, "domains")),
    ),
    (
        "postfix_scache_addresses",
        Made(|ours, _| keyed(ours, "addresses")),
    ),
    (
        "postfix_scache_connection",
        Made(|ours, _| keyed(ours, "connection")),
    ),
];

/// One file.
struct Case {
    pattern: String,
    data: String,
    results: Vec<(String, String)>,
}

impl Case {
    /// Reads the shape that these files have: `pattern`, `data` and an indented map `results`, with
    /// plain or double-quoted scalars, each on one line.
    fn read(yaml: &str) -> Case {
        let mut case = Case {
            pattern: String::new(),
            data: String::new(),
            results: Vec::new(),
        };
        for line in yaml.lines() {
            if line.trim().is_empty() || line.trim_start().starts_with('#') {
                continue;
            }
            let (key, value) = line
                .split_once(':')
                .unwrap_or_else(|| panic!("no key in `{line}`"));
            let value = scalar(value.trim());
            match key {
                "pattern" => case.pattern = value,
                "data" => case.data = value,
                "results" => {}
                _ if key.starts_with(' ') => case.results.push((key.trim().to_owned(), value)),
                _ => panic!("unknown key `{key}`"),
            }
        }
        case
    }

    /// What our parser makes of it. Three patterns are of a part of a line; it is put into one.
    fn facts(&self) -> Facts {
        let pattern = self
            .pattern
            .trim_start_matches("^%{POSTFIX_")
            .trim_end_matches('$')
            .trim_end_matches('}');
        // Line ends within a text are logged as `\r` and `\n`, those at its end not at all.
        let data = self.data.trim_end_matches('\n');
        let data = &data.replace('\r', "\\r").replace('\n', "\\n");
        match pattern {
            "COMMAND_COUNTER_DATA" => Facts::of_postfix(
                "smtpd",
                &format!("disconnect from mail.example.com[192.0.2.1] {data}"),
            ),
            "RELAY" => Facts::of_postfix("lmtp", &delivery(&format!("relay={data}, delay=1"))),
            "TLS_FEATURES" => Facts::of_postfix(
                "smtp",
                &delivery(&format!("relay=none, delay=1, delays=1/0/0/0, tls={data}")),
            ),
            "SCRIPT" => Facts::of_postfix("postfix-script", data),
            "TRIVIAL_REWRITE" => Facts::of_postfix("trivial-rewrite", data),
            daemon => Facts::of_postfix(&daemon.to_lowercase(), data),
        }
    }
}

fn delivery(part: &str) -> String {
    format!("3F2A1C0D: to=<a@example.com>, {part}, dsn=2.0.0, status=sent (250 2.0.0 Ok)")
}

fn scalar(value: &str) -> String {
    let Some(quoted) = value.strip_prefix('"').and_then(|it| it.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut text = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        text.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some(escaped @ ('"' | '\\')) => escaped,
                other => panic!("unknown escape {other:?} in `{value}`"),
            },
            c => c,
        });
    }
    text
}

/// The pairs of `from=<a> to=<b> proto=X` and of `to=<a>, relay=b, delay=1,`.
fn pairs(list: &str) -> Vec<(String, String)> {
    list.split(' ')
        .map(|pair| {
            let (key, value) = pair
                .split_once('=')
                .unwrap_or_else(|| panic!("no pair: `{pair}`"));
            let value = value.trim_end_matches(',');
            let value = value
                .strip_prefix('<')
                .and_then(|it| it.strip_suffix('>'))
                .unwrap_or(value);
            (key.to_owned(), value.to_owned())
        })
        .collect()
}

/// The figure of `postfix_cmd_NAME` or `postfix_cmd_NAME_accepted` in `name=accepted/total ...`;
/// `count` is the sum, `commands`.
fn count(counts: &str, field: &str) -> Option<String> {
    let name = field.trim_start_matches("postfix_cmd_");
    let (name, accepted) = match name.strip_suffix("_accepted") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let name = if name == "count" { "commands" } else { name };
    let figures = counts
        .split(' ')
        .find_map(|it| it.strip_prefix(name)?.strip_prefix('='))?;
    let figure = match (figures.split_once('/'), accepted) {
        (Some((accepted, _)), true) => accepted,
        (Some((_, total)), false) => total,
        (None, _) => figures,
    };
    Some(figure.to_owned())
}

/// The figure of `key=FIGURE` in the text.
fn keyed(ours: &Facts, key: &str) -> Option<String> {
    let word = |it: &str| Some(it.strip_prefix(key)?.strip_prefix('=')?.to_owned());
    let figure = ours.get("text")?.split(' ').find_map(word)?;
    Some(figure.trim_end_matches('%').to_owned())
}

/// Their period, where it is as long as ours: `5m` for 300.
pub(crate) fn period(seconds: &str, theirs: &str) -> Option<String> {
    let seconds: u64 = seconds.parse().expect("periods are numbers");
    let unit = match theirs.chars().last()? {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => 1,
    };
    let written = format!("{}{}", seconds / unit, theirs.chars().last()?);
    seconds.is_multiple_of(unit).then_some(written)
}

/// `1.9` for 1900.
pub(crate) fn seconds(millis: &str) -> String {
    let millis: u64 = millis.parse().expect("delays are numbers");
    let text = format!("{}.{:03}", millis / 1000, millis % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn delays(ours: &Facts) -> Option<String> {
    let stages = [
        "delay_before_queue_ms",
        "delay_queue_ms",
        "delay_connect_ms",
        "delay_transmit_ms",
    ];
    let stages: Option<Vec<_>> = stages
        .map(|it| ours.get(it).map(seconds))
        .into_iter()
        .collect();
    Some(stages?.join("/"))
}

/// The relay as Postfix writes it.
fn relay(ours: &Facts) -> String {
    let mut text = ours.get("relay_name").unwrap_or("none").to_owned();
    if let Some(address) = ours.get("relay_address") {
        text += &format!("[{address}]");
    }
    if let Some(port) = ours.get("relay_port") {
        text += &format!(":{port}");
    }
    text
}

pub(crate) fn without_brackets(message_id: &str) -> String {
    message_id
        .strip_prefix('<')
        .and_then(|it| it.strip_suffix('>'))
        .unwrap_or(message_id)
        .to_owned()
}

fn status(ours: &Facts) -> Option<String> {
    match ours.get("kind") {
        Some("message.expired") => Some("expired".to_owned()),
        _ => ours.get("status").map(str::to_owned),
    }
}

/// Theirs is the word in front: a severity, or the action `info` of a header check.
fn level(ours: &Facts, theirs: &str) -> Option<String> {
    let name = if theirs == "info" {
        "action"
    } else {
        "severity"
    };
    ours.get(name).map(str::to_owned)
}

/// Theirs is all that follows the level.
fn message(ours: &Facts, theirs: &str) -> Option<String> {
    match (ours.get("kind"), theirs) {
        (Some("message.closed"), "removed") => Some(theirs.to_owned()),
        _ => part(ours, &["text", "reason", "content", "peer_address"], theirs),
    }
}

/// `milter-reject` is an action of a source.
fn action(ours: &Facts) -> Option<String> {
    let action = ours.get("action")?;
    Some(match ours.get("source") {
        Some("milter") => format!("milter-{action}"),
        _ => action.to_owned(),
    })
}

/// Of what another host said the stage is left in the text.
fn stage(ours: &Facts, theirs: &str) -> Option<String> {
    match ours.get("stage") {
        Some(stage) => Some(stage.to_owned()),
        None => part(ours, &["text"], &format!("in reply to {theirs} command"))
            .map(|_| theirs.to_owned()),
    }
}

/// An empty text is one for us too.
fn proxy_message(ours: &Facts, theirs: &str) -> Option<String> {
    match theirs {
        "" => Some(ours.get("text").unwrap_or_default().to_owned()),
        _ => part(ours, &["text"], theirs),
    }
}

fn lost_connection(ours: &Facts) -> Option<String> {
    match (ours.get("kind"), ours.get("direction")) {
        (Some("tls.failed"), Some("inbound")) => Some("SSL_accept error".to_owned()),
        _ => ours.get("reason").map(str::to_owned),
    }
}

/// What a client did wrong, or how its session ended, in postscreen's capitals.
fn violation(ours: &Facts) -> Option<String> {
    ours.first(&["violation", "reason"])
        .map(str::to_ascii_uppercase)
}

fn cipher_size(ours: &Facts) -> Option<String> {
    let (used, total) = (ours.get("tls_bits_used")?, ours.get("tls_bits_total")?);
    Some(format!("{used}/{total}"))
}

fn notification(kind: &str) -> String {
    match kind {
        "non_delivery" => "non-delivery".to_owned(),
        "delivery_status" => "delivery status".to_owned(),
        kind => kind.to_owned(),
    }
}

fn notified(to_postmaster: &str) -> String {
    match to_postmaster {
        "true" => "postmaster".to_owned(),
        _ => "sender".to_owned(),
    }
}

fn administered(ours: &Facts) -> Option<String> {
    let words = match ours.get("kind")? {
        "message.deleted" => "removed",
        "message.requeued" => "requeued",
        "message.held" => "placed on hold",
        "message.released" => "released from hold",
        kind => kind,
    };
    Some(words.to_owned())
}

fn header(ours: &Facts) -> Option<String> {
    Some(format!(
        "{}: {}",
        ours.get("header_name")?,
        ours.get("content")?
    ))
}
