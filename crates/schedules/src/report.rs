//! A report: the figures of a time, how complete they are, and what of it is shown.

use crate::figures::{Line, Series, Table, Traffic};
use crate::language::Language;
use crate::limits::{LATE, MISSING, NOTES_MAX, STRETCH_SECS};
use crate::shown::visible;
use crate::source::{Coverage, Source};
use crate::span::{Compared, Span};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use tenancy::CustomerId;

/// Tables of a mail, in order; who wants more looks at the page.
const TOLD: [&str; 13] = [
    "domains",
    "destinations",
    "slowest",
    "rejections",
    "bounces",
    "deferrals",
    "verdicts",
    "checks",
    "tls",
    "senders",
    "recipients",
    "clients",
    "relays",
];

/// What a report is of.
pub(crate) struct Wanted {
    pub(crate) name: String,
    /// Whose mail; `None`: all.
    pub(crate) owner: Option<CustomerId>,
    /// Their name.
    pub(crate) whose: Option<String>,
    pub(crate) language: Language,
    pub(crate) zone: TimeZone,
    pub(crate) range: Compared,
    /// When it was due and when it was begun, where it was by itself.
    pub(crate) due: Option<(Timestamp, Timestamp)>,
    /// How many before it were missed.
    pub(crate) missed: i64,
    /// Where people reach the page.
    pub(crate) page: Option<String>,
}

/// A report, to be written.
pub struct Report {
    pub(crate) wanted: Wanted,
    traffic: Traffic,
    tables: Vec<(&'static Table, Vec<Line>)>,
    coverage: Coverage,
}

/// A table as it is shown.
pub(crate) struct Sheet {
    pub(crate) title: String,
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// A line of it.
pub(crate) struct Row {
    pub(crate) name: String,
    /// Below the name.
    pub(crate) note: Option<String>,
    pub(crate) cells: Vec<String>,
}

/// A stretch of time.
pub(crate) struct Bar {
    pub(crate) label: String,
    /// Of the longest bar, 0 to 100.
    pub(crate) percent: u64,
    pub(crate) cells: Vec<String>,
}

impl Report {
    /// Has everything counted.
    pub(crate) async fn count(source: &dyn Source, wanted: Wanted) -> Result<Self, String> {
        let (owner, range) = (wanted.owner, &wanted.range);
        let asked = Traffic::sql(range, STRETCH_SECS);
        let rows = source.rows(owner, asked).await?;
        let traffic = Traffic::of(&rows, range, STRETCH_SECS);
        let mut tables = Vec::with_capacity(TOLD.len());
        for table in TOLD.iter().filter_map(|id| Table::named(id)) {
            let rows = source.rows(owner, table.sql(range, "")).await?;
            tables.push((table, table.lines(&rows)));
        }
        let all = Span {
            from: range.before.from,
            until: range.now.until,
        };
        let coverage = source.coverage(owner, all).await?;
        Ok(Report {
            wanted,
            traffic,
            tables,
            coverage,
        })
    }

    /// In a line: its name and its time.
    pub fn subject(&self) -> String {
        format!("{}: {}", visible(&self.wanted.name), self.period())
    }

    /// Of which time it is.
    pub(crate) fn period(&self) -> String {
        self.days(self.wanted.range.now)
    }

    fn days(&self, span: Span) -> String {
        let language = self.wanted.language;
        let first = self.zoned(span.from).date();
        let last = self.zoned(span.until).date();
        let last = last.yesterday().unwrap_or(last).max(first);
        match first == last {
            true => language.date(first),
            false => format!("{} – {}", language.date(first), language.date(last)),
        }
    }

    fn zoned(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.wanted.zone.clone())
    }

    fn time(&self, at: Timestamp) -> String {
        self.wanted.language.time(&self.zoned(at))
    }

    /// Whose mail, and what it is compared with, if with anything.
    pub(crate) fn whose(&self) -> String {
        let language = self.wanted.language;
        let whose = self.wanted.whose.as_deref().map(visible);
        let whose = whose.unwrap_or_else(|| language.own("of_all", &[]));
        if !self.has_before() {
            return whose;
        }
        let before = self.days(self.wanted.range.before);
        format!("{whose}, {}", language.own("compared", &[&before]))
    }

    /// Whether there are logs of the time before.
    fn has_before(&self) -> bool {
        let first = self.coverage.first;
        first.is_none_or(|it| it < self.wanted.range.before.until)
    }

    /// What is said before the figures.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let language = self.wanted.language;
        let late = self
            .wanted
            .due
            .filter(|(due, began)| began.duration_since(*due) > LATE);
        let late = late.map(|(due, _)| language.own("late", &[&self.time(due)]));
        let missed = (self.wanted.missed > 0)
            .then(|| language.own("missed", &[&self.wanted.missed.to_string()]));
        late.into_iter().chain(missed).collect()
    }

