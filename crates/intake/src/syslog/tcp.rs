//! Syslog in a stream, be it plain or inside TLS.

use super::framing::Framing;
use crate::gathered::Gathered;
use crate::reading::{Client, Sink, read};
use crate::share::Share;
use crate::stop::Stop;
use std::io;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

/// Takes lines until the client closes, or is quiet after a stop. While there is no room nothing is read.
pub(crate) async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    gathered: Gathered,
    mut share: Share,
    mut stop: Stop,
) {
    let mut lines = Lines {
        framing: Framing::default(),
        is_new: true,
        gathered,
    };
    loop {
        let client = tokio::select! {
            biased;
            () = stop.asked_and_quiet() => Client::IsGone,
            client = read(&mut stream, &mut share, &mut lines) => client,
        };
        if matches!(client, Client::IsGone) {
            lines.finish();
        }
        if let Err(lost) = lines.gathered.append(&stop).await {
            lines.gathered.dropped(lost);
            break;
        }
        if matches!(client, Client::IsGone) {
            break;
        }
    }
    let _ = stream.shutdown().await;
}

/// Lines out of the stream.
struct Lines {
    framing: Framing,
    /// Whether no byte has come.
    is_new: bool,
    gathered: Gathered,
}

impl Lines {
    /// Takes the line that the end has torn.
    fn finish(&mut self) {
        if let Some(line) = self.framing.finish() {
            self.gathered.push(line.bytes(), line.is_cut);
        }
    }
}

impl Sink for Lines {
    fn take(&mut self, mut input: &[u8], line_max: usize) -> io::Result<()> {
        if std::mem::take(&mut self.is_new)
            && let Some(what) = no_syslog(input)
        {
            let error = io::Error::new(io::ErrorKind::InvalidData, what);
            self.gathered.refused(&error);
            return Err(error);
        }
        while let Some(line) = self.framing.next(&mut input, line_max) {
            self.gathered.push(line.bytes(), line.is_cut);
        }
        Ok(())
    }

    fn has_work(&self) -> bool {
        !self.gathered.is_empty()
    }

    fn is_full(&self) -> bool {
        self.gathered.is_full()
    }

    fn held_bytes(&self) -> usize {
        self.framing.held_bytes() + self.gathered.bytes()
    }
}

/// What the first bytes of a stream are, if they would only make garbage of lines.
fn no_syslog(first: &[u8]) -> Option<&'static str> {
    match first {
        [0x16, 0x03, ..] => Some("the client speaks TLS, and this listener does not"),
        // `compression.mode="stream:always"` of rsyslog. Source: RFC 1950, section 2.2.
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some("the client compresses the stream"),
        _ => None,
    }
}
