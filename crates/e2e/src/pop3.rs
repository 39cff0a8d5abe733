//! A small POP3 client. Source: RFC 1939.

use crate::conversation::Conversation;
use anyhow::ensure;

/// A session.
pub struct Pop3 {
    server: Conversation,
}

impl Pop3 {
    /// Connects to a server on loopback.
    pub fn connect(port: u16) -> anyhow::Result<Self> {
        let mut server = Conversation::with(port)?;
        let greeting = server.line()?;
        ensure!(greeting.starts_with("+OK"), "no welcome: {greeting}");
        Ok(Pop3 { server })
    }

    /// Says a command with an answer of one line; errs unless that is `+OK`.
    pub fn ask(&mut self, command: &str) -> anyhow::Result<String> {
        self.server.say(&format!("{command}\r\n"))?;
        let answer = self.server.line()?;
        ensure!(answer.starts_with("+OK"), "`{command}`: {answer}");
        Ok(answer)
    }

    /// Says a command with an answer of many lines, and gives those behind the first one.
    pub fn fetch(&mut self, command: &str) -> anyhow::Result<Vec<String>> {
        self.ask(command)?;
        let mut lines = Vec::new();
        loop {
            match self.server.line()?.as_str() {
                "." => return Ok(lines),
                line => lines.push(line.to_owned()),
            }
        }
    }
}
