//! Filters that Postfix asks while it takes a message. Only with `WAYBILL_E2E=all`.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use e2e::smtp::{Mail, send, try_send};
use e2e::{
    Dovecot, Filter, Place, Postfix, RspamdLog, Rsyslog, Server, Story, can_run, can_run_all, wait,
};
use expect_test::expect;
use std::path::Path;

const NEEDS: &[Server] = &[Server::Postfix, Server::Dovecot, Server::Rsyslog];
const ANNA: &str = "anna@example.org";
const CAROL: &str = "carol@example.org";

/// What any filter of spam takes for spam. Source: <https://spamassassin.apache.org/gtube/>.
const GTUBE: &str = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n";

/// Sends a good and a bad message to a Postfix with these Milters; gives what was logged, also to a file of
/// a filter's own.
fn milter_story(place: &Place, syslog: &Rsyslog, milters: &[&Filter], own: Option<&Path>) -> Story {
    let dovecot = Dovecot::setup(place).users(&[ANNA]).syslog(syslog);
    let dovecot = dovecot.start().unwrap();
    let milters: Vec<String> = milters.iter().map(|it| it.milter()).collect();
    let postfix = Postfix::setup(place, "mx1")
        .unwrap()
        .syslog(syslog)
        .set("smtpd_milters", milters.join(", "))
        .set("virtual_transport", dovecot.transport())
        .start()
        .unwrap();
    let good = Mail::new(CAROL, &[ANNA], "<good@example.org>");
    send(postfix.port(), &good).unwrap();
    let bad = Mail {
        message_id: "<bad@example.org>",
        body: GTUBE,
        ..good
    };
    assert!(try_send(postfix.port(), &bad).unwrap().code >= 550);
    wait::for_line(postfix.log(), &["qmgr", ": removed"]).unwrap();
    wait::for_line(postfix.log(), &["milter-reject: END-OF-MESSAGE"]).unwrap();
    wait::for_lines(postfix.log(), 3, &["smtpd", ": disconnect from"]).unwrap();
    dovecot.until_saved(1).unwrap();
    if let Some(log) = own {
        wait::for_lines(log, 2, &["rspamd_task_write_log"]).unwrap();
    }
    let logs: Vec<&Path> = [postfix.log()].into_iter().chain(own).collect();
    Story::of(&logs).unwrap()
}

