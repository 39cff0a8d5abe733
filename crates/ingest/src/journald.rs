//! Entries of journald as they come from elsewhere than a file: framed, chosen, and reduced to what a log needs.

use crate::envelope::export::{self, Scan, fields};
use crate::limits::LINE_BYTES_MAX;
use glob::Pattern;

/// Frames a stream in journald's export format: entries with an empty line behind each.
#[derive(Debug, Default)]
pub struct Entries {
    scan: Scan,
    entry: Vec<u8>,
    is_cut: bool,
}

impl Entries {
    /// Takes bytes, and gives each entry that ends in them, and whether it was cut at [`LINE_BYTES_MAX`].
    pub fn push(&mut self, mut bytes: &[u8], mut take: impl FnMut(&[u8], bool)) {
        while !bytes.is_empty() {
            let end = self.scan.end(bytes);
            let piece = &bytes[..end.unwrap_or(bytes.len())];
            let room = LINE_BYTES_MAX - self.entry.len();
            self.is_cut |= piece.len() > room;
            self.entry
                .extend_from_slice(&piece[..piece.len().min(room)]);
            let Some(end) = end else { return };
            if !self.entry.is_empty() {
                take(&self.entry, self.is_cut);
                self.entry.clear();
                self.is_cut = false;
            }
            bytes = &bytes[end + 1..];
        }
    }

    /// Ends the stream, which may lack its last empty line; false if it broke off inside an entry.
    pub fn end(&mut self, take: impl FnMut(&[u8], bool)) -> bool {
        let is_whole = self.entry.is_empty() || self.scan.is_before_field();
        if is_whole {
            self.push(b"\n", take);
        }
        is_whole
    }

    /// Bytes of the entry that has not ended.
    pub fn held_bytes(&self) -> usize {
        self.entry.len()
    }
}

/// Which entries are taken.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    programs: Vec<Pattern>,
    units: Vec<Pattern>,
}

/// Facility of mail in `SYSLOG_FACILITY`. Source: RFC 5424 §6.2.1.
const MAIL: &[u8] = b"2";

impl Wanted {
    /// Entries of facility mail, of these programs (`SYSLOG_IDENTIFIER`, else `_COMM`) and of these units
    /// (`_SYSTEMD_UNIT`); all entries if neither are named. `*` stands for any text. Errs with a name that is no
    /// pattern.
    pub fn new(programs: &[String], units: &[String]) -> Result<Self, String> {
        let read = |names: &[String]| {
            let read = |name: &String| Pattern::new(name).map_err(|_| name.clone());
            names.iter().map(read).collect::<Result<Vec<_>, _>>()
        };
        Ok(Wanted {
            programs: read(programs)?,
            units: read(units)?,
        })
    }

    /// Whether an entry is taken.
    pub fn takes(&self, entry: &[u8]) -> bool {
        if self.programs.is_empty() && self.units.is_empty() {
            return true;
        }
        let (mut identifier, mut comm) = (None, None);
        for (name, value) in fields(entry) {
            match name {
                b"SYSLOG_FACILITY" if value == MAIL => return true,
                b"_SYSTEMD_UNIT" if is_one(&self.units, value) => return true,
                b"SYSLOG_IDENTIFIER" => identifier = Some(value),
                b"_COMM" => comm = Some(value),
                _ => {}
            }
        }
        let program = identifier.or(comm);
        program.is_some_and(|it| is_one(&self.programs, it))
    }
}

fn is_one(patterns: &[Pattern], value: &[u8]) -> bool {
    let value = String::from_utf8_lossy(value);
    patterns.iter().any(|it| it.matches(&value))
}

/// Fields that are kept of an entry, besides its cursor and the time of its reception, which stand first. Others tell
/// of the process, and are several times as long as the message. Source: systemd.journal-fields(7).
pub const KEPT: &[&str] = &[
    "_SOURCE_REALTIME_TIMESTAMP",
    "_HOSTNAME",
    "SYSLOG_IDENTIFIER",
    "_COMM",
    "SYSLOG_PID",
    "_PID",
    "SYSLOG_FACILITY",
    "PRIORITY",
    "_SYSTEMD_UNIT",
    "MESSAGE",
];

/// An entry with the fields of [`KEPT`], in its own format, as [`readable`](crate::readable) reads it; `None` if it
/// has no message or no time.
pub fn reduced(entry: &[u8]) -> Option<Vec<u8>> {
    export::entry(entry)?;
    let mut out = Vec::with_capacity(entry.len().min(512));
    for name in ["__CURSOR", "__REALTIME_TIMESTAMP"] {
        if let Some(value) = field(entry, name) {
            put(&mut out, name.as_bytes(), value);
        }
    }
    for (name, value) in fields(entry) {
        if KEPT.iter().any(|kept| kept.as_bytes() == name) {
            put(&mut out, name, value);
        }
    }
    Some(out)
}

/// Where an entry stands in its journal: `__CURSOR`. `None` if it does not say.
pub fn cursor(entry: &[u8]) -> Option<&str> {
    let cursor = field(entry, "__CURSOR")?;
    std::str::from_utf8(cursor).ok()
}

