//! A disk on which something goes wrong at a call that the test names: see `disk.c`.

use jiff::{SignedDuration, Timestamp};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use tempfile::TempDir;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// Killed before the call.
    Kill,
    /// Killed when half of a write is done.
    Torn,
    /// Power is lost before the call: what was not synced is gone.
    Power,
    /// The same; names are there, but of the bytes only those that were synced, the others are zero.
    PowerBehindNames,
    /// From the call on there is no room.
    NoRoom,
    /// The call fails.
    Fails,
}

impl Fault {
    pub(crate) const ALL: [Fault; 6] = [
        Fault::Kill,
        Fault::Torn,
        Fault::Power,
        Fault::PowerBehindNames,
        Fault::NoRoom,
        Fault::Fails,
    ];

    fn name(self) -> &'static str {
        match self {
            Fault::Kill | Fault::Power | Fault::PowerBehindNames => "kill",
            Fault::Torn => "torn",
            Fault::NoRoom => "nospace",
            Fault::Fails => "eio",
        }
    }
}

/// Whether there is time for all.
pub(crate) fn is_long() -> bool {
    std::env::var_os("WAYBILL_LONG").is_some()
}

/// Every so many faults one is tried.
pub(crate) fn share() -> usize {
    if is_long() { 1 } else { 17 }
}

/// A folder in memory where there is one: a sync costs nothing there.
pub(crate) fn folder() -> TempDir {
    let memory = tempfile::tempdir_in("/dev/shm");
    let folder = memory.or_else(|_| tempfile::tempdir());
    folder.expect("there is room for temporary files")
}

/// The library; `None`, and said, where it cannot be made.
fn library() -> Option<&'static Path> {
    static LIBRARY: OnceLock<Option<(TempDir, PathBuf)>> = OnceLock::new();
    let made = LIBRARY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let library = folder.path().join("disk.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash/disk.c");
        let compiled = Command::new("cc")
            .args(["-O1", "-shared", "-fPIC", "-Wall", "-o"])
            .args([&library, &source])
            .status();
        let is_made = cfg!(target_os = "linux") && compiled.is_ok_and(|it| it.success());
        is_made.then_some((folder, library))
    });
    if made.is_none() {
        println!("skipped: faults need Linux and `cc`");
    }
    made.as_ref().map(|(_, library)| library.as_path())
}

/// Faults of the disk below a folder.
pub(crate) struct Faults {
    data: PathBuf,
    notes: TempDir,
}

impl Faults {
    /// `None`, and said, where there can be none.
    pub(crate) fn new(data: &Path) -> Option<Self> {
        library()?;
        fs::create_dir_all(data).expect("a temporary folder can be written");
        let data = data.canonicalize().expect("it is there");
        let notes = folder();
        fs::create_dir(notes.path().join("synced")).expect("a temporary folder can be written");
        Some(Faults { data, notes })
    }

    fn note(&self, name: &str) -> PathBuf {
        self.notes.path().join(name)
    }

    /// What a process is given so that something happens at a call, counted from 1; without one the
    /// calls are noted.
    pub(crate) fn variables(&self, at: Option<(Fault, usize)>) -> Vec<(&'static str, OsString)> {
        let _ = fs::remove_file(self.note("log"));
        let _ = fs::remove_file(self.note("room"));
        let library = library().expect("it was made");
        let mut variables = vec![
            ("LD_PRELOAD", library.into()),
            ("FAULTS_DISK", self.data.clone().into()),
            ("FAULTS_LOG", self.note("log").into()),
            ("FAULTS_ROOM", self.note("room").into()),
        ];
        if let Some((fault, at)) = at {
            variables.push(("FAULTS_AT", at.to_string().into()));
            variables.push(("FAULTS_DO", fault.name().into()));
            if matches!(fault, Fault::Power | Fault::PowerBehindNames) {
                let synced = self.note("synced");
                fs::remove_dir_all(&synced).expect("it is there");
                fs::create_dir(&synced).expect("a temporary folder can be written");
                note_as_synced(&self.data, &synced);
                variables.push(("FAULTS_SYNCED", synced.into()));
            }
        }
        variables
    }

    /// The calls that changed the disk: which, and the path without what differs from run to run.
    pub(crate) fn calls(&self) -> Vec<String> {
        let log = fs::read_to_string(self.note("log")).unwrap_or_default();
        let call = |line: &str| {
            let (_, call) = line.split_once(' ')?;
            let mut kind = String::new();
            for c in call.chars() {
                let c = if c.is_ascii_hexdigit() && (c.is_ascii_digit() || kind.ends_with('0')) {
                    '0'
                } else {
                    c
                };
                if c != '0' || !kind.ends_with('0') {
                    kind.push(c);
                }
            }
            Some(kind)
        };
        log.lines().filter_map(call).collect()
    }

    /// There is room again.
    pub(crate) fn make_room(&self) {
        fs::write(self.note("room"), "").expect("a temporary folder can be written");
    }

