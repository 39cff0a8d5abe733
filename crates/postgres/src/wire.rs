//! Messages of PostgreSQL's protocol 3.0: framed, read and written.
//!
//! Source: PostgreSQL's documentation, "Message Formats". A message is a byte that tells its kind, four
//! bytes of its length with themselves, and what it says; the first ones of a connection have no kind.

use crate::limits::{LOGIN_BYTES_MAX, MESSAGE_BYTES_MAX, MOVE_MAX};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use std::future::pending;
use std::io::{self, ErrorKind};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// Codes that stand where a version would.
const TLS: u32 = 80_877_103;
const GSS: u32 = 80_877_104;
const CANCEL: u32 = 80_877_102;

/// What a connection begins with.
pub(crate) enum First {
    /// TLS is wanted.
    Tls,
    /// Kerberos is wanted.
    Gss,
    /// The question of another connection is to end: its number and secret.
    Cancel(i32, i32),
    /// Somebody logs in: major and minor version, and what was said.
    Startup((u16, u16), Vec<(String, String)>),
}

/// A message of a client.
pub(crate) struct Message {
    /// Its kind.
    pub(crate) tag: u8,
    /// What it says.
    pub(crate) body: Body,
}

/// What a message says, read from its beginning.
pub(crate) struct Body(Bytes);

/// A message ends too early, or has no text where one must be.
#[derive(Debug, thiserror::Error)]
#[error("a message is malformed")]
pub(crate) struct Malformed;

impl From<Malformed> for io::Error {
    fn from(error: Malformed) -> Self {
        io::Error::new(ErrorKind::InvalidData, error)
    }
}

impl Body {
    #[cfg(test)]
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Body(Bytes::copy_from_slice(bytes))
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Malformed> {
        self.0.try_get_u8().map_err(|_| Malformed)
    }

    pub(crate) fn short(&mut self) -> Result<i16, Malformed> {
        self.0.try_get_i16().map_err(|_| Malformed)
    }

    pub(crate) fn int(&mut self) -> Result<i32, Malformed> {
        self.0.try_get_i32().map_err(|_| Malformed)
    }

    /// How many follow.
    pub(crate) fn count(&mut self) -> Result<usize, Malformed> {
        // Counts are 16 bits without a sign.
        Ok(usize::from(self.short()? as u16))
    }

    /// A text that ends with a NUL.
    pub(crate) fn text(&mut self) -> Result<String, Malformed> {
        let end = self.0.iter().position(|byte| *byte == 0).ok_or(Malformed)?;
        let text = self.0.split_to(end);
        self.0.advance(1);
        String::from_utf8(text.into()).map_err(|_| Malformed)
    }

    /// A value with its length before it; `None` is NULL.
    pub(crate) fn value(&mut self) -> Result<Option<Bytes>, Malformed> {
        let length = self.int()?;
        if length == -1 {
            return Ok(None);
        }
        let length = usize::try_from(length).map_err(|_| Malformed)?;
        match length <= self.0.len() {
            true => Ok(Some(self.0.split_to(length))),
            false => Err(Malformed),
        }
    }
}

