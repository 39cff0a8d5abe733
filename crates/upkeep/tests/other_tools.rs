//! DuckDB, Polars and Spark read the archive without Waybill, and count the same.
//!
//! They are Python packages: `cargo xtask test` puts `duckdb`, `polars` and `deltalake` into
//! `target/python`, and `pyspark` where `WAYBILL_LONG` is set and Java is there.

use ingest::LogSet;
use jiff::tz::TimeZone;
use model::Timestamp;
use pipeline::{Settings, WINDOW_MS};
use query::Sight;
use record::{Options, import};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use store::Archive;
use traffic::{Plan, write_day};
use upkeep::Rules;

const SUMS: &str = "count(*), sum(lines), count(distinct kind), sum(size), \
    count(distinct account), sum(case when class = 'short' then 1 else 0 end)";

/// The tools, each with the modules that it needs, and how it asks.
const TOOLS: &[(&str, &str, &str)] = &[
    (
        "DuckDB",
        "duckdb, deltalake",
        "row = duckdb.sql(f'select {sums} from read_parquet({files}, hive_partitioning = true)').fetchall()[0]",
    ),
    (
        "Polars",
        "polars, deltalake",
        "c = polars.col\n\
         row = polars.scan_delta(root).select(polars.len(), c('lines').sum(), c('kind').n_unique(),\n\
         c('size').sum(), c('account').n_unique().alias('a'),\n\
         (c('class') == 'short').sum().alias('s')).collect().row(0)",
    ),
    (
        "Spark",
        "pyspark, deltalake",
        "from pyspark.sql import SparkSession\n\
         session = SparkSession.builder.master('local[1]').config('spark.ui.enabled', 'false').getOrCreate()\n\
         session.read.option('basePath', root).parquet(*files).createOrReplaceTempView('events')\n\
         row = session.sql(f'select {sums} from events').first()",
    ),
];

/// Python with a module, if there is one.
fn python(modules: &str) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    let of_user = std::env::var_os("WAYBILL_PYTHON").map(PathBuf::from);
    let mut pythons = of_user
        .into_iter()
        .chain([target, PathBuf::from("python3")]);
    pythons.find(|python| {
        let mut command = Command::new(python);
        command.args(["-c", &format!("import {modules}")]);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}

fn archive(folder: &Path) -> Archive {
    let mut text = Vec::new();
    let plan = Plan {
        lines: 20_000,
        seed: 40,
        ..Plan::default()
    };
    let mut put = |_: &str, line: &[u8]| {
        text.extend_from_slice(line);
        text.push(b'\n');
    };
    write_day(&plan, &mut put, &mut |_| {});
    let log = folder.join("mail.log");
    std::fs::write(&log, text).expect("a temporary folder can be written");
    let sets: Vec<LogSet> = ingest::find(&[log.into()]).sets;
    let settings = Settings {
        zone: TimeZone::UTC,
        year: Some(2026),
        now: Timestamp::from_seconds(1_800_000_000),
        window_ms: WINDOW_MS,
        host: None,
        workers: 1,
    };
    let options = Options {
        commit_bytes: 1 << 20,
        ..Options::default()
    };
    let data = folder.join("data");
    let mut rules = Rules::default();
    rules
        .set_class("short", Some(30))
        .expect("it may be called so");
    rules
        .set_domain("harbour.example", "short")
        .expect("the class is there");
    let mut writer = Archive::open_or_create(&data)
        .and_then(Archive::writer)
        .expect("nobody else writes");
    writer.set_classes(rules.classes());
    let progress = Arc::new(AtomicU64::new(0));
    let (mut writer, _) = import(writer, &sets, &settings, options, &progress).expect("imported");
    let now = "2026-11-17T00:00:00Z".parse().expect("it is a time");
    upkeep::compact(&mut writer, &rules, now, |_, _| {}).expect("it compacts");
    drop(writer);
    Archive::open(&data).expect("it was imported")
}

#[test]
fn other_tools_count_the_same() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let archive = Arc::new(archive(folder.path()));
    let table = archive.root().join("events").display().to_string();
    let text = format!("select {SUMS} from events");
    let sight = Sight::whole(archive.clone());
    let asked = query::sql(&sight, &text, Duration::from_secs(60));
    let ours = archive
        .wait(asked)
        .expect("it can be asked")
        .csv()
        .expect("numbers");
    let ours = String::from_utf8_lossy(&ours);
    let ours = ours.lines().nth(1).expect("one row").to_owned();
    assert!(!ours.ends_with(",0"), "a class has rows: {ours}");
    for (tool, modules, how) in TOOLS {
        let Some(python) = python(modules) else {
            eprintln!("skipped: {tool} (no Python with {modules})");
            continue;
        };
        let program = format!(
            "import sys, {modules}\nroot, sums = sys.argv[1:]\n\
             files = deltalake.DeltaTable(root).file_uris()\n{how}\n\
             print('told', ','.join(str(int(it)) for it in row))\n"
        );
        let told = Command::new(python)
            .args(["-c", &program, &table, SUMS])
            .output()
            .expect("it was there before");
        let out = String::from_utf8_lossy(&told.stdout);
        let line = out.lines().find_map(|line| line.strip_prefix("told "));
        let errors = String::from_utf8_lossy(&told.stderr);
        assert_eq!(line, Some(ours.as_str()), "{tool}: {out}{errors}");
    }
}
