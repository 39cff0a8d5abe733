use super::*;

fn scan(text: &str) -> Scan<'_> {
    Scan::new(text.as_bytes(), b"smtpd")
}

fn split(text: &str) -> (&BStr, Envelope<'_>) {
    text_and_envelope(&mut scan(text))
}

#[test]
fn a_text_with_semicolons_ends_where_all_is_trailer() {
    let (text, envelope) =
        split("blocked using x; see https://x.test/; from=<a@x> to=<b@y> proto=SMTP");
    assert_eq!(text, "blocked using x; see https://x.test/");
    assert_eq!(envelope.mail_from, Some("a@x".into()));
    assert_eq!(envelope.rcpt_to, Some("b@y".into()));
    assert_eq!(envelope.protocol, Some("SMTP".into()));
    assert_eq!(envelope.helo, None);
}

#[test]
fn a_greeting_cannot_forge_an_envelope() {
    let (text, envelope) =
        split("no; from=<> to=<b@y> proto=SMTP helo=<x; from=<c@z> to=<d@z> proto=SMTP helo=<y>");
    assert_eq!(text, "no");
    assert_eq!(envelope.mail_from, Some("".into()));
    assert_eq!(envelope.rcpt_to, Some("b@y".into()));
    assert_eq!(
        envelope.helo,
        Some("x; from=<c@z> to=<d@z> proto=SMTP helo=<y".into())
    );
}

#[test]
fn logins_are_bracketed_or_not() {
    let (_, envelope) = split("no; from=<a@x> proto=ESMTP helo=<a b> sasl_username=<o, so>");
    assert_eq!(envelope.helo, Some("a b".into()));
    assert_eq!(envelope.sasl_username, Some("o, so".into()));
    let (_, envelope) = split(
        "no; from=<a@x> proto=ESMTP helo=<x> sasl_method=PLAIN sasl_username=o so sasl_sender=c@x",
    );
    assert_eq!(envelope.sasl_method, Some("PLAIN".into()));
    assert_eq!(envelope.sasl_username, Some("o so".into()));
    assert_eq!(envelope.sasl_sender, Some("c@x".into()));
}

#[test]
fn a_cut_line_keeps_what_it_has() {
    let (text, envelope) = split("no; from=<a@x> to=<b@");
    assert_eq!(text, "no");
    assert_eq!(envelope.mail_from, Some("a@x".into()));
    assert_eq!(envelope.rcpt_to, None);
    assert_eq!(split("no reason").0, "no reason");
    assert_eq!(split("no reason;").0, "no reason");
}

#[test]
fn codes_are_numbers_of_their_own() {
    let mut at = scan("550 5.7.1 no");
    assert_eq!(reply(&mut at).0, Some(ReplyCode(550)));
    assert_eq!(at.peek(), b"no");
    let mut at = scan("5.7.1 no");
    assert!(matches!(reply(&mut at), (None, Some(_))));
    let mut at = scan("554_5 no");
    assert_eq!(reply(&mut at), (None, None));
    assert_eq!(at.peek(), b"554_5 no");
}

#[test]
fn a_header_may_speak_of_an_origin() {
    let line =
        "Subject: hi from local; from=<z> from a.test[192.0.2.7]:25; from=<> to=<b@y>: why: so";
    let matched = matched(&mut scan(line)).expect("an origin and a trailer");
    assert_eq!(matched.content, "Subject: hi from local; from=<z>");
    assert_eq!(matched.client.address, "192.0.2.7");
    assert_eq!(matched.envelope.rcpt_to, Some("b@y".into()));
    assert_eq!(matched.text, "why: so");
    assert_eq!(
        header(matched.content),
        ("Subject".into(), "hi from local; from=<z>".into())
    );
}
