//! Other servers than Postfix and Exim: mail into their own mailboxes and to a Postfix that refuses
//! some of it. Only with `WAYBILL_E2E=all`.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use e2e::smtp::{Mail, send_to_some};
use e2e::{
    Courier, OpenSmtpd, Place, Postfix, Rsyslog, Sendmail, Server, Story, can_run_all, wait,
};
use expect_test::expect;

/// What the next host says of some recipients; it takes all others.
const ACCESS: &str = "refused@example.org 550 5.1.1 gone\nlater@example.org 450 4.2.0 come again\n";

const BOB: &str = "bob@example.org";
const REFUSED: &str = "refused@example.org";
const LATER: &str = "later@example.org";

/// The next host, which throws away what it takes.
fn next_host(place: &Place, syslog: &Rsyslog) -> Postfix {
    let setup = Postfix::setup(place, "mx1").unwrap().syslog(syslog);
    let access = setup.table("access", ACCESS).unwrap();
    let access = format!("check_recipient_access {access}, permit");
    setup
        .set("smtpd_recipient_restrictions", access)
        .set("virtual_transport", "discard:")
        .start()
        .unwrap()
}

/// What became of the message, but for whether the next host had refused others before it began: in
/// which order they are tried differs.
fn without_refusals(story: &Story) -> String {
    let told = story.told("<five@example.net>").unwrap();
    told.replace(", reject by access", "")
}

