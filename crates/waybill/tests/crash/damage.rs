//! Files that are cut, zeroed at the end, flipped in a bit, or gone: it is told which and what of them,
//! nothing answers what is wrong in silence, and the rest goes on.

use crate::commands::{Case, Lines, difference_of, lines_of};
use crate::daemon::{Daemon, odd_line};
use crate::disk::{Chance, copy, folder, is_long};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What becomes of a file.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Cut(usize),
    Zeros(usize),
    Flip(usize, u8),
    Gone,
}

impl Damage {
    fn inflict(self, path: &Path) {
        let mut bytes = fs::read(path).expect("it can be read");
        match self {
            Damage::Cut(at) => bytes.truncate(at),
            Damage::Zeros(from) => bytes[from..].fill(0),
            Damage::Flip(at, bit) => bytes[at] ^= 1 << bit,
            Damage::Gone => return fs::remove_file(path).expect("it is there"),
        }
        fs::write(path, bytes).expect("it can be written");
    }
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("it is a folder").flatten() {
        match entry.path() {
            path if path.is_dir() => files_below(&path, files),
            path => files.push(path),
        }
    }
    files.sort();
}

/// One file of each kind, by the name without numbers.
fn kinds(data: &Path) -> BTreeMap<String, PathBuf> {
    let mut files = Vec::new();
    files_below(data, &mut files);
    let named = files.into_iter().map(|path| {
        let path = path.strip_prefix(data).expect("it is below").to_owned();
        let text = path.display().to_string();
        let kind: String = text.chars().filter(|c| !c.is_ascii_digit()).collect();
        let kind = kind.split_once("-.").map_or(kind.as_str(), |it| it.0);
        let kind = kind.rsplit_once('-').filter(|_| text.ends_with("parquet"));
        (
            kind.map_or(text.replace(|c: char| c.is_ascii_digit(), ""), |it| {
                it.0.to_owned()
            }),
            path,
        )
    });
    named.collect()
}

/// What commands tell of a damaged archive.
fn judge(case: &Case, file: &Path, damage: Damage, wanted: &Lines) -> Result<(), String> {
    let name = file
        .file_name()
        .expect("it has one")
        .to_string_lossy()
        .into_owned();
    let is_last_entry =
        file.extension().is_some_and(|it| it == "json") && !case.data().join(file).exists();
    let output = case.run(&["check"]);
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    let searched = case.lines();
    let code = match output.status.code() {
        Some(0) => {
            let right = difference_of(&searched?, wanted);
            return right.map_err(|why| format!("check is clean, but {why}"));
        }
        Some(code @ 1..=3) => code,
        _ => return Err(format!("check: {}: {said}", output.status)),
    };
    let is_of_what_it_names = said.contains("damaged: day=") || said.contains("sums differ");
    // Whoever reads the table's log does not always know in which entry a value stood.
    let is_of_log = file.starts_with("events/_delta_log") && said.contains("table log failed");
    if !said.contains(&name) && !is_of_what_it_names && !is_of_log {
        return Err(format!("check does not name it: {code}: {said}"));
    }
    // Wrong today: a question does not compare hashes, and answers a row as the disk gives it.
    let is_of_row = matches!(damage, Damage::Flip(..)) && name.ends_with(".parquet");
    match searched {
        Err(why) if !why.contains("exit status: 2") => Err(why),
        Err(_) => Ok(()),
        // Whoever only reads cannot know that a log that ends was longer.
        Ok(_) if is_last_entry || is_of_row => Ok(()),
        Ok(lines) => difference_of(&lines, wanted).map_err(|why| format!("silent: {why}")),
    }
}

