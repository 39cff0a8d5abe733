//! What the index leaves out is nothing that was asked for: answers are those of looking at every
//! row, for questions made of what rows hold.

mod scoped;

use jiff::tz::TimeZone;
use model::Timestamp;
use pipeline::{Settings, WINDOW_MS};
use query::{Found, Page, Sight, State};
use record::{Options, import};
use search::{Cursor, Filter, Order, Search, TimeRange};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use store::{Archive, Column};
use tempfile::TempDir;
use traffic::{Plan, write_day};

fn archive(lines: u64, seed: u64, commit_bytes: usize) -> (TempDir, Archive) {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let mut text = Vec::new();
    let plan = Plan {
        lines,
        seed,
        ..Plan::default()
    };
    let mut put = |_: &str, line: &[u8]| {
        text.extend_from_slice(line);
        text.push(b'\n');
    };
    write_day(&plan, &mut put, &mut |_| {});
    text.extend(b"Nov 16 10:00:00 mx1 strange: Rosebud was here, id 4711abc\n");
    let log = folder.path().join("mail.log");
    std::fs::write(&log, text).expect("a temporary folder can be written");
    let data = folder.path().join("data");
    take(&data, &log, commit_bytes);
    let archive = Archive::open(&data).expect("it was imported");
    (folder, archive)
}

fn whole(archive: &Archive) -> Sight {
    Sight::whole(archive.clone())
}

fn take(data: &Path, log: &Path, commit_bytes: usize) {
    let writer = Archive::open_or_create(data)
        .and_then(Archive::writer)
        .expect("a temporary folder can be written");
    let settings = Settings {
        zone: TimeZone::UTC,
        year: Some(2026),
        now: Timestamp::from_seconds(1_800_000_000),
        window_ms: WINDOW_MS,
        host: None,
        workers: 1,
    };
    let options = Options {
        commit_bytes,
        ..Options::default()
    };
    let sets = ingest::find(&[log.into()]).sets;
    let progress = Arc::new(AtomicU64::new(0));
    import(writer, &sets, &settings, options, &progress).expect("it can be imported");
}

fn now() -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_800_000_000).expect("a time of this century")
}

fn ask(archive: &Archive, search: &Search) -> Page {
    archive
        .wait(query::search(&whole(archive), search))
        .expect("it can be asked")
}

fn asked(text: &str, limit: usize) -> Search {
    let mut search = Search::parse(text, now(), &TimeZone::UTC)
        .unwrap_or_else(|error| panic!("{}", error.under(text)));
    search.limit = limit;
    search
}

fn keys(rows: &[Found]) -> Vec<(i64, u64)> {
    rows.iter().map(|row| (row.at(), row.id)).collect()
}

/// Every row, by asking for no condition at all.
fn every(archive: &Archive) -> Vec<Found> {
    let search = Search {
        limit: usize::MAX / 2,
        ..Search::default()
    };
    ask(archive, &search).rows
}

#[test]
fn the_index_leaves_nothing_out() {
    let (_folder, archive) = archive(30_000, 11, 2 << 20);
    let rows = every(&archive);
    assert!(rows.len() > 10_000, "{}", rows.len());
    let mut asked_for = 0;
    for (number, row) in rows.iter().step_by(rows.len() / 60).enumerate() {
        for text in questions(row, number) {
            let search = asked(&text, usize::MAX / 2);
            let naive: Vec<_> = rows.iter().filter(|row| row.fits(&search.filter)).collect();
            let naive: Vec<_> = naive.iter().map(|row| (row.at(), row.id)).collect();
            let told = ask(&archive, &search);
            assert!(
                keys(&told.rows) == naive,
                "{text}: {} of {}",
                told.rows.len(),
                naive.len()
            );
            assert!(!naive.is_empty() || text.contains('-'), "{text}");
            asked_for += 1;
        }
    }
    assert!(asked_for > 300, "{asked_for}");
}

#[test]
fn sessions_with_a_slash_in_their_id_are_found() {
    let (_folder, archive) = archive(30_000, 33, 2 << 20);
    let rows = every(&archive);
    let ids = rows.iter().filter_map(|row| row.text(Column::SessionId));
    let with_slash: BTreeSet<_> = ids.filter(|id| id.contains('/')).collect();
    assert!(with_slash.len() > 10, "{with_slash:?}");
    for id in with_slash.iter().take(20) {
        let search = asked(&format!("session:\"{id}\""), 1_000);
        let there = rows.iter().filter(|row| row.fits(&search.filter)).count();
        assert_eq!(ask(&archive, &search).rows.len(), there, "{id}");
        let trace = archive.wait(query::trace(&whole(&archive), &search.filter, 1_000));
        let trace = trace.expect("it can be asked");
        assert!(!trace.lines.is_empty(), "{id}");
    }
}

