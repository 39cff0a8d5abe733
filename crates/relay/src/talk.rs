//! Commands and replies (RFC 5321 section 4.2).

use crate::limits::{REPLY_BYTES_MAX, TOLD_BYTES_MAX};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::io::{AsyncReadExt as _, BufReader};

/// A line to a relay.
pub(crate) trait Line: AsyncRead + AsyncWrite + Unpin + Send {}
impl<L: AsyncRead + AsyncWrite + Unpin + Send> Line for L {}

/// What a relay answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    /// What stands behind the code, line by line.
    lines: Vec<String>,
}

impl Reply {
    /// Whether it did as it was told, or waits for more.
    pub(crate) fn is_good(&self) -> bool {
        (200..400).contains(&self.code)
    }

    /// Whether it may do so another time.
    pub(crate) fn is_for_now(&self) -> bool {
        (400..500).contains(&self.code)
    }

    /// What stands behind a word with which a line begins, as `AUTH`.
    pub(crate) fn behind(&self, word: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| {
            let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
            first.eq_ignore_ascii_case(word).then_some(rest)
        })
    }
}

/// In a line, as people are told.
impl std::fmt::Display for Reply {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.lines.join(" ");
        let text: String = text.chars().filter(|it| !it.is_control()).collect();
        let end = text.floor_char_boundary(TOLD_BYTES_MAX);
        write!(to, "{} {}", self.code, text.get(..end).unwrap_or_default())
    }
}

/// A conversation.
pub(crate) struct Talk {
    line: BufReader<Box<dyn Line>>,
}

impl Talk {
    pub(crate) fn new(line: Box<dyn Line>) -> Self {
        Talk {
            line: BufReader::new(line),
        }
    }

    /// Says a line, and reads the reply.
    pub(crate) async fn say(&mut self, text: &str, within: Duration) -> io::Result<Reply> {
        let exchange = async {
            let text = format!("{text}\r\n");
            self.line.write_all(text.as_bytes()).await?;
            self.line.flush().await?;
            self.read().await
        };
        in_time(within, exchange).await
    }

    /// Reads what it says by itself.
    pub(crate) async fn listen(&mut self, within: Duration) -> io::Result<Reply> {
        in_time(within, self.read()).await
    }

    /// Gives a mail, and reads whether it is taken.
    pub(crate) async fn give(&mut self, mail: &[u8], within: Duration) -> io::Result<Reply> {
        let exchange = async {
            self.line.write_all(&with_end(mail)).await?;
            self.line.flush().await?;
            self.read().await
        };
        in_time(within, exchange).await
    }

    /// The line, to be used with TLS from now on. What came before must have been answered to: else
    /// somebody between has put it there.
    pub(crate) fn into_line(self) -> io::Result<Box<dyn Line>> {
        match self.line.buffer().is_empty() {
            true => Ok(self.line.into_inner()),
            false => Err(io::Error::other(
                "it says more before TLS than it was asked",
            )),
        }
    }

    async fn read(&mut self) -> io::Result<Reply> {
        let mut lines = Vec::new();
        let mut left = REPLY_BYTES_MAX;
        loop {
            let line = line(&mut self.line, &mut left).await?;
            let odd = || io::Error::other("it does not speak SMTP");
            let code = line.get(..3).and_then(|it| it.parse().ok());
            let code = code.filter(|it| (200..600).contains(it)).ok_or_else(odd)?;
            lines.push(line.get(4..).unwrap_or_default().to_owned());
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(Reply { code, lines });
            }
        }
    }
}

async fn in_time<T>(within: Duration, it: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let silent = |_| io::Error::new(io::ErrorKind::TimedOut, "no answer in time");
    tokio::time::timeout(within, it).await.map_err(silent)?
}

async fn line(from: &mut (impl AsyncBufRead + Unpin), left: &mut usize) -> io::Result<String> {
    let mut line = Vec::new();
    let most = u64::try_from(*left).unwrap_or(u64::MAX);
    let read = from.take(most).read_until(b'\n', &mut line).await?;
    *left -= read;
    if !line.ends_with(b"\n") {
        let why = match *left {
            0 => io::Error::other("its reply is too long"),
            _ => io::Error::new(io::ErrorKind::UnexpectedEof, "the connection broke"),
        };
        return Err(why);
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

/// A mail with its end: a line that begins with a dot gets another one (RFC 5321 section 4.5.2).
fn with_end(mail: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(mail.len() + 64);
    for line in mail.split_inclusive(|it| *it == b'\n') {
        if line.starts_with(b".") {
            bytes.push(b'.');
        }
        bytes.extend_from_slice(line);
    }
    if !bytes.ends_with(b"\r\n") {
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b".\r\n");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_ends_no_mail_before_its_end() {
        assert_eq!(with_end(b"a\r\n.\r\n..b"), b"a\r\n..\r\n...b\r\n.\r\n");
        assert_eq!(with_end(b".a\r\n"), b"..a\r\n.\r\n");
    }
}
