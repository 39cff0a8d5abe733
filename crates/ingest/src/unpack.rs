//! Files opened and decompressed. The format is told by the first bytes, never by the name: rotation scripts
//! disagree about names, and `mail.log.gz` may be plain text after a hand has been at it.

use std::{
    fmt,
    fs::File,
    io::{self, BufReader, Cursor, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    limits::{ARCHIVE_BUFFER_BYTES, ARCHIVE_READ_BYTES, XZ_MEMORY_BYTES_MAX, ZSTD_WINDOW_LOG_MAX},
    set::LogFile,
};

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// gzip, one or several members (RFC 1952).
    Gzip,
    /// bzip2, one or several streams.
    Bzip2,
    /// xz, one or several streams.
    Xz,
    /// Zstandard, one or several frames (RFC 8878).
    Zstd,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
        })
    }
}

impl Format {
    /// Tells the format by the first bytes; `None` for anything that is not compressed in a known way.
    fn of(head: &[u8]) -> Option<Self> {
        const BZIP2_BLOCK: &[u8] = &[0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
        const BZIP2_END: &[u8] = &[0x17, 0x72, 0x45, 0x38, 0x50, 0x90];
        match head {
            [0x1f, 0x8b, 0x08, ..] => Some(Self::Gzip),
            // A text may begin with `BZh9`, so the first block is asked for too.
            [b'B', b'Z', b'h', b'1'..=b'9', block @ ..]
                if block.starts_with(BZIP2_BLOCK) || block.starts_with(BZIP2_END) =>
            {
                Some(Self::Bzip2)
            }
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            // A frame, or the skippable frame with which `pzstd` begins.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// The unpacked content of a file.
pub(crate) struct Content {
    bytes: Box<dyn Read + Send>,
    /// How it was compressed; `None` for plain files.
    pub(crate) format: Option<Format>,
}

impl Content {
    /// Opens a file and looks at its first bytes; each byte read from it is added to `counters`.
    pub(crate) fn open(file: &LogFile, counters: Counters) -> io::Result<Self> {
        if file.standard_input {
            Self::unpack(Counted {
                bytes: io::stdin(),
                counters,
            })
        } else {
            Self::unpack(Counted {
                bytes: File::open(&file.path)?,
                counters,
            })
        }
    }

    fn unpack(mut packed: impl Read + Send + 'static) -> io::Result<Self> {
        let mut head = [0; 10];
        let filled = read_full(&mut packed, &mut head)?;
        let format = Format::of(&head[..filled]);
        let whole = Cursor::new(head).take(filled as u64).chain(packed);
        let Some(format) = format else {
            return Ok(Self {
                bytes: Box::new(whole),
                format: None,
            });
        };
        let packed = BufReader::with_capacity(ARCHIVE_BUFFER_BYTES, whole);
        let bytes: Box<dyn Read + Send> = match format {
            Format::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
            Format::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(packed)),
            Format::Xz => {
                let stream = liblzma::stream::Stream::new_stream_decoder(
                    XZ_MEMORY_BYTES_MAX,
                    liblzma::stream::CONCATENATED,
                )?;
                Box::new(liblzma::bufread::XzDecoder::new_stream(packed, stream))
            }
            Format::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(packed)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                Box::new(decoder)
            }
        };
        Ok(Self {
            bytes,
            format: Some(format),
        })
    }

    /// Fills `into` as far as the content reaches. Gives the bytes filled, and the error that ended it early.
    pub(crate) fn fill(&mut self, into: &mut [u8]) -> (usize, io::Result<()>) {
        let at_once = if self.format.is_some() {
            ARCHIVE_READ_BYTES
        } else {
            into.len()
        };
        let mut filled = 0;
        while filled < into.len() {
            let end = into.len().min(filled + at_once);
            match self.bytes.read(&mut into[filled..end]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return (filled, Err(error)),
            }
        }
        (filled, Ok(()))
    }
}

/// The bytes of an open file, unpacked if it is packed, from where the file stands.
pub struct Unpacked(Content);

impl Unpacked {
    /// Looks at the first bytes; errs if they cannot be read.
    pub fn new(file: File) -> io::Result<Self> {
        Content::unpack(file).map(Unpacked)
    }

    /// How the file is compressed; `None` if it is plain.
    pub fn format(&self) -> Option<Format> {
        self.0.format
    }
}

impl Read for Unpacked {
    /// Errs with [`io::ErrorKind::UnexpectedEof`] where an archive ends too early, as one does that is being written.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let at_once = match self.0.format {
            Some(_) => into.len().min(ARCHIVE_READ_BYTES),
            None => into.len(),
        };
        self.0.bytes.read(&mut into[..at_once])
    }
}

/// Where the bytes that were read from disk are counted: for this reader, and for all that share a display.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counters {
    pub(crate) own: Arc<AtomicU64>,
    pub(crate) shared: Option<Arc<AtomicU64>>,
}

impl Counters {
    pub(crate) fn add(&self, bytes: u64) {
        self.own.fetch_add(bytes, Ordering::Relaxed);
        if let Some(shared) = &self.shared {
            shared.fetch_add(bytes, Ordering::Relaxed);
        }
    }
}

struct Counted<R> {
    bytes: R,
    counters: Counters,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.bytes.read(into)?;
        self.counters.add(n as u64);
        Ok(n)
    }
}

fn read_full(bytes: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match bytes.read(&mut into[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
