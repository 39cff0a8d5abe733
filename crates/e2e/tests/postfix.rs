//! Postfix alone: aliases, files and commands of local users, and what an administrator does to the
//! queue.

use e2e::smtp::{Mail, send};
use e2e::{Place, Postfix, Server, Story, can_run, free_port, wait};
use expect_test::expect;
use journey::{HopState, Journey};

#[test]
fn long_local_mail_goes_to_aliases_forwards_files_and_commands() {
    if !can_run(&[Server::Postfix]) {
        return;
    }
    let place = Place::new().unwrap();
    let spool = place.folder("spool", "mail:mail", 0o777).unwrap();
    let spool = spool.display();
    // Users that each Debian has.
    let forward = place.file("forward/games", "\\games, uucp@local.example\n");
    forward.unwrap();
    let setup = Postfix::setup(&place, "mx1").unwrap();
    let aliases = format!("all games, news, \"|cat >/dev/null\", {spool}/archive\n");
    let aliases = setup.table("local-aliases", &aliases).unwrap();
    let postfix = setup
        .set("mydestination", "local.example")
        .set("myorigin", "local.example")
        .set("alias_maps", aliases)
        .set("local_recipient_maps", "")
        .set("mail_spool_directory", format!("{spool}/"))
        .set("forward_path", place.path("forward/$user").display())
        .start()
        .unwrap();
    let to = ["all@local.example", "nobody-here@local.example"];
    let mail = Mail::new("news@local.example", &to, "<all@local.example>");
    send(postfix.port(), &mail).unwrap();
    // The message, its notification, and what games sent on.
    wait::for_lines(postfix.log(), 3, &["qmgr", ": removed"]).unwrap();

    let story = Story::of(&[postfix.log()]).unwrap();
    expect![[r#"
        <news@local.example>: mixed
        #1 mx1 closed
        #2 mx1 closed, forward from #1
        all@local.example: delivered in #1
          #1 delivery.delivered by local 2.0.0
          #1 delivery.delivered by local 2.0.0
        games@local.example (for all@local.example): delivered in #1
          #1 delivery.delivered by local 2.0.0
        news@local.example (for all@local.example): delivered in #1
          #1 delivery.delivered by local 2.0.0
        nobody-here@local.example: bounced in #1
          #1 delivery.bounced by local 5.1.1
        uucp@local.example (for all@local.example): delivered in #2
          #1 delivery.handed_over by local 2.0.0 to #2
          #2 delivery.delivered by local 2.0.0
        non_delivery to sender about #1: news@local.example delivered
    "#]]
    .assert_eq(&story.told("<all@local.example>").unwrap());
    assert_eq!(story.unknown(), [""; 0]);
}

#[test]
fn long_an_administrator_releases_deletes_requeues_and_expires() {
    if !can_run(&[Server::Postfix]) {
        return;
    }
    let place = Place::new().unwrap();
    let setup = Postfix::setup(&place, "mx1").unwrap();
    let checks = "/^Subject: wait/ HOLD to be looked at\n/^Subject: drop/ DISCARD not wanted\n";
    let checks = setup.table_of("regexp", "checks", checks).unwrap();
    let dead = free_port().unwrap();
    let postfix = setup
        .set("header_checks", checks)
        .set("virtual_transport", "discard:")
        .set("default_transport", format!("smtp:[127.0.0.1]:{dead}"))
        .start()
        .unwrap();
    let mail = |subject, to: &[&str], message_id| {
        let mail = Mail::new("carol@example.org", to, message_id);
        send(postfix.port(), &Mail { subject, ..mail }).unwrap();
    };
    mail("wait", &["anna@example.org"], "<held@example.org>");
    postfix.postsuper(&["-H", "ALL"]).unwrap();
    postfix.flush().unwrap();
    wait::for_line(postfix.log(), &["qmgr", ": removed"]).unwrap();
    mail("wait", &["anna@example.org"], "<deleted@example.org>");
    postfix.postsuper(&["-d", "ALL", "hold"]).unwrap();
    mail("drop", &["anna@example.org"], "<dropped@example.org>");
    mail("far", &["erik@far.example"], "<far@example.org>");
    wait::for_line(postfix.log(), &["status=deferred"]).unwrap();
    postfix.postsuper(&["-r", "ALL", "deferred"]).unwrap();
    wait::for_lines(postfix.log(), 2, &["status=deferred"]).unwrap();
    postfix.postsuper(&["-e", "ALL"]).unwrap();
    postfix.flush().unwrap();
    wait::for_line(postfix.log(), &["sender non-delivery notification"]).unwrap();
    wait::for_lines(postfix.log(), 3, &["qmgr", ": removed"]).unwrap();

    let story = Story::of(&[postfix.log()]).unwrap();
    let told = ["held", "deleted", "far"].map(|name| {
        let message_id = format!("<{name}@example.org>");
        story.told(&message_id).unwrap()
    });
    // Postfix does not say which messages `postsuper -d ALL` deletes: the second one stays held.
    // Nor which ones `-r ALL` requeues, but the new item names the old one, which is over then.
    expect![[r#"
        <carol@example.org>: discarded
        #1 mx1 closed, hold by content_check
        anna@example.org: discarded in #1
          #1 delivery.discarded by discard 2.0.0

        <carol@example.org>: held, open
        #1 mx1 held, hold by content_check
        anna@example.org: held in #1

        <carol@example.org>: expired
        #1 mx1 requeued
        #2 mx1 closed, requeue from #1
        erik@far.example: expired in #2
          #1 delivery.deferred by smtp 4.4.1
          #2 delivery.deferred by smtp 4.4.1
        non_delivery to sender about #2: carol@example.org discarded
    "#]]
    .assert_eq(&told.join("\n"));
    // It was dropped before Postfix told its Message-ID.
    let dropped = |it: &&Journey| it.hops.iter().any(|hop| hop.state == HopState::Discarded);
    assert_eq!(story.journeys().iter().filter(dropped).count(), 1);
    assert_eq!(story.unknown(), [""; 0]);
}
