//! The page beside the API, on one port, and the description that its types are made from.

use crate::client::Client;
use crate::daemon::Daemon;
use expect_test::expect_file;

#[test]
fn the_page_is_served_beside_the_api() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(folder.path(), "");
    let nobody = Client::nobody(daemon.port("web"));
    for path in ["/", "/setup", "/account/anna@a.example?range=7d"] {
        let answer = nobody.get(path).good();
        assert!(answer.body.starts_with("<!doctype html>"), "{answer:?}");
        assert!(
            answer
                .head
                .contains("content-security-policy: default-src 'none'; script-src")
        );
        assert!(
            answer.head.contains("cache-control: no-cache"),
            "{answer:?}"
        );
    }
    let head = nobody.send("HEAD", "/", "");
    assert_eq!((head.status, &head.body[..]), (200, ""));
    assert_eq!(nobody.send("POST", "/", "").status, 405);
    assert_eq!(nobody.get("/assets/none.js").status, 404);
    for path in ["/api", "/api/", "/api/v1/nonsense", "/api/v2/rows"] {
        let answer = nobody.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(
            answer.head.contains("application/problem+json"),
            "{answer:?}"
        );
        assert_eq!(answer.json()["status"], 404);
    }
}

/// `web/openapi.json` is what the types of the page are made from.
#[test]
fn the_description_that_the_page_knows_is_the_apis() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(folder.path(), "");
    let nobody = Client::nobody(daemon.port("web"));
    let document = nobody.get("/api/v1/openapi.json").good().json();
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    expect_file!["../../../../web/openapi.json"].assert_eq(&text);
}
