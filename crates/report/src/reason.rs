//! Why mail was refused, in words that are the same for all mail refused for that reason.
//!
//! Log texts carry names, addresses, ids and links; here those go, so that what is left can be
//! counted. pflogsumm's reasons are the model: "Relay access denied", "blocked using LIST",
//! "cannot find your hostname".

use crate::limits::REASON_BYTES_MAX;
use bstr::ByteSlice;

/// Writes the reason of a refusal by us: the text behind the codes of a reply.
pub(crate) fn refusal(text: &[u8], out: &mut Vec<u8>) {
    let text = without_subject(text);
    if let Some(list) = text.find("blocked using ") {
        let end = text[list..]
            .find_byteset(b";,")
            .map_or(text.len(), |at| list + at);
        return write_words(&text[list..end], out);
    }
    let text = text.strip_prefix(b"Client host rejected: ").unwrap_or(text);
    let user_unknown = text
        .strip_prefix(b"Recipient address rejected: ")
        .filter(|rest| rest.starts_with(b"User unknown"));
    let text = user_unknown.unwrap_or(text);
    write_words(first_clause(text), out);
}

/// Writes the reason of a failed delivery: the text in the parentheses of a delivery line.
pub(crate) fn failure(text: &[u8], out: &mut Vec<u8>) {
    let mut text = text;
    if let Some(rest) = text.strip_prefix(b"delivery temporarily suspended: ") {
        out.extend_from_slice(b"suspended: ");
        text = rest;
    }
    if let Some(said) = text.find(" said: ").filter(|_| is_about_host(text)) {
        text = &text[said + 7..];
    } else if let Some(said) = text.find(" refused to talk to me: ") {
        out.extend_from_slice(b"refused to talk: ");
        text = &text[said + 24..];
    } else if text.starts_with(b"connect to ") {
        out.extend_from_slice(b"connect: ");
        text = behind_host(text);
    } else if let Some(rest) = about_conversation(text, out) {
        text = rest;
    }
    let text = without_subject(without_codes(text));
    if let Some(list) = text.find("blocked using ") {
        let end = text[list..]
            .find_byteset(b";,")
            .map_or(text.len(), |at| list + at);
        return write_words(&text[list..end], out);
    }
    let end = text.find("(in reply to").unwrap_or(text.len());
    write_words(first_clause(&text[..end]), out);
}

/// Writes what a warning is about, and its text.
pub(crate) fn warning(about: &[u8], text: &[u8], out: &mut Vec<u8>) {
    let before = out.len();
    write_words(about, out);
    if out.len() > before && !text.is_empty() {
        out.extend_from_slice(b": ");
    }
    write_words(text, out);
}

fn is_about_host(text: &[u8]) -> bool {
    text.starts_with(b"host ") || text.starts_with(b"Command ") || text.starts_with(b"command ")
}

/// `lost connection with X while Y`, `conversation with X timed out while Y`.
fn about_conversation<'t>(text: &'t [u8], out: &mut Vec<u8>) -> Option<&'t [u8]> {
    for words in [&b"lost connection with "[..], b"conversation with "] {
        if let Some(rest) = text.strip_prefix(words) {
            out.extend_from_slice(&words[..words.len() - 5]);
            return Some(&rest[rest.find_byte(b' ').unwrap_or(rest.len())..]);
        }
    }
    None
}

/// What follows `connect to HOST[ADDRESS]:PORT: `.
fn behind_host(text: &[u8]) -> &[u8] {
    match text.find(": ") {
        Some(at) => &text[at + 2..],
        None => text,
    }
}

/// Cuts reply code and enhanced status, in one or more lines.
fn without_codes(text: &[u8]) -> &[u8] {
    let mut text = text;
    loop {
        let end = text.find_byteset(b" -").unwrap_or(text.len());
        let is_code = end < text.len()
            && end > 0
            && text[0].is_ascii_digit()
            && text[..end]
                .iter()
                .all(|&byte| byte.is_ascii_digit() || byte == b'.')
            && (end == 3 || text[..end].find_byte(b'.').is_some());
        if !is_code {
            return text;
        }
        text = text[end + 1..].trim_start_with(|c| c == ' ');
    }
}

/// Cuts `<what it is about>: `, in which anything may stand.
fn without_subject(text: &[u8]) -> &[u8] {
    if text.first() != Some(&b'<') {
        return text;
    }
    match text.find(">: ") {
        Some(at) => &text[at + 3..],
        None => text,
    }
}

/// Up to the first `;`, or to what is but a hint: `see http://...`, `Please visit ...`.
fn first_clause(text: &[u8]) -> &[u8] {
    let mut clause = &text[..text.find_byte(b';').unwrap_or(text.len())];
    if let Some(link) = clause.find("http") {
        clause = clause[..link].trim_end_with(|end| end == ' ');
        clause = clause.strip_suffix(b"see").unwrap_or(clause);
        clause = clause.strip_suffix(b"See").unwrap_or(clause);
    }
    match clause.find("lease ") {
        Some(at) if at > 0 && is_hint(&clause[at + 6..]) => &clause[..at - 1],
        _ => clause,
    }
}

fn is_hint(behind_please: &[u8]) -> bool {
    behind_please.is_empty()
        || behind_please.starts_with(b"see")
        || behind_please.starts_with(b"visit")
}

