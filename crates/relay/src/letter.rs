//! A mail as it is written.

use jiff::Timestamp;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use std::error::Error;
use std::time::SystemTime;

/// A mail to somebody.
#[derive(Clone, Debug)]
pub struct Letter {
    /// What its Message-ID has before the `@`; the same mail has the same, however often it is sent.
    pub id: String,
    /// When it was written.
    pub at: Timestamp,
    /// Who gets it.
    pub to: Address,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The same with tables and bars.
    pub html: Option<String>,
}

/// Nobody answers a program (RFC 3834 section 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Letter {
    /// As it goes over the line: ASCII, lines of RFC 5322.
    pub(crate) fn bytes(&self, from: &Address) -> Result<Vec<u8>, String> {
        let mailbox = |address: &Address| Mailbox::new(None, address.clone());
        // A header has one line.
        let subject: String = self
            .subject
            .chars()
            .map(|it| if it.is_control() { ' ' } else { it })
            .collect();
        let message = Message::builder()
            .date(SystemTime::from(self.at))
            .from(mailbox(from))
            .to(mailbox(&self.to))
            .subject(subject)
            .message_id(Some(format!("<{}@{}>", self.id, from.domain())))
            .header(AutoSubmitted);
        let text = self.text.clone();
        let message = match &self.html {
            None => message.singlepart(SinglePart::plain(text)),
            Some(html) => message.multipart(MultiPart::alternative_plain_html(text, html.clone())),
        };
        let message = message.map_err(|error| error.to_string())?;
        Ok(message.formatted())
    }
}
