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
    /// Summary of logs, or of the archive where no FILE is named: traffic, refusals, bounces, delays,
    /// top lists.
    Report(Report),
    /// The journey of a message, over all queues, filters and hosts: from logs, or from the archive
    /// where no FILE is named.
    Trace(Trace),
    /// Every line as a typed event.
    Parse(Parse),
    /// Takes logs into the archive, each line once.
    Import(Import),
    /// Takes lines as they come, by syslog, RELP, HTTP and from files, and answers while they do.
    Serve(Serve),
    /// Rows, or lines, as they come to the daemon.
    Tail(Tail),
    /// Who sends lines to the daemon: how many, whose clock is wrong, what was lost.
    Sources(Sources),
    /// Has the daemon put on disk what it has in memory, as before a backup.
    Commit(Commit),
    /// How the daemon does: whether it takes lines, what waits, how much room there is.
    Status(Status),
    /// The daemon's configuration.
    Config(Config),
    /// Rows of the archive that a question asks for.
    Search(Search),
    /// What happened to an account: all rows of an address, newest first.
    History(History),
    /// The story of an account: from which addresses it was used, since when, what was done from each.
    Account(Account),
    /// The mail queues, now or at any time: what waited, for whom, and why.
    Queue(Queue),
    /// The most frequent values of columns among the rows that a question asks for.
    Facets(Facets),
    /// How many rows a question asks for, over time.
    Histogram(Histogram),
    /// A question in SQL over the table `events`; reading only.
    Sql(Sql),
    /// Rows and their original lines as a signed package that anyone can check.
    Export(Export),
    /// Checks a package that `waybill export` made.
    Verify(Verify),
    /// What the archive covers: hosts, from when to when, gaps, lines that no rule knows.
    Coverage(Coverage),
    /// How large the archive is, column by column.
    Stats(Stats),
    /// How long rows are kept: classes, the domains in them, legal holds.
    Retention(Retention),
    /// Erases a person: all rows that name an address, and their lines.
    Erase(Erase),
    /// Puts small files of the archive together, packs them harder, and frees what they took.
    Compact(Compact),
    /// Reads all of the archive and says whether it is as it was written and nothing is missing.
    Check(Check),
    /// What a shell needs to complete commands, on standard output.
    Completions(Completions),
    /// Manual pages of all commands.
    Man(Man),
}

