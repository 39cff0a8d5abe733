//! Many who look at live rows at a time.

use super::client::{customer, events, owner};
use super::daemon::Daemon;
use super::message;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const LISTENERS: usize = 1_000;
const MESSAGES: u32 = 20;

#[test]
#[expect(clippy::disallowed_methods, reason = "it is measured")]
fn a_thousand_are_told_of_each_row() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, wanted).expect("one's own limit can be raised");
    if limit.maximum.is_some_and(|it| it < 2_000) {
        return println!("skipped: `ulimit -Hn` is below 2000");
    }
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let daemon = Daemon::start(folder.path(), "[web]\nrequests_a_minute = 100000");
    let token = daemon.setup_token.as_deref().expect("there is no user yet");
    let owner = owner(daemon.port("web"), token);
    let (_, one) = customer(&owner, "One", &["b.example"]);
    let question = "kind:delivery.delivered";
    let mut streams: Vec<_> = (0..LISTENERS)
        .map(|number| match number % 2 {
            0 => owner.follow(question, None),
            _ => one.follow(question, None),
        })
        .collect();
    let lines: String = (0..MESSAGES)
        .map(|it| message(it, "bob@b.example"))
        .collect();
    let began = std::time::Instant::now();
    daemon.send_tcp(&lines);
    let mut first = None;
    for stream in &mut streams {
        let told = events(stream, MESSAGES as usize);
        first.get_or_insert_with(|| began.elapsed());
        let to: Vec<_> = told.iter().map(|(_, row)| row["rcpt_to"].clone()).collect();
        assert!(to.iter().all(|it| it == "bob@b.example"), "{to:?}");
    }
    let (first, last) = (first.expect("some listen"), began.elapsed());
    println!(
        "the first was told of {MESSAGES} rows after {first:?}, all {LISTENERS} after {last:?}"
    );
    assert!(last.as_secs() < 10, "{last:?}");
    drop(streams);
    daemon.end();
}