    /// How complete the figures are.
    pub(crate) fn coverage(&self) -> Vec<String> {
        let language = self.wanted.language;
        let Compared { now, before } = self.wanted.range;
        let Some(first) = self.coverage.first else {
            return vec![language.own("no_logs", &[])];
        };
        let mut notes = Vec::new();
        if first > now.from + MISSING {
            notes.push(language.own("now_missing", &[&self.time(first)]));
        } else if first > before.from + MISSING {
            notes.push(language.own("before_missing", &[&self.time(first)]));
        }
        let is_of_now = |gap: &&Span| gap.until > now.from && gap.from < now.until;
        let mut missing = Vec::new();
        for gap in &self.coverage.gaps {
            let [from, until] = [gap.from, gap.until].map(|at| self.time(at));
            missing.push(language.own("gap", &[&from, &until]));
        }
        for host in &self.coverage.hosts {
            let name = visible(&host.host);
            if host.last < now.from {
                missing.push(language.own("host_silent", &[&name, &self.time(host.last)]));
                continue;
            }
            for gap in host.gaps.iter().filter(is_of_now) {
                let [from, until] = [gap.from, gap.until].map(|at| self.time(at));
                missing.push(language.own("host_gap", &[&name, &from, &until]));
            }
        }
        let more = missing.len().saturating_sub(NOTES_MAX);
        notes.extend(missing.into_iter().take(NOTES_MAX));
        if more > 0 {
            notes.push(language.own("more", &[&more.to_string()]));
        }
        if notes.is_empty() {
            notes.push(language.own("whole", &[]));
        }
        let hosts = &self.coverage.hosts;
        if !hosts.is_empty() {
            let lines = hosts.iter().map(|it| it.lines).sum::<u64>();
            let unknown = hosts.iter().map(|it| it.lines_unknown).sum::<u64>();
            #[expect(clippy::cast_precision_loss, reason = "it is a share")]
            let share = unknown as f64 / lines.max(1) as f64;
            let hosts = language.count(hosts.len() as u64);
            let [lines, unknown] = [lines, unknown].map(|it| language.count(it));
            let share = language.percent(share);
            notes.push(language.own("lines", &[&lines, &hosts, &unknown, &share]));
        }
        notes
    }

    /// Traffic of the whole time.
    pub(crate) fn totals(&self) -> Sheet {
        let language = self.wanted.language;
        let mut head = vec![language.page("now").to_owned()];
        if self.has_before() {
            head.push(language.page("before").to_owned());
            head.push(language.own("difference", &[]));
        }
        let row = |it: &Series| {
            let mut cells = vec![language.count(it.total)];
            if self.has_before() {
                cells.push(language.count(it.total_before));
                cells.push(language.change(it.total, it.total_before));
            }
            Row {
                name: language.page(it.id).to_owned(),
                note: None,
                cells,
            }
        };
        Sheet {
            title: language.page("traffic").to_owned(),
            head,
            rows: self.traffic.series.iter().map(row).collect(),
        }
    }

    /// Traffic by day, or by hour of a single day: its title, names of its numbers, and the stretches.
    pub(crate) fn bars(&self) -> (String, Vec<String>, Vec<Bar>) {
        let language = self.wanted.language;
        let now = self.wanted.range.now;
        let first = self.zoned(now.from);
        let is_day = first.tomorrow().is_ok_and(|it| it.timestamp() >= now.until);
        let ids = ["accepted", "sent", "bounced", "rejected"];
        let mut stretches: Vec<(String, [u64; 4])> = Vec::new();
        let mut at = now.from;
        let places = self.traffic.series.first().map_or(0, |it| it.now.len());
        for place in 0..places {
            let zoned = self.zoned(at);
            let label = match is_day {
                // Of an hour that comes twice both are shown.
                true => format!("{:02}:00 {}", zoned.hour(), zoned.offset()),
                false => language.day(zoned.date()),
            };
            if stretches.last().is_none_or(|it| it.0 != label) {
                stretches.push((label, [0; 4]));
            }
            if let Some((_, sums)) = stretches.last_mut() {
                for (sum, id) in sums.iter_mut().zip(ids) {
                    let series = self.traffic.series(id);
                    *sum += series.and_then(|it| it.now.get(place)).unwrap_or(&0);
                }
            }
            at += jiff::SignedDuration::from_secs(self.traffic.every);
        }
        let most = stretches.iter().map(|it| it.1[0]).max().unwrap_or(0).max(1);
        let offsets = stretches.iter().map(|it| it.0.get(6..).unwrap_or_default());
        let has_one = is_day && offsets.collect::<std::collections::BTreeSet<_>>().len() == 1;
        let bar = |(label, sums): (String, [u64; 4])| Bar {
            label: match has_one {
                true => label.get(..5).unwrap_or_default().to_owned(),
                false => label,
            },
            percent: sums[0] * 100 / most,
            cells: sums.map(|it| language.count(it)).to_vec(),
        };
        let title = if is_day { "by_hour" } else { "by_day" };
        let head = ids.map(|id| language.page(id).to_owned()).to_vec();
        let bars = stretches.into_iter().map(bar).collect();
        (language.own(title, &[]), head, bars)
    }

