//! Exim: mail into its own mailboxes, and to a Postfix that is not there at first.

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

    let story = Story::of(&[exim.log(), postfix.log(), dovecot.log()]).unwrap();
    expect![[r#"
        <erik@example.net>: delivered
        #1 mx1 closed
        bob@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          mailbox.saved bob@example.org INBOX
          mailbox.saved bob@example.org INBOX

        <erik@example.net>: mixed
        #1  closed
        bob@example.org: handed_over in #1
          #1 delivery.deferred by local
          #1 delivery.handed_over by smtp
        fiona@example.net: delivered in #1
          #1 delivery.delivered by local
        nobody@example.net: bounced in #1
          #1 delivery.bounced by error
        non_delivery to sender about #1: erik@example.net delivered
    "#]]
    .assert_eq(&story.told("<three@example.net>").unwrap());
    assert_eq!(story.unknown(), [""; 0]);
}
