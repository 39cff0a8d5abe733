//! Long exports: what is in their files, who gets them, and what becomes of them when the daemon is killed.

use super::client::{Client, customer, owner};
use super::daemon::Daemon;
use super::daemon_of;
use super::secrets::text;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use traffic::Plan;

fn days(lines: u64, days: u32) -> Plan {
    Plan {
        lines,
        days,
        seed: 11,
        ..Plan::default()
    }
}

/// A daemon over some days, and one who sees all.
fn daemon_and_owner(plan: &Plan, config: &str) -> (TempDir, Daemon, Client) {
    let (folder, daemon) = daemon_of(plan, config);
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    (folder, daemon, owner)
}

/// Asks for an export; gives its number.
fn ask(client: &Client, details: &Value) -> i64 {
    let asked = client.send("POST", "/api/v1/jobs", &details.to_string());
    assert_eq!(asked.status, 202, "{asked:?}");
    let id = asked.json()["id"].as_i64().expect("a number");
    let location = format!("location: /api/v1/jobs/{id}\r\n");
    assert!(asked.head.contains(&location), "{asked:?}");
    id
}

fn job(client: &Client, id: i64) -> Value {
    client.get(&format!("/api/v1/jobs/{id}")).good().json()
}

/// Looks at a job until this holds.
fn until(client: &Client, id: i64, holds: impl Fn(&Value) -> bool) -> Value {
    let mut seen = Value::Null;
    for _ in 0..12_000 {
        seen = job(client, id);
        if holds(&seen) {
            return seen;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
    panic!("{seen}");
}

fn ended(job: &Value) -> bool {
    !["waiting", "running"].contains(&text(job, "state"))
}

/// Asks for an export and waits until it is complete.
pub(crate) fn export(client: &Client, details: &Value) -> i64 {
    let id = ask(client, details);
    let job = until(client, id, ended);
    assert_eq!(job["state"], "done", "{job}");
    id
}

/// Head and bytes of a file, as one gets them who sends this beside.
fn file(client: &Client, id: i64, header: &str) -> (String, Vec<u8>) {
    let shown = format!("{}{header}", client.shown);
    let at = client.at;
    Client { at, shown }.raw("GET", &format!("/api/v1/jobs/{id}/file"), "")
}

fn rows(ndjson: &[u8]) -> Vec<Value> {
    let lines = ndjson.split(|it| *it == b'\n').filter(|it| !it.is_empty());
    lines
        .map(|it| serde_json::from_slice(it).expect("JSON"))
        .collect()
}

/// In one order.
fn sorted(mut rows: Vec<Value>) -> Vec<Value> {
    rows.sort_by_cached_key(|row| (text(row, "id").to_owned(), row.to_string()));
    rows
}

fn hash(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file where the daemon has it.
fn on_disk(folder: &Path, id: i64) -> PathBuf {
    folder.join(format!("data/jobs/{id}.ndjson"))
}

fn until_gone(path: &Path) {
    for _ in 0..3_000 {
        if !path.exists() {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
    panic!("{} is still there", path.display());
}

#[test]
fn a_file_has_the_rows_that_pages_have() {
    let (_folder, daemon, owner) = daemon_and_owner(&days(12_000, 3), "");
    let (_, one) = customer(&owner, "One", &["ember.example", "harbour.example"]);
    let mut counts = Vec::new();
    for client in [&owner, &one] {
        let id = export(client, &json!({ "name": "All of it", "lines": true }));
        let (head, bytes) = file(client, id, "Accept-Encoding: gzip\r\n");
        let listed = client.rows("");
        assert_eq!(sorted(rows(&bytes)), sorted(listed.clone()));
        let job = job(client, id);
        assert_eq!(job["rows"], listed.len());
        assert_eq!(job["rows_in_all"], listed.len());
        assert_eq!(
            (&job["done"], &job["bytes"]),
            (&json!(1.0), &json!(bytes.len()))
        );
        assert_eq!(job["sha256"], hash(&bytes));
        let name = format!("waybill-all-of-it-{id}.ndjson");
        assert_eq!(job["file_name"], name);
        assert!(text(&job, "kept_until") > text(&job, "ended"), "{job}");
        for told in [
            "HTTP/1.1 200",
            "content-type: application/x-ndjson",
            &format!("content-disposition: attachment; filename=\"{name}\""),
            "accept-ranges: bytes",
            &format!("content-length: {}", bytes.len()),
        ] {
            assert!(head.contains(told), "{told}: {head}");
        }

        // A part, and the rest behind what one has.
        let half = bytes.len() / 2;
        let (head, part) = file(client, id, "Range: bytes=100-199\r\n");
        assert!(head.starts_with("HTTP/1.1 206"), "{head}");
        let range = format!("content-range: bytes 100-199/{}", bytes.len());
        assert!(head.contains(&range), "{head}");
        assert_eq!(part, bytes[100..200]);
        let (_, rest) = file(client, id, &format!("Range: bytes={half}-\r\n"));
        assert_eq!(rest, bytes[half..]);
        let behind = format!("Range: bytes={}-\r\n", bytes.len());
        let (head, _) = file(client, id, &behind);
        assert!(head.starts_with("HTTP/1.1 416"), "{head}");
        assert!(head.contains("application/problem+json"), "{head}");
        counts.push(listed.len());
    }
    assert!(counts[1] > 20 && counts[1] < counts[0] / 2, "{counts:?}");

    // The other formats, of a question, without lines.
    let delivered = "kind:delivery.delivered";
    let listed = one.rows(delivered);
    let asked = json!({ "q": delivered, "format": "csv", "range": "2026-11-16..2026-11-17" });
    let id = export(&one, &asked);
    let of_range: Vec<&str> = listed
        .iter()
        .filter(|row| text(row, "at") < "2026-11-18")
        .map(|row| text(row, "id"))
        .collect();
    assert!(!of_range.is_empty() && of_range.len() < listed.len());
    let (_, csv) = file(&one, id, "");
    let csv = String::from_utf8(csv).expect("CSV is text");
    let (head, body) = csv.split_once('\n').expect("a head");
    assert!(
        head.starts_with("id,at,kind,") && !head.contains("original_lines"),
        "{head}"
    );
    let mut ids: Vec<&str> = body
        .lines()
        .map(|it| &it[..it.find(',').unwrap_or(0)])
        .collect();
    ids.sort_unstable();
    let mut expected = of_range;
    expected.sort_unstable();
    assert_eq!(ids, expected);
    assert!(text(&job(&one, id), "name").starts_with(delivered));

    let id = export(
        &one,
        &json!({ "q": delivered, "format": "parquet", "lines": true }),
    );
    let (head, parquet) = file(&one, id, "");
    assert!(
        head.contains("content-type: application/vnd.apache.parquet"),
        "{head}"
    );
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    let seen = job(&one, id);
    assert_eq!(
        (&seen["rows"], &seen["sha256"]),
        (&json!(listed.len()), &json!(hash(&parquet)))
    );

    for wrong in [
        json!({ "q": "frm:x" }),
        json!({ "range": "someday" }),
        json!({ "zone": "Nowhere/Atall" }),
        json!({ "format": "xml" }),
        json!({ "name": "a\nb" }),
    ] {
        let answer = one.send("POST", "/api/v1/jobs", &wrong.to_string());
        assert!((400..500).contains(&answer.status), "{wrong}: {answer:?}");
        assert!(
            answer.head.contains("application/problem+json"),
            "{answer:?}"
        );
    }
    daemon.end();
}

#[test]
fn a_file_is_for_who_asked_and_may_see_all_of_it_still() {
    let (folder, daemon, owner) = daemon_and_owner(&days(3_000, 1), "");
    let domains = ["ember.example", "harbour.example"];
    let (first, one) = customer(&owner, "One", &domains);
    let (_, two) = customer(&owner, "Two", &["meadow.example"]);
    let id = export(&one, &json!({}));
    let path = format!("/api/v1/jobs/{id}");
    let file_path = format!("{path}/file");
    for stranger in [&two, &Client::nobody(owner.at)] {
        let none = if stranger.shown.is_empty() { 401 } else { 404 };
        assert_eq!(stranger.get(&path).status, none);
        assert_eq!(stranger.get(&file_path).status, none);
        assert_eq!(stranger.send("DELETE", &path, "").status, none);
    }
    assert_eq!(two.get("/api/v1/jobs").good().json(), json!([]));
    // Who runs the system sees it, and may remove it, but the mail is not theirs to fetch this way.
    let all = owner.get("/api/v1/jobs").good().json();
    assert_eq!(
        (&all[0]["id"], &all[0]["is_own"]),
        (&json!(id), &json!(false))
    );
    assert_eq!(owner.get(&file_path).status, 404);

    let set = |domains: &[&str]| {
        let details = json!({ "name": "One", "domains": domains }).to_string();
        let path = format!("/api/v1/customers/{first}");
        owner.send("PUT", &path, &details).good();
    };
    set(&["ember.example"]);
    let refused = one.get(&file_path);
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(
        text(&refused.json(), "detail").contains("seen no more"),
        "{refused:?}"
    );
    assert_eq!(job(&one, id)["state"], "done");
    set(&["ember.example", "harbour.example", "thistle.example"]);
    one.get(&file_path).good();

    // What those do who see all is on record.
    let own = export(&owner, &json!({ "q": "kind:login" }));
    owner.get(&format!("/api/v1/jobs/{own}/file")).good();
    for (action, asked) in [("export", "kind:login"), ("export.fetch", "kind:login")] {
        let audit = owner.get(&format!("/api/v1/audit?action={action}"));
        let audit = audit.good().json();
        let entries = audit.as_array().expect("entries");
        assert_eq!(entries.len(), 1, "{audit}");
        assert_eq!(entries[0]["detail"]["asked"], asked, "{audit}");
    }

    // With who asked for it, it goes.
    assert!(on_disk(folder.path(), id).exists());
    owner
        .send("DELETE", &format!("/api/v1/customers/{first}"), "")
        .good();
    until_gone(&on_disk(folder.path(), id));
    assert_eq!(owner.get(&path).status, 404);
    let own_path = format!("/api/v1/jobs/{own}");
    owner.send("DELETE", &own_path, "").good();
    assert_eq!(owner.get(&own_path).status, 404);
    until_gone(&on_disk(folder.path(), own));
    daemon.end();
}

#[test]
fn a_daemon_that_is_killed_goes_on_with_the_file() {
    let plan = days(160_000, 8);
    let (folder, mut daemon, mut owner) = daemon_and_owner(&plan, "");
    let details = json!({ "lines": true });
    let in_the_middle = |job: &Value| {
        let done = job["done"].as_f64().expect("a share");
        ended(job) || (0.3..0.9).contains(&done)
    };
    // One that was too quick to be seen at work is no use.
    let mut left = 5;
    let (id, before) = loop {
        let id = ask(&owner, &details);
        let seen = until(&owner, id, in_the_middle);
        if !ended(&seen) {
            break (id, seen);
        }
        left -= 1;
        assert!(left > 0, "never seen at work: {seen}");
    };
    daemon.child.kill().expect("it runs");
    daemon.child.wait().expect("it ends");
    assert_eq!(before["state"], "running");
    let all = before["rows_in_all"].as_u64().expect("they are counted");
    let rows_before = before["rows"].as_u64().expect("a number");
    assert!((1..all).contains(&rows_before), "{before}");
    // Something that was not noted is behind what was.
    let path = on_disk(folder.path(), id);
    let mut torn = std::fs::read(&path).expect("it was begun");
    torn.extend_from_slice(b"{\"at\": \"2026-");
    std::fs::write(&path, torn).expect("it can be written");

    let daemon = Daemon::start(folder.path(), "[web]\nrequests_a_minute = 100000");
    let goes_on = "an export goes on";
    if !daemon.began.iter().any(|it| it == goes_on) {
        daemon.until_it_says(goes_on);
    }
    owner.at = daemon.port("web");
    let job = until(&owner, id, ended);
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(job["began"], before["began"]);
    let (_, bytes) = file(&owner, id, "");
    let listed = owner.rows("");
    let in_file = rows(&bytes);
    assert_eq!(
        (in_file.len(), &job["rows"]),
        (listed.len(), &json!(listed.len()))
    );
    assert_eq!(sorted(in_file), sorted(listed));
    assert_eq!(job["sha256"], hash(&bytes));

    // What is wanted no more is not written further, and its file goes.
    let id = ask(&owner, &details);
    until(&owner, id, |job| ended(job) || job["rows"] != 0);
    owner
        .send("DELETE", &format!("/api/v1/jobs/{id}"), "")
        .good();
    let cancelled = self::job(&owner, id);
    assert_eq!(cancelled["state"], "cancelled", "{cancelled}");
    until_gone(&on_disk(folder.path(), id));
    let refused = owner.get(&format!("/api/v1/jobs/{id}/file"));
    assert_eq!(refused.status, 409, "{refused:?}");
    owner
        .send("DELETE", &format!("/api/v1/jobs/{id}"), "")
        .good();
    assert_eq!(owner.get(&format!("/api/v1/jobs/{id}")).status, 404);
    daemon.end();
}

#[test]
fn a_file_that_is_too_large_is_given_up() {
    let config = "[jobs]\nfile_megabytes = 1\nmegabytes = 2";
    let (folder, daemon, owner) = daemon_and_owner(&days(12_000, 2), config);
    let id = ask(&owner, &json!({ "lines": true }));
    let job = until(&owner, id, ended);
    assert_eq!(job["state"], "failed", "{job}");
    let failure = text(&job, "failure");
    assert!(failure.contains("larger than 1 MB"), "{job}");
    until_gone(&on_disk(folder.path(), id));
    export(&owner, &json!({ "q": "kind:delivery.bounced" }));
    daemon.end();
}