fn field<'a>(entry: &'a [u8], wanted: &str) -> Option<&'a [u8]> {
    let mut fields = fields(entry);
    fields.find_map(|(name, value)| (name == wanted.as_bytes()).then_some(value))
}

/// Adds a field as the format has it: on a line, or with its length if it holds a newline.
fn put(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    if value.contains(&b'\n') {
        out.push(b'\n');
        out.extend_from_slice(&(value.len() as u64).to_le_bytes());
    } else {
        out.push(b'=');
    }
    out.extend_from_slice(value);
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &[u8] = b"__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1795335801123456\n_BOOT_ID=7\n\
        _HOSTNAME=mx1\nSYSLOG_IDENTIFIER=postfix/qmgr\n_PID=812\nMESSAGE=removed\n\n";

    /// An entry whose message has a newline and an empty line.
    fn binary() -> Vec<u8> {
        let message = b"one\n\ntwo";
        let length = (message.len() as u64).to_le_bytes();
        let head = b"__CURSOR=s=1;i=3\n__REALTIME_TIMESTAMP=1795335801123457\n_COMM=x\nMESSAGE\n";
        [&head[..], &length, message, b"\n\n"].concat()
    }

    fn entries(pieces: &[&[u8]]) -> Vec<(Vec<u8>, bool)> {
        let mut entries = Entries::default();
        let mut all = Vec::new();
        for piece in pieces {
            entries.push(piece, |entry, is_cut| all.push((entry.to_vec(), is_cut)));
        }
        all
    }

    #[test]
    fn a_stream_is_framed_however_it_is_cut() {
        let stream = [ENTRY, &binary(), b"\n", ENTRY].concat();
        let whole = entries(&[&stream]);
        assert_eq!(whole.len(), 3);
        for at in 0..stream.len() {
            assert_eq!(entries(&[&stream[..at], &stream[at..]]), whole, "{at}");
        }
        let bytes: Vec<_> = stream.chunks(1).collect();
        assert_eq!(entries(&bytes), whole);
    }

    #[test]
    fn a_stream_ends_behind_a_field_or_an_entry() {
        for (stream, is_whole, all) in [
            (ENTRY, true, 1),
            (&ENTRY[..ENTRY.len() - 1], true, 1),
            (&ENTRY[..ENTRY.len() - 2], false, 0),
            (b"MESSAGE\n\x09\0\0\0\0\0\0\0one", false, 0),
            (b"no field", false, 0),
            (b"", true, 0),
        ] {
            let (mut entries, mut seen) = (Entries::default(), 0);
            entries.push(stream, |_, _| seen += 1);
            assert_eq!(entries.end(|_, _| seen += 1), is_whole);
            assert_eq!(seen, all);
        }
    }

    #[test]
    fn an_entry_that_is_too_long_is_cut_and_the_next_is_whole() {
        let long = vec![b'x'; 2 * LINE_BYTES_MAX];
        let head = &ENTRY[..ENTRY.len() - 2];
        let all = entries(&[head, &long, b"\n\n", ENTRY]);
        assert_eq!(all[0].0.len(), LINE_BYTES_MAX);
        assert!(all[0].1 && !all[1].1);
        assert_eq!(all[1].0, ENTRY[..ENTRY.len() - 1]);
    }

    #[test]
    fn what_is_kept_of_an_entry_reads_as_the_whole() {
        for entry in [ENTRY.to_vec(), binary()] {
            let kept = reduced(&entry).expect("it has a message");
            assert!(kept.len() < entry.len());
            assert_eq!(crate::readable(&kept), crate::readable(&entry));
            assert_eq!(cursor(&kept), cursor(&entry));
        }
        assert_eq!(reduced(b"__REALTIME_TIMESTAMP=1\n_COMM=x\n"), None);
        assert_eq!(reduced(b"MESSAGE=no time\n"), None);
        assert_eq!(reduced(b"2026-11-22T08:23:21Z no entry at all"), None);
    }

    #[test]
    fn entries_are_chosen_by_facility_program_and_unit() {
        let names = |names: &[&str]| names.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        let wanted = |programs: &[&str], units: &[&str]| {
            Wanted::new(&names(programs), &names(units)).expect("patterns")
        };
        assert!(Wanted::default().takes(ENTRY));
        assert!(wanted(&["postfix*"], &[]).takes(ENTRY));
        assert!(wanted(&["postfix/qmgr"], &[]).takes(ENTRY));
        assert!(!wanted(&["postfix"], &["postfix*"]).takes(ENTRY));
        assert!(wanted(&["x"], &[]).takes(&binary()));
        assert!(wanted(&["no"], &["a@*.service"]).takes(b"_SYSTEMD_UNIT=a@b.service\n"));
        assert!(wanted(&["no"], &[]).takes(b"SYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=any\n"));
        assert_eq!(Wanted::new(&names(&["a[b"]), &[]).err(), Some("a[b".into()));
    }
}
