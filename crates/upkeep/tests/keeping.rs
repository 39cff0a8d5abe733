//! What stays and what goes: rows and lines are the same after compaction, what expired or was erased
//! is gone and counted, what is held stays, and damage is told.

use ingest::LogSet;
use jiff::tz::TimeZone;
use model::Timestamp;
use pipeline::{Settings, WINDOW_MS};
use query::Sight;
use record::{Options, import};
use search::Search;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use store::{Archive, Column, Writer};
use tempfile::TempDir;
use traffic::{Plan, write_day};
use upkeep::{HELD, Rules};

/// The generated day is 2026-11-16.
fn later(days: i64) -> jiff::Timestamp {
    let day: jiff::Timestamp = "2026-11-16T12:00:00Z".parse().expect("it is a time");
    day + jiff::SignedDuration::from_hours(24 * days)
}

struct Case {
    folder: TempDir,
}

impl Case {
    /// A day in an archive of several small files.
    fn new(lines: u64, rules: &Rules) -> Self {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let case = Case { folder };
        let mut text = Vec::new();
        let plan = Plan {
            lines,
            seed: 7,
            ..Plan::default()
        };
        let mut put = |_: &str, line: &[u8]| {
            text.extend_from_slice(line);
            text.push(b'\n');
        };
        write_day(&plan, &mut put, &mut |_| {});
        std::fs::create_dir_all(case.data()).expect("a temporary folder can be written");
        rules.save(&case.data()).expect("rules can be written");
        case.take(&text);
        case
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn take(&self, text: &[u8]) {
        let log = self.folder.path().join("mail.log");
        std::fs::write(&log, text).expect("a temporary folder can be written");
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
        let sets: Vec<LogSet> = ingest::find(&[log.into()]).sets;
        let progress = Arc::new(AtomicU64::new(0));
        let (writer, _) = self.writer();
        import(writer, &sets, &settings, options, &progress).expect("it can be imported");
    }

    fn writer(&self) -> (Writer, Rules) {
        let rules = Rules::load(&self.data()).expect("rules can be read");
        let archive = Archive::open_or_create(&self.data()).expect("it can be opened");
        let mut writer = archive.writer().expect("nobody else writes");
        writer.set_classes(rules.classes());
        (writer, rules)
    }

    fn archive(&self) -> Archive {
        Archive::open(&self.data()).expect("it was imported")
    }

    /// Each row: its columns and its lines; how often it is there.
    fn rows(&self) -> BTreeMap<String, u64> {
        let archive = self.archive();
        let mut rows = BTreeMap::new();
        for file in archive.files() {
            let each = |row: store::StoredRow<'_>| {
                let lines: Vec<_> = row
                    .lines()
                    .map(|(at, line)| (at, String::from_utf8_lossy(line).into_owned()))
                    .collect();
                let (view, place) = row.place();
                let columns: Vec<_> = Column::ALL
                    .iter()
                    .map(|&it| (view.text(it, place), view.number(it, place)))
                    .collect();
                *rows.entry(format!("{columns:?} {lines:?}")).or_default() += 1;
            };
            archive.each_row(file, each).expect("it can be read");
        }
        rows
    }

    fn assert_clean(&self) {
        let findings = upkeep::check(&self.archive(), |_| {}).expect("it can be checked");
        assert!(findings.is_clean(), "{findings:?}");
    }

    /// How many rows answer a question.
    fn count(&self, question: &str) -> usize {
        let archive = self.archive();
        let mut search = Search::parse(question, later(0), &TimeZone::UTC)
            .unwrap_or_else(|error| panic!("{}", error.under(question)));
        search.limit = usize::MAX / 8;
        let page = archive.wait(query::search(&Sight::whole(archive.clone()), &search));
        page.expect("it can be asked").rows.len()
    }

    /// Bytes of data files on the disk, whether a version names them or not.
    fn disk(&self) -> Vec<Vec<u8>> {
        let mut files = Vec::new();
        let mut folders = vec![self.data().join("events")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("it is a folder") {
                let path = entry.expect("it can be read").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|it| it == "parquet") {
                    files.push(std::fs::read(path).expect("it can be read"));
                }
            }
        }
        files
    }
}

