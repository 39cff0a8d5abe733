//! The package's `README.txt`, step by step, with the tools that it names and none of ours.

use crate::support::{Sealed, sealed};
use std::process::{Command, Output};

/// Runs what the text tells to run, or says why not.
fn run(sealed: &Sealed, command: &str) -> Option<Output> {
    let program = command.split(' ').next().unwrap();
    if let Err(error) = Command::new(program).arg("--version").output() {
        println!("skipped: {program}: {error}");
        return None;
    }
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).current_dir(sealed.path());
    Some(shell.output().unwrap())
}

/// The commands of the text: lines that are indented, joined where they go on.
fn commands(sealed: &Sealed) -> Vec<String> {
    let text = String::from_utf8(sealed.read("README.txt")).unwrap();
    let text = text.replace("\\\n", "");
    let indented = text.lines().filter_map(|line| line.strip_prefix("     "));
    let commands = indented.map(|it| it.split_whitespace().collect::<Vec<_>>().join(" "));
    commands
        .filter(|it| it.starts_with("openssl ") || it.starts_with("sha256sum "))
        .collect()
}

fn text(output: &Output) -> String {
    String::from_utf8([&output.stdout[..], &output.stderr[..]].concat()).unwrap()
}

#[test]
fn each_step_says_yes() {
    let sealed = sealed();
    let [key, signature, sums, files] = commands(&sealed).try_into().unwrap();
    if let Some(output) = run(&sealed, &key) {
        let fingerprint = sealed.key.fingerprint().digest().to_string();
        assert!(text(&output).starts_with(&fingerprint), "{output:?}");
    }
    if let Some(output) = run(&sealed, &signature) {
        assert!(output.status.success(), "{output:?}");
        assert!(text(&output).contains("Signature Verified Successfully"));
    }
    if let Some(output) = run(&sealed, &sums) {
        let hash = text(&output)[..64].to_owned();
        let manifest = String::from_utf8(sealed.read("manifest.json")).unwrap();
        let (_, behind) = manifest.rsplit_once("\"SHA256SUMS\"").unwrap();
        assert!(behind.contains(&format!("\"sha256\": \"{hash}\"")));
    }
    if let Some(output) = run(&sealed, &files) {
        assert!(output.status.success(), "{output:?}");
        let lines = text(&output);
        let is_ok = |line: &str| line.ends_with(": OK");
        assert!(lines.lines().all(is_ok), "{lines}");
        // All but `SHA256SUMS`, which has been compared.
        assert_eq!(lines.lines().count(), sealed.manifest.files.len() - 1);
    }
}

#[test]
fn a_changed_manifest_or_file_is_seen_by_the_tools() {
    let sealed = sealed();
    let [_, signature, _, files] = commands(&sealed).try_into().unwrap();
    let mut manifest = sealed.read("manifest.json");
    let last = manifest.len() - 2;
    manifest[last] ^= 1;
    sealed.put("manifest.json", &manifest);
    sealed.put("events-1.csv", b"other");
    for command in [signature, files] {
        if let Some(output) = run(&sealed, &command) {
            assert!(!output.status.success(), "{output:?}");
        }
    }
}
