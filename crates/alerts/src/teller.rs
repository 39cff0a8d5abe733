//! Tells somebody.

use crate::message::Message;
use crate::receiver::Receiver;
use crate::rule::Rule;
use crate::state::Turn;
use hooks::{Answer, Client};
use jiff::Timestamp;
use relay::{Letter, Relay, Unsent};
use search::Net;
use tenancy::{Alert, Secret};

/// How messages go out.
pub struct Teller {
    client: Client,
    relay: Option<Relay>,
    /// Where people reach the page.
    pub(crate) page: Option<String>,
}

/// Why somebody was not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    /// What was wrong.
    pub why: String,
    /// Whether it may go another time.
    pub is_for_now: bool,
}

impl Teller {
    /// One that calls addresses of the Internet and those in some networks, and sends mail by a relay,
    /// if there is one.
    pub fn new(allow: Vec<Net>, relay: Option<Relay>, page: Option<String>) -> Self {
        Teller {
            client: Client::new(allow),
            relay,
            page,
        }
    }

    /// Sends a message to a receiver.
    pub(crate) async fn tell(
        &self,
        receiver: &Receiver,
        (message, key): (&Message, &Secret),
        now: Timestamp,
    ) -> Result<(), Untold> {
        let untold = |why: String, is_for_now| Untold { why, is_for_now };
        let (url, body) = match receiver {
            Receiver::Mail(to) => {
                let none = "mail is not set up: `host` and `from` in `[mail]`";
                let relay = self.relay.as_ref();
                let relay = relay.ok_or_else(|| untold(none.to_owned(), false))?;
                let letter = Letter {
                    id: format!("waybill.{}.{}", message.id, message.at.as_microsecond()),
                    at: message.at,
                    to: to.clone(),
                    subject: message.subject(),
                    text: message.text(),
                    html: None,
                };
                let sent = relay.send(&letter).await.map(drop);
                return sent.map_err(
                    |Unsent {
                         why, is_for_now, ..
                     }| untold(why, is_for_now),
                );
            }
            Receiver::Webhook(url) => {
                let signed = hooks::signed("alert", &message.json(), key, now);
                (url, signed.map_err(|why| untold(why, true))?)
            }
            Receiver::Slack(url) => (url, message.slack()),
        };
        let hook = self.client.receiver(url.as_str());
        let mut hook = hook.map_err(|why| untold(why, false))?;
        match hook.send(body).await {
            Answer::Taken => Ok(()),
            Answer::Refused(why) => Err(untold(why, false)),
            Answer::Failed(why) => Err(untold(why, true)),
        }
    }

    /// Sends each receiver of an alert a message that it is tried out; what came of it, one by one.
    pub async fn test(
        &self,
        (alert, rule): (&Alert, &Rule),
        key: &Secret,
        now: Timestamp,
    ) -> Vec<Result<(), Untold>> {
        let page = self.page.as_deref();
        let message = Message::new((alert, rule), Turn::Test, &[], now, page);
        let mut told = Vec::with_capacity(rule.receivers.len());
        for receiver in &rule.receivers {
            told.push(self.tell(receiver, (&message, key), now).await);
        }
        told
    }
}
