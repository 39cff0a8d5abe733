//! The daemon of the demo: started with the archive, given users, and lines at their true times.

use super::client::Client;
use super::{now, say, shown};
use crate::install;
use crate::page;
use crate::shell::{self, program};
use anyhow::{Context, bail};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// Where the page is, if nobody else is there.
const ADDRESS: &str = "127.0.0.1:8580";

/// Of all users.
const PASSWORD: &str = "correct-horse-battery";

const OWNER: &str = "owner@demo.example";

/// The customers: name, domains, and the administrator.
const CUSTOMERS: [(&str, &[&str], &str); 2] = [
    (
        "Harbour & Meadow",
        &["harbour.example", "meadow.example"],
        "admin@harbour.example",
    ),
    ("Compass", &["compass.example"], "admin@compass.example"),
];

/// A mailbox of the first customer.
const MAILBOX: &str = "gretacooper16@harbour.example";

/// How often lines are sent.
const PAUSE: Duration = Duration::from_millis(250);

/// So long the daemon may take until it is ready.
const START_MAX: Duration = Duration::from_secs(60);

/// Lines that are yet to come.
pub(super) fn future(folder: &Path) -> PathBuf {
    folder.join("future.log")
}

/// When a generated line is from.
pub(super) fn stamp(line: &[u8]) -> Option<Timestamp> {
    let end = line.iter().position(|&byte| byte == b' ')?;
    std::str::from_utf8(&line[..end]).ok()?.parse().ok()
}

/// Starts the daemon. Once: shows that it answers, and ends it. Else this process becomes the daemon,
/// so that Ctrl-C is its own, and another one feeds it.
pub(super) fn go(waybill: &Path, folder: &Path, once: bool) -> anyhow::Result<()> {
    let mut serve = serve(waybill, folder)?;
    if once {
        let mut daemon = serve.spawn().context("the daemon does not start")?;
        let fed = begin(folder).and_then(|daemon| daemon.send_due());
        stop(&mut daemon)?;
        fed?;
        say("Ended, for it was to be shown once. On a terminal `cargo xtask demo` goes on.");
        return Ok(());
    }
    let mut feeder = Command::new(env::current_exe()?);
    feeder.args(["demo", "--feed"]);
    feeder.spawn().context("nobody feeds the daemon")?;
    Err(serve.exec()).context("the daemon does not start")
}

/// Makes users, tells who they are, and sends lines until there is no daemon any more.
pub(super) fn feed(folder: &Path) -> anyhow::Result<()> {
    let mut daemon = begin(folder)?;
    let log = shown(&log(folder));
    println!("\nMail goes on as it would on such a day. Ctrl-C ends it. The daemon's log: {log}");
    while !daemon.is_done {
        daemon = daemon.send_due()?;
        thread::park_timeout(PAUSE);
    }
    say("The day is over: no more mail comes. Ctrl-C ends the daemon.");
    Ok(())
}

fn serve(waybill: &Path, folder: &Path) -> anyhow::Result<Command> {
    let is_free = TcpListener::bind(ADDRESS).is_ok();
    let web = if is_free { ADDRESS } else { "127.0.0.1:0" };
    let config = folder.join("waybill.toml");
    // Addresses for documentation are nowhere; here they are.
    let networks = [
        "198.51.100.0/24 IT",
        "203.0.113.0/25 NL",
        "203.0.113.128/25 US",
    ];
    let database = install::countries().unwrap_or_default();
    let text = format!(
        "log = 'json'\n[places]\ndatabase = '{}'\nnetworks = {networks:?}\n[web]\nrequests_a_minute = 6000\n[listen]\nsyslog_udp = ''\nsyslog_tcp = ''\n\
         relp = ''\nhttp = '127.0.0.1:0'\nweb = '{web}'\n",
        database.display()
    );
    fs::write(&config, text).context("the configuration cannot be written")?;
    let log = File::create(log(folder)).context("the daemon's log cannot be written")?;
    let mut serve = program(waybill, ["serve", "--config"]);
    serve.arg(config).arg("--data").arg(folder.join("archive"));
    serve
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    Ok(serve)
}

fn log(folder: &Path) -> PathBuf {
    folder.join("serve.log")
}

/// Waits for the daemon, makes its users, and tells of them.
fn begin(folder: &Path) -> anyhow::Result<Daemon> {
    let daemon = Daemon::started(folder)?;
    let logins = users(&daemon)?;
    say(&format!("Waybill runs: http://{}", daemon.web));
    if !page::is_built() {
        println!("The page is not there, for it was not built (see above); the API is.");
    }
    println!("Log in as one of these; the password of all is {PASSWORD}\n");
    for (login, told) in logins {
        println!("  {login:<32}{told}");
    }
    Ok(daemon)
}

/// A daemon that is ready, and what it is yet to be sent.
struct Daemon {
    web: String,
    http: String,
    setup_token: String,
    future: std::iter::Peekable<std::io::Lines<BufReader<File>>>,
    is_done: bool,
}

