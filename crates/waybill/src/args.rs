//! The command line.

use anstyle::{AnsiColor, Style};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const NOTE: Style = AnsiColor::Cyan.on_default();

/// What happened to my mail?
///
/// Waybill reads the logs of mail servers and tells what became of each message.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 answered; 1 nothing found; 2 wrong command line, or nothing \
    could be read; 3 answered, but some input could not be read."
)]
pub(crate) struct Args {
    /// When to use colour.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

impl Color {
    /// Makes it the choice for all output.
    pub(crate) fn write_global(self) {
        let choice = match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Summary of the logs: traffic, refusals, bounces, delays, top lists.
    Report(Report),
    /// The journey of a message, over all queues, filters and hosts.
    Trace(Trace),
    /// Every line as a typed event.
    Parse(Parse),
}

/// Which logs, and how their times are to be understood.
#[derive(ClapArgs, Clone)]
pub(crate) struct Input {
    /// Log files: paths, globs, directories, or `-` for standard input.
    ///
    /// Plain or gz, bz2, xz, zst. Rotated files (`mail.log`, `mail.log.1`, `mail.log.2.gz`) are
    /// read in the order of time; files of several hosts side by side.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<OsString>,
    /// Year of the first line, where lines have none [default: by the file's time].
    #[arg(long, value_parser = clap::value_parser!(i16).range(1970..=2261))]
    pub(crate) year: Option<i16>,
    /// Zone of times that have none: a name (`Europe/Rome`), `UTC`, or an offset (`+01:00`)
    /// [default: the system's].
    #[arg(long, value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// Host of lines that name none, as in files that Exim, Dovecot or qmail write themselves: by it
    /// they are joined with syslog's of the same host.
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
    /// No progress bar.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Report {
    #[command(flatten)]
    pub(crate) input: Input,
    /// How to write it.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: ReportFormat,
    /// Where to write it [default: standard output].
    #[arg(long, short, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
    /// Length of the top lists.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: usize,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For a terminal or a mail.
    Text,
    /// For programs.
    Json,
    /// One page with charts that needs nothing else.
    Html,
}

#[derive(ClapArgs)]
pub(crate) struct Trace {
    /// A Message-ID (`<a@b>`), a queue id (`4jXMZG2fzbz1Xf28`), or an address (`anna@example.org`).
    #[arg(value_name = "WHAT")]
    pub(crate) what: String,
    #[command(flatten)]
    pub(crate) input: Input,
    /// What WHAT is, where it could be more than one thing.
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) by: Option<By>,
    /// As JSON, one journey a line.
    #[arg(long)]
    pub(crate) json: bool,
    /// Without the original lines.
    #[arg(long)]
    pub(crate) no_lines: bool,
    /// Show so many journeys at the most, the newest.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum By {
    MessageId,
    QueueId,
    Address,
}

#[derive(ClapArgs)]
pub(crate) struct Parse {
    #[command(flatten)]
    pub(crate) input: Input,
    /// How to write events.
    #[arg(long, value_enum, default_value = "ndjson")]
    pub(crate) format: EventFormat,
    /// Instead of events: lines per program and rule, and samples of unknown lines.
    #[arg(long)]
    pub(crate) stats: bool,
    /// Samples of unknown lines for each program.
    #[arg(long, value_name = "N", default_value_t = 3, requires = "stats")]
    pub(crate) samples: usize,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum EventFormat {
    /// One JSON object a line.
    Ndjson,
    /// Fixed columns, and the other fields as JSON in the last.
    Csv,
}