#[test]
fn an_account_was_used_from_where_its_lines_say() {
    let (_folder, archive) = archive(30_000, 34, 2 << 20);
    let rows = every(&archive);
    let mut logins: BTreeMap<(&str, &str), Vec<i64>> = BTreeMap::new();
    for row in rows
        .iter()
        .filter(|row| row.text(Column::Kind) == Some("auth.succeeded"))
    {
        let (account, address) = (row.text(Column::Account), row.text(Column::ClientAddress));
        if let (Some(account), Some(address)) = (account, address) {
            logins.entry((account, address)).or_default().push(row.at());
        }
    }
    assert!(logins.len() > 10, "{logins:?}");
    for ((account, address), times) in logins.iter().take(40) {
        let story = archive.wait(query::account(&whole(&archive), account, TimeRange::ALL));
        let story = story.expect("it can be asked");
        let used = story.addresses.iter().find(|it| it.address == **address);
        let used = used.unwrap_or_else(|| panic!("{account} was used from {address}"));
        assert_eq!(used.logins, times.len() as u64, "{account} from {address}");
        let (last, first) = (times[0], times[times.len() - 1]);
        assert!(used.first <= first && used.last >= last, "{used:?}");
        let of_account = rows
            .iter()
            .filter(|row| row.text(Column::Account) == Some(account));
        assert_eq!(story.kinds.values().sum::<u64>(), of_account.count() as u64);
    }
}

#[test]
fn a_refused_login_counts_once_however_many_services_tell_it() {
    let (_folder, archive) = archive(30_000, 34, 2 << 20);
    let rows = every(&archive);
    // Dovecot's authentication service, which names no protocol, tells each; the login service tells once
    // more when the session ends. Others have no sessions.
    let (mut tries, mut told_again) = (BTreeMap::<(&str, &str), u64>::new(), 0);
    for row in &rows {
        let (account, address) = (row.text(Column::Account), row.text(Column::ClientAddress));
        let is_refused = row.text(Column::Kind) == Some("auth.failed");
        if let (true, Some(account), Some(address)) = (is_refused, account, address) {
            let is_end = row.text(Column::Protocol).and(row.text(Column::SessionId));
            match is_end {
                None => *tries.entry((account, address)).or_default() += 1,
                Some(_) => told_again += 1,
            }
        }
    }
    assert!(
        told_again > 10 && tries.len() > 10,
        "{told_again}: {tries:?}"
    );
    for ((account, address), count) in tries {
        let story = archive.wait(query::account(&whole(&archive), account, TimeRange::ALL));
        let story = story.expect("it can be asked");
        let used = story.addresses.iter().find(|it| it.address == address);
        let failures = used.map(|it| it.failures);
        assert_eq!(failures, Some(count), "{account} from {address}");
    }
}

#[test]
fn one_recipient_is_told_alike_by_filters_and_servers() {
    let (_folder, archive) = archive(30_000, 35, 2 << 20);
    let rows = every(&archive);
    let filters: Vec<&str> = rows
        .iter()
        .filter(|row| row.text(Column::Kind) == Some("filter.verdict"))
        .filter_map(|row| row.text(Column::RcptTo))
        .filter(|rcpt_to| !rcpt_to.contains(','))
        .collect();
    assert!(filters.len() > 10, "{filters:?}");
    assert!(filters.iter().all(|it| !it.contains('<')), "{filters:?}");
}

/// Numbers that look random and are the same each time (xorshift64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
}

/// Conditions joined by chance, in ranges by chance, against looking at each row.
fn thousands_of_questions(lines: u64, seed: u64, count: usize) {
    let (_folder, archive) = archive(lines, seed, 1 << 20);
    let rows = every(&archive);
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let simple: Vec<String> = (0..200)
        .flat_map(|number| questions(&rows[dice.roll(rows.len())], number))
        .collect();
    let mut found = 0_u64;
    for _ in 0..count {
        let mut pick = || simple[dice.roll(simple.len())].clone();
        let (a, b, c) = (pick(), pick(), pick());
        let text = match dice.roll(7) {
            0 => a,
            1 => format!("{a} {b}"),
            2 => format!("({a}) OR ({b})"),
            3 => format!("-({a}) ({b})"),
            4 => format!("(({a}) OR ({b})) -({c})"),
            5 => format!("-({a}) -({b})"),
            _ => format!("({a}) (({b}) OR ({c}))"),
        };
        let mut search = asked(&text, usize::MAX / 2);
        if dice.roll(3) == 0 {
            let mut at = || rows[dice.roll(rows.len())].at();
            let (one, other) = (at(), at());
            search.range = TimeRange {
                from: one.min(other),
                until: one.max(other),
            };
        }
        let wanted = |row: &&Found| search.range.contains(row.at()) && row.fits(&search.filter);
        let naive: Vec<_> = rows
            .iter()
            .filter(wanted)
            .map(|it| (it.at(), it.id))
            .collect();
        let told = keys(&ask(&archive, &search).rows);
        assert!(told == naive, "{text}: {} of {}", told.len(), naive.len());
        found += naive.len() as u64;
    }
    assert!(found > count as u64, "{found}");
}

