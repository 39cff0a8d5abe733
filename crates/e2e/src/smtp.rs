//! A small SMTP client. Source: RFC 5321.

use crate::conversation::Conversation;
use anyhow::ensure;

/// A message with its envelope.
#[derive(Clone, Debug)]
pub struct Mail<'a> {
    /// Envelope sender; empty is the null sender.
    pub mail_from: &'a str,
    /// Envelope recipients.
    pub rcpt_to: &'a [&'a str],
    /// With `<>`.
    pub message_id: &'a str,
    /// Of the header.
    pub subject: &'a str,
    /// What else is in the header: whole lines, each with its end.
    pub header: &'a str,
    /// Lines of text.
    pub body: &'a str,
    /// Credentials for AUTH PLAIN as they go over the wire, in base64.
    pub login: Option<&'a str>,
}

impl<'a> Mail<'a> {
    /// A short text from one to others.
    pub fn new(mail_from: &'a str, rcpt_to: &'a [&'a str], message_id: &'a str) -> Self {
        Mail {
            mail_from,
            rcpt_to,
            message_id,
            subject: "A test",
            header: "",
            body: "Good morning.\n",
            login: None,
        }
    }

    /// The message itself, with lines as SMTP has them and dots doubled.
    fn content(&self) -> String {
        let text = format!(
            "From: {}\nTo: {}\nSubject: {}\nDate: Mon, 16 Nov 2026 09:00:00 +0000\n\
             Message-ID: {}\n{}\n{}",
            self.mail_from,
            self.rcpt_to.join(", "),
            self.subject,
            self.message_id,
            self.header,
            self.body
        );
        let dotted = |line: &str| match line.starts_with('.') {
            true => format!(".{line}\r\n"),
            false => format!("{line}\r\n"),
        };
        text.lines().map(dotted).collect()
    }
}

/// What the server said in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Code.
    pub code: u16,
    /// All lines of the reply without codes, joined by line ends.
    pub text: String,
}

/// Sends a message to a server on loopback and gives its answer to the end of the message.
///
/// Errs where a recipient or the sender is refused: see [`try_send`].
pub fn send(port: u16, mail: &Mail<'_>) -> anyhow::Result<Reply> {
    let reply = try_send(port, mail)?;
    ensure!(reply.code == 250, "the server refused: {reply:?}");
    Ok(reply)
}

/// Sends a message and gives the first refusal, or the answer to the end of the message.
pub fn try_send(port: u16, mail: &Mail<'_>) -> anyhow::Result<Reply> {
    converse(port, mail, |_| false)
}

/// Sends a message to those recipients that the server takes, and gives the answer to its end.
pub fn send_to_some(port: u16, mail: &Mail<'_>) -> anyhow::Result<Reply> {
    let reply = converse(port, mail, |command| command.starts_with("RCPT"))?;
    ensure!(reply.code == 250, "the server refused: {reply:?}");
    Ok(reply)
}

/// Sends a message; goes on behind a refused command that may be refused.
fn converse(port: u16, mail: &Mail<'_>, may_fail: fn(&str) -> bool) -> anyhow::Result<Reply> {
    let mut server = Conversation::with(port)?;
    let greeting = reply(&mut server)?;
    ensure!(greeting.code == 220, "no welcome: {greeting:?}");
    let mut commands = vec!["EHLO client.example.net".to_owned()];
    commands.extend(mail.login.map(|login| format!("AUTH PLAIN {login}")));
    commands.push(format!("MAIL FROM:<{}>", mail.mail_from));
    commands.extend(mail.rcpt_to.iter().map(|it| format!("RCPT TO:<{it}>")));
    commands.push("DATA".to_owned());
    for command in commands {
        let reply = ask(&mut server, &command)?;
        if reply.code >= 400 && !may_fail(&command) {
            ask(&mut server, "QUIT")?;
            return Ok(reply);
        }
    }
    server.say(&mail.content())?;
    let answer = ask(&mut server, ".")?;
    ask(&mut server, "QUIT")?;
    Ok(answer)
}

fn ask(server: &mut Conversation, command: &str) -> anyhow::Result<Reply> {
    server.say(&format!("{command}\r\n"))?;
    reply(server)
}

fn reply(server: &mut Conversation) -> anyhow::Result<Reply> {
    let mut texts = Vec::new();
    loop {
        let line = server.line()?;
        let code = line.get(..3).unwrap_or_default().parse()?;
        texts.push(line.get(4..).unwrap_or_default().to_owned());
        if line.as_bytes().get(3) != Some(&b'-') {
            let text = texts.join("\n");
            return Ok(Reply { code, text });
        }
    }
}
