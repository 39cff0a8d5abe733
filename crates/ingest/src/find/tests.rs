use std::{io::Write, time::Duration};

use super::*;

struct Tree {
    root: tempfile::TempDir,
}

impl Tree {
    fn new(files: &[&str]) -> Self {
        let tree = Self {
            root: tempfile::tempdir().unwrap(),
        };
        for file in files {
            tree.write(file, format!("Nov 22 08:23:21 mx1 {file}\n").as_bytes());
        }
        tree
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn write(&self, name: &str, content: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// What `find` gives for arguments below the root, one set a line, paths without the root.
    fn find(&self, args: &[&str]) -> (Vec<String>, Vec<String>) {
        let args: Vec<OsString> = args.iter().map(|arg| self.path(arg).into()).collect();
        let found = find(&args);
        let root = format!("{}/", self.root.path().display());
        let short = |text: &str| {
            text.replace(&root, "")
                .replace(root.trim_end_matches('/'), ".")
        };
        let sets = found.sets.iter().map(|set| {
            let files: Vec<String> = set
                .files
                .iter()
                .map(|file| short(&file.path.display().to_string()))
                .collect();
            format!("{}: {}", short(&set.name), files.join(" "))
        });
        let problems = found
            .problems
            .iter()
            .map(|problem| short(&problem.to_string()));
        (sets.collect(), problems.collect())
    }

    fn check(&self, args: &[&str], sets: &[&str], problems: &[&str]) {
        let (found_sets, found_problems) = self.find(args);
        assert_eq!(found_sets, sets);
        assert_eq!(found_problems, problems);
    }
}

#[test]
fn rotated_files_come_oldest_first() {
    let tree = Tree::new(&[
        "mail.log",
        "mail.log.1",
        "mail.log.10.xz",
        "mail.log.2.gz",
        "maillog",
        "maillog.0.bz2",
        "maillog.1.bz2",
        "dated-20261108.gz",
        "dated-20261101.gz",
        "dated",
        "day.2026-11-02.log",
        "day.2026-11-01.log",
    ]);
    tree.check(
        &["."],
        &[
            "dated: ./dated-20261101.gz ./dated-20261108.gz ./dated",
            "day.log: ./day.2026-11-01.log ./day.2026-11-02.log",
            "mail.log: ./mail.log.10.xz ./mail.log.2.gz ./mail.log.1 ./mail.log",
            "maillog: ./maillog.1.bz2 ./maillog.0.bz2 ./maillog",
        ],
        &[],
    );
}

#[test]
fn numbers_and_dates_in_one_set_are_ordered_by_the_last_change() {
    let tree = Tree::new(&["mail.log", "mail.log.1", "mail.log.2", "mail.log-20261101"]);
    let age = |name: &str, hours: u64| {
        let time = std::time::UNIX_EPOCH + Duration::from_secs(1_795_000_000 - hours * 3600);
        fs::File::options()
            .write(true)
            .open(tree.path(name))
            .unwrap()
            .set_modified(time)
            .unwrap();
    };
    let check = |files: &str| tree.check(&["mail.log*"], &[&format!("mail.log: {files}")], &[]);
    age("mail.log", 9);
    age("mail.log.2", 4);
    age("mail.log.1", 3);
    age("mail.log-20261101", 2);
    check("mail.log.2 mail.log.1 mail.log-20261101 mail.log");
    // Numbers and dates say nothing about each other, and an order that mixed both rules would be none.
    age("mail.log.1", 5);
    check("mail.log.1 mail.log.2 mail.log-20261101 mail.log");
}

#[test]
fn same_base_in_two_directories_is_two_sets() {
    let tree = Tree::new(&["mx1/mail.log", "mx2/mail.log", "mx2/mail.log.1"]);
    tree.check(
        &["mx1", "mx2"],
        &[
            "mx1/mail.log: mx1/mail.log",
            "mx2/mail.log: mx2/mail.log.1 mx2/mail.log",
        ],
        &[],
    );
}

#[test]
fn one_file_named_in_many_ways_is_read_once() {
    let tree = Tree::new(&["logs/mail.log", "logs/mail.log.1"]);
    std::os::unix::fs::symlink(tree.path("logs/mail.log"), tree.path("link")).unwrap();
    std::os::unix::fs::symlink(tree.path("logs"), tree.path("alias")).unwrap();
    tree.check(
        &[
            "logs/mail.log",
            "logs/mail.*",
            "link",
            "alias/mail.log.1",
            "logs",
            "alias",
            ".",
        ],
        &["logs/mail.log: logs/mail.log.1 logs/mail.log"],
        &[],
    );
}

#[test]
fn directories_are_searched_without_what_is_no_log() {
    let tree = Tree::new(&[
        "a/b/mail.log",
        "a/.hidden",
        "a/.git/config",
        "a/system.journal",
        "a/mail.log.lock",
        "a/wtmp",
        "a/wtmp.1.gz",
        "a/mail.log~",
        "a/syslog",
    ]);
    let _socket = std::os::unix::net::UnixListener::bind(tree.path("a/log")).unwrap();
    tree.check(
        &["a"],
        &["a/b/mail.log: a/b/mail.log", "a/syslog: a/syslog"],
        &[],
    );
    // Named expressly it is taken.
    tree.check(&["a/.hidden"], &["a/.hidden: a/.hidden"], &[]);
}

#[test]
fn loops_of_directories_end() {
    let tree = Tree::new(&["a/mail.log"]);
    std::os::unix::fs::symlink(tree.path("a"), tree.path("a/again")).unwrap();
    std::os::unix::fs::symlink(tree.root.path(), tree.path("a/up")).unwrap();
    tree.check(&["a"], &["a/mail.log: a/mail.log"], &[]);
}

#[test]
fn deep_directories_end_with_a_problem() {
    let deep = "d/".repeat(DIRECTORY_DEPTH_MAX + 2);
    let tree = Tree::new(&["mail.log", &format!("{deep}mail.log")]);
    let (sets, problems) = tree.find(&["."]);
    assert_eq!(sets, ["mail.log: ./mail.log"]);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].ends_with("below 32 levels are not read; name them directly"));
}