#[test]
fn a_thousand_questions_by_chance() {
    thousands_of_questions(6_000, 17, 1_000);
}

#[test]
fn long_thousands_of_questions_by_chance() {
    if std::env::var_os("WAYBILL_LONG").is_none() {
        eprintln!("skipped: WAYBILL_LONG is not set");
        return;
    }
    for seed in 18..28 {
        thousands_of_questions(20_000, seed, 2_000);
    }
}

/// Queue items of Postfix' own lines that had begun and not ended at a time, by `host id`.
fn queued_by_lines(log: &str, until: &str) -> BTreeSet<String> {
    let mut queued = BTreeSet::new();
    for line in log.lines().filter(|line| *line < until) {
        let mut words = line.splitn(4, ' ').skip(1);
        let (Some(host), Some(program), Some(rest)) = (words.next(), words.next(), words.next())
        else {
            continue;
        };
        let Some((id, text)) = rest.split_once(": ") else {
            continue;
        };
        let is_id = id.len() > 9 && id.bytes().all(|it| it.is_ascii_alphanumeric());
        if !program.starts_with("postfix") || !is_id {
            continue;
        }
        let key = format!("{host} {id}");
        let begins = program.contains("/qmgr[") && text.starts_with("from=<");
        let is_held = text.starts_with("hold: ") || text.starts_with("milter-hold: ");
        let ends = matches!(text, "removed" | "requeued")
            || text.starts_with("milter-reject: END-OF-MESSAGE")
            || text.starts_with("reject: header")
            || text.starts_with("reject: body")
            || text.starts_with("discard: ");
        if ends {
            queued.remove(&key);
        } else if begins || is_held {
            queued.insert(key);
        }
    }
    queued
}

#[test]
fn the_queue_of_any_time_is_that_of_the_lines() {
    let (folder, archive) = archive(60_000, 29, 2 << 20);
    let log = std::fs::read(folder.path().join("mail.log")).expect("it was written");
    let log = String::from_utf8_lossy(&log);
    let mut waited = 0;
    for minute in (17..1_440).step_by(30) {
        let text = format!("2026-11-16T{:02}:{:02}:00", minute / 60, minute % 60);
        let at: jiff::Timestamp = format!("{text}Z").parse().expect("a time");
        let queued = archive.wait(query::queue(&whole(&archive), at.as_microsecond()));
        let queued = queued.expect("it can be asked");
        let told: BTreeSet<String> = queued
            .iter()
            .filter(|it| !it.host.starts_with("exim"))
            .map(|it| format!("{} {}", it.host, it.queue_id))
            .collect();
        let by_lines = queued_by_lines(&log, &text);
        let missing: Vec<_> = by_lines.difference(&told).collect();
        assert!(missing.is_empty(), "at {at}: {missing:?}");
        // A message that one recipient of was not tried yet is told by later attempts.
        let more: Vec<_> = told.difference(&by_lines).collect();
        assert!(more.len() * 10 <= told.len(), "at {at}: {more:?}");
        for it in &queued {
            assert!(it.since <= at.as_microsecond(), "{it:?}");
            assert_eq!(
                it.state == State::Deferred,
                it.attempts > 0 && it.last_attempt.is_some()
            );
        }
        waited += told.len();
    }
    assert!(waited > 20, "{waited}");
}

#[test]
fn messages_that_another_site_calls_the_same_are_not_one() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let mut log = String::new();
    for (minute, id) in [(10, "4jdQc90qX8z167n"), (40, "4jdvGR4nXhz168N")] {
        let at = format!("2026-11-16T11:{minute}:00Z out1");
        let mut line = |program: &str, text: &str| {
            log.push_str(&format!("{at} postfix/{program}: {id}: {text}\n"));
        };
        line("smtpd[31]", "client=unknown[198.51.100.7]");
        line("cleanup[32]", &format!("message-id=<{minute}@example.org>"));
        line(
            "qmgr[33]",
            "from=<ann@example.org>, size=900, nrcpt=1 (queue active)",
        );
        let relay = "relay=mx.example.net[192.0.2.9]:25, delay=1, delays=0.1/0/0.4/0.5";
        let reply = "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 9141)";
        line(
            "smtp[34]",
            &format!("to=<bob@example.net>, {relay}, {reply}"),
        );
        line("qmgr[33]", "removed");
    }
    let (file, data) = (folder.path().join("mail.log"), folder.path().join("data"));
    std::fs::write(&file, log).expect("a temporary folder can be written");
    take(&data, &file, 1 << 20);
    let archive = Archive::open(&data).expect("it was imported");
    let lines = |question: &str| {
        let filter = asked(question, 10).filter;
        let traced = archive.wait(query::trace(&whole(&archive), &filter, 100));
        traced.expect("it can be asked").lines.len()
    };
    assert_eq!(lines("id:4jdQc90qX8z167n"), 5);
    assert_eq!(lines("id:40@example.org"), 5);
    assert_eq!(lines("id:9141"), 10, "of who asks for it, both");
}