fn rules(of: &[(&str, u32)]) -> Rules {
    let mut rules = Rules::default();
    for (class, days) in of {
        rules
            .set_class(class, Some(*days))
            .expect("it may be called so");
    }
    rules
}

/// The account domains of a case, the one with most rows first.
fn domains(case: &Case) -> Vec<String> {
    let archive = case.archive();
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for file in archive.files() {
        let each = |row: store::StoredRow<'_>| {
            let domain = row.text(Column::AccountDomain).unwrap_or_default();
            *counts.entry(domain.to_owned()).or_default() += 1;
        };
        archive.each_row(file, each).expect("it can be read");
    }
    counts.remove("");
    let mut domains: Vec<_> = counts.into_iter().collect();
    domains.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    domains.into_iter().map(|(domain, _)| domain).collect()
}

#[test]
fn compaction_keeps_every_row_and_line() {
    let case = Case::new(30_000, &Rules::default());
    let before = case.rows();
    let files = case.archive().files().len();
    assert!(files > 3, "{files}");
    let (mut writer, rules) = case.writer();
    let kept = upkeep::compact(&mut writer, &rules, later(1), |_, _| {}).expect("it compacts");
    assert!(kept.files > 3 && kept.rows_gone == 0, "{kept:?}");
    let freed = writer.vacuum().expect("files can be removed");
    drop(writer);
    assert!(
        freed.files >= kept.files && freed.files_in_use == 0,
        "{freed:?}"
    );
    assert!(case.archive().files().len() < files);
    assert_eq!(before, case.rows());
    case.assert_clean();
    let (mut writer, rules) = case.writer();
    let again = upkeep::compact(&mut writer, &rules, later(1), |_, _| {}).expect("it compacts");
    assert_eq!(again.files, 0, "there is nothing more to do");
}

#[test]
fn the_queue_of_any_time_is_the_same_when_files_were_put_together() {
    let case = Case::new(80_000, &Rules::default());
    let start: jiff::Timestamp = "2026-11-16T00:00:00Z".parse().expect("a time");
    let queues = || {
        let archive = case.archive();
        let sight = Sight::whole(archive.clone());
        let at = (0..2_000)
            .step_by(17)
            .map(|minute| start.as_microsecond() + minute * 60_000_000);
        let queue = |at| archive.wait(query::queue(&sight, at));
        at.map(|at| queue(at).expect("it can be asked"))
            .collect::<Vec<_>>()
    };
    let before = queues();
    let told: usize = before.iter().map(Vec::len).sum();
    assert!(told > 200, "{told}");
    let compact = |rules: &Rules| {
        let (mut writer, _) = case.writer();
        upkeep::compact(&mut writer, rules, later(1), |_, _| {}).expect("it compacts")
    };
    compact(&Rules::default());
    assert!(case.archive().files().iter().any(|it| it.rows > 20_000));
    assert!(before == queues(), "when they were put together");
    // The rows of a stay are in files of several classes then.
    let mut rules = rules(&[("short", 7)]);
    for domain in domains(&case).iter().step_by(2) {
        rules
            .set_domain(domain, "short")
            .expect("the class is there");
    }
    assert!(compact(&rules).files > 0);
    assert!(before == queues(), "when they were put into classes");
    case.assert_clean();
}

#[test]
fn rows_stand_in_the_class_of_their_domain_and_follow_it() {
    let case = Case::new(20_000, &Rules::default());
    let domain = domains(&case).remove(0);
    let of_domain = case.count(&format!("account:@{domain}"));
    let mut rules = rules(&[("short", 30)]);
    rules
        .set_domain(&domain, "short")
        .expect("the class is there");
    rules.save(&case.data()).expect("rules can be written");
    let (mut writer, rules) = case.writer();
    upkeep::compact(&mut writer, &rules, later(1), |_, _| {}).expect("it compacts");
    drop(writer);
    let archive = case.archive();
    let short = archive.files().iter().filter(|it| it.class == "short");
    let rows: u64 = short.map(|file| file.rows).sum();
    let still_open: u64 = archive
        .files()
        .iter()
        .filter(|it| it.is_open())
        .map(|it| it.rows)
        .sum();
    assert!(rows > 0 && rows <= of_domain as u64 && rows + still_open >= of_domain as u64);
    case.assert_clean();
}

