//! Exim: its test suite's logs, two servers' logs, and what other projects expect of its lines.

use crate::comparison::listed;
use crate::locate;
use bstr::ByteSlice;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Of a file's lines, at most one in so many may be unknown.
const KNOWN_FOR_ONE_UNKNOWN: usize = 100;

#[test]
fn lines_of_exim_have_rules() {
    let Some(root) = locate::root() else { return };
    let excepted: BTreeSet<_> = listed(include_str!("deviations/exim-coverage.txt"))
        .into_iter()
        .flat_map(|(file, lines)| each_line(file, &lines))
        .collect();
    let mut still_unknown = BTreeSet::new();
    let mut wrong = String::new();
    let mut table = String::from("   lines     rule excepted  unknown  folder\n");
    let folders = locate::folders(&root.join("exim"));
    for folder in folders {
        let mut counts = [0; 4];
        for path in locate::files(&folder, true) {
            let name = path.strip_prefix(&root).expect("below the root");
            let name = name.to_string_lossy().into_owned();
            if is_expectation(&name) {
                continue;
            }
            let (mut known, mut unknown) = (0, 0);
            let mut shown = String::new();
            for (at, line) in locate::bytes(&path).lines().enumerate() {
                let line = as_logged(line);
                let event = parse::line(&line);
                event.each_field(&mut |_, _| {});
                let place = (name.clone(), (at + 1).to_string());
                if !event.rule.is_empty() {
                    known += 1;
                } else if excepted.contains(&place) {
                    counts[2] += 1;
                    still_unknown.insert(place);
                } else if is_logged(&line) {
                    unknown += 1;
                    writeln!(shown, "  {name} {}: {}", at + 1, line.as_bstr()).expect("takes all");
                }
            }
            counts[0] += known + unknown;
            counts[1] += known;
            counts[3] += unknown;
            if unknown * KNOWN_FOR_ONE_UNKNOWN > known {
                wrong += &shown;
            }
        }
        let [lines, known, excepted, unknown] = counts;
        let folder = folder.file_name().expect("a folder has a name");
        writeln!(
            table,
            "{lines:8} {known:8} {excepted:8} {unknown:8}  {}",
            folder.display()
        )
        .expect("takes all");
    }
    println!("{table}");
    let mended: Vec<_> = excepted.difference(&still_unknown).collect();
    assert!(mended.is_empty(), "listed, but has a rule now: {mended:#?}");
    assert!(wrong.is_empty(), "too many unknown lines:\n{wrong}");
}

/// The places of `FILE 3,5,8`.
fn each_line(file: String, lines: &str) -> Vec<(String, String)> {
    let lines = lines.split(',');
    lines.map(|line| (file.clone(), line.to_owned())).collect()
}

/// Whether a file holds what is expected of logs, and not a log.
fn is_expectation(name: &str) -> bool {
    name.contains("/exigrep-stdout/") || name.ends_with(".assert")
}

/// Whether a line stands at the start of an entry: with a stamp, or from syslog.
fn is_logged(line: &[u8]) -> bool {
    line.get(4) == Some(&b'-') && line.get(10) == Some(&b' ')
        || line.contains_str(" exim[") && line[0] != b'#'
}

/// The line as it was before the test suite put words in place of what differs between runs, and
/// OSSEC a name before it.
fn as_logged(line: &[u8]) -> Cow<'_, [u8]> {
    const EDITED: &[(&str, &str)] = &[
        (":PORT_D", ":1225"),
        (":PORT_S", ":1224"),
        (":PORT_N", ":1223"),
        ("QT=qqs", "QT=0s"),
        ("DT=qqs", "DT=0s"),
        ("RT=qqs", "RT=0s"),
        (" D=qqs", " D=0s"),
        ("QT=q.qqqs", "QT=0.123s"),
        ("DT=q.qqqs", "DT=0.123s"),
        ("RT=q.qqqs", "RT=0.123s"),
        (" D=q.qqqs", " D=0.123s"),
        (" S=sss", " S=317"),
        ("pid=pppp", "pid=1234"),
        ("defer (dd)", "defer (111)"),
        ("defer (-dd)", "defer (-44)"),
        ("defer (EEE)", "defer (2)"),
        ("] Network Error", "] Network is unreachable"),
        (
            "] Netwk addr not available",
            "] Cannot assign requested address",
        ),
    ];
    let ossec = line.starts_with(b"log ").then(|| line.find(" pass = "));
    let mut line = match ossec.flatten() {
        Some(at) => Cow::Borrowed(&line[at + " pass = ".len()..]),
        None => Cow::Borrowed(line),
    };
    for (edited, logged) in EDITED {
        if line.contains_str(edited) {
            line = line.replace(edited, logged).into();
        }
    }
    let pid = line.find("pid=p").or_else(|| line.find("pid p"));
    if let Some(at) = pid.map(|at| at + "pid=".len())
        && line.get(at + 1).is_some_and(u8::is_ascii_digit)
    {
        line.to_mut().remove(at);
    }
    line
}