/// A connection, with what was read and what is to be sent.
pub(crate) struct Wire<S> {
    pub(crate) stream: S,
    inbox: BytesMut,
    pub(crate) outbox: Outbox,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) fn new(stream: S) -> Self {
        Wire {
            stream,
            inbox: BytesMut::new(),
            outbox: Outbox(BytesMut::new()),
        }
    }

    /// Whether something came that was not taken yet.
    pub(crate) fn has_more(&self) -> bool {
        !self.inbox.is_empty()
    }

    /// The message that a connection begins with.
    pub(crate) async fn first(&mut self) -> io::Result<First> {
        let mut body = self.framed(0, LOGIN_BYTES_MAX).await?;
        let code = body.int()?;
        Ok(match code as u32 {
            TLS => First::Tls,
            GSS => First::Gss,
            CANCEL => First::Cancel(body.int()?, body.int()?),
            version => {
                let mut said = Vec::new();
                loop {
                    let name = body.text()?;
                    if name.is_empty() {
                        break;
                    }
                    said.push((name, body.text()?));
                }
                First::Startup(((version >> 16) as u16, version as u16), said)
            }
        })
    }

    /// The next message of a client that is not known yet.
    pub(crate) async fn login(&mut self) -> io::Result<Message> {
        self.fill(1).await?;
        let tag = self.inbox[0];
        let body = self.framed(1, LOGIN_BYTES_MAX).await?;
        Ok(Message { tag, body })
    }

    /// The next message; `None` at the end, or where the client was silent for too long.
    pub(crate) async fn message(&mut self, silent_max: Duration) -> io::Result<Option<Message>> {
        if self.inbox.is_empty() {
            match timeout(silent_max, self.stream.read_buf(&mut self.inbox)).await {
                Err(_) | Ok(Ok(0)) => return Ok(None),
                Ok(read) => read?,
            };
        }
        let tag = self.inbox[0];
        let body = timeout(MOVE_MAX, self.framed(1, MESSAGE_BYTES_MAX)).await??;
        Ok(Some(Message { tag, body }))
    }

    /// Reads ahead what comes; errs where the client is gone. Never ends where enough was read.
    pub(crate) async fn ahead(&mut self) -> io::Result<()> {
        if self.inbox.len() > MESSAGE_BYTES_MAX {
            return pending().await;
        }
        match self.stream.read_buf(&mut self.inbox).await? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// A body, with so many bytes before its length.
    async fn framed(&mut self, before: usize, bytes_max: usize) -> io::Result<Body> {
        self.fill(before + 4).await?;
        let length = (&self.inbox[before..before + 4]).get_u32();
        let length = usize::try_from(length).map_err(|_| Malformed)?;
        if !(4..=bytes_max).contains(&length) {
            return Err(Malformed.into());
        }
        self.fill(before + length).await?;
        let mut body = self.inbox.split_to(before + length);
        body.advance(before + 4);
        Ok(Body(body.freeze()))
    }

    async fn fill(&mut self, bytes: usize) -> io::Result<()> {
        while self.inbox.len() < bytes {
            if self.stream.read_buf(&mut self.inbox).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }

    /// Sends what was gathered; errs where the client does not take it.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        let send = async {
            self.stream.write_all(&self.outbox.0).await?;
            self.stream.flush().await
        };
        timeout(MOVE_MAX, send).await??;
        self.outbox.0.clear();
        Ok(())
    }
}

/// What is to be sent.
pub(crate) struct Outbox(BytesMut);

impl Outbox {
    /// Bytes that wait.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// One byte that is no message, as the answer to who wants TLS.
    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.put_u8(byte);
    }

    /// A message of a kind.
    pub(crate) fn message(&mut self, tag: u8, write: impl FnOnce(&mut BytesMut)) {
        self.0.put_u8(tag);
        with_length(&mut self.0, 4, write);
    }

    /// One that says nothing but its kind.
    pub(crate) fn word(&mut self, tag: u8) {
        self.message(tag, |_| {});
    }
}

/// What is written, with its length in bytes before it, to which so many are added.
pub(crate) fn with_length(to: &mut BytesMut, added: usize, write: impl FnOnce(&mut BytesMut)) {
    let at = to.len();
    to.put_i32(0);
    write(to);
    // What is sent is gathered in parts far smaller than 2 GB.
    let length = (to.len() - at - 4 + added) as u32;
    to[at..at + 4].copy_from_slice(&length.to_be_bytes());
}

/// A text with a NUL behind it, and none in it.
pub(crate) fn put_text(to: &mut BytesMut, text: &str) {
    to.extend(text.bytes().filter(|byte| *byte != 0));
    to.put_u8(0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_of_a_body_panic(bytes in prop::collection::vec(any::<u8>(), 0..40), calls in prop::collection::vec(0_u8..5, 0..20)) {
            let mut body = Body::of(&bytes);
            for call in calls {
                let _ = match call {
                    0 => body.byte().map(|_| ()),
                    1 => body.count().map(|_| ()),
                    2 => body.int().map(|_| ()),
                    3 => body.text().map(|_| ()),
                    _ => body.value().map(|_| ()),
                };
            }
        }
    }
}