#[test]
fn what_expired_goes_and_what_is_held_stays() {
    let mut rules = rules(&[("standard", 30), ("long", 365)]);
    let case = Case::new(20_000, &rules);
    let domains = domains(&case);
    rules
        .set_domain(&domains[1], "long")
        .expect("the class is there");
    rules
        .hold("case-1", &format!("account:@{}", domains[0]), later(0))
        .expect("it is a question");
    rules.save(&case.data()).expect("rules can be written");
    let (mut writer, rules) = case.writer();
    upkeep::compact(&mut writer, &rules, later(1), |_, _| {}).expect("it compacts");
    let early = upkeep::expire(&mut writer, &rules, later(30), false).expect("it expires");
    assert!(
        early.is_empty(),
        "thirty days are not over on the thirtieth: {early:?}"
    );
    let complete = |domain: &str| {
        let archive = case.archive();
        let mut rows = 0;
        for file in archive.files().iter().filter(|it| !it.is_open()) {
            let each = |row: store::StoredRow<'_>| {
                rows += u64::from(row.text(Column::AccountDomain) == Some(domain));
            };
            archive.each_row(file, each).expect("it can be read");
        }
        rows
    };
    let (held, long) = (complete(&domains[0]), complete(&domains[1]));
    assert!(held > 0 && long > 0);
    let told = upkeep::expire(&mut writer, &rules, later(31), true).expect("it can be told");
    let gone = upkeep::expire(&mut writer, &rules, later(31), false).expect("it expires");
    let rows_gone = |of: &[upkeep::Expired]| of.iter().map(|it| it.kept.rows_gone).sum::<u64>();
    assert_eq!(
        rows_gone(&told),
        rows_gone(&gone),
        "a dry run tells the same"
    );
    assert!(rows_gone(&gone) > 0);
    writer.vacuum().expect("files can be removed");
    drop(writer);
    assert_eq!(complete(&domains[0]), held, "what is held stays");
    assert_eq!(complete(&domains[1]), long, "another class stays");
    for domain in &domains[2..] {
        assert_eq!(complete(domain), 0, "{domain}");
    }
    let held_files = case
        .archive()
        .files()
        .iter()
        .filter(|it| it.class == HELD)
        .count();
    assert_eq!(held_files, 1);
    case.assert_clean();

    let (mut writer, mut rules) = case.writer();
    rules.release("case-1").expect("it is held");
    upkeep::expire(&mut writer, &rules, later(31), false).expect("it expires");
    drop(writer);
    assert_eq!(complete(&domains[0]), 0, "nothing holds it any longer");
    case.assert_clean();
}

#[test]
fn a_person_is_erased_from_the_disk_and_nobody_else() {
    let case = Case::new(20_000, &Rules::default());
    let archive = case.archive();
    let mut accounts: BTreeMap<String, u64> = BTreeMap::new();
    for file in archive.files().iter().filter(|it| !it.is_open()) {
        let each = |row: store::StoredRow<'_>| {
            let account = row.text(Column::Account).unwrap_or_default().to_owned();
            *accounts.entry(account).or_default() += 1;
        };
        archive.each_row(file, each).expect("it can be read");
    }
    drop(archive);
    accounts.retain(|account, _| account.contains('@'));
    let person = accounts
        .iter()
        .max_by_key(|(_, rows)| **rows)
        .expect("there is one")
        .0;
    let names = |row: &str| {
        let row = row.to_ascii_lowercase();
        row.match_indices(person.as_str()).any(|(at, _)| {
            let before = row[..at].bytes().next_back().unwrap_or(b' ');
            !before.is_ascii_alphanumeric() && !b".-_+".contains(&before)
        })
    };
    let before = case.rows();
    let (mut writer, rules) = case.writer();
    let told = upkeep::erase(&mut writer, &rules, person, later(1), true, |_| {}).expect("told");
    assert_eq!(case.rows(), before, "a dry run changes nothing");
    let erased = upkeep::erase(&mut writer, &rules, person, later(1), false, |_| {}).expect("gone");
    drop(writer);
    assert_eq!(told.kept.rows_gone, erased.kept.rows_gone);
    assert_eq!(told.kinds, erased.kinds);
    assert!(erased.kept.rows_gone > 10, "{erased:?}");
    let after = case.rows();
    let left: u64 = after
        .iter()
        .filter(|(row, _)| names(row))
        .map(|(_, n)| n)
        .sum();
    assert_eq!(left, erased.open, "only what is open may name the person");
    let others = |rows: &BTreeMap<String, u64>| -> BTreeMap<String, u64> {
        let others = rows.iter().filter(|(row, _)| !names(row));
        others.map(|(row, n)| (row.clone(), *n)).collect()
    };
    assert_eq!(others(&before), others(&after), "nobody else's rows went");
    assert_eq!(
        case.disk().len(),
        case.archive().files().len(),
        "no old file is left"
    );
    case.assert_clean();
}

