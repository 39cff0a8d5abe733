//! Logging in at an OpenID Connect provider: `oidc-provider` of npm (`cargo xtask test` puts it into
//! `target/node`; `WAYBILL_NODE_MODULES` tells another place).

mod browser;
#[allow(dead_code, reason = "not every test target uses all of it")]
#[path = "../api/client.rs"]
mod client;
#[path = "../daemon/mod.rs"]
mod daemon;

use browser::{Browser, PAGE, Shown};
use client::{Client, customer, encoded, owner};
use daemon::Daemon;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const SCRIPT: &str = include_str!("provider.mjs");

const CALLBACK: &str = "http://waybill.test:8580/api/v1/session/openid/callback";

/// A provider; it ends with the test.
struct Provider {
    child: Child,
    issuer: String,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder with the package, if it is there.
fn node_folder() -> Option<PathBuf> {
    let of_user = std::env::var_os("WAYBILL_NODE_MODULES").map(PathBuf::from);
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/node/node_modules");
    let mut folders = of_user.into_iter().chain([ours]);
    let found = folders.find(|folder| folder.join("oidc-provider").exists())?;
    Command::new("node").arg("--version").output().ok()?;
    Some(found.parent()?.to_owned())
}

impl Provider {
    /// One on this port, or any if it is 0; nothing where it cannot be run.
    fn start(port: u16, variables: &[(&str, &str)]) -> Option<Self> {
        let Some(folder) = node_folder() else {
            println!("skipped: `oidc-provider` of npm is not installed");
            return None;
        };
        // Modules are looked for where it runs.
        let mut child = Command::new("node")
            .args(["--input-type=module", "--eval", SCRIPT])
            .current_dir(folder)
            .env("PORT", port.to_string())
            .env("REDIRECT", CALLBACK)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it can be started");
        let stdout = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let issuer = lines.find(|line| line.starts_with("http://127.0.0.1:"));
        let issuer = issuer.expect("it tells its issuer");
        // What else it tells nobody reads; it would end if nobody took it.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Provider { child, issuer })
    }

    /// Has it give ID tokens that are not good.
    fn tamper(&self, how: &str) {
        let address = self.issuer.strip_prefix("http://").expect("a URL");
        let mut nobody = Browser::new(address.parse().expect("an address"));
        let told = nobody.ask(&format!("{}/tamper/{how}", self.issuer), None);
        assert_eq!(told.body, "so be it");
    }
}

/// A daemon with an owner, whose people log in at a provider.
struct Served {
    _folder: TempDir,
    daemon: Daemon,
    owner: Client,
    acme: i64,
}

fn served(issuer: &str, more: &str) -> Served {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let config = format!(
        "[web]\nrequests_a_minute = 100000\nurl = '{PAGE}/'\n[openid]\nissuer = '{issuer}'\n\
         client_id = 'way bill'\nname = 'Acme'\n{more}"
    );
    let secret = [("WAYBILL_OPENID_CLIENT_SECRET", "a secret: 100% & more")];
    let daemon = Daemon::start_with(folder.path(), &config, &secret);
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let (acme, _) = customer(&owner, "Acme", &["acme.example"]);
    Served {
        _folder: folder,
        daemon,
        owner,
        acme,
    }
}

impl Served {
    fn user(&self, login: &str) -> i64 {
        let details = json!({ "login": login, "role": "customer_admin", "customer": self.acme });
        let made = self
            .owner
            .send("POST", "/api/v1/users", &details.to_string());
        made.good().json()["id"].as_i64().expect("a number")
    }

    fn browser(&self) -> Browser {
        Browser::new(self.daemon.port("web"))
    }

    /// The newest entries of an action in the audit log.
    fn audit(&self, action: &str) -> Vec<Value> {
        let path = format!("/api/v1/audit?action={action}");
        let entries = self.owner.get(&path).good().json();
        entries.as_array().expect("entries").clone()
    }
}

impl Browser {
    /// Presses the button.
    fn begin(&mut self, to: &str) -> Shown {
        let url = format!("{PAGE}/api/v1/session/openid?to={}", encoded(to));
        self.ask(&url, None)
    }

