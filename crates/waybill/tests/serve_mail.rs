//! Real mail through real servers, their syslog through a real rsyslog by RELP into the daemon: what
//! its commands tell of each message while it goes on.

mod daemon;

use daemon::{Daemon, answer, ask, until_it_tells};
use e2e::imap::Imap;
use e2e::pop3::Pop3;
use e2e::smtp::{Mail, send, try_send};
use e2e::{Amavis, Dovecot, PASSWORD, Place, Postfix, Rsyslog, Server, can_run, free_port, wait};
use std::path::Path;

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
    if !has_servers() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let daemon = Daemon::start(data, "");
    let place = Place::new().unwrap();
    let syslog = Rsyslog::start_sending(&place, daemon.port("relp").port(), None).unwrap();
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

    has_each_line_once(data, &syslog);
    daemon.end();
}

/// Waits until the archive has as many lines as the file of the syslog daemon, and not one more.
fn has_each_line_once(data: &Path, syslog: &Rsyslog) {
    let mut told = String::new();
    wait::until("all lines", || {
        // It may go on while it is looked at.
        let lines = std::fs::read_to_string(syslog.log()).ok()?.lines().count();
        let sum = "select sum(lines) as n from events";
        told = answer(data, &["sql", sum, "--format", "csv"]);
        (told.trim().lines().last()? == lines.to_string()).then_some(())
    })
    .unwrap_or_else(|error| panic!("{error}: {told}"));
}

fn has_servers() -> bool {
    let sends_relp = Path::new("/usr/lib/x86_64-linux-gnu/rsyslog/omrelp.so").exists();
    let has = can_run(NEEDS) && sends_relp;
    if !has {
        println!("skipped: it needs root, Postfix, Dovecot, amavis, rsyslog and rsyslog-relp");
    }
    has
}

