//! Real mail through real servers, their syslog through a real rsyslog by RELP into the daemon: what
//! its commands tell of each message while it goes on.

mod daemon;

use daemon::{Daemon, answer, until_it_tells};
use e2e::imap::Imap;
use e2e::smtp::{Mail, send};
use e2e::{Amavis, Dovecot, PASSWORD, Place, Postfix, Rsyslog, Server, can_run, free_port, wait};

const NEEDS: &[Server] = &[
    Server::Postfix,
    Server::Dovecot,
    Server::Amavis,
    Server::Rsyslog,
];
const ANNA: &str = "anna@example.org";
const BOB: &str = "bob@elsewhere.example";

#[test]
fn long_mail_is_told_from_its_arrival_to_its_deletion() {
    let sends_relp = std::path::Path::new("/usr/lib/x86_64-linux-gnu/rsyslog/omrelp.so").exists();
    if !can_run(NEEDS) || !sends_relp {
        println!("skipped: it needs root, Postfix, Dovecot, amavis, rsyslog and rsyslog-relp");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let daemon = Daemon::start(data, "");
    let place = Place::new().unwrap();
    let syslog = Rsyslog::start_sending(&place, daemon.port("relp").port()).unwrap();
    let dovecot = Dovecot::setup(&place).users(&[ANNA]).syslog(&syslog);
    let dovecot = dovecot.start().unwrap();
    let back = free_port().unwrap();
    let amavis = Amavis::start(&place, back, Some(&syslog)).unwrap();
    let from_filter = "-o content_filter= -o smtpd_authorized_xforward_hosts=127.0.0.0/8";
    let filter = format!("amavis:[127.0.0.1]:{}", amavis.port());
    let dead = format!("late.example smtp:[127.0.0.1]:{}\n", free_port().unwrap());
    let setup = Postfix::setup(&place, "mx1").unwrap().syslog(&syslog);
    let routes = setup.table("routes", &dead).unwrap();
    let postfix = setup
        .set("content_filter", filter)
        .set("transport_maps", routes)
        .set("virtual_transport", dovecot.transport())
        .service("amavis unix - - n - 2 smtp -o smtp_send_xforward_command=yes")
        .service(format!(
            "127.0.0.1:{back} inet n - n - - smtpd {from_filter}"
        ))
        .start()
        .unwrap();

    send(
        postfix.port(),
        &Mail::new(BOB, &[ANNA], "<live@elsewhere.example>"),
    )
    .unwrap();
    until_it_tells(
        data,
        &["trace", "<live@elsewhere.example>"],
        &["amavis", "let it pass as CLEAN", "saved in INBOX"],
    );

    let late = Mail::new(BOB, &["dora@late.example"], "<late@elsewhere.example>");
    send(postfix.port(), &late).unwrap();
    until_it_tells(data, &["queue", "--by", "destination"], &["late.example"]);
    let queue = until_it_tells(data, &["queue"], &["dora@late.example", "deferred"]);
    assert!(!queue.contains(ANNA), "{queue}");

    let lost = Mail::new(BOB, &["nobody@example.org"], "<lost@elsewhere.example>");
    send(postfix.port(), &lost).unwrap();
    until_it_tells(
        data,
        &["search", "to:nobody@example.org"],
        &["delivery.bounced"],
    );

    let mut imap = Imap::connect(dovecot.imap_port()).unwrap();
    imap.ask(&format!("login {ANNA} {PASSWORD}")).unwrap();
    for command in [
        "select INBOX",
        "store 1 +flags \\Deleted",
        "expunge",
        "logout",
    ] {
        imap.ask(command).unwrap();
    }
    until_it_tells(
        data,
        &["trace", "<live@elsewhere.example>"],
        &["removed for good from INBOX"],
    );
    until_it_tells(data, &["account", ANNA], &["auth.succeeded", "127.0.0.1"]);

    // All that the file has came by RELP too, once.
    let lines = std::fs::read_to_string(syslog.log())
        .unwrap()
        .lines()
        .count();
    wait::until("all lines", || {
        let told = answer(
            data,
            &[
                "sql",
                "select sum(lines) as n from events",
                "--format",
                "csv",
            ],
        );
        (told.trim().lines().last()? == lines.to_string()).then_some(())
    })
    .unwrap();
    daemon.end();
}
