//! A mail to somebody, by the relay.

use crate::limits::SMTP_MAX;
use crate::message::Message;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::{Address, SmtpTransport, Transport};
use std::error::Error;

/// By which relay mail goes out, without TLS and without a login: it is this machine, or one of ours.
#[derive(Clone, Debug)]
pub struct Relay {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Who writes.
    pub from: Address,
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

/// Sends a mail; errs with why, and whether it may go out another time.
pub(crate) async fn send(
    relay: &Relay,
    to: &Address,
    message: &Message,
) -> Result<(), (String, bool)> {
    let mailbox = |address: &Address| Mailbox::new(None, address.clone());
    let id = format!(
        "<waybill.{}.{}@{}>",
        message.id,
        message.at.as_microsecond(),
        relay.from.domain()
    );
    let mail = lettre::Message::builder()
        .from(mailbox(&relay.from))
        .to(mailbox(to))
        .subject(message.subject())
        .message_id(Some(id))
        .header(AutoSubmitted)
        .header(ContentType::TEXT_PLAIN)
        .body(message.text())
        .map_err(|error| (error.to_string(), false))?;
    let transport = SmtpTransport::builder_dangerous(&relay.host)
        .port(relay.port)
        .timeout(Some(SMTP_MAX))
        .build();
    let sent = tokio::task::spawn_blocking(move || transport.send(&mail)).await;
    match sent {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err((told(&error), !error.is_permanent())),
        Err(panic) => Err((panic.to_string(), false)),
    }
}

/// An error and what it came from.
fn told(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let told: Vec<_> = causes.map(ToString::to_string).collect();
    told.join(": ")
}