#[derive(ClapArgs)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(ClapArgs)]
pub(crate) struct Man {
    /// Folder for the pages, which is made if it is not there.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

/// Which logs, and how their times are to be understood.
#[derive(ClapArgs, Clone)]
pub(crate) struct Input {
    /// Log files: paths, globs, directories, or `-` for standard input.
    ///
    /// Plain or gz, bz2, xz, zst. Rotated files (`mail.log`, `mail.log.1`, `mail.log.2.gz`) are
    /// read in the order of time; files of several hosts side by side.
    #[arg(value_name = "FILE")]
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
    #[command(flatten)]
    pub(crate) data: Data,
    /// From the archive, of which time: `last 7 days`, `yesterday`, `2026-11-01..2026-11-15`.
    #[arg(long, short, value_name = "WHEN", conflicts_with = "files")]
    pub(crate) range: Option<String>,
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
    pub(crate) data: Data,
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

/// Which archive.
#[derive(ClapArgs, Clone)]
pub(crate) struct Data {
    /// Folder of the archive [default: `/var/lib/waybill` for root, else `waybill` in the user's
    /// data folder].
    #[arg(long, value_name = "DIR", env = "WAYBILL_DATA", global = true)]
    pub(crate) data: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Configuration [default: `/etc/waybill/waybill.toml` if it is there].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct Tail {
    /// Which rows, as `waybill search` asks [default: all]; with `--raw`: words that a line must have,
    /// `host:NAME`, `program:NAME`, `source:TEXT`.
    #[arg(value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    #[command(flatten)]
    pub(crate) when: When,
    /// The original lines too, in colour by severity.
    #[arg(long, short)]
    pub(crate) lines: bool,
    /// Each line at once as it was taken, before it is joined with others.
    #[arg(long, conflicts_with_all = ["lines", "range"])]
    pub(crate) raw: bool,
    /// One JSON object a row, or line.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Sources {
    #[command(flatten)]
    pub(crate) data: Data,
    /// One JSON object for each source, host and program.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Commit {
    #[command(flatten)]
    pub(crate) data: Data,
}

#[derive(ClapArgs)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) data: Data,
    /// As one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Config {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Says whether a configuration is right, and what is wrong.
    Check {
        /// [default: `/etc/waybill/waybill.toml` if it is there]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// What holds: file, environment, and all else.
    Show {
        /// [default: `/etc/waybill/waybill.toml` if it is there]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Every key, what it means, and what holds where nothing is said.
    Example,
}

#[derive(ClapArgs)]
pub(crate) struct Import {
    #[command(flatten)]
    pub(crate) data: Data,
    #[command(flatten)]
    pub(crate) input: Input,
    /// Take files again that were imported before.
    #[arg(long)]
    pub(crate) force: bool,
}

/// Zone of times that people read and write.
#[derive(ClapArgs, Clone)]
pub(crate) struct Zone {
    /// Zone of times shown and asked for [default: the system's].
    #[arg(long, value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
}

/// Which archive, and of which time.
#[derive(ClapArgs, Clone)]
pub(crate) struct When {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Of which time: `last 7 days`, `yesterday`, `2026-11-01..2026-11-15`.
    #[arg(long, short, value_name = "WHEN")]
    pub(crate) range: Option<String>,
    #[command(flatten)]
    pub(crate) zone: Zone,
}

/// Which rows, and how they are shown.
#[derive(ClapArgs, Clone)]
pub(crate) struct Rows {
    #[command(flatten)]
    pub(crate) when: When,
    /// So many rows at the most.
    #[arg(long, short = 'n', value_name = "N", default_value_t = 50)]
    pub(crate) limit: usize,
    /// The oldest first.
    #[arg(long)]
    pub(crate) oldest: bool,
    /// Go on behind the page that gave this.
    #[arg(long, value_name = "CURSOR")]
    pub(crate) after: Option<String>,
    /// With the original lines.
    #[arg(long, short)]
    pub(crate) lines: bool,
    /// How to write rows.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: RowFormat,
}

#[derive(ClapArgs)]
pub(crate) struct Search {
    /// What to look for: `from:anna@x.example status:bounced "user unknown"`; all where it is left
    /// out. Fields are told by `waybill search --fields`.
    #[arg(value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    #[command(flatten)]
    pub(crate) rows: Rows,
    /// Tells the fields that can be asked for.
    #[arg(long)]
    pub(crate) fields: bool,
}

#[derive(ClapArgs)]
pub(crate) struct History {
    /// The address or user.
    #[arg(value_name = "ADDRESS")]
    pub(crate) address: String,
    #[command(flatten)]
    pub(crate) rows: Rows,
}

#[derive(ClapArgs, Clone)]
pub(crate) struct Queue {
    /// Only what a word is in: of the sender, the recipient, the host, the queue id or the reply.
    #[arg(value_name = "WORD")]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) data: Data,
    /// When: `2026-11-16 14:05`, `14:05`, `2 hours ago`, `yesterday` [default: the time of the newest
    /// row].
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Only the queues of a host.
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
    /// Instead: what differs from a listing of `postqueue -j`, `-` for standard input; of a host that
    /// `--host` names, else of all. Exit code: 0 nothing, 1 something.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["words", "by"])]
    pub(crate) compare: Option<PathBuf>,
    /// Sums instead of messages.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) by: Option<QueueBy>,
    /// So many lines at the most.
    #[arg(long, short = 'n', value_name = "N", default_value_t = 1000)]
    pub(crate) limit: usize,
    /// How to write it.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: QueueFormat,
    #[command(flatten)]
    pub(crate) zone: Zone,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum QueueFormat {
    /// For people.
    Table,
    /// One JSON object a line.
    Json,
    /// One line for each recipient, or sum.
    Csv,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum QueueBy {
    /// Domain of the recipient.
    Destination,
    /// What the last attempt was told.
    Reason,
    /// How long it has waited.
    Age,
    /// Envelope sender.
    Sender,
    /// Domain of ours.
    Domain,
    /// Host of the queue.
    Host,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// For people.
    Table,
    /// One JSON object a line, with all columns.
    Json,
    /// All columns.
    Csv,
    /// A file for programs, with all columns and the original lines byte for byte: `> rows.parquet`.
    Parquet,
}

/// Which rows a sum is made of.
#[derive(ClapArgs, Clone)]
pub(crate) struct Asked {
    /// What to look for, as for `waybill search`; all where it is left out.
    #[arg(value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    #[command(flatten)]
    pub(crate) when: When,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Facets {
    #[command(flatten)]
    pub(crate) asked: Asked,
    /// Columns, separated by commas.
    #[arg(
        long,
        value_name = "COLUMNS",
        value_delimiter = ',',
        default_value = "kind,host,account_domain"
    )]
    pub(crate) by: Vec<String>,
    /// So many values of each at the most.
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10)]
    pub(crate) limit: usize,
}

#[derive(ClapArgs)]
pub(crate) struct Histogram {
    #[command(flatten)]
    pub(crate) asked: Asked,
    /// Length of a bar: `1h`, `10m`, `1d`.
    #[arg(long, value_name = "LENGTH", default_value = "1h")]
    pub(crate) every: String,
}

#[derive(ClapArgs)]
pub(crate) struct Sql {
    /// `select kind, count(*) from events where day = '2026-11-01' group by kind`
    #[arg(value_name = "QUERY")]
    pub(crate) query: String,
    #[command(flatten)]
    pub(crate) data: Data,
    /// How to write the answer.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: RowFormat,
    /// Seconds that it may take.
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub(crate) timeout: u64,
}

#[derive(ClapArgs)]
pub(crate) struct Export {
    /// What to export, as for `waybill search`; all where it is left out.
    #[arg(value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    /// Folder of the package: empty, not there, or of the same export, which then goes on.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) to: PathBuf,
    #[command(flatten)]
    pub(crate) when: When,
    /// How to write rows.
    #[arg(long, value_enum, default_value = "ndjson")]
    pub(crate) format: ExportFormat,
    /// Who asked, for the record [default: the user].
    #[arg(long, value_name = "NAME")]
    pub(crate) asked_by: Option<String>,
    /// Key to sign with, Ed25519 as PKCS#8 PEM [default: `export.key` of the archive, made when it is
    /// not there].
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// No progress.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Verify {
    /// The package.
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// Public key of who must have signed it, PEM.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct Account {
    /// Its address, or the user as it logs in.
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: String,
    #[command(flatten)]
    pub(crate) when: When,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Coverage {
    #[command(flatten)]
    pub(crate) when: When,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Stats {
    #[command(flatten)]
    pub(crate) data: Data,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Retention {
    #[command(flatten)]
    pub(crate) data: Data,
    #[command(subcommand)]
    pub(crate) command: Option<RetentionCommand>,
}

impl Retention {
    /// Whether stored rows are looked at, and not only rules.
    pub(crate) fn is_done_to_rows(&self) -> bool {
        matches!(self.command, Some(RetentionCommand::Apply { .. }))
    }
}

#[derive(Subcommand)]
pub(crate) enum RetentionCommand {
    /// Tells the rules, and what the archive has of each class.
    Show {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Makes a class, or gives it other days.
    Class {
        /// Its name: small letters, digits, `-`, `_`. `standard` is that of all domains that are put
        /// into no other.
        #[arg(value_name = "NAME")]
        name: String,
        /// Days for which its rows are kept, or `forever`.
        #[arg(value_name = "DAYS", value_parser = days)]
        days: Days,
    },
    /// Takes a class away that no domain is in.
    RemoveClass {
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Puts domains into a class; rows that are stored follow at the next `waybill compact`.
    Domain {
        /// The class; `standard` takes them out of any other.
        #[arg(value_name = "CLASS")]
        class: String,
        /// The domains of the accounts.
        #[arg(value_name = "DOMAIN", required = true)]
        domains: Vec<String>,
    },
    /// Holds all rows that answer a question: they neither expire nor are erased.
    Hold {
        /// Name of the case.
        #[arg(value_name = "NAME")]
        name: String,
        /// What to hold, as for `waybill search`: `any:anna@example.org after:2026-01-01`.
        #[arg(value_name = "QUERY", required = true)]
        query: Vec<String>,
    },
    /// Ends a hold.
    Release {
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Lets go what is older than its class allows.
    Apply {
        /// Only tell what would go.
        #[arg(long)]
        dry_run: bool,
    },
}

/// For how long; `None` is for ever.
#[derive(Clone, Copy)]
pub(crate) struct Days(pub(crate) Option<u32>);

fn days(text: &str) -> Result<Days, String> {
    match text {
        "forever" => Ok(Days(None)),
        _ => match text.parse() {
            Ok(days) if days > 0 => Ok(Days(Some(days))),
            _ => Err("days, 1 or more, or `forever`".to_owned()),
        },
    }
}

#[derive(ClapArgs)]
pub(crate) struct Erase {
    /// The address.
    #[arg(value_name = "ADDRESS")]
    pub(crate) address: String,
    #[command(flatten)]
    pub(crate) data: Data,
    /// Do it; without, it is only told what would go.
    #[arg(long)]
    pub(crate) yes: bool,
    /// No progress bar.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Compact {
    #[command(flatten)]
    pub(crate) data: Data,
    /// No progress bar.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Write files anew of which only the index, or what can be spared, is damaged.
    #[arg(long)]
    pub(crate) rebuild: bool,
    /// No progress bar.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ExportFormat {
    /// One JSON object a line.
    Ndjson,
    /// All columns, and the original lines in the last.
    Csv,
    /// For programs: all columns, and the original lines byte for byte.
    Parquet,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum EventFormat {
    /// One JSON object a line.
    Ndjson,
    /// Fixed columns, and the other fields as JSON in the last.
    Csv,
}