#[test]
fn messages_without_a_message_id_are_not_one() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let saved = |user: &str, session: &str| {
        format!(
            "2026-11-16T11:00:00Z store1 dovecot: lmtp({user}@example.org)<77><{session}>: \
             msgid=unspecified: saved mail to INBOX\n"
        )
    };
    let log = saved("ann", "AnnsAnnsAnnsAnnsAnnsAA") + &saved("bob", "BobsBobsBobsBobsBobsBB");
    let (file, data) = (folder.path().join("mail.log"), folder.path().join("data"));
    std::fs::write(&file, log).expect("a temporary folder can be written");
    take(&data, &file, 1 << 20);
    let archive = Archive::open(&data).expect("it was imported");
    let filter = asked("id:AnnsAnnsAnnsAnnsAnnsAA", 10).filter;
    let traced = archive.wait(query::trace(&whole(&archive), &filter, 100));
    assert_eq!(traced.expect("it can be asked").lines.len(), 1);
}

#[test]
fn the_queue_is_the_same_however_the_rows_lie_in_files() {
    // Files of few rows are read whole; large ones have the rows of long stays apart.
    let (_small, of_small) = archive(60_000, 29, 256 << 10);
    let (_large, of_large) = archive(60_000, 29, 4 << 20);
    let mut told = 0;
    for minute in (3..2_000).step_by(11) {
        let start: jiff::Timestamp = "2026-11-16T00:00:00Z".parse().expect("a time");
        let at = start.as_microsecond() + minute * 60_000_000;
        let queue = |archive: &Archive| {
            let queued = archive.wait(query::queue(&whole(archive), at));
            queued.expect("it can be asked")
        };
        let (small, large) = (queue(&of_small), queue(&of_large));
        assert_eq!(small, large, "minute {minute}");
        told += large.len();
    }
    assert!(told > 200, "{told}");
}

#[test]
fn each_line_is_given_again_once_in_order() {
    let (folder, archive) = archive(20_000, 30, 1 << 20);
    let log = std::fs::read(folder.path().join("mail.log")).expect("it was written");
    let mut there: Vec<&[u8]> = log.split(|&byte| byte == b'\n').collect();
    there.retain(|line| !line.is_empty());
    let (mut given, mut before) = (Vec::new(), i64::MIN);
    let take = |at, line: &[u8]| {
        assert!(at >= before);
        before = at;
        given.push(line.to_vec());
    };
    query::replay(&whole(&archive), TimeRange::ALL, |_| {}, take).expect("it can be read");
    there.sort_unstable();
    given.sort_unstable();
    assert!(given == there, "{} of {}", given.len(), there.len());
}

#[test]
fn what_is_covered_is_what_was_read() {
    let (folder, archive) = archive(20_000, 31, 1 << 20);
    let log = std::fs::read(folder.path().join("mail.log")).expect("it was written");
    let lines = log
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty());
    let coverage = archive.wait(query::coverage(&whole(&archive), TimeRange::ALL));
    let coverage = coverage.expect("it can be asked");
    assert_eq!(coverage.lines(), lines.count() as u64);
    let rows = every(&archive);
    let hosts: BTreeSet<_> = rows.iter().filter_map(|it| it.text(Column::Host)).collect();
    let told: BTreeSet<_> = coverage.hosts.iter().map(|it| it.host.as_str()).collect();
    assert_eq!(told, hosts);
    let span = (rows[rows.len() - 1].at(), rows[0].at());
    assert_eq!(coverage.span(), Some(span));
}

#[test]
fn rows_in_parquet_are_those_that_were_found() {
    use datafusion::arrow::array::{Array, AsArray};
    let (_folder, archive) = archive(8_000, 32, 1 << 20);
    let page = ask(&archive, &asked("kind:delivery", 700));
    let mut file = query::ParquetRows::new(Vec::new()).expect("memory can be written");
    let mut lines = 0;
    for row in &page.rows {
        let of_row = archive.wait(row.lines()).expect("they are there");
        lines += of_row.len();
        file.row(row, &of_row).expect("memory can be written");
    }
    let bytes = bytes::Bytes::from(file.finish().expect("memory can be written"));
    let reader =
        datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(bytes, 10_000);
    let batch = reader
        .expect("a file")
        .next()
        .expect("rows")
        .expect("columns");
    assert_eq!(batch.num_rows(), page.rows.len());
    let told = batch["original_lines"].as_list::<i32>();
    assert_eq!(told.values().len(), lines);
    let replies = batch["text"].as_string::<i32>();
    for (number, row) in page.rows.iter().enumerate() {
        let reply = replies.is_valid(number).then(|| replies.value(number));
        assert_eq!(reply, row.reply().as_deref());
    }
}

