//! What an answer may tell, by the rows that the asker may see.

use serde_json::Value;
use std::collections::BTreeSet;

pub(crate) fn text<'a>(row: &'a Value, column: &str) -> &'a str {
    row[column].as_str().unwrap_or_default()
}

pub(crate) fn domain(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// What somebody may read of addresses and names, by what the owner sees of their rows.
pub(crate) fn allowed(own: &[&Value], is_own: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut allowed = BTreeSet::new();
    for row in own {
        let is_sender = is_own(text(row, "mail_from"));
        for column in [
            "mail_from",
            "message_id",
            "target",
            "rcpt_to",
            "orig_rcpt_to",
        ] {
            let several = column.contains("rcpt_to") && text(row, column).contains(',');
            if !several || is_sender {
                let value = text(row, column).to_lowercase();
                allowed.extend(value.split(['<', '>', ',']).map(str::to_owned));
            }
        }
    }
    allowed
}

/// Addresses that are not the asker's, hosts of ours and private networks that an answer tells.
pub(crate) fn strangers<'a>(
    answer: &'a str,
    hosts: &BTreeSet<&str>,
    may_tell: impl Fn(&str) -> bool,
) -> BTreeSet<&'a str> {
    words(answer)
        .filter(|word| {
            let is_address = word.contains('@') && !domain(word).is_empty();
            let is_host = hosts.contains(word) || word.ends_with(".waypost.example");
            (is_address && !may_tell(&word.to_lowercase())) || is_host || is_private(word)
        })
        .collect()
}

/// The addresses, names of hosts and IP addresses that a text has.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_end = |c: char| !(c.is_alphanumeric() || "@.-_+:#$%&^".contains(c));
    text.split(is_end)
        .flat_map(|run| match run.parse::<std::net::IpAddr>() {
            Ok(_) => vec![run],
            Err(_) => run.split(':').collect(),
        })
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
}

fn is_private(word: &str) -> bool {
    match word.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(it)) => it.is_private() || it.is_loopback(),
        Ok(std::net::IpAddr::V6(it)) => it.is_loopback(),
        Err(_) => false,
    }
}
