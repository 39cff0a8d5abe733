//! Postfix and Dovecot: mail that arrives, is deferred, bounces, and is read and deleted by its user.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use e2e::imap::Imap;
use e2e::pop3::Pop3;
use e2e::smtp::{Mail, send};
use e2e::{Dovecot, DovecotSetup, PASSWORD, Place, Postfix, Server, Story, can_run, wait};
use expect_test::expect;
use model::Kind;

const NEEDS: &[Server] = &[Server::Postfix, Server::Dovecot];
const ANNA: &str = "anna@example.org";
const BOB: &str = "bob@example.org";
const CAROL: &str = "carol@example.org";

fn dovecot(place: &Place) -> DovecotSetup<'_> {
    Dovecot::setup(place).users(&[ANNA, BOB, CAROL])
}

#[test]
fn long_mail_to_two_and_an_alias_is_delivered() {
    if !can_run(NEEDS) {
        return;
    }
    let place = Place::new().unwrap();
    let dovecot = dovecot(&place).start().unwrap();
    let setup = Postfix::setup(&place, "mx1").unwrap();
    let aliases = format!("office@example.org {ANNA}, {BOB}\n");
    let aliases = setup.table("aliases", &aliases).unwrap();
    let postfix = setup
        .set("virtual_alias_maps", aliases)
        .set("virtual_transport", dovecot.transport())
        .start()
        .unwrap();
    let two = Mail::new(CAROL, &[ANNA, BOB], "<two@example.org>");
    send(postfix.port(), &two).unwrap();
    let alias = Mail::new(CAROL, &["office@example.org"], "<alias@example.org>");
    send(postfix.port(), &alias).unwrap();
    wait::for_lines(postfix.log(), 2, &["qmgr", ": removed"]).unwrap();
    dovecot.until_saved(4).unwrap();

    let story = Story::of(&[postfix.log(), dovecot.log()]).unwrap();
    expect![[r#"
        <carol@example.org>: delivered
        #1 mx1 closed
        anna@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          mailbox.saved anna@example.org INBOX
        bob@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          mailbox.saved bob@example.org INBOX
    "#]]
    .assert_eq(&story.told("<two@example.org>").unwrap());
    expect![[r#"
        <carol@example.org>: delivered
        #1 mx1 closed
        anna@example.org (for office@example.org): delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          mailbox.saved anna@example.org INBOX
        bob@example.org (for office@example.org): delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          mailbox.saved bob@example.org INBOX
    "#]]
    .assert_eq(&story.told("<alias@example.org>").unwrap());
    assert_eq!(story.unknown(), [""; 0]);
}

#[test]
fn long_mail_to_an_unknown_user_bounces_and_its_sender_is_told() {
    if !can_run(NEEDS) {
        return;
    }
    let place = Place::new().unwrap();
    let dovecot = dovecot(&place).start().unwrap();
    let postfix = Postfix::setup(&place, "mx1")
        .unwrap()
        .set("virtual_transport", dovecot.transport())
        .start()
        .unwrap();
    let mail = Mail::new(CAROL, &["nobody@example.org", ANNA], "<lost@example.org>");
    send(postfix.port(), &mail).unwrap();
    wait::for_lines(postfix.log(), 2, &["qmgr", ": removed"]).unwrap();
    dovecot.until_saved(2).unwrap();

    let story = Story::of(&[postfix.log(), dovecot.log()]).unwrap();
    expect![[r#"
        <carol@example.org>: mixed
        #1 mx1 closed
        anna@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          mailbox.saved anna@example.org INBOX
        nobody@example.org: bounced in #1
          #1 delivery.bounced by lmtp 5.1.1
        non_delivery to sender about #1: carol@example.org delivered
    "#]]
    .assert_eq(&story.told("<lost@example.org>").unwrap());
    assert_eq!(
        story.journeys().len(),
        2,
        "the message and its notification"
    );
    assert_eq!(story.unknown(), [""; 0]);
}

#[test]
fn long_mail_waits_until_the_next_host_is_back() {
    if !can_run(NEEDS) {
        return;
    }
    let place = Place::new().unwrap();
    let dovecot = dovecot(&place)
        .users(&["dora@branch.example"])
        .start()
        .unwrap();
    // Over loopback an own server is one on the same host.
    let branch = Postfix::setup(&place, "postfix-branch")
        .unwrap()
        .instance_on("mx1")
        .set("virtual_mailbox_domains", "branch.example")
        .set("virtual_transport", dovecot.transport());
    let setup = Postfix::setup(&place, "mx1").unwrap();
    let route = format!("branch.example smtp:[127.0.0.1]:{}\n", branch.port());
    let routes = setup.table("routes", &route).unwrap();
    let postfix = setup.set("transport_maps", routes).start().unwrap();
    let mail = Mail::new(CAROL, &["dora@branch.example"], "<late@example.org>");
    send(postfix.port(), &mail).unwrap();
    wait::for_line(postfix.log(), &["status=deferred"]).unwrap();

    let story = Story::of(&[postfix.log(), dovecot.log()]).unwrap();
    expect![[r#"
        <carol@example.org>: deferred, open
        #1 mx1 queued
        dora@branch.example: deferred in #1
          #1 delivery.deferred by smtp 4.4.1
    "#]]
    .assert_eq(&story.told("<late@example.org>").unwrap());

    let branch = branch.start().unwrap();
    postfix.flush().unwrap();
    wait::for_line(branch.log(), &["qmgr", ": removed"]).unwrap();
    wait::for_line(postfix.log(), &["qmgr", ": removed"]).unwrap();
    dovecot.until_saved(1).unwrap();

    let story = Story::of(&[postfix.log(), branch.log(), dovecot.log()]).unwrap();
    expect![[r#"
        <carol@example.org>: delivered
        #1 mx1 closed
        #2 mx1 closed, filter from #1
        dora@branch.example: delivered in #2
          #1 delivery.deferred by smtp 4.4.1
          #1 delivery.handed_over by smtp 2.0.0 to #2
          #2 delivery.delivered by lmtp 2.0.0
          mailbox.saved dora@branch.example INBOX
    "#]]
    .assert_eq(&story.told("<late@example.org>").unwrap());
    assert_eq!(story.unknown(), [""; 0]);
}

#[test]
fn long_what_a_user_does_with_a_message_is_told() {
    if !can_run(NEEDS) {
        return;
    }
    let place = Place::new().unwrap();
    let dovecot = dovecot(&place).start().unwrap();
    let postfix = Postfix::setup(&place, "mx1")
        .unwrap()
        .set("virtual_transport", dovecot.transport())
        .start()
        .unwrap();
    for to in [ANNA, BOB] {
        let message_id = format!("<to-{to}>");
        send(postfix.port(), &Mail::new(CAROL, &[to], &message_id)).unwrap();
    }
    wait::for_lines(postfix.log(), 2, &["qmgr", ": removed"]).unwrap();
    dovecot.until_saved(2).unwrap();
    moves_to_trash_and_expunges(dovecot.imap_port());
    fetches_and_deletes(dovecot.pop3_port());
    wait::for_line(dovecot.log(), &["imap(anna@example.org)", "Logged out"]).unwrap();
    wait::for_line(dovecot.log(), &["pop3(bob@example.org)", "Logged out"]).unwrap();

    let story = Story::of(&[postfix.log(), dovecot.log()]).unwrap();
    let told: Vec<String> = story
        .lines()
        .iter()
        .filter(|it| it.program == "imap" || it.program == "pop3" || it.program.contains("login"))
        .map(|it| {
            let fields = ["user", "mailbox", "message_id"].map(|name| it.field(name));
            format!("{} {} {}\n", it.program, it.kind.name(), fields.join(" "))
        })
        .collect();
    expect![[r#"
        imap-login auth.aborted   
        imap-login auth.succeeded anna@example.org  
        imap mailbox.copied anna@example.org Trash <to-anna@example.org>
        imap mailbox.expunged anna@example.org INBOX <to-anna@example.org>
        imap mailbox.deleted anna@example.org Trash <to-anna@example.org>
        imap mailbox.expunged anna@example.org Trash <to-anna@example.org>
        imap session.closed anna@example.org  
        pop3-login auth.succeeded bob@example.org  
        pop3 mailbox.expunged bob@example.org INBOX <to-bob@example.org>
        pop3 session.closed bob@example.org  
    "#]]
    .assert_eq(&told.concat());
    expect![[r#"
        <carol@example.org>: delivered
        #1 mx1 closed
        anna@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          mailbox.saved anna@example.org INBOX
          then mailbox.copied anna@example.org Trash
          then mailbox.expunged anna@example.org INBOX
          then mailbox.deleted anna@example.org Trash
          then mailbox.expunged anna@example.org Trash
    "#]]
    .assert_eq(&story.told("<to-anna@example.org>").unwrap());
    expect![[r#"
        <carol@example.org>: delivered
        #1 mx1 closed
        bob@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          mailbox.saved bob@example.org INBOX
          then mailbox.expunged bob@example.org INBOX
    "#]]
    .assert_eq(&story.told("<to-bob@example.org>").unwrap());
    assert_eq!(story.unknown(), [""; 0]);
}

fn moves_to_trash_and_expunges(port: u16) {
    let mut anna = Imap::connect(port).unwrap();
    let refused = anna.try_ask(&format!("LOGIN {ANNA} wrong")).unwrap();
    assert!(refused.last().unwrap().contains(" NO "), "{refused:?}");
    anna.ask(&format!("LOGIN {ANNA} {PASSWORD}")).unwrap();
    anna.ask("SELECT INBOX").unwrap();
    anna.ask("UID FETCH 1 (FLAGS RFC822.SIZE)").unwrap();
    anna.ask("UID MOVE 1 Trash").unwrap();
    anna.ask("SELECT Trash").unwrap();
    anna.ask("STORE 1 +FLAGS (\\Deleted)").unwrap();
    anna.ask("EXPUNGE").unwrap();
    anna.ask("LOGOUT").unwrap();
}

fn fetches_and_deletes(port: u16) {
    let mut bob = Pop3::connect(port).unwrap();
    bob.ask(&format!("USER {BOB}")).unwrap();
    bob.ask(&format!("PASS {PASSWORD}")).unwrap();
    let text = bob.fetch("RETR 1").unwrap();
    assert!(text.contains(&format!("Message-ID: <to-{BOB}>")));
    bob.ask("DELE 1").unwrap();
    bob.ask("QUIT").unwrap();
}

#[test]
fn long_a_login_is_told_and_refusals_have_no_journey() {
    if !can_run(NEEDS) {
        return;
    }
    let place = Place::new().unwrap();
    let dovecot = dovecot(&place).start().unwrap();
    let postfix = Postfix::setup(&place, "mx1")
        .unwrap()
        .set("virtual_transport", dovecot.transport())
        .set("smtpd_sasl_auth_enable", "yes")
        .set("smtpd_sasl_type", "dovecot")
        .set("smtpd_sasl_path", dovecot.auth().display())
        .set(
            "smtpd_relay_restrictions",
            "permit_sasl_authenticated, reject_unauth_destination",
        )
        .set(
            "smtpd_recipient_restrictions",
            "check_recipient_access inline:{ { closed@example.org = REJECT closed } }",
        )
        .start()
        .unwrap();
    // `\0carol@example.org\0correct`, and with another password.
    let right = "AGNhcm9sQGV4YW1wbGUub3JnAGNvcnJlY3Q=";
    let wrong = "AGNhcm9sQGV4YW1wbGUub3JnAHdyb25n";
    let mail = Mail::new(CAROL, &[ANNA], "<login@example.org>");
    let login = |login| Mail {
        login: Some(login),
        ..mail.clone()
    };
    send(postfix.port(), &login(right)).unwrap();
    assert_eq!(
        e2e::smtp::try_send(postfix.port(), &login(wrong))
            .unwrap()
            .code,
        535
    );
    for to in ["closed@example.org", "who@elsewhere.example"] {
        let to = [to];
        let refused = Mail::new(CAROL, &to, "<refused@example.org>");
        assert_eq!(
            e2e::smtp::try_send(postfix.port(), &refused).unwrap().code,
            554
        );
    }
    wait::for_lines(postfix.log(), 1, &["qmgr", ": removed"]).unwrap();
    dovecot.until_saved(1).unwrap();
    wait::for_lines(postfix.log(), 4, &[": disconnect from"]).unwrap();

    let story = Story::of(&[postfix.log(), dovecot.log()]).unwrap();
    expect![[r#"
        <carol@example.org>: delivered
        #1 mx1 closed
        anna@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          mailbox.saved anna@example.org INBOX
    "#]]
    .assert_eq(&story.told("<login@example.org>").unwrap());
    assert_eq!(story.journeys().len(), 1);
    let telling = [
        Kind::MessageStarted,
        Kind::AuthFailed,
        Kind::MessageRejected,
    ];
    let kinds: Vec<String> = story
        .lines()
        .iter()
        .filter(|it| it.program == "smtpd" && telling.contains(&it.kind))
        .map(|it| {
            let said = ["sasl_username", "rcpt_to", "code"].map(|name| it.field(name));
            format!("{} {}\n", it.kind.name(), said.join(" ").trim())
        })
        .collect();
    expect![[r#"
        message.started carol@example.org
        auth.failed 
        message.rejected closed@example.org 554
        message.rejected who@elsewhere.example 554
    "#]]
    .assert_eq(&kinds.concat());
    assert_eq!(story.unknown(), [""; 0]);
}