#[test]
fn a_walk_gives_each_row_once_and_tells_how_far_it_is() {
    use datafusion::arrow::array::RecordBatchReader;
    // Small commits make many parts.
    let (_folder, archive) = archive(60_000, 33, 1 << 20);
    let sight = whole(&archive);
    for text in ["", "kind:delivery", "text:nowhere"] {
        let filter = asked(text, 1).filter;
        let mut expected = keys(
            &every(&archive)
                .into_iter()
                .filter(|it| it.fits(&filter))
                .collect::<Vec<_>>(),
        );
        for with_lines in [true, false] {
            let (mut walked, mut file) = (
                Vec::new(),
                query::ParquetRows::without_lines(Vec::new()).expect("memory can be written"),
            );
            for day in query::days(&sight, TimeRange::ALL) {
                let asked = (&filter, TimeRange::ALL, day.as_str());
                let mut walk = query::Walk::new(&sight, asked, with_lines);
                let mut done = Vec::new();
                while let Some(piece) = sight.wait(walk.next()).expect("it can be read") {
                    done.push(piece.done);
                    for (row, lines) in piece.rows {
                        assert!(with_lines || lines.is_empty());
                        file.row(&row, &lines).expect("memory can be written");
                        walked.push(row);
                    }
                }
                assert!(done.len() > 1 && done.is_sorted(), "{done:?}");
                assert!((done[done.len() - 1] - 1.0).abs() < 1e-9, "{done:?}");
                assert!(done[0] > 0.0 && done[0] < 1.0, "{done:?}");
            }
            let mut walked = keys(&walked);
            walked.sort_unstable();
            expected.sort_unstable();
            assert_eq!(walked, expected, "{text}");
            let bytes = bytes::Bytes::from(file.finish().expect("memory can be written"));
            let reader =
                datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(
                    bytes, 10_000,
                );
            let reader = reader.expect("a file");
            assert!(reader.schema().column_with_name("original_lines").is_none());
            let rows = reader.map(|it| it.expect("columns").num_rows());
            assert_eq!(rows.sum::<usize>(), expected.len());
        }
    }
}

/// Questions that this row answers, most of them.
fn questions(row: &Found, number: usize) -> Vec<String> {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut questions = Vec::new();
    let fields = [
        (Column::Kind, "kind"),
        (Column::QueueId, "id"),
        (Column::MessageId, "message_id"),
        (Column::NextQueueId, "queued_as"),
        (Column::SessionId, "session"),
        (Column::MailFrom, "from"),
        (Column::RcptTo, "to"),
        (Column::Account, "account"),
        (Column::ClientAddress, "ip"),
        (Column::Program, "program"),
        (Column::Host, "host"),
        (Column::EnhancedStatus, "enhanced"),
        (Column::User, "user"),
        (Column::ClientName, "client"),
    ];
    let plain = |text: &&str| !text.is_empty() && !text.contains(['*', ',', '<', ' ']);
    for (column, field) in fields {
        if let Some(text) = row.text(column).filter(plain) {
            questions.push(format!("{field}:\"{}\"", quoted(text)));
        }
    }
    if let Some(reply) = row.reply() {
        let words: Vec<_> = search::words(reply.as_bytes()).take(12).collect();
        if let Some(pair) = words.windows(2).nth(number % words.len().max(2)) {
            questions.push(format!("\"{} {}\"", pair[0], pair[1]));
        }
        if let Some(word) = words.get(number % words.len().max(1)) {
            let begin: String = word.chars().take(3).collect();
            questions.push(format!("\"{begin}\"*"));
        }
    }
    if let Some((_, domain)) = row.text(Column::RcptTo).and_then(|to| to.split_once('@'))
        && plain(&domain)
    {
        questions.push(format!("to:\"@{domain}\" -kind:delivery"));
        questions.push(format!("to:\"{domain}\" OR from:\"{domain}\""));
    }
    questions.retain(|text| Search::parse(text, now(), &TimeZone::UTC).is_ok());
    questions
}

