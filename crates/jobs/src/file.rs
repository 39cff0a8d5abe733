//! A file as it is written: rows in, bytes and their hash out.

use crate::format::Format;
use crate::limits::BUFFER_BYTES;
use query::{Found, Lines, ParquetRows, Piece};
use search::Cursor;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tenancy::{JobPlace, Written};

/// Bytes that go to a file, counted and hashed.
struct Counted {
    file: BufWriter<File>,
    hash: Sha256,
    bytes: Arc<AtomicU64>,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Rows as a format has them.
enum Rows {
    Ndjson(Counted),
    Csv(Counted),
    Parquet(Box<ParquetRows<Counted>>),
}

/// A file that is being written.
pub(crate) struct Out {
    to: Rows,
    with_lines: bool,
    rows: u64,
    bytes: Arc<AtomicU64>,
}

impl Out {
    /// Goes on behind a place, where the file has all that is before; else begins it. Whether it goes on.
    pub(crate) fn open(
        path: &Path,
        (format, with_lines): (Format, bool),
        place: &JobPlace,
    ) -> io::Result<(Self, bool)> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.mode(0o600).open(path)?;
        let behind = place.written.bytes;
        let goes_on =
            format.can_go_on() && !place.place.is_empty() && file.metadata()?.len() >= behind;
        let length = if goes_on { behind } else { 0 };
        file.set_len(length)?;
        let mut hash = Sha256::new();
        let mut read = vec![0; BUFFER_BYTES];
        loop {
            let count = file.read(&mut read)?;
            if count == 0 {
                break;
            }
            hash.update(&read[..count]);
        }
        file.seek(SeekFrom::Start(length))?;
        let bytes = Arc::new(AtomicU64::new(length));
        let mut to = Counted {
            file: BufWriter::with_capacity(BUFFER_BYTES, file),
            hash,
            bytes: Arc::clone(&bytes),
        };
        let to = match format {
            Format::Ndjson => Rows::Ndjson(to),
            Format::Csv => {
                if !goes_on {
                    let lines = if with_lines { ",original_lines" } else { "" };
                    writeln!(to, "id,{}{lines}", query::csv_names())?;
                }
                Rows::Csv(to)
            }
            Format::Parquet => {
                let begun = match with_lines {
                    true => ParquetRows::new(to),
                    false => ParquetRows::without_lines(to),
                };
                Rows::Parquet(Box::new(begun.map_err(io::Error::other)?))
            }
        };
        let rows = if goes_on { place.written.rows } else { 0 };
        let out = Out {
            to,
            with_lines,
            rows,
            bytes,
        };
        Ok((out, goes_on))
    }

    /// Adds rows.
    pub(crate) fn piece(&mut self, piece: &Piece) -> io::Result<()> {
        for (row, lines) in &piece.rows {
            self.row(row, lines)?;
        }
        self.rows += piece.rows.len() as u64;
        Ok(())
    }

    fn row(&mut self, row: &Found, lines: &Lines) -> io::Result<()> {
        let id = Cursor {
            moment: row.at(),
            row: row.id,
        };
        let texts = || {
            let lines = lines.iter();
            lines.map(|(_, line)| String::from_utf8_lossy(line))
        };
        match &mut self.to {
            Rows::Ndjson(to) => {
                let mut object = row.json();
                object.insert("id".to_owned(), id.to_string().into());
                if self.with_lines {
                    object.insert("original_lines".to_owned(), texts().collect());
                }
                writeln!(to, "{}", serde_json::Value::Object(object))
            }
            Rows::Csv(to) => {
                write!(to, "{id},")?;
                query::csv_row(row, to)?;
                if self.with_lines {
                    let lines = texts().collect::<Vec<_>>().join("\n");
                    write!(to, ",{}", query::csv_field(&lines))?;
                }
                writeln!(to)
            }
            Rows::Parquet(to) => to.row(row, lines).map_err(io::Error::other),
        }
    }

    /// What is written, or will be with what is gathered.
    pub(crate) fn written(&self) -> Written {
        Written {
            rows: self.rows,
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }

    /// Has all rows until now on disk; not for Parquet.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        match &mut self.to {
            Rows::Ndjson(to) | Rows::Csv(to) => {
                to.flush()?;
                to.file.get_ref().sync_data()
            }
            Rows::Parquet(_) => Ok(()),
        }
    }

    /// Ends the file, on disk: what it has, and its hash.
    pub(crate) fn finish(self) -> io::Result<(Written, String)> {
        let rows = self.rows;
        let mut to = match self.to {
            Rows::Ndjson(to) | Rows::Csv(to) => to,
            Rows::Parquet(to) => to.finish().map_err(io::Error::other)?,
        };
        to.flush()?;
        to.file.get_ref().sync_all()?;
        let hash: Vec<String> = to
            .hash
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let bytes = self.bytes.load(Ordering::Relaxed);
        Ok((Written { rows, bytes }, hash.concat()))
    }
}
