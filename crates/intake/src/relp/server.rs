//! A connection that speaks RELP.

use super::session::Session;
use crate::gathered::Gathered;
use crate::limits::{ANSWER_SECS, STOP_CLOSE_SECS};
use crate::reading::{Client, read};
use crate::share::Share;
use crate::stop::Stop;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// What is said before the server closes, so that the client connects anew at once.
const SERVER_CLOSE: &[u8] = b"0 serverclose 0\n";

/// Takes messages until the client closes, errs, or a stop is asked for.
///
/// All frames that a read gave are appended together and then answered, each, in their order.
pub(crate) async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    gathered: Gathered,
    mut share: Share,
    mut stop: Stop,
) {
    let mut session = Session::new(gathered);
    loop {
        let client = tokio::select! {
            biased;
            () = stop.asked() => break,
            client = read(&mut stream, &mut share, &mut session) => client,
        };
        if session.gathered.append(&stop).await.is_err() {
            return;
        }
        let answers = session.answers();
        let patience = Duration::from_secs(ANSWER_SECS);
        let written = timeout(patience, stream.write_all(&answers)).await;
        if !matches!(written, Ok(Ok(()))) || matches!(client, Client::IsGone) {
            return;
        }
        if session.is_over() {
            break;
        }
    }
    close(stream).await;
}

/// Says that it closes, and lets the client close first: what it has sent and was not read would make the kernel
/// reset the connection, and the last answers might be lost.
async fn close(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let ending = async {
        stream.write_all(SERVER_CLOSE).await?;
        stream.shutdown().await?;
        let mut unread = vec![0; 1024];
        while stream.read(&mut unread).await? > 0 {}
        Ok::<(), std::io::Error>(())
    };
    // However it ends, the client knows all that it needs.
    let _ = timeout(Duration::from_secs(STOP_CLOSE_SECS), ending).await;
}
