//! Every line of the real logs at hand comes back from the archive.

mod common;

use common::{lines_in, lines_of, sets, take};
use std::path::{Path, PathBuf};

fn corpus() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let folder = std::env::var_os("WAYBILL_CORPUS").map_or_else(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

#[test]
fn every_line_of_the_corpus_comes_back() {
    let Some(corpus) = corpus() else {
        eprintln!("skipped: no real logs at hand");
        return;
    };
    let archive = tempfile::tempdir().expect("there is room for temporary files");
    let imported = take(archive.path(), &[&corpus]);
    let was = lines_in(&sets(&[&corpus]));
    assert!(imported.lines_read > 100_000, "{}", imported.lines_read);
    assert_eq!(imported.lines_read, was.values().sum::<u64>());
    let there = lines_of(archive.path());
    let missing: Vec<_> = was
        .iter()
        .filter(|(line, n)| there.get(*line) != Some(n))
        .collect();
    let first = missing
        .first()
        .map(|(line, n)| (String::from_utf8_lossy(line), *n));
    assert!(
        missing.is_empty(),
        "{} lines, of them {first:?}",
        missing.len()
    );
    assert_eq!(there.len(), was.len());
}