#[test]
fn pages_are_the_whole_in_pieces() {
    let (_folder, archive) = archive(12_000, 12, 1 << 20);
    let mut wholes = Vec::new();
    for order in [Order::Newest, Order::Oldest] {
        let mut search = asked("kind:delivery", usize::MAX / 2);
        search.order = order;
        let whole = keys(&ask(&archive, &search).rows);
        assert!(whole.len() > 500, "{}", whole.len());
        search.limit = 97;
        let mut pieces = Vec::new();
        loop {
            let page = ask(&archive, &search);
            pieces.extend(keys(&page.rows));
            let Some(next) = page.next else { break };
            search.after = Some(next.to_string().parse::<Cursor>().expect("its own text"));
        }
        assert!(pieces == whole, "{} of {}", pieces.len(), whole.len());
        wholes.push(whole);
    }
    wholes[0].reverse();
    assert!(
        wholes[0] == wholes[1],
        "one order is the other turned round"
    );
}

#[test]
fn ranges_of_time_are_half_open() {
    let (_folder, archive) = archive(5_000, 13, 1 << 20);
    let rows = every(&archive);
    let (from, until) = (rows[rows.len() * 2 / 3].at(), rows[rows.len() / 3].at());
    let search = Search {
        range: TimeRange { from, until },
        limit: usize::MAX / 2,
        ..Search::default()
    };
    let inside = rows
        .iter()
        .filter(|row| row.at() >= from && row.at() < until);
    assert_eq!(ask(&archive, &search).rows.len(), inside.count());
}

#[test]
fn sums_are_those_of_the_rows() {
    let (_folder, archive) = archive(8_000, 14, 1 << 20);
    let archive = Arc::new(archive);
    let rows = every(&archive);
    let delivered = rows
        .iter()
        .filter(|row| row.text(Column::Kind) == Some("delivery.delivered"));
    let delivered = delivered.count() as u64;
    let all = Filter::All;
    let sight = whole(&archive);
    let facets = query::facet(&sight, &all, TimeRange::ALL, Column::Kind, 1_000);
    let facets = archive.wait(facets).expect("it can be asked");
    let told = facets
        .iter()
        .find(|it| it.value.as_deref() == Some("delivery.delivered"));
    assert_eq!(told.map(|it| it.rows), Some(delivered));
    assert_eq!(
        facets.iter().map(|it| it.rows).sum::<u64>(),
        rows.len() as u64
    );

    let hour = std::time::Duration::from_secs(3_600);
    let bars = query::histogram(&sight, &all, TimeRange::ALL, hour);
    let bars = archive.wait(bars).expect("it can be asked");
    assert_eq!(
        bars.iter().map(|bar| bar.rows).sum::<u64>(),
        rows.len() as u64
    );
    assert!(bars.iter().all(|bar| bar.at % 3_600_000_000 == 0));

    let minute = std::time::Duration::from_secs(60);
    let text = "select count(*) n from events where kind = 'delivery.delivered'";
    let table = archive
        .wait(query::sql(&whole(&archive), text, minute))
        .expect("it can be asked");
    let told = String::from_utf8(table.csv().expect("a table of numbers")).expect("ASCII");
    assert_eq!(told.trim(), format!("n\n{delivered}"));
    for forbidden in [
        "drop table events",
        "insert into events select * from events",
        "set x = 1",
    ] {
        let answer = archive.wait(query::sql(&whole(&archive), forbidden, minute));
        assert!(answer.is_err(), "{forbidden}");
    }
}

#[test]
fn lines_that_no_rule_knows_are_found_by_their_words() {
    let (_folder, archive) = archive(1_000, 15, 1 << 20);
    let page = ask(&archive, &asked("\"rosebud was here\"", 10));
    assert_eq!(page.rows.len(), 1);
    assert_eq!(page.rows[0].text(Column::Kind), Some("unknown"));
    assert_eq!(ask(&archive, &asked("\"id 4711abc\"", 10)).rows.len(), 1);
}

#[test]
fn a_trace_is_that_of_the_log() {
    let (folder, archive) = archive(20_000, 16, 1 << 20);
    let log = std::fs::read(folder.path().join("mail.log")).expect("it was written");
    let rows = every(&archive);
    let delivered = rows
        .iter()
        .filter(|row| row.text(Column::Kind) == Some("delivery.delivered"));
    let mut traced = 0;
    for row in delivered.step_by(200) {
        let id = row
            .text(Column::QueueId)
            .expect("what is delivered has one");
        let search = asked(&format!("id:\"{id}\""), 100);
        let trace = archive.wait(query::trace(&whole(&archive), &search.filter, 1_000));
        let trace = trace.expect("it can be asked");
        let told = |needle: &[u8]| {
            let lines = trace.lines.iter();
            lines
                .filter(|(_, line)| bstr_contains(line, needle))
                .count()
        };
        let in_log = log.split(|&byte| byte == b'\n');
        let there = in_log
            .filter(|line| bstr_contains(line, id.as_bytes()))
            .count();
        assert_eq!(told(id.as_bytes()), there, "{id}");
        assert!(trace.lines.is_sorted(), "{id}");
        traced += 1;
    }
    assert!(traced > 3, "{traced}");
}

