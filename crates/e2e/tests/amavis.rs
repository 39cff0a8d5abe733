//! Postfix, amavis as its after-queue filter, and Dovecot.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use e2e::smtp::{Mail, send};
use e2e::{Amavis, Dovecot, Place, Postfix, Rsyslog, Server, Story, can_run, free_port, wait};
use expect_test::expect;

const NEEDS: &[Server] = &[Server::Postfix, Server::Dovecot, Server::Amavis];
const ANNA: &str = "anna@example.org";

const CLEAN: Mail<'_> = Mail {
    message_id: "<clean@elsewhere.example>",
    subject: "A test",
    header: "",
    body: "Good morning.\n",
    ..PROGRAM
};

/// A message with an attachment that amavis is told to ban.
const PROGRAM: Mail<'_> = Mail {
    mail_from: "sender@elsewhere.example",
    rcpt_to: &[ANNA],
    message_id: "<program@elsewhere.example>",
    subject: "Look",
    header: "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=xx\n",
    body: "--xx\n\nSee it.\n--xx\nContent-Type: application/octet-stream\n\
        Content-Disposition: attachment; filename=game.exe\n\nMZ and so on\n--xx--\n",
    login: None,
};

/// A clean message and one that is banned, and what was logged of them.
fn story(place: &Place, syslog: Option<&Rsyslog>) -> Story {
    let mut dovecot = Dovecot::setup(place).users(&[ANNA]);
    let mut postfix = Postfix::setup(place, "mx1").unwrap();
    if let Some(syslog) = syslog {
        (dovecot, postfix) = (dovecot.syslog(syslog), postfix.syslog(syslog));
    }
    let dovecot = dovecot.start().unwrap();
    let back = free_port().unwrap();
    let amavis = Amavis::start(place, back, syslog).unwrap();
    let from_filter = "-o content_filter= -o smtpd_authorized_xforward_hosts=127.0.0.0/8";
    let postfix = postfix
        .set(
            "content_filter",
            format!("amavis:[127.0.0.1]:{}", amavis.port()),
        )
        .set("virtual_transport", dovecot.transport())
        .service("amavis unix - - n - 2 smtp -o smtp_send_xforward_command=yes")
        .service(format!(
            "127.0.0.1:{back} inet n - n - - smtpd {from_filter}"
        ))
        .start()
        .unwrap();
    send(postfix.port(), &CLEAN).unwrap();
    send(postfix.port(), &PROGRAM).unwrap();
    // The clean one goes through two queues, the other one through the first only.
    wait::for_lines(postfix.log(), 3, &["qmgr", ": removed"]).unwrap();
    wait::for_line(amavis.log(), &["Blocked BANNED"]).unwrap();
    dovecot.until_saved(1).unwrap();
    let kept = std::fs::read_dir(amavis.quarantine()).unwrap().count();
    assert_eq!(kept, 1);

    let story = Story::of(&[postfix.log(), amavis.log(), dovecot.log()]).unwrap();
    assert_eq!(story.unknown(), [""; 0]);
    story
}

#[test]
fn long_a_filter_lets_one_message_pass_and_blocks_another() {
    if !can_run(NEEDS) || !can_run(&[Server::Rsyslog]) {
        return;
    }
    let place = Place::new().unwrap();
    let syslog = Rsyslog::start(&place).unwrap();
    let story = story(&place, Some(&syslog));
    expect![[r#"
        <sender@elsewhere.example>: delivered
        #1 mx1 closed, amavis passed CLEAN
        #2 mx1 closed, filter from #1
        anna@example.org: delivered in #2
          #1 delivery.handed_over by smtp 2.0.0 to #2
          #2 delivery.delivered by lmtp 2.0.0
          mailbox.saved anna@example.org INBOX
    "#]]
    .assert_eq(&story.told(CLEAN.message_id).unwrap());
    expect![[r#"
        <sender@elsewhere.example>: discarded
        #1 mx1 closed, amavis blocked BANNED (quarantined)
        anna@example.org: discarded in #1
          #1 delivery.discarded by smtp 2.7.0
    "#]]
    .assert_eq(&story.told(PROGRAM.message_id).unwrap());
}

#[test]
fn long_a_filter_that_logs_to_its_own_file() {
    if !can_run(NEEDS) {
        return;
    }
    let place = Place::new().unwrap();
    let story = story(&place, None);
    // Such a file names the host by `$myhostname`, which has a domain.
    expect![[r#"
        <sender@elsewhere.example>: delivered
        #1 mx1 closed, amavisd passed CLEAN
        #2 mx1 closed, filter from #1
        anna@example.org: delivered in #2
          #1 delivery.handed_over by smtp 2.0.0 to #2
          #2 delivery.delivered by lmtp 2.0.0
          mailbox.saved anna@example.org INBOX
    "#]]
    .assert_eq(&story.told(CLEAN.message_id).unwrap());
    expect![[r#"
        <sender@elsewhere.example>: discarded
        #1 mx1 closed, amavisd blocked BANNED (quarantined)
        anna@example.org: discarded in #1
          #1 delivery.discarded by smtp 2.7.0
    "#]]
    .assert_eq(&story.told(PROGRAM.message_id).unwrap());
}
