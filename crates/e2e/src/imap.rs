//! A small IMAP client. Source: RFC 9051.

use crate::conversation::Conversation;
use anyhow::ensure;

/// A session.
pub struct Imap {
    server: Conversation,
    commands: u32,
}

impl Imap {
    /// Connects to a server on loopback.
    pub fn connect(port: u16) -> anyhow::Result<Self> {
        let mut server = Conversation::with(port)?;
        let greeting = server.line()?;
        ensure!(greeting.starts_with("* OK"), "no welcome: {greeting}");
        Ok(Imap {
            server,
            commands: 0,
        })
    }

    /// Says a command and gives the lines of its answer, the last one too. No literals.
    pub fn try_ask(&mut self, command: &str) -> anyhow::Result<Vec<String>> {
        self.commands += 1;
        let tag = format!("a{}", self.commands);
        self.server.say(&format!("{tag} {command}\r\n"))?;
        let mut lines = Vec::new();
        loop {
            let line = self.server.line()?;
            let is_last = line.starts_with(&format!("{tag} "));
            lines.push(line);
            if is_last {
                return Ok(lines);
            }
        }
    }

    /// The same; errs unless the server says `OK`.
    pub fn ask(&mut self, command: &str) -> anyhow::Result<Vec<String>> {
        let lines = self.try_ask(command)?;
        let is_ok = lines.last().is_some_and(|it| it.contains(" OK "));
        ensure!(is_ok, "`{command}`: {lines:?}");
        Ok(lines)
    }
}
