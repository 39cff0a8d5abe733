//! How many lines of real logs a rule reads, file by file.

use crate::comparison::listed;
use crate::locate;
use bstr::ByteSlice;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

/// Of a file's lines by a Postfix daemon, at most one in so many may be unknown.
const KNOWN_FOR_ONE_UNKNOWN: usize = 1000;

/// Unknown lines shown for each file.
const SHOWN_MAX: usize = 40;

#[test]
fn lines_of_postfix_have_rules() {
    let Some(root) = locate::root() else { return };
    let excepted = listed(include_str!("deviations/coverage.txt"));
    let mut still_unknown = BTreeSet::new();
    let mut table = String::from("   lines  postfix     rule unknown excepted verbose  file\n");
    let mut wrong = String::new();
    let mut total = Counts::default();
    for path in locate::files(&root, true) {
        if is_expectation(&path) {
            continue;
        }
        let name = path.strip_prefix(&root).expect("below the root");
        let name = name.to_string_lossy().into_owned();
        let mut counts = Counts::default();
        let mut unknown = String::new();
        for (at, line) in locate::bytes(&path).lines().enumerate() {
            counts.lines += 1;
            let line = &as_logged(line)[..];
            let event = parse::line(line);
            event.each_field(&mut |_, _| {});
            let Some(text) = text_of_daemon(line) else {
                counts.foreign += 1;
                continue;
            };
            counts.postfix += 1;
            let place = (name.clone(), (at + 1).to_string());
            if !event.rule.is_empty() {
                counts.ruled += 1;
            } else if is_verbose(text) {
                counts.verbose += 1;
            } else if excepted.contains(&place) {
                counts.excepted += 1;
                still_unknown.insert(place);
            } else {
                counts.unknown += 1;
                if counts.unknown <= SHOWN_MAX {
                    writeln!(unknown, "  {}:{}: {}", name, at + 1, line.as_bstr())
                        .expect("a string takes all");
                }
            }
        }
        print!("{unknown}");
        counts.check(&name);
        total.add(&counts);
        if counts.postfix > 0 {
            counts.row(&name, &mut table);
        }
        if counts.unknown * KNOWN_FOR_ONE_UNKNOWN > counts.postfix - counts.verbose {
            wrong += &unknown;
        }
    }
    total.row("total", &mut table);
    println!("{table}");
    let mended: Vec<_> = excepted.difference(&still_unknown).collect();
    assert!(mended.is_empty(), "listed, but has a rule now: {mended:#?}");
    assert!(
        wrong.is_empty(),
        "too many unknown lines:\n{table}\n{wrong}"
    );
}

/// Lines of a file by what became of them.
#[derive(Default)]
struct Counts {
    lines: usize,
    foreign: usize,
    postfix: usize,
    ruled: usize,
    unknown: usize,
    excepted: usize,
    verbose: usize,
}

impl Counts {
    /// Each line is in one count.
    fn check(&self, name: &str) {
        assert_eq!(self.lines, self.foreign + self.postfix, "{name}");
        let known_or_not = self.ruled + self.unknown + self.excepted + self.verbose;
        assert_eq!(self.postfix, known_or_not, "{name}");
    }

    fn add(&mut self, other: &Counts) {
        self.lines += other.lines;
        self.foreign += other.foreign;
        self.postfix += other.postfix;
        self.ruled += other.ruled;
        self.unknown += other.unknown;
        self.excepted += other.excepted;
        self.verbose += other.verbose;
    }

    fn row(&self, name: &str, table: &mut String) {
        let Counts {
            lines,
            postfix,
            ruled,
            unknown,
            excepted,
            verbose,
            ..
        } = self;
        writeln!(
            table,
            "{lines:8} {postfix:8} {ruled:8} {unknown:7} {excepted:8} {verbose:7}  {name}"
        )
        .expect("a string takes all");
    }
}

/// The line as it was before upstream edited it: a placeholder for the day, which their test fills
/// in, and an anonymizer's mark for queue ids that fell on a word.
fn as_logged(line: &[u8]) -> Cow<'_, [u8]> {
    const EDITED: &[(&str, &str)] = &[
        ("%(day)s ", "Nov 22 "),
        (" notificationXXXX: ", " notification: "),
        (" workaroundsXXXX: ", " workarounds: "),
    ];
    match EDITED.iter().find(|(edited, _)| line.contains_str(edited)) {
        Some((edited, logged)) => line.replacen(edited, logged, 1).into(),
        None => line.into(),
    }
}

/// Whether a file holds what is expected of logs, and not a log.
fn is_expectation(path: &Path) -> bool {
    let name = path
        .file_name()
        .expect("a file has a name")
        .to_string_lossy();
    name.starts_with("test_output_")
        || [".assert", ".json", ".yaml", ".ini", ".tsv", ".md"]
            .iter()
            .any(|end| name.ends_with(end))
}

