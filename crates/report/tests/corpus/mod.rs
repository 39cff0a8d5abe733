//! Logs of the shared corpus.

use std::path::{Path, PathBuf};

/// A log of the corpus.
pub(crate) struct Log {
    /// Below the corpus; `.zst` is decompressed.
    pub(crate) path: &'static str,
    /// Whether its stamps are `2013 Jun 10 06:27:30.123`, which pflogsumm cannot read: they are
    /// rewritten for both.
    pub(crate) year_first: bool,
    /// By what our own totals differ from pflogsumm's.
    pub(crate) deviations: &'static [Deviation],
}

/// A difference that was looked at.
pub(crate) struct Deviation {
    /// Which number.
    pub(crate) what: &'static str,
    /// Ours minus pflogsumm's.
    pub(crate) by: i64,
    /// Why ours is right.
    #[expect(dead_code, reason = "for who reads")]
    pub(crate) because: &'static str,
}

/// The corpus, if there is one.
pub(crate) fn root() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let root = std::env::var_os("WAYBILL_CORPUS").map_or(beside, PathBuf::from);
    root.is_dir().then_some(root)
}

/// A log's bytes.
pub(crate) fn read(root: &Path, log: &Log) -> Vec<u8> {
    let bytes = std::fs::read(root.join(log.path)).unwrap();
    let bytes = match log.path.ends_with(".zst") {
        true => zstd::decode_all(&bytes[..]).unwrap(),
        false => bytes,
    };
    if log.year_first {
        without_years(&bytes)
    } else {
        bytes
    }
}

/// `2013 Jun 10 06:27:30.123 host` becomes `Jun 10 06:27:30 host`.
fn without_years(log: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(log.len());
    for line in log.split_inclusive(|&byte| byte == b'\n') {
        match line.get(5..20).zip(line.get(24..)) {
            Some((stamp, rest)) if line[..4].iter().all(u8::is_ascii_digit) => {
                out.extend_from_slice(stamp);
                out.extend_from_slice(rest);
            }
            _ => out.extend_from_slice(line),
        }
    }
    out
}