#[test]
fn what_is_held_is_not_erased() {
    let case = Case::new(10_000, &Rules::default());
    let person = format!("nobody@{}", domains(&case)[0]);
    let mut rules = Rules::default();
    rules
        .hold("case-2", &format!("any:{person}"), later(0))
        .expect("it is a question");
    rules.save(&case.data()).expect("rules can be written");
    case.take(
        format!(
            "Nov 16 23:59:00 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from x.example[192.0.2.9]: \
             550 5.1.1 <{person}>: Recipient address rejected: User unknown; from=<a@b.example> \
             to=<{person}> proto=ESMTP helo=<x.example>\n"
        )
        .as_bytes(),
    );
    let (mut writer, rules) = case.writer();
    let erased =
        upkeep::erase(&mut writer, &rules, &person, later(1), false, |_| {}).expect("done");
    drop(writer);
    assert_eq!(erased.kept.rows_gone, 0);
    assert_eq!(erased.held + erased.open, 1, "{erased:?}");
    assert_eq!(case.count(&format!("any:{person}")), 1);
}

#[test]
fn the_tables_log_goes_back_to_what_somebody_reads() {
    let case = Case::new(400, &Rules::default());
    let before = case.rows();
    let log = case.data().join("events/_delta_log");
    let entries = || std::fs::read_dir(&log).expect("it is a folder").count();
    let (mut writer, _) = case.writer();
    let mut follows = case.archive();
    let mut held = None;
    for number in 0..320 {
        let files = writer.archive().files();
        let file = files
            .iter()
            .find(|it| !it.is_open())
            .unwrap_or_else(|| panic!("there is none after {number}: {files:?}"))
            .clone();
        let mut replaced = store::Replaced::default();
        writer
            .rewrite(&[file], &mut replaced, |_| Some(store::CLASS))
            .and_then(|()| writer.commit_replaced(replaced, "compact", "a test", later(1)))
            .expect("it is written anew");
        if number % 40 == 0 {
            writer.vacuum().expect("files can be removed");
            follows.refresh().expect("it goes on");
            let paths = |archive: &Archive| -> Vec<_> {
                archive.files().iter().map(|it| it.path.clone()).collect()
            };
            assert_eq!(paths(&follows), paths(writer.archive()));
        }
        if number == 120 {
            held = Some(case.archive());
        }
    }
    let held = held.expect("it was opened");
    for file in held.files() {
        held.each_row(file, |_| {})
            .expect("it is there as long as it is read");
    }
    assert!(
        entries() > 220,
        "{} entries, of which one is read",
        entries()
    );
    drop(held);
    follows.refresh().expect("it goes on");
    writer.vacuum().expect("files can be removed");
    assert!(entries() < 230, "{} entries", entries());
    drop(writer);
    assert_eq!(case.rows(), before);
    case.assert_clean();
}

#[test]
fn a_reader_keeps_what_it_reads() {
    let case = Case::new(20_000, &Rules::default());
    let reader = case.archive();
    let (mut writer, rules) = case.writer();
    upkeep::compact(&mut writer, &rules, later(1), |_, _| {}).expect("it compacts");
    let freed = writer.vacuum().expect("files can be removed");
    assert!(freed.files_in_use > 3, "{freed:?}");
    let mut rows = 0;
    for file in reader.files() {
        reader
            .each_row(file, |_| rows += 1)
            .expect("it is still there");
    }
    assert_eq!(
        rows,
        reader.files().iter().map(|file| file.rows).sum::<u64>()
    );
    drop(reader);
    let freed = writer.vacuum().expect("files can be removed");
    assert!(freed.files > 3 && freed.files_in_use == 0, "{freed:?}");
}