#[test]
fn damage_is_named_and_never_answers_in_silence() {
    let Some(case) = Case::new() else { return };
    case.make();
    let wanted = case.lines().expect("nothing is wrong yet");
    let template = case.folder.path().join("before");
    copy(&case.data(), &template);
    let mut chance = Chance(11);
    let (mut wrong, mut tries) = (Vec::new(), 0);
    for (kind, path) in kinds(&template) {
        // Locks hold nothing; what stands beside the archive has other readers.
        let is_of_archive = kind.starts_with("events") || kind == "retention.json";
        if !is_of_archive {
            continue;
        }
        let length = fs::metadata(template.join(&path))
            .expect("it is there")
            .len() as usize;
        for turn in 0..if is_long() { 100 } else { 4 } {
            let at = chance.below(length);
            let damage = match turn % 4 {
                0 => Damage::Flip(at, (turn % 8) as u8),
                1 => Damage::Cut(at),
                2 => Damage::Zeros(at),
                _ if turn == 3 => Damage::Gone,
                _ => Damage::Flip(at, (at % 8) as u8),
            };
            case.reset(&template);
            damage.inflict(&case.data().join(&path));
            tries += 1;
            let judged = judge(&case, &path, damage, &wanted);
            wrong.extend(
                judged
                    .err()
                    .map(|why| format!("{}, {damage:?} of {length}: {why}", path.display())),
            );
        }
    }
    println!("{tries} damages");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What the daemon makes of a damaged journal or database: it begins, with what it acknowledged, or
/// says which of them it is.
fn judge_start(folder: &Path, posts: &[Vec<String>], kept_at_least: usize) -> Result<(), String> {
    let daemon = match Daemon::try_start::<&str>(folder, "", &[]) {
        Ok(daemon) => daemon,
        Err(said) => {
            let said = said.join("\n");
            let is_named = said.contains(".journal") || said.contains("database of customers");
            return match is_named && !said.contains("panicked") {
                true => Ok(()),
                false => Err(format!("it ends and does not say why: {said}")),
            };
        }
    };
    if !daemon.ended().success() {
        return Err("it does not end well".to_owned());
    }
    let found = lines_of(folder)?;
    let kept = posts
        .iter()
        .filter(|post| post.iter().any(|it| found.contains_key(it)));
    let kept = kept.count();
    let wanted = posts
        .iter()
        .take(kept)
        .flatten()
        .map(|line| (line.clone(), 1));
    match kept < kept_at_least {
        true => Err(format!("{kept} of {} posts are there", posts.len())),
        false => difference_of(&found, &wanted.collect()),
    }
}

#[test]
fn a_daemon_names_a_damaged_journal_or_database() {
    let folder = folder();
    let mut daemon = Daemon::start(folder.path(), "");
    let posts: Vec<Vec<String>> = (0..4)
        .map(|post| (0..5).map(|it| odd_line(5 * post + it)).collect())
        .collect();
    for post in &posts {
        let answer = daemon.http("POST /lines", post.concat().as_bytes());
        assert!(answer.is_ok_and(|it| it.starts_with("HTTP/1.1 2")));
    }
    daemon.child.kill().expect("it runs");
    daemon.child.wait().expect("it was killed");
    let posts: Vec<Vec<String>> = posts
        .iter()
        .map(|post| post.iter().map(|it| it.trim_end().to_owned()).collect())
        .collect();
    let (data, template) = (folder.path().join("data"), folder.path().join("before"));
    copy(&data, &template);
    let mut chance = Chance(7);
    let mut wrong = Vec::new();
    for path in ["journal/00000000000000000000.journal", "customers.db"] {
        let length = fs::metadata(template.join(path))
            .expect("it is there")
            .len() as usize;
        for turn in 0..if is_long() { 60 } else { 6 } {
            let at = chance.below(length);
            let damage = match turn % 3 {
                0 => Damage::Flip(at, (at % 8) as u8),
                1 => Damage::Cut(at),
                _ => Damage::Zeros(at),
            };
            fs::remove_dir_all(&data).expect("it is there");
            copy(&template, &data);
            damage.inflict(&data.join(path));
            // What is gone from the end of a journal, or damaged in what was written last, cannot be told
            // from what a crash tore.
            let kept_at_least = match damage {
                Damage::Flip(..) => posts.len() - 1,
                _ if path.starts_with("journal") => 0,
                _ => posts.len(),
            };
            let judged = judge_start(folder.path(), &posts, kept_at_least);
            wrong.extend(
                judged
                    .err()
                    .map(|why| format!("{path}, {damage:?} of {length}: {why}")),
            );
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