#[test]
fn a_trace_has_the_line_that_deletes_several_messages_of_a_mailbox() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let log = folder.path().join("mailbox.log");
    let lines = "\
2026-11-16 09:00:00,210 INFO  [LmtpServer-1] [name=anna@example.org;mid=3;ip=192.0.2.25;] mailop - Adding Message: id=257, Message-ID=<z1@sender.test>, parentId=-257, folderId=2, folderName=Inbox.
2026-11-16 09:00:01,210 INFO  [LmtpServer-1] [name=anna@example.org;mid=3;ip=192.0.2.25;] mailop - Adding Message: id=258, Message-ID=<z2@sender.test>, parentId=-258, folderId=2, folderName=Inbox.
2026-11-16 09:10:00,000 INFO  [ImapServer-7] [name=anna@example.org;mid=3;ip=192.0.2.9;] mailop - Deleting items: 257,258.
";
    std::fs::write(&log, lines).expect("a temporary folder can be written");
    let data = folder.path().join("data");
    take(&data, &log, 1 << 20);
    let archive = Archive::open(&data).expect("it was imported");
    for id in ["z1@sender.test", "z2@sender.test"] {
        let search = asked(&format!("id:{id}"), 100);
        let trace = archive.wait(query::trace(&whole(&archive), &search.filter, 1_000));
        let lines = trace.expect("it can be asked").lines;
        let deleted = lines.iter().filter(|(_, line)| line.ends_with(b"257,258."));
        assert_eq!(deleted.count(), 1, "{id}");
    }
}

#[test]
fn a_trace_has_the_notification_that_no_line_ties_to_its_message() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let log = folder.path().join("mail.log");
    let lines = [
        "Nov 22 09:10:00 mx1 smtpd[7]: 3333333333333333 smtp connected address=192.0.2.10 host=pc.example.net",
        "Nov 22 09:10:00 mx1 smtpd[7]: 3333333333333333 smtp message msgid=bbbbbbb2 size=900 nrcpt=1 proto=ESMTP",
        "Nov 22 09:10:00 mx1 smtpd[7]: 3333333333333333 smtp envelope evpid=bbbbbbb200000002 from=<erik@example.net> to=<gone@remote.test>",
        "Nov 22 09:10:01 mx1 smtpd[7]: 4444444444444444 mta delivery evpid=bbbbbbb200000002 from=<erik@example.net> to=<gone@remote.test> rcpt=<-> source=\"192.0.2.1\" relay=\"198.51.100.7 (mx.remote.test)\" delay=1s result=\"PermFail\" stat=\"550 5.1.1 no such user\"",
        "Nov 22 09:10:02 mx1 smtpd[7]: 5555555555555555 smtp connected address=local host=mx1.example.net",
        "Nov 22 09:10:02 mx1 smtpd[7]: 5555555555555555 smtp message msgid=ccccccc3 size=1716 nrcpt=1 proto=ESMTP",
        "Nov 22 09:10:02 mx1 smtpd[7]: 5555555555555555 smtp envelope evpid=ccccccc300000001 from=<> to=<erik@example.net>",
        "Nov 22 09:10:02 mx1 smtpd[7]: 6666666666666666 mda delivery evpid=ccccccc300000001 from=<> to=<erik@example.net> rcpt=<erik@example.net> user=erik delay=0s result=Ok stat=Delivered",
        "Nov 22 09:50:02 mx1 smtpd[7]: 7777777777777777 smtp message msgid=ddddddd4 size=1716 nrcpt=1 proto=ESMTP",
        "Nov 22 09:50:02 mx1 smtpd[7]: 7777777777777777 smtp envelope evpid=ddddddd400000001 from=<> to=<erik@example.net>",
        "Nov 22 09:50:02 mx1 smtpd[7]: 8888888888888888 mda delivery evpid=ddddddd400000001 from=<> to=<erik@example.net> rcpt=<erik@example.net> user=erik delay=0s result=Ok stat=Delivered",
        "",
    ];
    std::fs::write(&log, lines.join("\n")).expect("a temporary folder can be written");
    let data = folder.path().join("data");
    take(&data, &log, 1 << 20);
    let archive = Archive::open(&data).expect("it was imported");
    for id in ["bbbbbbb2", "ccccccc3"] {
        let search = asked(&format!("id:{id}"), 100);
        let trace = archive.wait(query::trace(&whole(&archive), &search.filter, 1_000));
        let lines = trace.expect("it can be asked").lines;
        let told = |id: &[u8]| lines.iter().filter(|(_, it)| bstr_contains(it, id)).count();
        assert_eq!(told(b"bbbbbbb2"), 3, "{id}");
        assert_eq!(told(b"ccccccc3"), 3, "{id}");
        assert_eq!(told(b"ddddddd4"), 0, "{id}");
    }
}