    /// Makes the disk what a loss of power would leave.
    pub(crate) fn lose_power(&self, fault: Fault) {
        let synced = self.note("synced");
        match fault {
            Fault::Power => {
                let root = fs::metadata(&self.data).expect("it is there").ino();
                let left = self.note("left");
                restore(&synced, root, &left);
                fs::remove_dir_all(&self.data).expect("it is there");
                copy(&left, &self.data);
                fs::remove_dir_all(&left).expect("it was made");
            }
            Fault::PowerBehindNames => forget_bytes(&self.data, &synced),
            Fault::Kill | Fault::Torn | Fault::NoRoom | Fault::Fails => {}
        }
    }
}

/// Whether a process was killed, as asked for.
pub(crate) fn was_killed(output: &Output) -> bool {
    output.status.signal() == Some(9)
}

fn entries(folder: &Path) -> Vec<(PathBuf, fs::Metadata)> {
    let entries = fs::read_dir(folder).expect("it is a folder");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    paths
        .filter_map(|path| {
            let of = fs::symlink_metadata(&path).ok()?;
            (of.is_dir() || of.is_file()).then_some((path, of))
        })
        .collect()
}

/// What stands there before anything happens has been there for long.
fn note_as_synced(folder: &Path, synced: &Path) {
    let mut listing = String::new();
    for (path, of) in entries(folder) {
        let name = path.file_name().expect("it has one").to_string_lossy();
        let end = if of.is_dir() { "/" } else { "" };
        listing += &format!("{} {name}{end}\n", of.ino());
        match of.is_dir() {
            true => note_as_synced(&path, synced),
            false => {
                fs::copy(&path, synced.join(of.ino().to_string())).expect("it can be copied");
            }
        }
    }
    let inode = fs::metadata(folder).expect("it is there").ino();
    fs::write(synced.join(format!("{inode}.d")), listing).expect("it can be written");
}

/// Makes a folder as it was synced.
fn restore(synced: &Path, inode: u64, to: &Path) {
    fs::create_dir(to).expect("a temporary folder can be written");
    let listing = fs::read_to_string(synced.join(format!("{inode}.d"))).unwrap_or_default();
    for line in listing.lines() {
        let (inode, name) = line.split_once(' ').expect("a number and a name");
        match name.strip_suffix('/') {
            Some("." | "..") => continue,
            Some(folder) => {
                restore(synced, inode.parse().expect("a number"), &to.join(folder));
                continue;
            }
            None => {}
        }
        if !name.ends_with(".sock") {
            let (kept, path) = (synced.join(inode), to.join(name));
            match kept.exists() {
                true => fs::copy(kept, path).map(|_| ()),
                false => fs::write(path, ""),
            }
            .expect("a temporary folder can be written");
        }
    }
}

/// Leaves of each file what was synced, and zeros behind it.
fn forget_bytes(folder: &Path, synced: &Path) {
    for (path, of) in entries(folder) {
        if of.is_dir() {
            forget_bytes(&path, synced);
            continue;
        }
        let mut bytes = fs::read(synced.join(of.ino().to_string())).unwrap_or_default();
        bytes.resize(of.len() as usize, 0);
        fs::write(path, bytes).expect("it can be written");
    }
}

/// Copies a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a temporary folder can be written");
    for (path, of) in entries(from) {
        let new = to.join(path.file_name().expect("it has one"));
        match of.is_dir() {
            true => copy(&path, &new),
            false => {
                fs::copy(&path, &new).expect("it can be copied");
            }
        }
    }
}

/// Xorshift: the same in each run.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

/// A wall clock that a test sets; it goes on from there.
pub(crate) struct Wall {
    notes: TempDir,
}

impl Wall {
    /// `None`, and said, where there can be none.
    pub(crate) fn new(at: Timestamp) -> Option<Self> {
        library()?;
        let wall = Wall { notes: folder() };
        wall.set(at);
        Some(wall)
    }

    fn path(&self) -> PathBuf {
        self.notes.path().join("clock")
    }

    pub(crate) fn variables(&self) -> Vec<(&'static str, OsString)> {
        let library = library().expect("it was made");
        vec![
            ("LD_PRELOAD", library.into()),
            ("FAULTS_CLOCK", self.path().into()),
        ]
    }

    /// Nanoseconds by which it is wrong.
    fn wrong_by(&self) -> i64 {
        let bytes = fs::read(self.path()).expect("it was set");
        i64::from_ne_bytes(bytes.try_into().expect("a number"))
    }

    pub(crate) fn now(&self) -> Timestamp {
        real_now() + SignedDuration::from_nanos(self.wrong_by())
    }

    pub(crate) fn set(&self, at: Timestamp) {
        let wrong_by = at.duration_since(real_now()).as_nanos() as i64;
        // In one piece: a file that is empty for a moment would be a clock that is right.
        let mut options = fs::OpenOptions::new();
        let file = options
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.path());
        let written = file.and_then(|file| file.write_all_at(&wrong_by.to_ne_bytes(), 0));
        written.expect("it can be written");
    }

    /// Puts it forward or back; gives what it tells now.
    pub(crate) fn step(&self, by: SignedDuration) -> Timestamp {
        let now = self.now() + by;
        self.set(now);
        now
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the daemon's clock is the real one, and wrong by so much"
)]
fn real_now() -> Timestamp {
    Timestamp::now()
}
