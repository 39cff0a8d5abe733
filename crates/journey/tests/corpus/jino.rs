//! What became of the mail of each sender: the expectations that came with the fixtures.
//!
//! Compared for each sender: how many recipients got it, how many did not, and who got it.

use crate::{locate, read};
use journey::{Journey, Outcome};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Default, PartialEq)]
struct Mail {
    delivered: u64,
    failed: u64,
    recipients: Vec<String>,
}

type BySender = BTreeMap<String, Mail>;

#[test]
fn the_mail_of_each_sender_ended_as_expected() {
    let Some(root) = locate::root() else { return };
    let folder = root.join("postfix/jino-fixtures");
    let expected: Value = serde_json::from_str(&locate::text(&folder.join("expected.json")))
        .expect("the expectations are JSON");
    let files = expected.as_object().expect("an object by file");
    let mut senders = 0;
    for (name, expected) in files.iter().filter(|it| !it.0.starts_with('_')) {
        let expected = expected_mail(expected);
        let came = read::file(&folder.join(name));
        assert_eq!(mail(&came.journeys), expected, "{name}");
        senders += expected.len();
    }
    println!("{senders} senders in {} files", files.len() - 1);
    assert!(senders >= 10, "the expectations have senders");
}

fn expected_mail(of_file: &Value) -> BySender {
    let senders = of_file.as_object().expect("an object by sender");
    let mail = senders.iter().map(|(sender, it)| {
        let recipients = it["recipients"].as_array().expect("a list");
        let recipients = recipients
            .iter()
            .map(|it| it.as_str().expect("an address").to_owned());
        let mut mail = Mail {
            delivered: it["delivered"].as_u64().expect("a number"),
            failed: it["failed"].as_u64().expect("a number"),
            recipients: recipients.collect(),
        };
        mail.recipients.sort();
        (sender.clone(), mail)
    });
    mail.collect()
}

fn mail(journeys: &[Journey]) -> BySender {
    let mut senders = BySender::new();
    for journey in journeys {
        let sender = journey.mail_from.as_ref().expect("each file tells it");
        let mail = senders.entry(sender.to_string()).or_default();
        assert!(journey.unnamed.is_empty(), "all recipients are named");
        for recipient in &journey.recipients {
            match recipient.outcome {
                Outcome::Delivered | Outcome::Relayed => {
                    mail.delivered += 1;
                    mail.recipients.push(recipient.rcpt_to.to_string());
                }
                _ => mail.failed += 1,
            }
        }
        mail.recipients.sort();
    }
    senders
}