/// Programs that come with Postfix and log. Source: postfix `conf/postfix-files`.
const DAEMONS: &[&str] = &[
    "anvil",
    "bounce",
    "cleanup",
    "defer",
    "discard",
    "dnsblog",
    "error",
    "flush",
    "lmtp",
    "local",
    "master",
    "nqmgr",
    "oqmgr",
    "pickup",
    "pipe",
    "postalias",
    "postdrop",
    "postfix",
    "postfix-script",
    "postlog",
    "postlogd",
    "postmap",
    "postqueue",
    "postscreen",
    "postsuper",
    "proxymap",
    "qmgr",
    "qmqpd",
    "retry",
    "scache",
    "sendmail",
    "showq",
    "smtp",
    "smtpd",
    "spawn",
    "tlsmgr",
    "tlsproxy",
    "trace",
    "trivial-rewrite",
    "verify",
    "virtual",
];

/// A tag stands near the line's start, whatever the header's form.
const TAG_END_BYTES_MAX: usize = 160;

/// What follows ` LABEL/DAEMON[PID]: ` or ` LABEL/DAEMON: `; `None` for lines of other programs.
/// It does not use the parser's view of the header, so that a header that is misread shows.
fn text_of_daemon(line: &[u8]) -> Option<&[u8]> {
    let mut start = 0;
    while start < line.len().min(TAG_END_BYTES_MAX) {
        let end = line[start..]
            .find_byte(b' ')
            .map_or(line.len(), |it| start + it);
        let word = &line[start..end];
        if let Some(tag) = word.strip_suffix(b":")
            && is_daemon(tag)
        {
            return Some(line.get(end + 1..).unwrap_or_default());
        }
        start = end + 1;
    }
    None
}

fn is_daemon(tag: &[u8]) -> bool {
    let tag = match tag
        .strip_suffix(b"]")
        .and_then(|it| it.rsplit_once_str("["))
    {
        Some((tag, pid)) if pid.iter().all(u8::is_ascii_digit) => tag,
        Some(_) => return false,
        None => tag,
    };
    tag.rsplit_once_str("/")
        .is_some_and(|(_, program)| DAEMONS.iter().any(|it| it.as_bytes() == program))
}

/// Whether a text is what daemons print under `-v` or for `debug_peer_list`: talk for finding
/// faults by hand, some hundred lines a message, of which no event comes. It has no severity prefix
/// and starts with the name of a C function, or with one of the words below.
fn is_verbose(text: &[u8]) -> bool {
    starts_with_function(text)
        || VERBOSE_STARTS
            .iter()
            .any(|it| text.starts_with(it.as_bytes()))
        || VERBOSE_PARTS.iter().any(|it| text.contains_str(it))
}

/// `match_string: `, `qmgr_scan_start: `: small letters and digits with an underscore among them.
fn starts_with_function(text: &[u8]) -> bool {
    let is_part = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_';
    let len = text.iter().take_while(|b| is_part(b)).count();
    text[..len].contains(&b'_') && text[len..].starts_with(b": ")
}

const VERBOSE_STARTS: &[&str] = &[
    // The protocols between daemons. Source: postfix `src/util/attr_print*.c`, `attr_scan*.c`.
    "send attr ",
    "input attribute name: ",
    "input attribute value: ",
    "connect to subsystem ",
    // The SMTP dialogue, `> host[address]: 250 ...`. Source: `src/smtpd/smtpd_chat.c`.
    "> ",
    "< ",
    // The restrictions being gone through. Source: `src/smtpd/smtpd_check.c`.
    ">>> ",
    "<<< ",
    // The queue manager's rounds. Source: `src/qmgr/qmgr.c`, `qmgr_message.c`, `qmgr_move.c`.
    "request: ",
    "request ignored",
    "done incoming queue scan",
    "done deferred queue scan",
    "start sorted recipient list",
    "end sorted recipient list",
    "start move queue ",
    "end move queue ",
    "wakeup ",
    // A daemon's start and end. Source: `src/master/*_server.c`, `src/util/inet_addr_list.c`.
    "process generation: ",
    "mynetworks: ",
    "connection established",
    "connection closed",
    "idle timeout -- exiting",
    "master disconnect -- exiting",
    "rewrite stream disconnect",
    "proxymap stream disconnect",
    "Compiled against Berkeley DB",
    "Run-time linked against Berkeley DB",
    "fsspace: ",
    // The queue file as cleanup takes it. Source: `src/cleanup/cleanup_envelope.c`.
    "initial envelope ",
    "extracted envelope ",
    "open incoming/",
    "cleanup flags = ",
    "before input_transp_cleanup: ",
    "after input_transp_cleanup: ",
    // The search for a host. Source: `src/smtp/smtp_addr.c`, `src/dns/dns_lookup.c`.
    "host name lookup methods: ",
    "pref ",
    "lookup ",
    "begin ",
    "end ",
    "connecting to ",
];

const VERBOSE_PARTS: &[&str] = &[
    " socket: wanted attribute: ",
    ": recipient limit ",
    "_tempfail_action = ",
];
