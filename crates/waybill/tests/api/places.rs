//! In which country client addresses are. A database of all countries is tried too, if npm's
//! `@ip-location-db/geo-whois-asn-country-mmdb` (CC0) is in `target/node`, as `cargo xtask test` puts it there.

use super::client::{Client, encoded, owner};
use super::daemon::Daemon;
use serde_json::Value;
use std::path::{Path, PathBuf};

const NETWORKS: &str = "networks = ['203.0.113.0/24 RO', '192.0.2.0/24 IT']";

/// The database, if it is there.
fn database() -> Option<PathBuf> {
    let of_npm =
        "node_modules/@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb";
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/node");
    Some(target.join(of_npm)).filter(|it| it.exists())
}

#[expect(clippy::disallowed_methods, reason = "lines come now")]
fn logins(addresses: &[&str]) -> String {
    let now = jiff::Timestamp::now();
    let line = |address: &&str| {
        format!(
            "<22>1 {now} mx1 dovecot - - - imap-login: Login: user=<anna@a.example>, method=PLAIN, \
             rip={address}, lip=192.0.2.1, mpid=9, TLS, session=<s{address}>\n"
        )
    };
    addresses.iter().map(line).collect()
}

/// Addresses of the account with their countries, in order.
fn used(owner: &Client) -> Vec<(String, Option<String>)> {
    let story = owner.get("/api/v1/accounts/anna@a.example").good().json();
    let used = story["addresses"].as_array().expect("addresses").iter();
    let text = |it: &Value| it.as_str().map(str::to_owned);
    let mut used: Vec<_> = used
        .map(|it| {
            (
                text(&it["address"]).expect("an address"),
                text(&it["country"]),
            )
        })
        .collect();
    used.sort();
    used
}

#[test]
fn addresses_of_an_account_have_countries() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let daemon = Daemon::start(folder.path(), "");
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    // The office of those who hand out Europe's addresses, and its resolver.
    let addresses = [
        "10.0.0.1",
        "192.0.2.7",
        "193.0.6.139",
        "203.0.113.7",
        "2001:67c:2e8::1",
    ];
    daemon.send_tcp(&logins(&addresses));
    let question = format!("/api/v1/rows?q={}", encoded("kind:auth.succeeded"));
    let rows = || {
        let page = owner.get(&question).good().json();
        page["rows"].as_array().expect("rows").clone()
    };
    while rows().len() < addresses.len() {
        std::thread::yield_now();
    }
    assert!(used(&owner).iter().all(|(_, country)| country.is_none()));
    assert!(rows().iter().all(|row| row["client_country"].is_null()));

    // It is taken without a restart.
    let known = database();
    let path = known
        .as_ref()
        .map_or_else(String::new, |it| it.display().to_string());
    let setting = format!("[places]\ndatabase = '{path}'\n{NETWORKS}");
    daemon.reload(&setting);
    daemon.until_it_says("the configuration is loaded");
    let of_europe = known.is_some().then(|| "NL".to_owned());
    if of_europe.is_none() {
        println!("not looked up: `geo-whois-asn-country-mmdb` of npm is not installed");
    }
    let expected = [
        ("10.0.0.1", None),
        ("192.0.2.7", Some("IT".to_owned())),
        ("193.0.6.139", of_europe.clone()),
        ("2001:67c:2e8::1", of_europe),
        ("203.0.113.7", Some("RO".to_owned())),
    ];
    let expected = expected.map(|(address, country)| (address.to_owned(), country));
    assert_eq!(used(&owner), expected);
    for row in rows() {
        let address = row["client_address"].as_str().expect("an address");
        let (_, country) = expected
            .iter()
            .find(|it| it.0 == address)
            .expect("it was sent");
        assert_eq!(row["client_country"].as_str(), country.as_deref(), "{row}");
    }

    // What is wrong is told, and what was known stays.
    daemon.reload("[places]\nnetworks = ['203.0.113.0/24 Romania']");
    let told = daemon.until_it_says("the old one holds");
    assert!(
        told.iter().any(|it| it.contains("203.0.113.0/24 Romania")),
        "{told:?}"
    );
    daemon.reload("[places]\ndatabase = '/nowhere.mmdb'");
    let told = daemon.until_it_says("the old one holds");
    assert!(
        told.iter().any(|it| it.contains("/nowhere.mmdb")),
        "{told:?}"
    );
    assert_eq!(used(&owner), expected);
    daemon.end();
}
