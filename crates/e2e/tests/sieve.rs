//! What a user's Sieve script does with mail: files it, sends it on, refuses, drops, answers it.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use e2e::smtp::{Mail, send};
use e2e::{Dovecot, Place, Postfix, Rsyslog, Server, Story, can_run, wait};
use expect_test::expect;

const ANNA: &str = "anna@example.org";
const CAROL: &str = "carol@example.org";

/// What Sieve made of five messages, as logs in files or in syslog tell it.
fn story(place: &Place, syslog: Option<&Rsyslog>) -> Story {
    let setup = Postfix::setup(place, "mx1").unwrap();
    let sieve = "require [\"fileinto\", \"mailbox\", \"reject\", \"vacation\"];\n\
        if header :contains \"subject\" \"work\" { fileinto :create \"Work\"; }\n\
        elsif header :contains \"subject\" \"fwd\" { redirect \"bob@example.org\"; }\n\
        elsif header :contains \"subject\" \"no\" { reject \"Not to me.\"; }\n\
        elsif header :contains \"subject\" \"drop\" { discard; }\n\
        else { vacation \"Away.\"; }\n";
    let mut dovecot = Dovecot::setup(place)
        .users(&[ANNA, "bob@example.org", CAROL])
        .sieve(ANNA, sieve)
        .unwrap()
        .set("submission_host", format!("127.0.0.1:{}", setup.port()));
    let mut postfix = setup;
    if let Some(syslog) = syslog {
        (dovecot, postfix) = (dovecot.syslog(syslog), postfix.syslog(syslog));
    }
    let dovecot = dovecot.start().unwrap();
    let postfix = postfix
        .set("virtual_transport", dovecot.transport())
        .start()
        .unwrap();
    for subject in ["work", "fwd", "no", "drop", "away"] {
        let message_id = format!("<{subject}@example.org>");
        let mail = Mail {
            subject,
            ..Mail::new(CAROL, &[ANNA], &message_id)
        };
        send(postfix.port(), &mail).unwrap();
    }
    // Five messages, what was sent on, the refusal, the reply.
    wait::for_lines(postfix.log(), 8, &["qmgr", ": removed"]).unwrap();
    wait::for_lines(dovecot.log(), 6, &["sieve: msgid="]).unwrap();
    dovecot.until_saved(3).unwrap();

    let story = Story::of(&[postfix.log(), dovecot.log()]).unwrap();
    assert_eq!(story.unknown(), [""; 0]);
    story
}

/// Asserts what is told, whatever wrote the logs.
fn assert_told(story: &Story) {
    expect![[r#"
        <carol@example.org>: delivered
        #1 mx1 closed
        anna@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          mailbox.saved anna@example.org Work
    "#]]
    .assert_eq(&story.told("<work@example.org>").unwrap());
    // Dovecot tells of it after Postfix has queued what it sent, or before: files have whole seconds.
    expect![[r#"
        <carol@example.org>: delivered
        #1 mx1 closed
        #2 mx1 closed, resend from #1
        bob@example.org (for anna@example.org): delivered in #2
          #1 delivery.delivered by lmtp 2.0.0
          #2 delivery.delivered by lmtp 2.0.0
          sieve.redirected anna@example.org bob@example.org
          mailbox.saved bob@example.org INBOX
    "#]]
    .assert_eq(&story.told("<fwd@example.org>").unwrap());
    expect![[r#"
        <carol@example.org>: rejected
        #1 mx1 closed
        anna@example.org: rejected in #1
          #1 delivery.delivered by lmtp 2.0.0
          sieve.rejected anna@example.org carol@example.org
        caused: autoreply
    "#]]
    .assert_eq(&story.told("<no@example.org>").unwrap());
    expect![[r#"
        <carol@example.org>: discarded
        #1 mx1 closed
        anna@example.org: discarded in #1
          #1 delivery.delivered by lmtp 2.0.0
          sieve.discarded anna@example.org
    "#]]
    .assert_eq(&story.told("<drop@example.org>").unwrap());
    expect![[r#"
        <carol@example.org>: delivered
        #1 mx1 closed
        anna@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          autoreply.sent anna@example.org carol@example.org
          mailbox.saved anna@example.org INBOX
        caused: autoreply
    "#]]
    .assert_eq(&story.told("<away@example.org>").unwrap());
}

#[test]
fn long_sieve_files_sends_on_refuses_and_answers() {
    if !can_run(&[Server::Postfix, Server::Dovecot, Server::Rsyslog]) {
        return;
    }
    let place = Place::new().unwrap();
    let syslog = Rsyslog::start(&place).unwrap();
    assert_told(&story(&place, Some(&syslog)));
}

#[test]
fn long_what_sieve_did_is_told_of_files_too() {
    if !can_run(&[Server::Postfix, Server::Dovecot]) {
        return;
    }
    let place = Place::new().unwrap();
    assert_told(&story(&place, None));
}