#[test]
fn long_sendmail_delivers_hands_over_defers_and_bounces() {
    if !can_run_all(&[Server::Sendmail, Server::Postfix, Server::Rsyslog]) {
        return;
    }
    let place = Place::new().unwrap();
    let syslog = Rsyslog::start(&place).unwrap();
    let (log, postfix) = (syslog.log(), next_host(&place, &syslog));
    let aliases = "all: games, news\n";
    let sendmail = Sendmail::start(&place, aliases, postfix.port(), &syslog).unwrap();
    let to = [
        "all@example.net",
        "nobody-here@example.net",
        BOB,
        REFUSED,
        LATER,
    ];
    let mail = Mail::new("news@example.net", &to, "<five@example.net>");
    send_to_some(sendmail.port(), &mail).unwrap();
    wait::for_line(log, &["to=<later@example.org>", "stat=Deferred"]).unwrap();
    wait::for_line(log, &["to=<news@example.net>", "stat=Sent"]).unwrap();
    wait::for_line(log, &["qmgr", ": removed"]).unwrap();
    sendmail.flush().unwrap();
    wait::for_lines(log, 2, &["to=<later@example.org>", "stat=Deferred"]).unwrap();
    drop(sendmail);

    let story = Story::of(&[log]).unwrap();
    expect![[r#"
        <news@example.net>: mixed, open
        #1 mx1 queued, reject by access
        #2 mx1 closed, filter from #1
        bob@example.org: discarded in #2
          #1 delivery.handed_over by smtp 2.0.0 to #2
          #2 delivery.discarded by discard 2.0.0
        games: delivered in #1
          #1 delivery.delivered by local 2.1.5
        later@example.org: deferred in #1
          #1 delivery.deferred by smtp 4.2.0
          #1 delivery.deferred by smtp 4.2.0
        news: delivered in #1
          #1 delivery.delivered by local 2.1.5
        refused@example.org: bounced in #1
          #1 delivery.bounced by smtp 5.1.1
        non_delivery to sender about #1: news@example.net delivered
    "#]]
    .assert_eq(&story.told("<five@example.net>").unwrap());
    assert_eq!(story.unknown(), [""; 0]);
}

#[test]
fn long_opensmtpd_delivers_hands_over_defers_and_bounces() {
    if !can_run_all(&[Server::OpenSmtpd, Server::Postfix, Server::Rsyslog]) {
        return;
    }
    let place = Place::new().unwrap();
    let syslog = Rsyslog::start(&place).unwrap();
    let (log, postfix) = (syslog.log(), next_host(&place, &syslog));
    let (users, aliases) = (["erik", "fiona"], "both: erik, fiona\n");
    let opensmtpd = OpenSmtpd::start(&place, &users, aliases, postfix.port(), &syslog).unwrap();
    let to = [
        "both@example.net",
        "nobody@example.net",
        BOB,
        REFUSED,
        LATER,
    ];
    let mail = Mail::new("erik@example.net", &to, "<five@example.net>");
    send_to_some(opensmtpd.port(), &mail).unwrap();
    wait::for_line(log, &["to=<later@example.org>", "TempFail"]).unwrap();
    wait::for_line(log, &["mda delivery", "from=<>", "to=<erik@example.net>"]).unwrap();
    wait::for_line(log, &["qmgr", ": removed"]).unwrap();
    opensmtpd.control(&["schedule", "all"]).unwrap();
    wait::for_lines(log, 2, &["to=<later@example.org>", "TempFail"]).unwrap();
    opensmtpd.control(&["remove", "all"]).unwrap();
    drop(opensmtpd);

    let story = Story::of(&[log]).unwrap();
    expect![[r#"
        <erik@example.net>: mixed
        #1 mx1 deleted
        #2 mx1 closed, filter from #1
        bob@example.org: discarded in #2
          #1 delivery.handed_over by smtp 2.0.0 to #2
          #2 delivery.discarded by discard 2.0.0
        both@example.net: delivered in #1
          #1 delivery.delivered by local
          #1 delivery.delivered by local
        later@example.org: deleted in #1
          #1 delivery.deferred by smtp 4.2.0
          #1 delivery.deferred by smtp 4.2.0
        refused@example.org: bounced in #1
          #1 delivery.bounced by smtp 5.1.1
        non_delivery to sender about #1: erik@example.net delivered
    "#]]
    .assert_eq(&without_refusals(&story));
    assert_eq!(story.unknown(), [""; 0]);
}

#[test]
fn long_courier_delivers_hands_over_defers_and_bounces() {
    if !can_run_all(&[Server::Courier, Server::Postfix, Server::Rsyslog]) {
        return;
    }
    let place = Place::new().unwrap();
    let syslog = Rsyslog::start(&place).unwrap();
    let (log, postfix) = (syslog.log(), next_host(&place, &syslog));
    let users = ["erik", "fiona"];
    let aliases = "both@example.net: erik@example.net, fiona@example.net\n";
    let courier = Courier::start(&place, &users, aliases, postfix.port(), &syslog).unwrap();
    let to = [
        "both@example.net",
        "nobody@example.net",
        BOB,
        REFUSED,
        LATER,
    ];
    let mail = Mail::new("erik@example.net", &to, "<five@example.net>");
    send_to_some(courier.port(), &mail).unwrap();
    wait::for_line(log, &["courierd: completed"]).unwrap();
    wait::for_line(log, &["qmgr", ": removed"]).unwrap();
    courier.flush().unwrap();
    wait::for_lines(log, 2, &["courierd: completed"]).unwrap();
    courier.cancel().unwrap();
    wait::for_line(log, &["from=<>,addr=<erik@example.net>", "success"]).unwrap();
    drop(courier);

    let story = Story::of(&[log]).unwrap();
    expect![[r#"
        <erik@example.net>: mixed
        #1 mx1 closed
        #2 mx1 closed, filter from #1
        bob@example.org: discarded in #2
          #1 delivery.handed_over by smtp 2.0.0 to #2
          #2 delivery.discarded by discard 2.0.0
        erik@example.net: delivered in #1
          #1 delivery.delivered by local
        fiona@example.net: delivered in #1
          #1 delivery.delivered by local
        later@example.org: bounced in #1
          #1 delivery.deferred by smtp 4.2.0
          #1 delivery.deferred by smtp 4.2.0
          #1 delivery.bounced by error
        refused@example.org: bounced in #1
          #1 delivery.bounced by smtp 5.1.1
        non_delivery to sender about #1: erik@example.net delivered
    "#]]
    .assert_eq(&without_refusals(&story));
    assert_eq!(story.unknown(), [""; 0]);
}