    /// Presses the button and logs in at the provider; gives where that leads back to.
    fn until_callback(&mut self, login: &str, to: &str) -> String {
        let begun = self.begin(to);
        let begun = self.ask(&begun.leads_to(), None);
        let mut shown = self.at_provider(begun);
        for form in [
            format!("prompt=login&login={}&password=x", encoded(login)),
            "prompt=consent".to_owned(),
        ] {
            shown = shown.and_then(|form_shown| {
                let sent = self.send(&form_shown, &form);
                self.at_provider(sent)
            });
        }
        let back = shown.expect_err("it leads back");
        assert!(back.starts_with(&format!("{CALLBACK}?")), "{back}");
        back
    }

    /// All of it; gives where one is then.
    fn log_in(&mut self, login: &str, to: &str) -> String {
        let back = self.until_callback(login, to);
        self.ask(&back, None).leads_to()
    }

    /// One who asks with the session that was begun.
    fn client(&self, served: &Served) -> Option<Client> {
        let session = self.cookie("waybill_session")?;
        let shown = format!("Cookie: waybill_session={session}\r\nOrigin: http://waybill\r\n");
        Some(Client {
            shown,
            ..Client::nobody(served.daemon.port("web"))
        })
    }

    /// Comes back in vain: to the login, with why.
    fn in_vain(&mut self, url: &str) -> String {
        let shown = self.ask(url, None);
        assert!(!shown.head.contains("waybill_session"), "{shown:?}");
        let to = shown.leads_to();
        let page = format!("{PAGE}/login?trouble=");
        let trouble = to.strip_prefix(&page).unwrap_or_else(|| panic!("{to}"));
        assert_eq!(self.cookie("waybill_session"), None);
        trouble.to_owned()
    }
}

#[test]
fn who_logs_in_at_a_provider_has_a_session_like_any_other() {
    let Some(provider) = Provider::start(0, &[]) else {
        return;
    };
    let served = served(&provider.issuer, "");
    let anna = served.user("anna@acme.example");
    let setup = served.owner.get("/api/v1/setup").good().json();
    assert_eq!(setup, json!({ "is_set_up": true, "openid": "Acme" }));

    let mut browser = served.browser();
    let begun = browser.begin("/queue?group=domain");
    let cookie = begun.fields("set-cookie")[0];
    let (_, how) = cookie.split_once("; ").expect("how it is kept");
    assert_eq!(
        how,
        "Path=/api/v1/session/openid/callback; HttpOnly; SameSite=Lax; Max-Age=900"
    );
    let there = begun.leads_to();
    for part in [
        "code_challenge_method=S256",
        "response_type=code",
        "scope=openid+email+profile",
        "nonce=",
        "state=",
    ] {
        assert!(there.contains(part), "{there}");
    }
    let back = browser.until_callback("Anna@acme.example", "/queue?group=domain");
    let shown = browser.ask(&back, None);
    assert_eq!(shown.leads_to(), format!("{PAGE}/queue?group=domain"));
    let cookies = shown.fields("set-cookie");
    assert!(
        cookies[0].contains("Path=/; HttpOnly; SameSite=Strict; Max-Age=604"),
        "{cookies:?}"
    );
    assert_eq!(browser.cookie("waybill_openid"), None, "it is good once");

    let client = browser.client(&served).expect("a session");
    let me = client.get("/api/v1/me").good().json();
    assert_eq!(me["name"], "anna@acme.example");
    assert_eq!(me["role"], "customer_admin");
    assert_eq!(me["customer"], served.acme);
    assert_eq!(client.get("/api/v1/audit").status, 403);
    let sessions = client.get("/api/v1/me/sessions").good().json();
    assert_eq!(sessions.as_array().map(Vec::len), Some(1));
    let logins = served.audit("login");
    assert_eq!(logins[0]["who"], format!("user {anna}"));
    assert_eq!(logins[0]["name"], "anna@acme.example");
    assert_eq!(logins[0]["detail"], json!({ "openid": provider.issuer }));
    assert_eq!(logins[1]["detail"], json!({}), "by password");

    // The code is good once, whoever shows it again with what the browser kept.
    let mut again = served.browser();
    let mut kept = served.browser();
    let back = kept.until_callback("anna@acme.example", "/");
    again.cookies = kept.cookies.clone();
    assert_eq!(kept.ask(&back, None).leads_to(), format!("{PAGE}/"));
    assert_eq!(again.in_vain(&back), "invalid");
    served
        .daemon
        .until_it_says("nobody is logged in by OpenID Connect");

    client.send("DELETE", "/api/v1/session", "").good();
    assert_eq!(client.get("/api/v1/me").status, 401);
    served.daemon.end();
}

#[test]
fn whom_nobody_knows_here_stays_outside() {
    let Some(provider) = Provider::start(0, &[("PLAIN", "yes")]) else {
        return;
    };
    let served = served(&provider.issuer, "");
    let anna = served.user("anna@acme.example");
    served.user("new-eva@acme.example");
    let mut browser = served.browser();
    let back = browser.until_callback("berta@acme.example", "/queue");
    assert_eq!(
        browser.in_vain(&back),
        "unknown&to=%2Fqueue#berta%40acme.example"
    );
    let failed = served.audit("login.failed");
    assert_eq!(failed[0]["who"], "nobody");
    let detail =
        json!({ "login": "berta@acme.example", "wrong": "login", "openid": provider.issuer });
    assert_eq!(failed[0]["detail"], detail);
    let users = served.owner.get("/api/v1/users?text=berta").good().json();
    assert_eq!(users, json!([]), "nobody is made a user");

    let mut browser = served.browser();
    let back = browser.until_callback("new-eva@acme.example", "/");
    assert_eq!(browser.in_vain(&back), "unverified");

    let disabled = format!("/api/v1/users/{anna}/disabled");
    let body = json!({ "disabled": true }).to_string();
    served.owner.send("PUT", &disabled, &body).good();
    let mut browser = served.browser();
    let back = browser.until_callback("anna@acme.example", "/");
    assert_eq!(browser.in_vain(&back), "unknown#anna%40acme.example");
    let body = json!({ "disabled": false }).to_string();
    served.owner.send("PUT", &disabled, &body).good();
    assert_eq!(browser.log_in("anna@acme.example", "/"), format!("{PAGE}/"));

    // Who cancels, or is not let in by the provider.
    let mut browser = served.browser();
    let begun = browser.begin("/");
    let begun = browser.ask(&begun.leads_to(), None);
    let form = browser.at_provider(begun).expect("a form");
    let abort = form
        .body
        .split("href=\"")
        .find(|it| it.contains("/abort\""));
    let abort = abort.and_then(|it| it.split('"').next()).expect("a link");
    let aborted = browser.ask(abort, None);
    let back = browser.at_provider(aborted).expect_err("it leads back");
    assert_eq!(browser.in_vain(&back), "denied");

    // As many tries of an address are free as with passwords.
    let mut browser = served.browser();
    for _ in 0..30 {
        browser.begin("/");
        let trouble = browser.in_vain(&format!("{CALLBACK}?state=x&code=y"));
        if let Some(seconds) = trouble.strip_prefix("busy#") {
            assert!(seconds.parse::<u32>().is_ok(), "{seconds}");
            served.daemon.end();
            return;
        }
        assert_eq!(trouble, "stale");
    }
    panic!("nothing slows it down");
}

#[test]
fn another_s_login_is_no_login_here() {
    let Some(provider) = Provider::start(0, &[]) else {
        return;
    };
    let served = served(&provider.issuer, "");
    served.user("anna@acme.example");
    // A link that somebody was sent: the browser did not begin it.
    let back = served.browser().until_callback("anna@acme.example", "/");
    assert_eq!(served.browser().in_vain(&back), "stale");
    // Nor does it help that the browser began another.
    let mut other = served.browser();
    other.begin("/");
    assert_eq!(other.in_vain(&back), "stale");
    let mut browser = served.browser();
    let back = browser.until_callback("anna@acme.example", "/");
    let (before, behind) = back.split_once("state=").expect("a state");
    assert_eq!(
        browser.in_vain(&format!("{before}state=x{behind}")),
        "stale"
    );
    assert_eq!(browser.in_vain(&back), "stale", "it is good once");
    // Another provider's answer, to ours. Source: RFC 9207.
    let mut browser = served.browser();
    let back = browser.until_callback("anna@acme.example", "/");
    let issuer = encoded(&provider.issuer);
    assert!(back.contains(&issuer), "{back}");
    let back = back.replace(&issuer, "https%3A%2F%2Fother.example");
    assert_eq!(browser.in_vain(&back), "stale");
    for odd in ["", "?", "?error=access_denied", "?state=&code="] {
        assert_eq!(
            served.browser().in_vain(&format!("{CALLBACK}{odd}")),
            "stale"
        );
    }

    // One comes back to a place of the page, and to no other.
    for to in [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "/.//evil.example",
    ] {
        let mut browser = served.browser();
        assert_eq!(browser.log_in("anna@acme.example", to), format!("{PAGE}/"));
    }
    served.daemon.end();
}

#[test]
fn an_id_token_that_is_not_good_lets_nobody_in() {
    let Some(provider) = Provider::start(0, &[("PLAIN", "yes")]) else {
        return;
    };
    let served = served(&provider.issuer, "claim = 'preferred_username'");
    served.user("anna");
    let mut browser = served.browser();
    assert_eq!(browser.log_in("anna@x.example", "/"), format!("{PAGE}/"));
    for (how, why) in [
        ("claims", "the signature is wrong"),
        ("signature", "the signature is wrong"),
        ("key", "signed with a key that the provider does not have"),
        ("none", "alg=`none`"),
        ("hmac", "alg=`HS256`"),
        ("expired", "it has expired"),
        ("nonce", "the nonce differs"),
        ("audience", "it is for another client"),
        ("issuer", "it is of another issuer"),
    ] {
        provider.tamper(how);
        let mut browser = served.browser();
        let back = browser.until_callback("anna@x.example", "/");
        assert_eq!(browser.in_vain(&back), "invalid", "{how}");
        let told = served.daemon.until_it_tells("nobody is logged in");
        let error = told["error"].as_str().expect("a text");
        assert!(error.contains(why), "{how}: {error}");
        assert!(!error.contains("anna"), "{error}");
    }
    // A key that the provider has taken meanwhile is asked for.
    provider.tamper("rotated");
    let mut browser = served.browser();
    assert_eq!(browser.log_in("anna@x.example", "/"), format!("{PAGE}/"));
    assert!(browser.client(&served).is_some());
    served.daemon.end();
}

#[test]
fn what_is_told_beside_the_token_is_of_the_same_person() {
    let Some(provider) = Provider::start(0, &[]) else {
        return;
    };
    let served = served(&provider.issuer, "");
    served.user("anna@acme.example");
    provider.tamper("subject");
    let mut browser = served.browser();
    let back = browser.until_callback("anna@acme.example", "/");
    assert_eq!(browser.in_vain(&back), "away");
    served.daemon.end();
}

#[test]
fn a_provider_that_is_away_is_asked_again_with_each_login() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
        listener.local_addr().expect("an address").port()
    };
    let issuer = format!("http://127.0.0.1:{port}");
    let served = served(&issuer, "");
    served.user("anna@acme.example");
    let begin = format!("{PAGE}/api/v1/session/openid?to=%2Fqueue");
    let mut browser = served.browser();
    assert_eq!(browser.in_vain(&begin), "away&to=%2Fqueue");
    let told = served.daemon.until_it_tells("nobody is logged in");
    let error = told["error"].as_str().expect("a text");
    assert!(
        error.contains(&issuer) && error.contains("onnection refused"),
        "{error}"
    );
    let Some(provider) = Provider::start(port, &[]) else {
        return;
    };
    assert_eq!(
        browser.log_in("anna@acme.example", "/me"),
        format!("{PAGE}/me")
    );
    // It goes while somebody is on the way.
    let mut browser = served.browser();
    let back = browser.until_callback("anna@acme.example", "/");
    drop(provider);
    assert_eq!(browser.in_vain(&back), "away");
    served.daemon.end();

    let none = tempfile::tempdir().expect("there is room for temporary files");
    let none = Daemon::start(none.path(), "");
    let nobody = Client::nobody(none.port("web"));
    for path in ["/api/v1/session/openid", "/api/v1/session/openid/callback"] {
        assert_eq!(nobody.get(path).status, 404);
    }
    let setup = nobody.get("/api/v1/setup").good().json();
    assert_eq!(setup, json!({ "is_set_up": false }));
    none.end();
}