/// A site as many have it: one Postfix at the border, which takes mail of the world and of its users, a
/// filter, and a second Postfix behind it, which brings mail to the mailboxes and to a branch. All lines
/// come by RELP, by TCP and in a file that is followed.
#[test]
fn mail_through_two_instances_is_told_once_whichever_ways_its_lines_come() {
    if !has_servers() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let place = Place::new().unwrap();
    let file = Rsyslog::log_in(&place);
    let config = format!(
        "[intake]\nonce = true\n[follow]\nfiles = ['{}']",
        file.display()
    );
    let daemon = Daemon::start(data, &config);
    let (relp, tcp) = (daemon.port("relp").port(), daemon.port("syslog_tcp").port());
    let syslog = Rsyslog::start_sending(&place, relp, Some(tcp)).unwrap();
    let dovecot = Dovecot::setup(&place)
        .users(&[ANNA, "dora@branch.example"])
        .syslog(&syslog)
        .start()
        .unwrap();
    let branch = Postfix::setup(&place, "postfix-branch")
        .unwrap()
        .instance_on("mx1")
        .syslog(&syslog)
        .set("virtual_mailbox_domains", "branch.example")
        .set("virtual_transport", dovecot.transport());
    let out = Postfix::setup(&place, "postfix-out").unwrap();
    let amavis = Amavis::start(&place, out.port(), Some(&syslog)).unwrap();
    let routes = format!("branch.example smtp:[127.0.0.1]:{}\n", branch.port());
    let routes = out.table("routes", &routes).unwrap();
    let out = out
        .instance_on("mx1")
        .syslog(&syslog)
        .set("smtpd_authorized_xforward_hosts", "127.0.0.0/8")
        .set("transport_maps", routes)
        .set("virtual_transport", dovecot.transport())
        .start()
        .unwrap();
    let submission = free_port().unwrap();
    let closed = "check_recipient_access inline:{ { closed@example.org = REJECT closed } }";
    let mx = Postfix::setup(&place, "mx1")
        .unwrap()
        .syslog(&syslog)
        .set("mynetworks", "192.0.2.0/24")
        .set("relay_domains", "branch.example")
        .set(
            "content_filter",
            format!("amavis:[127.0.0.1]:{}", amavis.port()),
        )
        .set("smtpd_relay_restrictions", "reject_unauth_destination")
        .set("smtpd_recipient_restrictions", closed)
        .service("amavis unix - - n - 2 smtp -o smtp_send_xforward_command=yes")
        .service(format!(
            "127.0.0.1:{submission} inet n - n - - smtpd -o syslog_name=postfix/submission \
             -o smtpd_sasl_auth_enable=yes -o smtpd_sasl_type=dovecot -o smtpd_sasl_path={} \
             -o smtpd_relay_restrictions=permit_sasl_authenticated,reject",
            dovecot.auth().display()
        ))
        .start()
        .unwrap();

    // Refused.
    for to in ["closed@example.org", "who@elsewhere.example"] {
        let refused = try_send(mx.port(), &Mail::new(BOB, &[to], "<no@elsewhere.example>"));
        assert_eq!(refused.unwrap().code, 554);
        until_it_tells(
            data,
            &["search", &format!("to:{to}")],
            &["message.rejected"],
        );
    }
    // From outside to a mailbox.
    let mail = Mail::new(BOB, &[ANNA], "<in@elsewhere.example>");
    send(mx.port(), &mail).unwrap();
    let trace = ["trace", "<in@elsewhere.example>"];
    until_it_tells(data, &trace, &["let it pass as CLEAN", "saved in INBOX"]);
    // A user's, with a login, to a branch that is away.
    let login = Mail {
        login: Some("AGFubmFAZXhhbXBsZS5vcmcAY29ycmVjdA=="),
        ..Mail::new(ANNA, &["dora@branch.example"], "<out@example.org>")
    };
    send(submission, &login).unwrap();
    until_it_tells(data, &["queue"], &["dora@branch.example", "deferred"]);
    let user = ["search", "user:anna@example.org", "--format", "json"];
    until_it_tells(data, &user, &["postfix/submission"]);
    // To nobody: the notification goes to nobody here either.
    let lost = Mail::new("", &["nobody@example.org"], "<lost@elsewhere.example>");
    send(mx.port(), &lost).unwrap();
    until_it_tells(
        data,
        &["search", "to:nobody@example.org"],
        &["delivery.bounced"],
    );

    let listing = place.path("listing");
    let compare = ["queue", "--host", "mx1", "--compare"];
    let compare = [&compare[..], &[listing.to_str().unwrap()]].concat();
    let mut told = String::new();
    wait::until("equal queues", || {
        let listed = [mx.queue().ok()?, out.queue().ok()?].concat();
        assert!(listed.contains("dora@branch.example"), "{listed}");
        std::fs::write(&listing, listed).ok()?;
        let compared = ask(data, &compare);
        told = String::from_utf8_lossy(&compared.stdout).into_owned();
        compared.status.success().then_some(())
    })
    .unwrap_or_else(|error| panic!("{error}: {told}"));
    let waits = answer(data, &["queue", "--format", "json"]);
    let waits: serde_json::Value = serde_json::from_str(waits.trim()).unwrap();
    assert_eq!(waits["server"], "postfix", "{waits}");
    assert_eq!(waits["next_by"], "rules", "{waits}");

    // The branch is back; a queue that was listed before is another one now.
    let branch = branch.start().unwrap();
    out.flush().unwrap();
    until_it_tells(
        data,
        &["trace", "<out@example.org>"],
        &["deferred", "saved in INBOX"],
    );
    wait::for_lines(branch.log(), 1, &["postfix-branch/qmgr", ": removed"]).unwrap();
    wait::until("a queue that differs", || {
        let compared = ask(data, &compare);
        let told = String::from_utf8_lossy(&compared.stdout).into_owned();
        let is_told = told.contains("only in the queue: deferred, <anna@example.org>");
        (compared.status.code() == Some(1) && is_told).then_some(())
    })
    .unwrap();

    // Read and deleted.
    let mut anna = Pop3::connect(dovecot.pop3_port()).unwrap();
    anna.ask(&format!("USER {ANNA}")).unwrap();
    anna.ask(&format!("PASS {PASSWORD}")).unwrap();
    assert!(!anna.fetch("RETR 1").unwrap().is_empty());
    anna.ask("DELE 1").unwrap();
    anna.ask("QUIT").unwrap();
    until_it_tells(data, &trace, &["removed for good from INBOX"]);

    has_each_line_once(data, &syslog);
    wait::until("each line by three ways", || {
        let sources = answer(data, &["sources", "--json"]);
        let mut sums = (0, 0);
        for line in sources.lines() {
            let told: serde_json::Value = serde_json::from_str(line).ok()?;
            sums.0 += told["lines"].as_u64()?;
            sums.1 += told["duplicate"].as_u64()?;
        }
        (sums.0 > 100 && sums.1 * 3 == sums.0 * 2).then_some(())
    })
    .unwrap();
    daemon.end();
    has_each_line_once(data, &syslog);
}