    /// All tables.
    pub(crate) fn sheets(&self) -> Vec<Sheet> {
        let tables = self.tables.iter();
        tables
            .map(|(table, lines)| self.sheet(table, lines))
            .collect()
    }

    fn sheet(&self, table: &Table, lines: &[Line]) -> Sheet {
        let language = self.wanted.language;
        let columns = table.columns();
        // Of many columns there is room for those of now.
        let has_before = self.has_before() && columns.len() <= 2;
        let is_status = table.keys().any(|it| it == "enhanced_status");
        let mut head = vec![match is_status {
            true => language.page("reason").to_owned(),
            false => language
                .page(table.keys().next().unwrap_or_default())
                .to_owned(),
        }];
        for (at, column) in columns.iter().enumerate() {
            head.push(language.page(column.id).to_owned());
            if has_before && at == 0 {
                head.push(language.page("before").to_owned());
            }
        }
        if table.has_share {
            head.push(language.page("share").to_owned());
        }
        let row = |line: &Line| {
            let mut cells = Vec::new();
            for (at, (figure, column)) in line.figures.iter().zip(columns).enumerate() {
                cells.push(language.figure(figure.now, column.form));
                if has_before && at == 0 {
                    cells.push(language.figure(figure.before, column.form));
                }
            }
            if table.has_share {
                cells.push(language.percent(share(lines, line)));
            }
            Row {
                name: self.name(table, line, is_status),
                note: line.sample.as_deref().map(visible),
                cells,
            }
        };
        Sheet {
            title: language.page(table.id).to_owned(),
            rows: lines.iter().map(row).collect(),
            head,
        }
    }

    /// What a line is about.
    fn name(&self, table: &Table, line: &Line, is_status: bool) -> String {
        let language = self.wanted.language;
        let word = |(id, value): (&str, &Option<String>)| match (id, value.as_deref()) {
            ("tls", None) => Some(language.page("noTls").to_owned()),
            ("kind", Some("message.accepted")) => Some(language.page("inbound").to_owned()),
            ("kind", Some(kind)) => {
                let key = format!("{}_row", kind.rsplit('.').next().unwrap_or_default());
                Some(language.own(&key, &[]))
            }
            ("enhanced_status", Some(status)) => {
                let status = visible(status);
                Some(
                    format!("{status} {}", language.cause(&status))
                        .trim_end()
                        .to_owned(),
                )
            }
            ("sender", Some("")) => Some("<>".to_owned()),
            (_, Some(value)) => Some(visible(value)),
            (_, None) if is_status => None,
            (_, None) => Some(language.page("none").to_owned()),
        };
        let words: Vec<_> = table.keys().zip(&line.keys).filter_map(word).collect();
        match words.is_empty() {
            true => language.page("none").to_owned(),
            false => words.join(" "),
        }
    }

    /// What is said behind the figures.
    pub(crate) fn footer(&self) -> Vec<String> {
        let language = self.wanted.language;
        let zone = self.wanted.zone.iana_name().unwrap_or("UTC");
        let name = visible(&self.wanted.name);
        vec![
            language.page("hops").to_owned(),
            language.own("when", &[zone]),
            language.own("by_whom", &[&name]),
        ]
    }

    /// The page with the same figures, and what the way there is called.
    pub(crate) fn link(&self) -> Option<(String, String)> {
        let mut url = url::Url::parse(self.wanted.page.as_deref()?).ok()?;
        let Span { from, until } = self.wanted.range.now;
        url.path_segments_mut().ok()?.pop_if_empty().push("reports");
        url.query_pairs_mut()
            .append_pair("range", &format!("{from}..{until}"));
        let word = self.wanted.language.own("on_the_page", &[]);
        Some((url.into(), word))
    }
}

/// The part of the first column, of lines that have the first of several keys in common.
fn share(all: &[Line], line: &Line) -> f64 {
    let of = |it: &Line| it.figures.first().and_then(|it| it.now).unwrap_or_default();
    let is_same = |it: &&Line| line.keys.len() == 1 || it.keys.first() == line.keys.first();
    let sum: f64 = all.iter().filter(is_same).map(of).sum();
    if sum > 0.0 { of(line) / sum } else { 0.0 }
}
