//! A conversation in lines, as SMTP, IMAP and POP3 are.

use anyhow::{Context, ensure};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

/// A server that says nothing for so long has failed.
const SILENCE_SECONDS_MAX: u64 = 30;

/// A client's side of a connection to a server on loopback.
pub(crate) struct Conversation {
    from: BufReader<TcpStream>,
}

impl Conversation {
    pub(crate) fn with(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .with_context(|| format!("nobody listens at port {port}"))?;
        stream.set_read_timeout(Some(Duration::from_secs(SILENCE_SECONDS_MAX)))?;
        Ok(Conversation {
            from: BufReader::new(stream),
        })
    }

    /// Sends text as it is.
    pub(crate) fn say(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.from.get_mut().write_all(text.as_bytes())?)
    }

    /// The next line without its end.
    pub(crate) fn line(&mut self) -> anyhow::Result<String> {
        let mut line = Vec::new();
        let count = self.from.read_until(b'\n', &mut line)?;
        ensure!(count > 0, "the server closed the connection");
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}