#[test]
fn long_rspamd_and_opendkim() {
    let needs = &[Server::Rspamd, Server::Opendkim, Server::Opendmarc];
    if !can_run(NEEDS) || !can_run_all(needs) {
        return;
    }
    let place = Place::new().unwrap();
    let syslog = Rsyslog::start(&place).unwrap();
    let opendkim = Filter::opendkim(&place, &syslog).unwrap();
    let opendmarc = Filter::opendmarc(&place, &syslog).unwrap();
    let rspamd = Filter::rspamd(&place, &syslog, &RspamdLog::Syslog).unwrap();
    let story = milter_story(&place, &syslog, &[&opendkim, &opendmarc, &rspamd], None);
    expect![[r#"
        <carol@example.org>: delivered
        #1 mx1 closed, rspamd passed no action, opendkim dkim signed
        anna@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          mailbox.saved anna@example.org INBOX
    "#]]
    .assert_eq(&story.told("<good@example.org>").unwrap());
    expect![[r#"
        <carol@example.org>: rejected
        #1 mx1 rejected, rspamd blocked reject, opendkim dkim signed, reject by milter
        anna@example.org: rejected in #1
    "#]]
    .assert_eq(&story.told("<bad@example.org>").unwrap());
    assert_eq!(story.unknown(), [""; 0]);
}

#[test]
fn long_rspamd_with_a_log_of_its_own() {
    if !can_run(NEEDS) || !can_run_all(&[Server::Rspamd]) {
        return;
    }
    let place = Place::new().unwrap();
    let syslog = Rsyslog::start(&place).unwrap();
    let log = RspamdLog::path(&place).unwrap();
    let rspamd = Filter::rspamd(&place, &syslog, &RspamdLog::File(log.clone())).unwrap();
    let story = milter_story(&place, &syslog, &[&rspamd], Some(&log));
    expect![[r#"
        <carol@example.org>: delivered
        #1 mx1 closed, rspamd passed no action
        anna@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          mailbox.saved anna@example.org INBOX
    "#]]
    .assert_eq(&story.told("<good@example.org>").unwrap());
    expect![[r#"
        <carol@example.org>: rejected
        #1 mx1 rejected, rspamd blocked reject, reject by milter
        anna@example.org: rejected in #1
    "#]]
    .assert_eq(&story.told("<bad@example.org>").unwrap());
    let judged: Vec<String> = story
        .lines()
        .iter()
        .filter(|it| it.rule == "rspamd result")
        .map(|it| {
            let fields = ["message_id", "category", "score", "tests"];
            fields.map(|name| it.field(name)).join(" ") + "\n"
        })
        .collect();
    expect![[r#"
        <good@example.org> no action 0 
        <bad@example.org> reject 15 GTUBE(0.00){}
    "#]]
    .assert_eq(&judged.concat());
    assert_eq!(story.unknown(), [""; 0]);
}

#[test]
fn long_spamassassin_as_a_milter() {
    if !can_run(NEEDS) || !can_run_all(&[Server::SpamAssassin]) {
        return;
    }
    let place = Place::new().unwrap();
    let syslog = Rsyslog::start(&place).unwrap();
    let spamd = Filter::spamd(&place, &syslog).unwrap();
    let milter = Filter::spamass_milter(&place, &syslog, &spamd).unwrap();
    let story = milter_story(&place, &syslog, &[&milter], None);
    expect![[r#"
        <carol@example.org>: delivered
        #1 mx1 closed, spamd passed CLEAN
        anna@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          mailbox.saved anna@example.org INBOX
    "#]]
    .assert_eq(&story.told("<good@example.org>").unwrap());
    expect![[r#"
        <carol@example.org>: rejected
        #1 mx1 rejected, spamd passed SPAM, reject by milter
        anna@example.org: rejected in #1
    "#]]
    .assert_eq(&story.told("<bad@example.org>").unwrap());
    assert_eq!(story.unknown(), [""; 0]);
}

#[test]
fn long_postgrey_has_a_sender_come_again() {
    if !can_run(NEEDS) || !can_run_all(&[Server::Postgrey]) {
        return;
    }
    let place = Place::new().unwrap();
    let syslog = Rsyslog::start(&place).unwrap();
    let dovecot = Dovecot::setup(&place).users(&[ANNA]).syslog(&syslog);
    let dovecot = dovecot.start().unwrap();
    let postgrey = Filter::postgrey(&place, &syslog).unwrap();
    let service = format!("check_policy_service inet:127.0.0.1:{}", postgrey.port());
    let postfix = Postfix::setup(&place, "mx1")
        .unwrap()
        .syslog(&syslog)
        .set("smtpd_recipient_restrictions", service)
        .set("virtual_transport", dovecot.transport())
        .start()
        .unwrap();
    let mail = Mail::new(CAROL, &[ANNA], "<again@example.org>");
    assert_eq!(try_send(postfix.port(), &mail).unwrap().code, 450);
    wait::until("postgrey to let it pass", || {
        (try_send(postfix.port(), &mail).ok()?.code == 250).then_some(())
    })
    .unwrap();
    wait::for_line(postfix.log(), &["qmgr", ": removed"]).unwrap();
    dovecot.until_saved(1).unwrap();

    let story = Story::of(&[postfix.log()]).unwrap();
    expect![[r#"
        <carol@example.org>: delivered
        #1 mx1 closed
        anna@example.org: delivered in #1
          #1 delivery.delivered by lmtp 2.0.0
          mailbox.saved anna@example.org INBOX
    "#]]
    .assert_eq(&story.told("<again@example.org>").unwrap());
}
