//! Reading what a client has sent, as much as there is and may be.
//!
//! While a client is silent nothing is allocated for it: the bytes go through the stack, and only lines are kept.

use crate::limits::{CHUNK_BYTES, HELD_FREE_BYTES, LINE_BYTES_MAX};
use crate::share::Share;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

/// Where the bytes of a client go.
pub(crate) trait Sink {
    /// Takes bytes, and keeps at most `line_max` of each line. An error ends the connection.
    fn take(&mut self, input: &[u8], line_max: usize) -> io::Result<()>;

    /// Whether there is something to do before the client may be waited for.
    fn has_work(&self) -> bool;

    /// Whether there is so much that nothing more should be read before.
    fn is_full(&self) -> bool;

    /// Bytes of memory that it holds.
    fn held_bytes(&self) -> usize;
}

/// What became of a client.
#[derive(Debug)]
pub(crate) enum Client {
    /// It may send more.
    IsThere,
    /// It has closed, or the connection broke.
    IsGone,
}

/// Waits until the sink has work, or the client is gone, and reads all that is there, unless it is too much.
///
/// May be dropped at any await and called again.
pub(crate) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    share: &mut Share,
    sink: &mut impl Sink,
) -> Client {
    poll_fn(|context| poll(stream, share, sink, context)).await
}

fn poll(
    stream: &mut (impl AsyncRead + Unpin),
    share: &mut Share,
    sink: &mut impl Sink,
    context: &mut Context<'_>,
) -> Poll<Client> {
    let mut chunk = [0; CHUNK_BYTES];
    loop {
        let may_hold = share.cover(sink.held_bytes() + CHUNK_BYTES);
        if sink.has_work() && (sink.is_full() || !may_hold) {
            return Poll::Ready(Client::IsThere);
        }
        let (bytes, line_max) = if may_hold {
            (CHUNK_BYTES, LINE_BYTES_MAX)
        } else {
            (HELD_FREE_BYTES, HELD_FREE_BYTES)
        };
        let mut buffer = ReadBuf::new(&mut chunk[..bytes]);
        match Pin::new(&mut *stream).poll_read(context, &mut buffer) {
            Poll::Pending => {
                share.cover(sink.held_bytes());
                let is_enough = sink.has_work();
                return if is_enough {
                    Poll::Ready(Client::IsThere)
                } else {
                    Poll::Pending
                };
            }
            Poll::Ready(Err(error)) => {
                tracing::debug!(%error, "connection broke");
                return Poll::Ready(Client::IsGone);
            }
            Poll::Ready(Ok(())) if buffer.filled().is_empty() => {
                return Poll::Ready(Client::IsGone);
            }
            Poll::Ready(Ok(())) => {
                if let Err(error) = sink.take(buffer.filled(), line_max) {
                    tracing::debug!(%error, "connection is closed");
                    return Poll::Ready(Client::IsGone);
                }
            }
        }
    }
}
