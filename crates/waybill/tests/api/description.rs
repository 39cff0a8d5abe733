//! Schemathesis asks what the description allows, and what it does not.

use super::client::owner;
use super::daemon_of_a_day;
use serde_json::json;
use std::process::Command;

/// For each operation, beside those at the limits of its parameters.
const EXAMPLES: &str = "8";

/// Streams do not end, and the key with which all is asked must stay.
const LEFT_OUT: [&str; 2] = ["GET /api/v1/tail", "DELETE /api/v1/keys/{id}"];

#[test]
fn nothing_that_is_asked_is_a_server_s_error() {
    let Some(python) = e2e::python("schemathesis") else {
        println!("skipped: no Python that has schemathesis");
        return;
    };
    let (folder, daemon) = daemon_of_a_day(2_000, 6);
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let me = owner.get("/api/v1/me").good().json();
    let details = json!({ "name": "schemathesis", "rights": me["rights"] });
    let key = owner.send("POST", "/api/v1/keys", &details.to_string());
    let key = key.good().json();
    let shown = format!(
        "Authorization: Bearer {}",
        key["key"].as_str().expect("a key")
    );
    let mut command = Command::new(python.with_file_name("schemathesis"));
    command
        .args(["run", "--no-color", "--seed", "1", "--header", &shown])
        .args([
            "--checks",
            "not_a_server_error,content_type_conformance,response_schema_conformance",
        ])
        .args([
            "--max-examples",
            EXAMPLES,
            "--phases",
            "examples,coverage,fuzzing",
        ])
        .args(["--request-timeout", "30", "--workers", "2"]);
    for name in LEFT_OUT {
        command.args(["--exclude-name", name]);
    }
    command.arg(format!("http://{}/api/v1/openapi.json", daemon.port("web")));
    // It leaves a folder of its own behind.
    let output = command.current_dir(folder.path()).output();
    let output = output.expect("it can be run");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert_eq!(
        owner.get("/api/v1/me").good().json()["rights"],
        me["rights"]
    );
    daemon.end();
}
