//! How many bytes a second an export takes and is checked at, beside a file without hashes.
//!
//! 512 MiB of NDJSON in records of 400 bytes in one file; medians of 5 turns. Written is up to the sync, so it depends
//! on the disk; give a folder in memory to see the hashing alone. Read is what is in the page cache.
//! Not measured: a cold disk; small files, which cost three syncs each.
//!
//! `cargo run --release --example package_speed -p waybill-evidence -- FOLDER`
#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use evidence::{Coverage, Cut, Description, Package, SigningKey, proof, verify};
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

const RECORDS: usize = 1_342_177;
const RECORD_BYTES: usize = 400;
const TURNS: usize = 5;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let folder = std::env::args_os().nth(1);
    let folder = folder.map_or_else(std::env::temp_dir, PathBuf::from);
    let key = SigningKey::generate()?;
    let mut figures: [Vec<f64>; 6] = Default::default();
    for _ in 0..TURNS {
        let folder = tempfile::tempdir_in(&folder)?;
        let plain = folder.path().join("plain");
        let package = folder.path().join("package");
        let name = "events.ndjson";
        figures[0].push(timed(|| write_plain(&plain))?);
        fs::remove_file(&plain)?;
        for (at, cut) in [(1, None), (2, Some(Cut::Csv)), (3, Some(Cut::Lines))] {
            figures[at].push(timed(|| export(&package, name, cut, &key))?);
            if at < 3 {
                fs::remove_dir_all(&package)?;
            }
        }
        let mut is_sound = false;
        figures[4].push(timed(|| {
            is_sound = verify(&package, None)?.is_sound();
            Ok(())
        })?);
        assert!(is_sound);
        figures[5].push(timed(|| {
            proof(&package, name, 1_000_000)?;
            Ok(())
        })?);
    }
    let names = [
        "plain file",
        "written, no records",
        "written, CSV",
        "written, lines",
        "verified, lines",
        "proof of a line",
    ];
    for (name, figures) in names.iter().zip(&mut figures) {
        figures.sort_by(f64::total_cmp);
        println!("{name}: {:.0} MB/s", figures[TURNS / 2]);
    }
    Ok(())
}

/// MB a second.
fn timed(work: impl FnOnce() -> Outcome<()>) -> Outcome<f64> {
    let start = Instant::now();
    work()?;
    let bytes = (RECORDS * RECORD_BYTES) as f64;
    Ok(bytes / start.elapsed().as_secs_f64() / 1e6)
}

fn records(to: &mut impl Write) -> std::io::Result<()> {
    let mut record = vec![b'x'; RECORD_BYTES];
    record[RECORD_BYTES - 1] = b'\n';
    for number in 0..RECORDS {
        record[..4].copy_from_slice(&(number as u32 | 0x8080_8080).to_be_bytes());
        to.write_all(&record)?;
    }
    Ok(())
}

fn write_plain(path: &Path) -> Outcome<()> {
    let mut file = BufWriter::new(File::create(path)?);
    records(&mut file)?;
    Ok(file.into_inner()?.sync_all()?)
}

fn export(folder: &Path, name: &str, cut: Option<Cut>, key: &SigningKey) -> Outcome<()> {
    let description = Description {
        archive_id: "bench".to_owned(),
        query: String::new(),
        since: None,
        until: None,
        asked_by: String::new(),
        asked_at: jiff::Timestamp::UNIX_EPOCH,
        coverage: Coverage::default(),
    };
    let mut package = Package::create_or_resume(folder, description)?;
    let mut file = package.begin_file(name, cut)?;
    records(&mut file)?;
    file.finish()?;
    package.seal(key)?;
    Ok(())
}
