//! Debian's logrotate, with the options that mail logs are rotated with.

use crate::support::{World, append, has, line};
use std::fs;
use std::path::Path;
use std::process::Command;

fn rotate(world: &World, config: &Path) {
    let mut command = Command::new("logrotate");
    command
        .args(["--force", "--state"])
        .arg(world.path("state"));
    let done = command.arg(config).output().unwrap();
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{told}");
}

fn check(options: &str) {
    if !has("logrotate") {
        eprintln!("skipped: logrotate is not installed");
        return;
    }
    let mut world = World::new();
    let config = world.data.path().join("logrotate.conf");
    let log = world.path("mail.log");
    let text = format!("{} {{\n su root root\n {options}\n}}\n", log.display());
    fs::write(&config, text).unwrap();
    append(&log, b"");
    world.turn();
    let mut number = 0;
    let mut write = |lines: u64| {
        for _ in 0..lines {
            append(&log, format!("{}\n", line(number)).as_bytes());
            number += 1;
        }
        number
    };
    let mut written = 0;
    for round in 0..12 {
        write(3);
        // Rotated with lines that were read, that were not, and while nobody follows.
        if round % 3 == 0 {
            world.turn();
        }
        written = write(2);
        if round % 4 == 1 {
            world.crash();
        }
        // Only once a second has it another name.
        let number = round.to_string();
        let text = fs::read_to_string(&config).unwrap();
        fs::write(&config, text.replace("NUMBER", &number)).unwrap();
        rotate(&world, &config);
        fs::write(&config, text).unwrap();
        if round % 2 == 0 {
            world.turn();
        }
    }
    world.turn();
    let all: Vec<String> = (0..written).map(line).collect();
    assert_eq!(world.lines(), all, "{options}");
}

#[test]
fn created_and_packed() {
    check("rotate 20\n create\n compress");
}

#[test]
fn created_and_packed_later() {
    check("rotate 20\n create\n compress\n delaycompress");
}

#[test]
fn created_with_dates() {
    check("rotate 20\n create\n compress\n dateext\n dateformat -%Y%m%d-1000NUMBER");
}

#[test]
fn copied_and_truncated() {
    check("rotate 20\n copytruncate");
}

#[test]
fn copied_truncated_and_packed() {
    check("rotate 20\n copytruncate\n compress\n compresscmd /usr/bin/xz\n compressext .xz");
}

#[test]
fn not_created() {
    check("rotate 20\n nocreate\n missingok");
}
