//! `waybill export` and `waybill verify`: packages that anyone can check.

use crate::Ended;
use crate::args::{Data, ERROR, Export, ExportFormat, NOTE, Verify};
use crate::asker::Asker;
use crate::{rows, socket};
use anyhow::Context;
use evidence::{
    Coverage, Cut, Description, FileWriter, HostCoverage, Package, SigningKey, VerifyingKey,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use query::{Found, Lines, Sight};
use search::{Search, TimeRange};
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Archive;

pub(crate) fn run(command: &Export, asker: &mut Asker<'_>) -> anyhow::Result<Ended> {
    let (search, _) = asker.question(&command.query.join(" "), &command.when)?;
    commit_first(&command.when.data, asker)?;
    let archive = asker.archive(&command.when.data)?;
    let key = signing_key(command)?;
    let sight = Sight::whole(Arc::clone(&archive));
    let description = description(&archive, &sight, command, &search, asker.manner.now)?;
    let mut package = Package::create_or_resume(&command.to, description)
        .with_context(|| format!("cannot export to `{}`", command.to.display()))?;
    let days = query::days(&sight, search.range);
    let bar = progress(days.len() as u64, command.quiet);
    let mut written = 0;
    for day in &days {
        bar.set_message(day.clone());
        if !is_finished(&package, &name(day, command.format)) {
            written += write_day(&sight, &search, day, command.format, &mut package)?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let files = package.files().len();
    let manifest = package.seal(&key)?;
    drop(manifest);
    anstream::println!(
        "{written} rows in {files} files, sealed in {}; signed by {}",
        command.to.display(),
        key.verifying_key().fingerprint()
    );
    anstream::println!("`waybill verify {}` checks it", command.to.display());
    Ok(Ended::Answered)
}

/// The package is written here, where the asker can write: so a daemon puts on disk what it has in
/// memory first.
fn commit_first(data: &Data, asker: &mut Asker<'_>) -> anyhow::Result<()> {
    let question = ["waybill", "commit"].map(OsString::from).into_iter();
    let out = &mut std::io::sink();
    let code = socket::ask(&data.folder(), question, &asker.manner, out, asker.notes)?;
    let is_done = matches!(code, None | Some(0));
    anyhow::ensure!(
        is_done,
        "the newest rows are not on disk, and would be missing"
    );
    Ok(())
}

fn name(day: &str, format: ExportFormat) -> String {
    match format {
        ExportFormat::Ndjson => format!("{day}.ndjson"),
        ExportFormat::Csv => format!("{day}.csv"),
        ExportFormat::Parquet => format!("{day}.parquet"),
    }
}

fn is_finished(package: &Package, name: &str) -> bool {
    package.files().iter().any(|file| file.name == name)
}

fn write_day(
    sight: &Sight,
    search: &Search,
    day: &str,
    format: ExportFormat,
    package: &mut Package,
) -> anyhow::Result<u64> {
    let cut = match format {
        ExportFormat::Ndjson => Some(Cut::Lines),
        ExportFormat::Csv => Some(Cut::Csv),
        ExportFormat::Parquet => None,
    };
    let file = package.begin_file(&name(day, format), cut)?;
    let mut out = match format {
        ExportFormat::Ndjson => Out::Ndjson(file),
        ExportFormat::Csv => Out::csv(file)?,
        ExportFormat::Parquet => Out::Parquet(Box::new(query::ParquetRows::new(file)?)),
    };
    let mut written = 0;
    let mut take = |row: &Found, lines: &Lines| {
        written += 1;
        out.row(row, lines)
    };
    sight.wait(query::walk(
        sight,
        (&search.filter, search.range, day),
        &mut take,
    ))??;
    if written > 0 {
        out.finish()?;
    }
    Ok(written)
}

/// A file of an export.
enum Out<'p> {
    Ndjson(FileWriter<'p>),
    Csv(FileWriter<'p>),
    Parquet(Box<query::ParquetRows<FileWriter<'p>>>),
}

impl<'p> Out<'p> {
    fn csv(mut file: FileWriter<'p>) -> anyhow::Result<Self> {
        writeln!(file, "{},original_lines", query::csv_names())?;
        Ok(Out::Csv(file))
    }

    fn row(&mut self, row: &Found, lines: &Lines) -> anyhow::Result<()> {
        match self {
            Out::Ndjson(file) => {
                let mut object = row.json();
                object.insert("original_lines".to_owned(), rows::json_lines(lines));
                writeln!(file, "{}", serde_json::Value::Object(object))?;
            }
            Out::Csv(file) => {
                query::csv_row(row, file)?;
                let lines: Vec<_> = lines
                    .iter()
                    .map(|(_, line)| String::from_utf8_lossy(line))
                    .collect();
                writeln!(file, ",{}", query::csv_field(&lines.join("\n")))?;
            }
            Out::Parquet(file) => file.row(row, lines)?,
        }
        Ok(())
    }

    fn finish(self) -> anyhow::Result<()> {
        match self {
            Out::Ndjson(file) | Out::Csv(file) => file.finish()?,
            Out::Parquet(file) => file.finish()?.finish()?,
        };
        Ok(())
    }
}

fn description(
    archive: &Archive,
    sight: &Sight,
    command: &Export,
    search: &Search,
    now: jiff::Timestamp,
) -> anyhow::Result<Description> {
    let time = |micros: i64| jiff::Timestamp::from_microsecond(micros).ok();
    let TimeRange { from, until } = search.range;
    let user = || std::env::var("USER").unwrap_or_else(|_| "unknown".to_owned());
    Ok(Description {
        archive_id: archive.identity()?,
        query: search.filter.to_string(),
        since: (from != i64::MIN).then(|| time(from)).flatten(),
        until: (until != i64::MAX).then(|| time(until)).flatten(),
        asked_by: command.asked_by.clone().unwrap_or_else(user),
        asked_at: now,
        coverage: coverage(sight, search.range)?,
    })
}

/// What the archive has of each host in the range.
fn coverage(sight: &Sight, range: TimeRange) -> anyhow::Result<Coverage> {
    let mut coverage = Coverage::default();
    for host in sight.wait(query::coverage(sight, range))?.hosts {
        coverage.lines += host.lines;
        coverage.lines_unknown += host.lines_unknown;
        coverage.hosts.push(HostCoverage {
            host_name: host.host,
            first_line_at: jiff::Timestamp::from_microsecond(host.first)?,
            last_line_at: jiff::Timestamp::from_microsecond(host.last)?,
        });
    }
    Ok(coverage)
}

/// The key that was named, else that of the archive.
fn signing_key(command: &Export) -> anyhow::Result<SigningKey> {
    let of_archive = || command.when.data.folder().join("export.key");
    let path: PathBuf = command.key.clone().unwrap_or_else(of_archive);
    if command.key.is_some() || path.exists() {
        return SigningKey::open(&path).with_context(|| format!("cannot use `{}`", path.display()));
    }
    let key = SigningKey::generate()?;
    // First, so that there is no key without it.
    let public = path.with_extension("pub.pem");
    std::fs::write(&public, key.verifying_key().to_pem())
        .with_context(|| format!("cannot write `{}`", public.display()))?;
    key.store(&path)?;
    anstream::eprintln!(
        "{NOTE}note:{NOTE:#} made the key `{}`; give `{}` to those who check",
        path.display(),
        public.display()
    );
    Ok(key)
}

fn progress(days: u64, quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:32.cyan/dim} {pos} of {len} days  {msg}  {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━━╌");
    ProgressBar::with_draw_target(Some(days), ProgressDrawTarget::stderr()).with_style(style)
}

pub(crate) fn verify(command: &Verify) -> anyhow::Result<Ended> {
    let key = command.key.as_deref().map(verifying_key).transpose()?;
    let report = evidence::verify(&command.folder, key.as_ref())?;
    for fault in &report.faults {
        anstream::println!("{ERROR}fault:{ERROR:#} {fault}");
    }
    if report.faults_untold > 0 {
        anstream::println!("{} more faults", report.faults_untold);
    }
    if !report.is_sound() {
        return Ok(Ended::NothingFound);
    }
    if let (Some(manifest), Some(signer)) = (&report.manifest, &report.signer) {
        anstream::println!(
            "sound: {} files of `{}`, asked by {} at {}",
            manifest.files.len(),
            manifest.description.query,
            manifest.description.asked_by,
            manifest.description.asked_at
        );
        let known = match report.is_known_key {
            true => "the key that you named",
            false => "not checked against a known key: compare it with what the signer told you",
        };
        anstream::println!("signed by {signer}, {known}");
    }
    Ok(Ended::Answered)
}

fn verifying_key(path: &Path) -> anyhow::Result<VerifyingKey> {
    let pem = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    VerifyingKey::from_pem(&pem).with_context(|| format!("`{}` is no public key", path.display()))
}
