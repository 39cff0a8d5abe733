//! Bodies: read in time, unpacked, within limits.

use super::held::Held;
use super::refusal::Refusal;
use crate::limits::{
    HTTP_BODY_BYTES_MAX, HTTP_BODY_SECS_MAX, HTTP_UNPACKED_BYTES_MAX, HTTP_ZSTD_WINDOW_LOG_MAX,
};
use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, EXPECT};
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http_body_util::BodyExt as _;
use std::io::{self, Read};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    None,
    Gzip,
    Deflate,
    Zstd,
    Snappy,
}

impl Packing {
    /// What `Content-Encoding` says.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let Some(encoding) = headers.get(CONTENT_ENCODING) else {
            return Ok(Packing::None);
        };
        let encoding = String::from_utf8_lossy(encoding.as_bytes());
        match encoding.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Packing::None),
            "gzip" | "x-gzip" => Ok(Packing::Gzip),
            "deflate" => Ok(Packing::Deflate),
            "zstd" => Ok(Packing::Zstd),
            "snappy" => Ok(Packing::Snappy),
            other => Err(Refusal::Unsupported(format!(
                "`Content-Encoding: {other}` is not known; gzip, deflate, zstd and snappy are"
            ))),
        }
    }
}

/// Reads a body whole. What is too large or finds no memory is read to its end first and thrown away: a client that
/// still writes would not see the answer.
pub(super) async fn read(mut body: Body, held: &mut Held) -> Result<Vec<u8>, Refusal> {
    let until = Instant::now() + Duration::from_secs(HTTP_BODY_SECS_MAX);
    let (mut bytes, mut seen) = (Vec::new(), 0);
    let mut refusal = None;
    loop {
        let frame = timeout_at(until, body.frame()).await;
        let Some(frame) = frame.map_err(|_| Refusal::Slow)? else {
            break;
        };
        let frame =
            frame.map_err(|error| Refusal::Invalid(format!("the body broke off: {error}")))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        seen += data.len();
        if seen > 2 * HTTP_BODY_BYTES_MAX {
            break;
        }
        let taken = match refusal {
            None if seen > HTTP_BODY_BYTES_MAX => Err(Refusal::TooLarge(HTTP_BODY_BYTES_MAX)),
            None => held.grow(data.len()),
            Some(_) => continue,
        };
        match taken {
            Ok(()) => bytes.extend_from_slice(&data),
            Err(why) => {
                refusal = Some(why);
                bytes = Vec::new();
            }
        }
    }
    refusal.map_or(Ok(bytes), Err)
}

/// Reads what comes of a body that is not wanted, for a client that still writes would not see the answer. One that
/// asks before it writes is not asked to.
pub(super) async fn discard(request: Request) {
    if request.headers().contains_key(EXPECT) {
        return;
    }
    let mut body = request.into_body();
    let until = Instant::now() + Duration::from_secs(HTTP_BODY_SECS_MAX);
    let mut seen = 0;
    while seen <= HTTP_BODY_BYTES_MAX
        && let Ok(Some(Ok(frame))) = timeout_at(until, body.frame()).await
    {
        seen += frame.data_ref().map_or(0, |data| data.len());
    }
}

/// Unpacks a body.
pub(super) fn unpack(
    packing: Packing,
    bytes: Vec<u8>,
    held: &mut Held,
) -> Result<Vec<u8>, Refusal> {
    match packing {
        Packing::None => Ok(bytes),
        Packing::Gzip => drain(MultiGzDecoder::new(&bytes[..]), held),
        Packing::Deflate if has_zlib_head(&bytes) => drain(ZlibDecoder::new(&bytes[..]), held),
        Packing::Deflate => drain(DeflateDecoder::new(&bytes[..]), held),
        Packing::Zstd => {
            zstd_decoder(&bytes).map_or_else(|error| Err(broken(&error)), |it| drain(it, held))
        }
        Packing::Snappy if bytes.starts_with(SNAPPY_FRAMES) => {
            drain(snap::read::FrameDecoder::new(&bytes[..]), held)
        }
        Packing::Snappy => snappy(&bytes, held),
    }
}

/// How a stream of snappy's frames begins. Source: snappy `framing_format.txt` §4.1.
const SNAPPY_FRAMES: &[u8] = b"\xff\x06\x00\x00sNaPpY";

/// `deflate` means zlib's format (RFC 9110 §8.4.1.2), but some send the bare stream. Source: RFC 1950 §2.2.
fn has_zlib_head(bytes: &[u8]) -> bool {
    matches!(bytes, [method, flags, ..]
        if method & 15 == 8 && u16::from_be_bytes([*method, *flags]) % 31 == 0)
}

fn zstd_decoder(bytes: &[u8]) -> io::Result<impl Read> {
    let mut decoder = zstd::Decoder::with_buffer(bytes)?;
    decoder.window_log_max(HTTP_ZSTD_WINDOW_LOG_MAX)?;
    Ok(decoder)
}

/// One block, as Loki and Vector send it; its length stands at its head.
fn snappy(bytes: &[u8], held: &mut Held) -> Result<Vec<u8>, Refusal> {
    let broken = |_| Refusal::Invalid("the body cannot be unpacked".to_owned());
    let length = snap::raw::decompress_len(bytes).map_err(broken)?;
    if length > HTTP_UNPACKED_BYTES_MAX {
        return Err(Refusal::TooLarge(HTTP_UNPACKED_BYTES_MAX));
    }
    held.grow(length)?;
    snap::raw::Decoder::new()
        .decompress_vec(bytes)
        .map_err(broken)
}

fn drain(mut packed: impl Read, held: &mut Held) -> Result<Vec<u8>, Refusal> {
    let mut unpacked = Vec::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = match packed.read(&mut piece) {
            Ok(0) => return Ok(unpacked),
            Ok(read) => read,
            Err(error) => return Err(broken(&error)),
        };
        if unpacked.len() + read > HTTP_UNPACKED_BYTES_MAX {
            return Err(Refusal::TooLarge(HTTP_UNPACKED_BYTES_MAX));
        }
        held.grow(read)?;
        unpacked.extend_from_slice(&piece[..read]);
    }
}

/// Bytes that are unpacked at once.
const PIECE_BYTES: usize = 64 * 1024;

fn broken(error: &io::Error) -> Refusal {
    Refusal::Invalid(format!("the body cannot be unpacked: {error}"))
}
