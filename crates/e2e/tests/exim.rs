//! Exim: mail into its own mailboxes, and to a Postfix that is not there at first.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use e2e::smtp::{Mail, send};
use e2e::{Dovecot, Exim, Place, Postfix, Server, Story, can_run, wait};
use expect_test::expect;

const NEEDS: &[Server] = &[Server::Exim, Server::Postfix, Server::Dovecot];

#[test]
fn long_mail_goes_from_exim_to_postfix() {
    if !can_run(NEEDS) {
        return;
    }
    let place = Place::new().unwrap();
    let dovecot = Dovecot::setup(&place)
        .users(&["bob@example.org"])
        .start()
        .unwrap();
    let postfix = Postfix::setup(&place, "mx1")
        .unwrap()
        .set("virtual_transport", dovecot.transport());
    let exim = Exim::start(&place, &["erik", "fiona"], postfix.port()).unwrap();
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
    the_side_of_postfix_is_right(&[postfix.log(), dovecot.log()]);
}

/// What the logs of the host behind Exim tell; Exim's own is not read.
fn the_side_of_postfix_is_right(logs: &[&std::path::Path]) {
    let story = Story::of(logs).unwrap();
    expect![[r#"
        <erik@example.net>: delivered
        #1 mx1 closed
        bob@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          mailbox.saved bob@example.org INBOX
          mailbox.saved bob@example.org INBOX
    "#]]
    .assert_eq(&story.told("<three@example.net>").unwrap());
    assert_eq!(story.journeys().len(), 1);
    assert_eq!(story.unknown(), [""; 0]);
}