/// Flips one bit of a file.
fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).expect("it can be read");
    bytes[at] ^= 0x10;
    std::fs::write(path, bytes).expect("it can be written");
}

#[test]
fn each_flipped_bit_is_told_and_the_index_is_made_again() {
    let case = Case::new(4_000, &Rules::default());
    let archive = case.archive();
    let file = archive
        .files()
        .iter()
        .find(|it| it.is_part())
        .expect("there is one");
    let path = case.data().join("events").join(file.path.as_ref());
    let size = file.size as usize;
    drop(archive);
    let step = size / 60;
    for at in (0..size).step_by(step.max(1)) {
        flip(&path, at);
        let findings = upkeep::check(&case.archive(), |_| {}).expect("it can be checked");
        assert_eq!(findings.damage.len(), 1, "at {at} of {size}");
        flip(&path, at);
    }
    case.assert_clean();

    // What lies before the directory is the index: it is made again from rows and lines.
    let before = case.rows();
    let bytes = std::fs::read(&path).expect("it can be read");
    let directory = bytes
        .windows(6)
        .rposition(|it| it == b"WBFILE")
        .expect("it is there");
    flip(&path, directory - 40);
    let findings = upkeep::check(&case.archive(), |_| {}).expect("it can be checked");
    assert!(findings.damage[0].can_be_mended, "{findings:?}");
    let (mut writer, _) = case.writer();
    let mended = upkeep::rebuild(&mut writer, &findings.damage, later(1)).expect("it is mended");
    assert_eq!(mended, 1);
    drop(writer);
    assert_eq!(case.rows(), before);
    case.assert_clean();
}

#[test]
fn a_file_that_is_written_anew_as_it_was_stays() {
    let case = Case::new(4_000, &Rules::default());
    let (mut writer, rules) = case.writer();
    upkeep::compact(&mut writer, &rules, later(1), |_, _| {}).expect("it compacts");
    let before = case.rows();
    let files = writer.archive().files();
    let file = files
        .iter()
        .find(|it| !it.is_open())
        .expect("there is one")
        .clone();
    for _ in 0..2 {
        let mut replaced = store::Replaced::default();
        let anew = writer.rewrite(std::slice::from_ref(&file), &mut replaced, |_| {
            Some(store::CLASS)
        });
        anew.expect("it is whole");
        let done = writer.commit_replaced(replaced, "rebuild", "a test", later(1));
        done.expect("it is committed");
    }
    drop(writer);
    assert!(case.rows() == before);
    case.assert_clean();
}

#[test]
fn half_of_a_compaction_is_never_committed() {
    let case = Case::new(8_000, &Rules::default());
    let before = case.rows();
    let archive = case.archive();
    let parts: Vec<_> = archive
        .files()
        .iter()
        .filter(|it| it.is_part())
        .cloned()
        .collect();
    let path = case.data().join("events").join(parts[1].path.as_ref());
    drop(archive);
    let size = parts[1].size as usize;
    let unreadable = (0..size).step_by(size / 50).find(|&at| {
        flip(&path, at);
        let findings = upkeep::check(&case.archive(), |_| {}).expect("it can be checked");
        let is_found = !findings.damage[0].can_be_mended;
        if !is_found {
            flip(&path, at);
        }
        is_found
    });
    let unreadable = unreadable.expect("some byte is needed to read rows");
    let (mut writer, _) = case.writer();
    let mut replaced = store::Replaced::default();
    let failed = writer.rewrite(&parts, &mut replaced, |_| Some(store::CLASS));
    assert!(failed.is_err(), "{failed:?}");
    // What is committed next has nothing of it.
    let whole = std::slice::from_ref(&parts[0]);
    writer
        .rewrite(whole, &mut replaced, |_| Some(store::CLASS))
        .expect("it is whole");
    writer
        .commit_replaced(replaced, "compact", "a test", later(1))
        .expect("it is committed");
    drop(writer);
    flip(&path, unreadable);
    assert_eq!(case.rows(), before);
    case.assert_clean();
}