#[test]
fn a_facet_is_that_of_counting() {
    let (_folder, archive) = archive(8_000, 19, 1 << 20);
    let sight = whole(&archive);
    let rows = every(&archive);
    let columns = [
        Column::Kind,
        Column::EnhancedStatus,
        Column::Host,
        Column::RcptTo,
    ];
    for text in [
        "kind:delivery",
        "-host:mx1",
        "status:bounced OR (program:dovecot -kind:login)",
    ] {
        let search = asked(text, usize::MAX / 2);
        for column in columns {
            let mut counted: BTreeMap<Option<&str>, u64> = BTreeMap::new();
            for row in rows.iter().filter(|row| row.fits(&search.filter)) {
                *counted.entry(row.text(column)).or_default() += 1;
            }
            assert!(!counted.is_empty(), "{text}");
            let facet = query::facet(&sight, &search.filter, search.range, column, 1_000_000);
            let facet = archive.wait(facet).expect("it can be asked");
            let told: BTreeMap<Option<&str>, u64> = facet
                .iter()
                .map(|it| (it.value.as_deref(), it.rows))
                .collect();
            assert_eq!(told, counted, "{text} by {}", column.name());
            assert!(
                facet.is_sorted_by_key(|it| std::cmp::Reverse(it.rows)),
                "{text}"
            );
        }
    }
}

#[test]
fn what_was_asked_before_is_answered_the_same() {
    let (_folder, archive) = archive(20_000, 20, 1 << 20);
    let rows = every(&archive);
    let with_id = rows
        .iter()
        .filter(|row| row.text(Column::QueueId).is_some());
    for row in with_id.step_by(400) {
        let id = row.text(Column::QueueId).unwrap_or_default();
        let search = asked(&format!("id:\"{id}\""), 1_000);
        let trace = || archive.wait(query::trace(&whole(&archive), &search.filter, 1_000));
        let first = trace().expect("it can be asked");
        assert!(!first.lines.is_empty(), "{id}");
        // What is kept for the second answer must not be taken for another file's.
        let (again, anew) = (trace(), Archive::open(archive.root()).expect("it is there"));
        let anew = anew.wait(query::trace(&whole(&anew), &search.filter, 1_000));
        assert_eq!(again.expect("it can be asked").lines, first.lines, "{id}");
        assert_eq!(anew.expect("it can be asked").lines, first.lines, "{id}");
        assert_eq!(
            keys(&ask(&archive, &search).rows),
            keys(&ask(&archive, &search).rows)
        );
    }
}

/// A dictionary that grows too large ends a page within a block, in its column only.
#[test]
fn rows_are_whole_where_the_pages_of_columns_end_at_different_rows() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let line = |number: u32| {
        let (hour, minute, second) = (10 + number / 36_000, number / 600 % 60, number / 10 % 60);
        // As long as subjects get, and none like another.
        let subject = format!(
            "{:x}",
            u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c)
        )
        .repeat(5);
        format!(
            "Nov 16 {hour}:{minute:02}:{second:02} mx1 postfix/cleanup[7]: 3F2A{number:08X}: warning: header Subject: {subject} \
             from mail.example.org[192.0.2.1]; from=<a@example.org> to=<b@example.org> proto=ESMTP helo=<x>\n"
        )
    };
    let text: String = (0..40_000).map(line).collect();
    let (log, data) = (folder.path().join("mail.log"), folder.path().join("data"));
    std::fs::write(&log, text).expect("a temporary folder can be written");
    take(&data, &log, 64 << 20);
    let archive = Archive::open(&data).expect("it was imported");
    let rows = every(&archive);
    let mut seen = BTreeSet::new();
    for number in (0..40_000).step_by(1_999) {
        let id = format!("3F2A{number:08X}");
        let found = ask(&archive, &asked(&format!("id:{id}"), 10)).rows;
        assert!(!found.is_empty(), "{id}");
        for row in &found {
            let whole = rows
                .iter()
                .find(|it| (it.at(), it.id) == (row.at(), row.id));
            assert!(whole.is_some(), "{id}");
            seen.extend(row.text(Column::Subject).map(str::to_owned));
        }
        let lines = archive.wait(found[0].lines()).expect("they are there");
        assert_eq!(lines[0].1, line(number).trim_end().as_bytes(), "{id}");
    }
    assert!(seen.len() > 15, "{}", seen.len());
}

fn bstr_contains(line: &[u8], needle: &[u8]) -> bool {
    line.windows(needle.len()).any(|window| window == needle)
}
