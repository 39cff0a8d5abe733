//! Postfix and Cyrus: into the mailbox, and what its user does there. Only with `WAYBILL_E2E=all`.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use e2e::imap::Imap;
use e2e::smtp::{Mail, send};
use e2e::{Cyrus, PASSWORD, Place, Postfix, Rsyslog, Server, Story, can_run_all, wait};
use expect_test::expect;

const ANNA: &str = "anna@example.org";
const CAROL: &str = "carol@example.org";

/// Moves one message to the trash and deletes the other.
fn moves_and_deletes(port: u16) {
    let mut imap = Imap::connect(port).unwrap();
    imap.ask(&format!("LOGIN {ANNA} {PASSWORD}")).unwrap();
    imap.ask("SELECT INBOX").unwrap();
    imap.ask("UID MOVE 1 Trash").unwrap();
    imap.ask("UID STORE 2 +FLAGS.SILENT (\\Deleted)").unwrap();
    imap.ask("EXPUNGE").unwrap();
    imap.ask("LOGOUT").unwrap();
}

/// Empties the trash in a session of its own, for which the password is mistyped first.
fn empties_the_trash(port: u16) {
    let mut imap = Imap::connect(port).unwrap();
    let wrong = imap.try_ask(&format!("LOGIN {ANNA} wrong")).unwrap();
    assert!(wrong[0].contains(" NO "), "{wrong:?}");
    imap.ask(&format!("LOGIN {ANNA} {PASSWORD}")).unwrap();
    imap.ask("SELECT Trash").unwrap();
    imap.ask("UID STORE 1 +FLAGS.SILENT (\\Deleted)").unwrap();
    imap.ask("EXPUNGE").unwrap();
    imap.ask("LOGOUT").unwrap();
}

#[test]
fn long_what_a_user_does_with_a_message_in_cyrus_is_told() {
    if !can_run_all(&[Server::Cyrus, Server::Postfix, Server::Rsyslog]) {
        return;
    }
    let place = Place::new().unwrap();
    let syslog = Rsyslog::start(&place).unwrap();
    let cyrus = Cyrus::start(&place, &[ANNA], &syslog).unwrap();
    let mut imap = Imap::connect(cyrus.imap_port()).unwrap();
    // Makes the mailbox.
    imap.ask(&format!("LOGIN {ANNA} {PASSWORD}")).unwrap();
    imap.ask("LOGOUT").unwrap();
    let postfix = Postfix::setup(&place, "mx1")
        .unwrap()
        .syslog(&syslog)
        .set("virtual_transport", cyrus.transport())
        .start()
        .unwrap();
    for message_id in ["<first@example.org>", "<second@example.org>"] {
        send(postfix.port(), &Mail::new(CAROL, &[ANNA], message_id)).unwrap();
    }
    wait::for_lines(syslog.log(), 2, &["qmgr", ": removed"]).unwrap();
    moves_and_deletes(cyrus.imap_port());
    // The server says goodbye before it logs that. The first connection only asked whether it answers.
    wait::for_lines(cyrus.log(), 3, &["auditlog: traffic"]).unwrap();
    empties_the_trash(cyrus.imap_port());
    wait::for_lines(cyrus.log(), 4, &["auditlog: traffic"]).unwrap();

    let story = Story::of(&[syslog.log()]).unwrap();
    let told: Vec<String> = story
        .lines()
        .iter()
        .filter(|it| it.program == "imap")
        .filter(|it| !it.kind.name().starts_with("service.") && it.kind.name() != "admin.action")
        .map(|it| {
            let fields = ["user", "mailbox", "message_id"].map(|name| it.field(name));
            format!("{} {}\n", it.kind.name(), fields.join(" "))
        })
        .collect();
    expect![[r#"
        session.closed   
        auth.succeeded anna@example.org  
        folder.created  example.org!user.anna 
        folder.created anna@example.org INBOX 
        folder.created  example.org!user.anna.Trash 
        folder.created anna@example.org Trash 
        session.closed   
        auth.succeeded anna@example.org  
        mailbox.saved  example.org!user.anna.Trash <first@example.org>
        mailbox.expunged  example.org!user.anna 
        mailbox.expunged  example.org!user.anna 
        mailbox.flagged  example.org!user.anna 
        mailbox.expunged  example.org!user.anna 
        mailbox.expunged  example.org!user.anna 
        session.closed   
        auth.failed anna@example.org  
        auth.succeeded anna@example.org  
        mailbox.flagged  example.org!user.anna.Trash 
        mailbox.expunged  example.org!user.anna.Trash 
        mailbox.expunged  example.org!user.anna.Trash 
        session.closed   
    "#]]
    .assert_eq(&told.concat());
    expect![[r#"
        <carol@example.org>: delivered
        #1 mx1 closed
        anna@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.1.5
          mailbox.saved anna example.org!user.anna
          then mailbox.saved anna@example.org example.org!user.anna.Trash
          then mailbox.expunged anna@example.org example.org!user.anna
          then mailbox.flagged anna@example.org example.org!user.anna.Trash
          then mailbox.expunged anna@example.org example.org!user.anna.Trash
    "#]]
    .assert_eq(&story.told("<first@example.org>").unwrap());
    expect![[r#"
        <carol@example.org>: delivered
        #1 mx1 closed
        anna@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.1.5
          mailbox.saved anna example.org!user.anna
          then mailbox.flagged anna@example.org example.org!user.anna
          then mailbox.expunged anna@example.org example.org!user.anna
    "#]]
    .assert_eq(&story.told("<second@example.org>").unwrap());
    // It tells that a user who is to be made is not there yet.
    let of_cyrus = |line: &&str| !line.contains(" saslpasswd2: ");
    let unknown: Vec<&str> = story.unknown().into_iter().filter(of_cyrus).collect();
    assert_eq!(unknown, [""; 0]);
}
