//! `cargo xtask gen`: a generated day of mail logs, and the truth beside it.

use crate::shell;
use anyhow::{Context, ensure};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use traffic::{Plan, Stamps, Summary, TrueMessage};

/// More lines than this are made by a build for speed.
const LINES_IN_DEBUG_MAX: u64 = 300_000;

/// Makes a day of mail logs, and the truth beside it.
///
/// Equal arguments give equal bytes. `truth.ndjson` has one true message a line: its queue items,
/// its recipients and how each ended.
#[derive(clap::Args)]
pub(crate) struct Gen {
    /// About how many lines.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    lines: u64,
    /// Where chance starts from.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// When it begins, as 2026-11-16T00:00:00Z [default: that].
    #[arg(long, value_name = "TIME")]
    start: Option<jiff::Timestamp>,
    /// Over how many days.
    #[arg(long, value_name = "N", default_value_t = 1)]
    days: u32,
    /// How lines are headed.
    #[arg(long, value_enum, default_value = "rfc3339-micros")]
    stamps: Header,
    /// Zone of the stamps, minutes east of UTC.
    #[arg(
        long,
        value_name = "MINUTES",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    zone: i32,
    /// Lines come up to N milliseconds late, so out of order.
    #[arg(long, value_name = "N", default_value_t = 0)]
    shuffle_ms: u32,
    /// One file for each host, not one for all.
    #[arg(long)]
    per_host: bool,
    /// A folder (exists, or ends in `/`), a file, or `-` for standard output without truth
    /// [default: target/gen/].
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Header {
    Rfc3339Micros,
    Rfc3339,
    Rfc3164,
    Rfc5424,
}

impl Gen {
    fn plan(&self) -> Plan {
        let usual = Plan::default();
        Plan {
            lines: self.lines,
            seed: self.seed,
            start: self.start.map_or(usual.start, |it| it.as_second()),
            days: self.days,
            stamps: match self.stamps {
                Header::Rfc3339Micros => Stamps::Rfc3339Micros,
                Header::Rfc3339 => Stamps::Rfc3339,
                Header::Rfc3164 => Stamps::Rfc3164,
                Header::Rfc5424 => Stamps::Rfc5424,
            },
            shuffle_ms: self.shuffle_ms,
            zone_offset_minutes: self.zone,
            hosts_separate: self.per_host,
        }
    }
}

pub(crate) fn run(verb: &Gen) -> anyhow::Result<()> {
    if verb.lines > LINES_IN_DEBUG_MAX
        && let Some(result) = shell::again_in_release(&[])
    {
        return result;
    }
    let plan = verb.plan();
    let default = shell::target_dir().join("gen/");
    let out = verb.out.as_deref().unwrap_or(&default);
    if out == Path::new("-") {
        return to_standard_output(&plan);
    }
    let is_folder = out.is_dir() || out.as_os_str().as_encoded_bytes().ends_with(b"/");
    ensure!(
        is_folder || !verb.per_host,
        "`--per-host` writes several files: `--out` must be a folder"
    );
    let folder = if is_folder {
        out
    } else {
        out.parent().unwrap_or(Path::new("."))
    };
    let logs = match (verb.per_host, is_folder) {
        (true, _) => Logs::of_hosts(folder)?,
        (false, true) => Logs::all_in(&out.join("mail.log"))?,
        (false, false) => Logs::all_in(out)?,
    };
    let summary = write(&plan, logs, &folder.join("truth.ndjson"), |_| {})?;
    let Summary {
        lines,
        messages,
        deliveries,
        ..
    } = summary;
    eprintln!(
        "{}: {lines} lines, {messages} messages, {deliveries} deliveries; truth.ndjson beside it",
        out.display()
    );
    Ok(())
}

/// The files that lines go to.
pub(crate) struct Logs {
    folder: PathBuf,
    all: Option<BufWriter<File>>,
    of_host: HashMap<String, BufWriter<File>>,
}

impl Logs {
    /// One file for all hosts.
    pub(crate) fn all_in(file: &Path) -> anyhow::Result<Self> {
        Ok(Logs {
            folder: PathBuf::new(),
            all: Some(create(file)?),
            of_host: HashMap::new(),
        })
    }

    /// `HOST.log` in a folder.
    fn of_hosts(folder: &Path) -> anyhow::Result<Self> {
        Ok(Logs {
            folder: folder.to_owned(),
            all: None,
            of_host: HashMap::new(),
        })
    }

    fn put(&mut self, host: &str, line: &[u8]) -> anyhow::Result<()> {
        let file = match &mut self.all {
            Some(all) => all,
            None if self.of_host.contains_key(host) => {
                self.of_host.get_mut(host).expect("it was just found")
            }
            None => {
                let file = create(&self.folder.join(format!("{host}.log")))?;
                self.of_host.entry(host.to_owned()).or_insert(file)
            }
        };
        file.write_all(line)?;
        Ok(file.write_all(b"\n")?)
    }

    fn finish(self) -> io::Result<()> {
        self.all
            .into_iter()
            .chain(self.of_host.into_values())
            .try_for_each(|mut file| file.flush())
    }
}

fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make folder `{}`", folder.display()))?;
    }
    let file = File::create(path).with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(BufWriter::with_capacity(1 << 18, file))
}

/// Writes logs and truth; shows each true message to `look`.
pub(crate) fn write(
    plan: &Plan,
    mut logs: Logs,
    truth: &Path,
    mut look: impl FnMut(&TrueMessage),
) -> anyhow::Result<Summary> {
    let mut truth = create(truth)?;
    let (mut lines_result, mut truth_result) = (Ok(()), Ok(()));
    let summary = traffic::write_day(
        plan,
        &mut |host, line| {
            if lines_result.is_ok() {
                lines_result = logs.put(host, line);
            }
        },
        &mut |message| {
            look(message);
            if truth_result.is_ok() {
                truth_result = put_truth(&mut truth, message);
            }
        },
    );
    lines_result.context("cannot write the log")?;
    truth_result.context("cannot write the truth")?;
    logs.finish().context("cannot write the log")?;
    truth.flush().context("cannot write the truth")?;
    Ok(summary)
}

fn put_truth(to: &mut impl Write, message: &TrueMessage) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *to, message)?;
    Ok(to.write_all(b"\n")?)
}

fn to_standard_output(plan: &Plan) -> anyhow::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 18, io::stdout().lock());
    let mut result = Ok(());
    traffic::write_day(
        plan,
        &mut |_, line| {
            if result.is_ok() {
                result = out.write_all(line).and_then(|()| out.write_all(b"\n"));
            }
        },
        &mut |_| {},
    );
    match result.and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}
