//! Exim: mail into its own mailboxes, and to a Postfix that is not there at first.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use e2e::smtp::{Mail, send};
use e2e::{Dovecot, Exim, Place, Postfix, Rsyslog, Server, Story, can_run, wait};
use expect_test::expect;

const NEEDS: &[Server] = &[Server::Exim, Server::Postfix, Server::Dovecot];

/// A message to three, one of whom bounces and one waits for Postfix, as the logs tell it.
fn story(place: &Place, syslog: Option<&Rsyslog>) -> Story {
    let mut dovecot = Dovecot::setup(place).users(&["bob@example.org"]);
    let mut postfix = Postfix::setup(place, "mx1").unwrap();
    if let Some(syslog) = syslog {
        (dovecot, postfix) = (dovecot.syslog(syslog), postfix.syslog(syslog));
    }
    let dovecot = dovecot.start().unwrap();
    let postfix = postfix.set("virtual_transport", dovecot.transport());
    let exim = Exim::start(place, &["erik", "fiona"], postfix.port(), syslog).unwrap();
    let to = ["fiona@example.net", "nobody@example.net", "bob@example.org"];
    let mail = Mail::new("erik@example.net", &to, "<three@example.net>");
    send(exim.port(), &mail).unwrap();
    wait::for_line(exim.log(), &["=> fiona"]).unwrap();
    wait::for_line(exim.log(), &["** nobody@example.net", "no such user"]).unwrap();
    wait::for_line(exim.log(), &["== bob@example.org", "Connection refused"]).unwrap();
    // The notification.
    wait::for_line(exim.log(), &["=> erik"]).unwrap();

    let postfix = postfix.start().unwrap();
    exim.flush().unwrap();
    wait::for_line(exim.log(), &["=> bob@example.org", "queued as"]).unwrap();
    wait::for_lines(exim.log(), 2, &["Completed"]).unwrap();
    wait::for_line(postfix.log(), &["qmgr", ": removed"]).unwrap();
    dovecot.until_saved(1).unwrap();

    let story = Story::of(&[exim.log(), postfix.log(), dovecot.log()]).unwrap();
    assert_eq!(story.unknown(), [""; 0]);
    story
}

#[test]
fn long_mail_goes_from_exim_to_postfix() {
    if !can_run(NEEDS) || !can_run(&[Server::Rsyslog]) {
        return;
    }
    let place = Place::new().unwrap();
    let syslog = Rsyslog::start(&place).unwrap();
    let story = story(&place, Some(&syslog));
    expect![[r#"
        <erik@example.net>: mixed
        #1 mx1 closed
        #2 mx1 closed, filter from #1
        bob@example.org: delivered in #2
          #1 delivery.deferred by smtp
          #1 delivery.handed_over by smtp 2.0.0 to #2
          #2 delivery.delivered by lmtp 2.0.0
          mailbox.saved bob@example.org INBOX
        fiona@example.net: delivered in #1
          #1 delivery.delivered by local
        nobody@example.net: bounced in #1
          #1 delivery.bounced by error
        non_delivery to sender about #1: erik@example.net delivered
    "#]]
    .assert_eq(&story.told("<three@example.net>").unwrap());
}

#[test]
fn long_mail_goes_from_exim_to_postfix_each_with_its_own_file() {
    if !can_run(NEEDS) {
        return;
    }
    let place = Place::new().unwrap();
    let story = story(&place, None);
    expect![[r#"
        <erik@example.net>: mixed
        #1 mx1 closed
        #2 mx1 closed, filter from #1
        bob@example.org: delivered in #2
          #1 delivery.deferred by smtp
          #1 delivery.handed_over by smtp 2.0.0 to #2
          #2 delivery.delivered by lmtp 2.0.0
          mailbox.saved bob@example.org INBOX
        fiona@example.net: delivered in #1
          #1 delivery.delivered by local
        nobody@example.net: bounced in #1
          #1 delivery.bounced by error
        non_delivery to sender about #1: erik@example.net delivered
    "#]]
    .assert_eq(&story.told("<three@example.net>").unwrap());
}