#[test]
fn what_is_not_there_is_told() {
    let tree = Tree::new(&["mail.log", "empty/.hidden"]);
    std::os::unix::fs::symlink("nowhere", tree.path("dangling")).unwrap();
    std::os::unix::fs::symlink("circle", tree.path("circle")).unwrap();
    tree.check(
        &["absent", "*.txt", "empty", "dangling", "circle", "mail.log", "***"],
        &["mail.log: mail.log"],
        &[
            "`absent`: no such file or directory",
            "`*.txt`: no file matches this pattern",
            "`empty`: no log files in this directory",
            "`dangling`: cannot be read (no such file or directory)",
            "`circle`: cannot be read (too many levels of symbolic links)",
            "`***`: no such file, and not a pattern either (wildcards are either regular `*` or recursive `**`)",
        ],
    );
}

#[test]
fn a_name_with_brackets_is_no_pattern() {
    let tree = Tree::new(&["mail[1].log"]);
    tree.check(&["mail[1].log"], &["mail[1].log: mail[1].log"], &[]);
}

#[test]
fn standard_input_is_read_once() {
    let found = find(&["-".into(), "-".into()]);
    assert_eq!(found.sets.len(), 1);
    let set = &found.sets[0];
    assert_eq!(
        (set.name.as_str(), set.is_rereadable(), set.bytes_on_disk()),
        ("-", false, 0)
    );
    assert_eq!(
        (set.files[0].modified, set.files[0].bytes_on_disk),
        (None, 0)
    );
}

#[test]
fn pipes_are_taken_if_named() {
    let tree = Tree::new(&[]);
    let pipe = tree.path("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let found = find(&[pipe.into()]);
    assert!(!found.sets[0].is_rereadable());
    assert_eq!(tree.find(&["."]).0, [""; 0]);
}

#[test]
fn a_compressed_copy_is_left_out() {
    let tree = Tree::new(&["mail.log"]);
    let gzip = |content: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    };
    tree.write("mail.log.1", b"one\ntwo\nthree\n");
    tree.write("mail.log.1.gz", &gzip(b"one\ntwo\n"));
    tree.write("mail.log.2", b"older\n");
    tree.write("mail.log.2.gz", &gzip(b"left from another time\n"));
    tree.check(
        &["mail.log*"],
        &["mail.log: mail.log.2 mail.log.2.gz mail.log.1 mail.log"],
        &["`mail.log.1.gz`: compressed copy of `mail.log.1`, not read a second time"],
    );
}

#[test]
fn generations_are_found_by_their_names() {
    let dir = tempfile::TempDir::new().unwrap();
    for name in [
        "mail.log",
        "mail.log.1",
        "mail.log.2.gz",
        "mail.log-20261101",
        "mail.err",
        "mail.log.bak",
    ] {
        std::fs::write(dir.path().join(name), "a\n").unwrap();
    }
    let of = |name: &str| {
        let mut paths = generations(&dir.path().join(name)).unwrap();
        paths.sort();
        let names = paths
            .iter()
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    let log = [
        "mail.log",
        "mail.log-20261101",
        "mail.log.1",
        "mail.log.2.gz",
    ];
    assert_eq!(of("mail.log"), log);
    assert_eq!(of("mail.log.7.xz"), log, "also of one that is not there");
    assert_eq!(of("mail.err"), ["mail.err"]);
    assert!(generations(&dir.path().join("none/mail.log")).is_err());
}