impl Daemon {
    /// Waits until the log says that it is ready.
    fn started(folder: &Path) -> anyhow::Result<Self> {
        let pauses = START_MAX.as_millis() / PAUSE.as_millis();
        for _ in 0..pauses {
            let said = fs::read_to_string(log(folder)).unwrap_or_default();
            if let Some(told) = told(&said) {
                let of = |name: &str| told.get(name).cloned().unwrap_or_default();
                let future = File::open(future(folder)).context("no lines are to come")?;
                return Ok(Daemon {
                    web: of("listening: web"),
                    http: of("listening: http"),
                    setup_token: of("setup"),
                    future: BufReader::new(future).lines().peekable(),
                    is_done: false,
                });
            }
            thread::park_timeout(PAUSE);
        }
        let said = fs::read_to_string(log(folder)).unwrap_or_default();
        bail!("the daemon does not get ready; it said:\n{said}");
    }

    /// Sends what is due by now.
    fn send_due(mut self) -> anyhow::Result<Self> {
        let now = now();
        let is_due = |line: &std::io::Result<String>| match line {
            Ok(line) => stamp(line.as_bytes()).is_none_or(|at| at <= now),
            Err(_) => true,
        };
        let mut due = String::new();
        while let Some(line) = self.future.next_if(is_due) {
            due.push_str(&line?);
            due.push('\n');
        }
        if !due.is_empty() {
            Client::nobody(&self.http).send("/lines", &due)?;
        }
        self.is_done = self.future.peek().is_none();
        Ok(self)
    }
}

/// What the daemon's log tells, once it says that it is ready: addresses by `listening: NAME`, and the
/// token as `setup`.
fn told(said: &str) -> Option<HashMap<String, String>> {
    let mut told = HashMap::new();
    for line in said.lines() {
        let Ok(line) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let fields = &line["fields"];
        let message = fields["message"].as_str().unwrap_or_default();
        if let Some((_, token)) = message.split_once("/setup#") {
            told.insert("setup".to_owned(), token.to_owned());
        } else if let Some(address) = fields["address"].as_str() {
            told.insert(message.to_owned(), address.to_owned());
        } else if message == "ready" {
            return Some(told);
        }
    }
    None
}

/// Makes the owner by the token that the daemon told, then everybody else; gives each with what one may.
fn users(daemon: &Daemon) -> anyhow::Result<Vec<(&'static str, String)>> {
    let nobody = Client::nobody(&daemon.web);
    let first = json!({ "token": daemon.setup_token, "login": OWNER, "password": PASSWORD });
    nobody.post("/setup", &first)?;
    let owner = Client::login(&daemon.web, OWNER, PASSWORD)?;
    let mut made = vec![(OWNER, "owner: sees and changes all".to_owned())];
    let mut user = |login: &'static str, role: &str, more: Value, told: String| {
        let mut details = json!({ "login": login, "role": role });
        if let (Value::Object(details), Value::Object(more)) = (&mut details, more) {
            details.extend(more);
        }
        let id = &owner.post("/users", &details)?["id"];
        let link = owner.post(&format!("/users/{id}/link"), &json!({}))?;
        let password = json!({ "token": link["token"], "password": PASSWORD });
        nobody.post("/password", &password)?;
        made.push((login, told));
        anyhow::Ok(())
    };
    for (login, role, told) in [
        ("operator@demo.example", "operator", "runs the system"),
        ("support@demo.example", "support", "sees everybody's mail"),
        ("auditor@demo.example", "auditor", "sees who looked at what"),
    ] {
        user(login, role, Value::Null, format!("{role}: {told}"))?;
    }
    let mut first = None;
    for (name, domains, administrator) in CUSTOMERS {
        let customer = json!({ "name": name, "domains": domains });
        let id = owner.post("/customers", &customer)?["id"].take();
        let told = format!(
            "administrator of the customer {name}: {}",
            domains.join(", ")
        );
        user(
            administrator,
            "customer_admin",
            json!({ "customer": id }),
            told,
        )?;
        first.get_or_insert(id);
    }
    // No mail leaves the machine: the demo has no relay. It can be shown all the same.
    let report = json!({
        "name": "Mail of the week", "every": "week", "day": 1, "time": "07:00", "zone": "Europe/Rome",
        "language": "en", "receivers": [CUSTOMERS[0].2],
    });
    let customer = first.as_ref().unwrap_or(&Value::Null);
    owner.post(&format!("/schedules?customer={customer}"), &report)?;
    let mailbox = json!({ "customer": first, "mailboxes": [MAILBOX] });
    user(
        MAILBOX,
        "mailbox_user",
        mailbox,
        "a user: the own mailbox".to_owned(),
    )?;
    Ok(made)
}

/// Ends the daemon as systemd does.
fn stop(daemon: &mut Child) -> anyhow::Result<()> {
    shell::run(program("kill", ["-TERM", &daemon.id().to_string()]))?;
    let status = daemon.wait()?;
    anyhow::ensure!(status.success(), "the daemon ended badly ({status})");
    Ok(())
}