#[test]
fn what_is_damaged_is_told_and_the_rest_is_kept_up() {
    let case = Case::new(16_000, &rules(&[("short", 30)]));
    let before = case.rows();
    let archive = case.archive();
    let parts = archive.files().iter().filter(|it| it.is_part());
    let parts: Vec<_> = parts.cloned().collect();
    assert!(parts.len() > 2, "{parts:?}");
    drop(archive);
    let path = |file: &store::FileOf| case.data().join("events").join(file.path.as_ref());
    // A byte in the middle is of a row: it may well be read, and be another.
    let (one, other) = (path(&parts[0]), path(&parts[1]));
    flip(&one, parts[0].size as usize / 2);
    let bytes = std::fs::read(&other).expect("it can be read");
    std::fs::write(&other, &bytes[..bytes.len() / 2]).expect("it can be written");
    let told = |damage: Vec<upkeep::Damage>| {
        let told = damage.into_iter().map(|it| it.file.path);
        let wanted = [parts[0].path.clone(), parts[1].path.clone()];
        assert_eq!(told.collect::<BTreeSet<_>>(), wanted.into());
    };

    let (mut writer, mut rules) = case.writer();
    let mut damage = Vec::new();
    let kept = upkeep::compact(&mut writer, &rules, later(1), |done, _| {
        damage.extend(done.damage)
    })
    .expect("the rest is put together");
    assert_eq!(kept.files, parts.len() as u64 - 2);
    told(damage);
    let person = "nobody@nowhere.example";
    let erased = upkeep::erase(&mut writer, &rules, person, later(1), false, |_| {});
    told(erased.expect("the rest is looked at").damage);

    rules
        .set_class("standard", Some(30))
        .expect("it may be called so");
    let expired = upkeep::expire(&mut writer, &rules, later(31), false).expect("the rest expires");
    let rows_gone: u64 = expired.iter().map(|part| part.kept.rows_gone).sum();
    assert!(rows_gone > 0);
    told(expired.into_iter().flat_map(|part| part.damage).collect());
    drop(writer);

    // Put right, what was left is there.
    flip(&one, parts[0].size as usize / 2);
    std::fs::write(&other, &bytes).expect("it can be written");
    let after = case.rows();
    assert!(
        !after.is_empty()
            && after
                .iter()
                .all(|(row, count)| before.get(row) == Some(count))
    );
    case.assert_clean();
}

#[test]
fn a_lost_file_is_told() {
    let case = Case::new(4_000, &Rules::default());
    let archive = case.archive();
    let file = archive.files()[0].path.clone();
    drop(archive);
    std::fs::remove_file(case.data().join("events").join(file.as_ref())).expect("it is there");
    let findings = upkeep::check(&case.archive(), |_| {}).expect("it can be checked");
    assert_eq!(findings.damage[0].file.path, file);
    assert!(!findings.do_sums_agree());
}

#[test]
fn rules_are_kept_and_wrong_ones_are_refused() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let mut rules = rules(&[("short", 7)]);
    rules
        .set_domain("Example.ORG", "short")
        .expect("the class is there");
    rules
        .hold("x", "any:anna@example.org after:yesterday", later(0))
        .expect("a question");
    rules.save(folder.path()).expect("they can be written");
    assert_eq!(Rules::load(folder.path()).expect("they can be read"), rules);
    assert!(rules.set_class("Über/..", None).is_err());
    assert!(rules.set_class(HELD, None).is_err());
    assert!(rules.set_domain("a.example", "none").is_err());
    assert!(rules.remove_class("short").is_err(), "a domain is in it");
    let error = rules
        .hold("y", "from:(", later(0))
        .expect_err("it is no question");
    assert!(error.to_string().contains('^'), "{error}");
    assert!(rules.release("y").is_err());
    std::fs::write(
        folder.path().join("retention.json"),
        "{\"classes\":{},\"domain\":{}}",
    )
    .unwrap();
    let error = Rules::load(folder.path()).expect_err("a key is wrong");
    assert!(error.to_string().contains("domain"), "{error}");
}