/// Writes words, without those that name one host, address, message or number.
fn write_words(text: &[u8], out: &mut Vec<u8>) {
    let mut quoted = None;
    for word in text.split(|&byte| byte.is_ascii_whitespace()) {
        if word.is_empty() {
            continue;
        }
        if let Some(quote) = quoted {
            if is_closing(word, quote) {
                quoted = None;
            }
            continue;
        }
        if matches!(word[0], b'"' | b'<' | b'[' | b'{') {
            let quote = closing_of(word[0]);
            if word.len() == 1 || !is_closing(&word[1..], quote) {
                quoted = Some(quote);
            }
            continue;
        }
        if is_particular(word) {
            if word.ends_with(b":") {
                end_clause(out);
            }
            continue;
        }
        if !out.is_empty() && !out.ends_with(b" ") {
            out.push(b' ');
        }
        out.extend_from_slice(word);
        if out.len() > REASON_BYTES_MAX {
            break;
        }
    }
    out.truncate(REASON_BYTES_MAX);
    let end = out.trim_end_with(|end| " ,:;.(-".contains(end)).len();
    out.truncate(end);
}

/// Puts the colon of a word that was left out behind the words before it.
fn end_clause(out: &mut Vec<u8>) {
    for little in [&b" for"[..], b" to", b" from", b" with"] {
        if out.ends_with(little) {
            out.truncate(out.len() - little.len());
        }
    }
    if !out.is_empty() && !out.ends_with(b":") && !out.ends_with(b" ") {
        out.push(b':');
    }
}

fn closing_of(opening: u8) -> u8 {
    match opening {
        b'<' => b'>',
        b'[' => b']',
        b'{' => b'}',
        quote => quote,
    }
}

fn is_closing(word: &[u8], quote: u8) -> bool {
    word.rfind_byte(quote)
        .is_some_and(|at| word.len() - at <= 3)
}

/// Whether a word is one of many: an address, a host with its address, an id, a long number.
fn is_particular(word: &[u8]) -> bool {
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_pair = word.find_byte(b'=').is_some();
    word.find_byteset(b"@[").is_some()
        || digits >= 4
        || is_pair
        || (digits > 0 && word.iter().filter(|&&byte| byte == b'.').count() >= 3)
        || word.starts_with(b"http")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(normalize: fn(&[u8], &mut Vec<u8>), text: &str) -> String {
        let mut out = Vec::new();
        normalize(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn refusals_are_named_as_postmasters_know_them() {
        let cases = [
            (
                "<a@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
                "User unknown in virtual mailbox table",
            ),
            (
                "Service unavailable; Client host [192.0.2.1] blocked using zen.example.org; https://www.example.org/query/192.0.2.1",
                "blocked using zen.example.org",
            ),
            (
                "<a@example.org>: Relay access denied",
                "Relay access denied",
            ),
            (
                "Client host rejected: cannot find your hostname, [192.0.2.7]",
                "cannot find your hostname",
            ),
            (
                "<a>: Helo command rejected: need fully-qualified hostname",
                "Helo command rejected: need fully-qualified hostname",
            ),
            (
                "<a@b>: Sender address rejected: Domain not found",
                "Sender address rejected: Domain not found",
            ),
            (
                "<a@b>: Recipient address rejected: Greylisted, see http://postgrey.example.org/help/b.html",
                "Recipient address rejected: Greylisted",
            ),
            (
                "Message size exceeds fixed limit",
                "Message size exceeds fixed limit",
            ),
            (
                "<x>: Hello>: Client host rejected: Access denied",
                "Hello>: Client host rejected: Access denied",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(of(refusal, text), expected, "{text}");
        }
    }

    #[test]
    fn failures_lose_hosts_codes_and_hints() {
        let cases = [
            (
                "host mx.example.org[192.0.2.1] said: 550 5.1.1 <a@example.org>: Recipient address rejected: User unknown (in reply to RCPT TO command)",
                "Recipient address rejected: User unknown",
            ),
            (
                "host mx.example.org[192.0.2.1] said: 550-5.1.1 The email account that you tried to reach does not exist. Please see https://example.org/1",
                "The email account that you tried to reach does not exist",
            ),
            (
                "connect to mx.example.org[192.0.2.1]:25: Connection timed out",
                "connect: Connection timed out",
            ),
            (
                "delivery temporarily suspended: connect to mx.example.org[192.0.2.1]:25: Connection refused",
                "suspended: connect: Connection refused",
            ),
            (
                "lost connection with mx.example.org[192.0.2.1] while receiving the initial server greeting",
                "lost connection while receiving the initial server greeting",
            ),
            (
                "conversation with mx.example.org[192.0.2.1] timed out while sending end of data -- message may be sent more than once",
                "conversation timed out while sending end of data -- message may be sent more than once",
            ),
            ("unknown user: \"bob\"", "unknown user"),
            (
                "Host or domain name not found. Name service error for name=example.org type=MX: Host not found, try again",
                "Host or domain name not found. Name service error: Host not found, try again",
            ),
            (
                "host mx.example.org[192.0.2.1] refused to talk to me: 421 4.7.0 Try again later",
                "refused to talk: Try again later",
            ),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(of(failure, text), expected, "{text}");
        }
    }

    #[test]
    fn hostile_text_stays_short() {
        let long = "x ".repeat(1000);
        assert!(of(failure, &long).len() <= REASON_BYTES_MAX);
        assert_eq!(of(refusal, "<<<<"), "");
    }
}
