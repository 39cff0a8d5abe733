//! Real clients, where they are at hand; else a test says that it is skipped.

use crate::site::{HEARD_MICROS, Site, heard, site, site_with};
use intake::http::Token;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::{sleep, timeout};

/// Python with these modules.
async fn python(modules: &str) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or(target, PathBuf::from);
    let of_user = std::env::var_os("WAYBILL_PYTHON").map(PathBuf::from);
    let pythons = [folder.join("python/bin/python"), PathBuf::from("python3")];
    for python in of_user.into_iter().chain(pythons) {
        let mut command = Command::new(&python);
        command.args(["-c", &format!("import {modules}")]);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        if command.status().await.is_ok_and(|status| status.success()) {
            return Some(python);
        }
    }
    println!("skipped: no Python that has {modules}");
    None
}

async fn run(python: PathBuf, site: &Site, script: &str) {
    let mut command = Command::new(python);
    command.args(["-c", script, &format!("http://{}", site.address)]);
    let ended = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    assert_eq!(said, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn elasticsearch_for_python() {
    let Some(python) = python("elasticsearch").await else {
        return;
    };
    let site = site_with(vec![Token::new("secret")]).await;
    let script = r#"
import sys
from elasticsearch import Elasticsearch, helpers
client = Elasticsearch(sys.argv[1], basic_auth=('elastic', 'secret'), http_compress=True)
assert client.info()['version']['number'] == '8.11.0'
assert client.ping()
document = {'@timestamp': '2026-11-22T08:23:21.123456Z', 'host': {'name': 'mx1'}, 'process': {'name': 'postfix/qmgr', 'pid': 812}, 'message': '4bXyZ10QzKz1r: removed'}
taken, errors = helpers.bulk(client, ({'_index': 'mail', '_source': document} for _ in range(2000)))
assert (taken, errors) == (2000, []), (taken, errors)
"#;
    run(python, &site, script).await;
    let heard = site.heard();
    assert!(
        heard.len() == 2000 && heard.iter().all(|it| it == HEARD_MICROS),
        "{:?}",
        heard.first()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn elasticsearch_for_python_tries_again_without_room() {
    let Some(python) = python("elasticsearch").await else {
        return;
    };
    let site = site().await;
    site.tank.full.store(true, Ordering::SeqCst);
    let script = r#"
import sys
from elasticsearch import Elasticsearch, helpers
client = Elasticsearch(sys.argv[1], retry_on_status=[429], max_retries=1000, retry_on_timeout=True)
helpers.bulk(client, [{'_index': 'mail', '_source': {'message': 'a'}}])
"#;
    let freed = async {
        while site.intake.source("bulk 127.0.0.1").counts().refused < 3 {
            sleep(Duration::from_millis(1)).await;
        }
        site.tank.full.store(false, Ordering::SeqCst);
    };
    tokio::join!(run(python, &site, script), freed);
    assert_eq!(site.lines(), [r#"{"message":"a"}"#]);
}

#[tokio::test(flavor = "multi_thread")]
async fn opentelemetry_for_python() {
    let Some(python) = python("opentelemetry.exporter.otlp.proto.http._log_exporter").await else {
        return;
    };
    let site = site().await;
    let script = r#"
import logging, sys
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
provider = LoggerProvider(resource=Resource.create({'host.name': 'mx1', 'service.name': 'postfix/qmgr'}))
exporter = OTLPLogExporter(endpoint=sys.argv[1] + '/v1/logs', compression=Compression.Gzip)
provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
logger = logging.getLogger('mail')
logger.addHandler(LoggingHandler(logger_provider=provider))
logger.setLevel(logging.INFO)
for _ in range(500):
    logger.info('4bXyZ10QzKz1r: removed', extra={'proc_id': 812})
provider.shutdown()
"#;
    let script = format!("import warnings\nwarnings.simplefilter('ignore')\n{script}");
    run(python, &site, &script).await;
    let heard = site.heard();
    assert_eq!(heard.len(), 500);
    let told = heard
        .iter()
        .all(|it| it.ends_with("zone 0 host mx1 program qmgr pid 812 queue id 4bXyZ10QzKz1r"));
    assert!(told, "{:?} {:?}", heard.first(), site.lines().first());
}

#[tokio::test(flavor = "multi_thread")]
async fn loki_for_python() {
    let Some(python) = python("logging_loki").await else {
        return;
    };
    let site = site().await;
    let script = r#"
import logging, sys, logging_loki
tags = {'host': 'mx1', 'program': 'postfix/qmgr', 'pid': '812'}
handler = logging_loki.LokiHandler(url=sys.argv[1] + '/loki/api/v1/push', tags=tags, version='1')
logger = logging.getLogger('mail')
logger.addHandler(handler)
logger.setLevel(logging.INFO)
for _ in range(20):
    logger.info('4bXyZ10QzKz1r: removed')
"#;
    run(python, &site, script).await;
    let heard = site.heard();
    assert_eq!(heard.len(), 20);
    let told = heard
        .iter()
        .all(|it| it.ends_with("zone 0 host mx1 program qmgr pid 812 queue id 4bXyZ10QzKz1r"));
    assert!(told, "{:?}", heard.first());
}

/// A file, and what journald prints; large enough that curl asks before it sends.
#[tokio::test(flavor = "multi_thread")]
async fn curl() {
    let site = site().await;
    let folder = tempfile::tempdir().unwrap();
    let line = "2026-11-22T08:23:21.123456Z mx1 postfix/qmgr[812]: 4bXyZ10QzKz1r: removed\n";
    let entry = r#"{"__REALTIME_TIMESTAMP":"1795335801123456","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/qmgr","SYSLOG_PID":"812","MESSAGE":"4bXyZ10QzKz1r: removed"}"#;
    let entry = format!("{entry}\n");
    for (kind, text) in [("", line), ("Content-Type: application/x-ndjson", &entry)] {
        let file = folder.path().join("body");
        std::fs::write(&file, text.repeat(20_000)).unwrap();
        let mut command = Command::new("curl");
        command.args([
            "--silent",
            "--show-error",
            "--header",
            kind,
            "--data-binary",
        ]);
        command.arg(format!("@{}", file.display()));
        let Ok(ended) = command
            .arg(format!("http://{}/lines", site.address))
            .output()
            .await
        else {
            println!("skipped: no curl");
            return;
        };
        let said = String::from_utf8_lossy(&ended.stdout);
        assert_eq!(said, r#"{"lines":20000}"#);
    }
    let heard = site.heard();
    assert!(heard.len() == 40_000 && heard.iter().all(|it| it == HEARD_MICROS));
}

/// The settings of `docs/intake-http.md`, but for the way in.
fn rsyslog_settings(folder: &Path, site: &Site) -> String {
    let folder = folder.display();
    let port = site.address.port();
    format!(
        r#"global(workDirectory="{folder}")
module(load="imuxsock" SysSock.Use="off")
module(load="omelasticsearch")
input(type="imuxsock" Socket="{folder}/log" CreatePath="on" UseSysTimeStamp="off" IgnoreTimestamp="off" UseSpecialParser="off" ParseHostname="on")
template(name="waybill" type="list" option.json="on") {{
  constant(value="{{\"timereported\":\"")  property(name="timereported" dateFormat="rfc3339")
  constant(value="\",\"host\":\"")        property(name="hostname")
  constant(value="\",\"tag\":\"")         property(name="syslogtag")
  constant(value="\",\"severity\":\"")    property(name="syslogseverity-text")
  constant(value="\",\"msg\":\"")         property(name="msg")
  constant(value="\"}}")
}}
action(type="omelasticsearch" server="127.0.0.1" serverport="{port}" template="waybill"
       bulkmode="on" errorFile="{folder}/refused" action.resumeRetryCount="-1" action.resumeInterval="1"
       queue.type="LinkedList" queue.dequeueBatchSize="100" queue.minDequeueBatchSize="1")
"#
    )
}

/// A full journal is met first: the lines must not be put aside.
#[tokio::test(flavor = "multi_thread")]
async fn rsyslog_loses_nothing_when_there_is_no_room() {
    let mut folders = std::fs::read_dir("/usr/lib").unwrap().flatten();
    if !folders.any(|it| it.path().join("rsyslog/omelasticsearch.so").exists()) {
        println!("skipped: no rsyslog-elasticsearch");
        return;
    }
    let site = site().await;
    site.tank.full.store(true, Ordering::SeqCst);
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("conf");
    std::fs::write(&settings, rsyslog_settings(folder.path(), &site)).unwrap();
    let mut rsyslog = Command::new("/usr/sbin/rsyslogd")
        .args(["-n", "-f"])
        .arg(&settings)
        .arg("-i")
        .arg(folder.path().join("pid"))
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let socket = folder.path().join("log");
    let told = async {
        let client = loop {
            let client = std::os::unix::net::UnixDatagram::unbound().unwrap();
            match client.connect(&socket) {
                Ok(()) => break client,
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        };
        for at in 0..300 {
            let line = format!(
                "<22>2026-11-22T08:23:21.123456+00:00 mx1 postfix/qmgr[812]: 4bXyZ10QzKz1r: removed \"{at}\""
            );
            client.send(line.as_bytes()).unwrap();
        }
        while site.intake.source("bulk 127.0.0.1").counts().refused < 2 {
            sleep(Duration::from_millis(20)).await;
        }
        site.tank.full.store(false, Ordering::SeqCst);
        let mut lines = site.lines();
        while lines.len() < 300 {
            sleep(Duration::from_millis(20)).await;
            lines = site.lines();
        }
        lines
    };
    let told = timeout(Duration::from_secs(60), told).await;
    rsyslog.kill().await.unwrap();
    let refused = std::fs::read_to_string(folder.path().join("refused"));
    let lines = told.unwrap_or_else(|_| panic!("put aside: {refused:?}"));
    let mut unique = lines.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), 300);
    assert_eq!(heard(&lines[0]), HEARD_MICROS, "{}", lines[0]);
}
