//! The official clients, unchanged: `mailgun` of PyPI (`cargo xtask test` puts it into `target/python`),
//! `mailgun.js` of npm (into `target/node`). `WAYBILL_PYTHON` and `WAYBILL_NODE_MODULES` tell other places.

use super::{End, Served, message, served, wait_for};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target")
}

/// Where npm's packages are, if one is there.
fn node_modules(package: &str) -> Option<PathBuf> {
    let of_user = std::env::var_os("WAYBILL_NODE_MODULES").map(PathBuf::from);
    let mut folders = of_user
        .into_iter()
        .chain([target().join("node/node_modules")]);
    let found = folders.find(|folder| folder.join(package).exists())?;
    let has_node = Command::new("node").arg("--version").output().is_ok();
    has_node.then_some(found)
}

/// Runs a script, which writes a JSON document.
fn told(command: &mut Command, served: &Served) -> Value {
    let output = command
        .env("BASE", format!("http://{}", served.daemon.port("web")))
        .env("KEY", &served.key)
        .output()
        .expect("it can be run");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let said = String::from_utf8_lossy(&output.stdout);
    let last = said.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("no JSON: {said} {error}"))
}

fn served_with_events() -> Served {
    let served = served();
    for number in 0..25 {
        let end = [End::Sent, End::Deferred, End::Bounced][number as usize % 3];
        served.daemon.send_tcp(&message(number, end));
    }
    wait_for(&served, "kind:delivery", 25);
    served
}

const PYTHON: &str = r#"
import json, os
from mailgun.client import Client
client = Client(auth=("api", os.environ["KEY"]), api_url=os.environ["BASE"])
ping = client.ping()
first = client.events.get(domain="a.example", filters={"limit": 10, "begin": 1, "ascending": "yes"}).json()
failed = client.events.get(domain="a.example", filters={"event": "failed", "severity": "permanent"}).json()
streamed = [it["id"] for it in client.events.stream(domain="a.example", filters={"limit": 7, "begin": 1, "ascending": "yes"})]
walked, page = [], first
import requests
while page["items"]:
    walked += [it["id"] for it in page["items"]]
    page = requests.get(page["paging"]["next"], auth=("api", os.environ["KEY"])).json()
logs = client.analytics_logs.create(data={"start": "Sun, 22 Nov 2026 00:00:00 +0000", "events": ["delivered"],
    "pagination": {"sort": "timestamp:asc", "limit": 100}}).json()
metrics = client.analytics_metrics.create(data={"start": "Sun, 22 Nov 2026 00:00:00 +0000", "dimensions": ["time"],
    "metrics": ["delivered_count", "failed_count"], "include_aggregates": True}).json()
stats = client.stats_total.get(domain="a.example", filters={"event": ["accepted", "failed"], "duration": "2m"}).json()
wrong = client.events.get(domain="other.example")
print(json.dumps({"ping": ping.status_code if hasattr(ping, "status_code") else bool(ping), "walked": walked, "streamed": streamed,
    "failed": len(failed["items"]), "logs": len(logs["items"]), "metrics": metrics["aggregates"]["metrics"],
    "accepted": sum(it["accepted"]["total"] for it in stats["stats"]), "wrong": wrong.status_code}))
"#;

#[test]
fn the_client_of_pypi_works_unchanged() {
    let Some(python) = e2e::python("mailgun") else {
        println!("skipped: `mailgun` of PyPI is not installed");
        return;
    };
    let served = served_with_events();
    let told = told(Command::new(python).args(["-c", PYTHON]), &served);
    assert_eq!(told["walked"].as_array().map(Vec::len), Some(50), "{told}");
    assert_eq!(told["streamed"], told["walked"]);
    assert_eq!(told["failed"], 8);
    assert_eq!(told["logs"], 9);
    assert_eq!(told["metrics"]["delivered_count"], 9);
    assert_eq!(told["metrics"]["failed_count"], 16);
    assert_eq!(told["accepted"], 25);
    assert_eq!(told["wrong"], 404);
    served.daemon.end();
}

const NODE: &str = r#"
const FormData = require('form-data');
const Mailgun = require('mailgun.js').default || require('mailgun.js');
(async () => {
  const client = new Mailgun(FormData).client({ username: 'api', key: process.env.KEY, url: process.env.BASE });
  const walked = [];
  let page = await client.events.get('a.example', { limit: 10, begin: 1, ascending: 'yes' });
  while (page.items.length) {
    page.items.forEach((it) => walked.push(it.id));
    page = await client.events.get('a.example', { page: page.pages.next.page });
  }
  const failed = await client.events.get('a.example', { event: 'failed', severity: 'permanent' });
  const logs = await client.logs.list({ start: new Date('2026-11-22T00:00:00Z'), events: ['delivered'],
    pagination: { sort: 'timestamp:asc', limit: 100 } });
  const metrics = await client.metrics.getAccount({ start: new Date('2026-11-22T00:00:00Z'), end: new Date('2026-11-23T00:00:00Z'),
    resolution: 'day', metrics: ['delivered_count', 'failed_count'], dimensions: ['time'], include_aggregates: true });
  const stats = await client.stats.getDomain('a.example', { event: ['accepted', 'failed'], duration: '2m' });
  let wrong;
  try { await client.events.get('other.example'); } catch (error) { wrong = [error.status, error.details]; }
  console.log(JSON.stringify({ walked, failed: failed.items.length, logs: logs.items.length,
    metrics: metrics.aggregates.metrics, accepted: stats.stats.reduce((sum, it) => sum + it.accepted.total, 0), wrong }));
})().catch((error) => { console.error(error); process.exit(1); });
"#;

#[test]
fn the_client_of_npm_works_unchanged() {
    let Some(modules) = node_modules("mailgun.js") else {
        println!("skipped: `mailgun.js` of npm is not installed");
        return;
    };
    let served = served_with_events();
    let mut node = Command::new("node");
    let told = told(node.args(["-e", NODE]).env("NODE_PATH", modules), &served);
    assert_eq!(told["walked"].as_array().map(Vec::len), Some(50), "{told}");
    assert_eq!(told["failed"], 8);
    assert_eq!(told["logs"], 9);
    assert_eq!(told["metrics"]["delivered_count"], 9);
    assert_eq!(told["accepted"], 25);
    assert_eq!(told["wrong"][0], 404);
    assert_eq!(told["wrong"][1], "Domain not found: other.example");
    served.daemon.end();
}
