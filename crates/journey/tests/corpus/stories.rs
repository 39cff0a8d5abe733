//! One story a file: what a careful reader makes of each, line by line.
//!
//! Told of each journey, in order of their first lines: how many hops and by what links; hops that
//! have not left their queue; how it ended for the named recipients, and for those that are only
//! counted; refused recipients, filter verdicts, notifications; whose notification it is; and the
//! numbers of its lines. Lines of sessions are not the message's (they have rows of their own), but TLS lines
//! of the process that delivers are. Milters and other programs beside Postfix, Dovecot and amavis
//! are not read in this step, although some name queue ids: their lines stand alone.

use crate::locate;
use crate::read::{self, Came};
use journey::{HopState, Journey, Outcome};
use model::Kind;
use std::collections::BTreeMap;
use std::fmt::Write as _;

struct Story {
    file: &'static str,
    about: &'static str,
    journeys: &'static [&'static str],
    /// SMTP sessions told of, as far as they are: connect, disconnect, or both.
    sessions: usize,
}

const STORIES: &[Story] = &[
    Story {
        file: "10_pickup.log",
        about: "root's mail, aliased, goes through a filter and back, then into the INBOX; the \
            filter's verdict is cut off",
        journeys: &["2 hops by filter; delivered 1; saved 1; lines 1-5 7-12 14-15 17-18 20"],
        sessions: 1,
    },
    Story {
        file: "11_single_successful_delivery.log",
        about: "five recipients, of which the lines of one are left; the only TLS line is of \
            another process than the one that delivered",
        journeys: &["2 hops by filter; relayed 1; unnamed 4 unknown; lines 3-6 9-10 12-14 16-17"],
        sessions: 2,
    },
    Story {
        file: "12_two_independent_deliveries_in_the_same_smtpd_process_in_order.log",
        about: "the same twice, by the same processes, one message after the other; stamps go back \
            in between",
        journeys: &[
            "2 hops by filter; relayed 1; unnamed 4 unknown; lines 3-6 9-10 12-14 16-17",
            "2 hops by filter; relayed 1; unnamed 4 unknown; lines 21-24 27-28 30-32 34-35",
        ],
        sessions: 4,
    },
    Story {
        file: "12_two_independent_deliveries_in_the_same_smtpd_process_mixed.log",
        about: "the same twice, interleaved",
        journeys: &[
            "2 hops by filter; relayed 1; unnamed 4 unknown; lines 3-6 18-19 21-22 35 37-38",
            "2 hops by filter; relayed 1; unnamed 4 unknown; lines 11-14 25-26 28-30 32-33",
        ],
        sessions: 4,
    },
    Story {
        file: "13_empty_msgid_issue_388.log",
        about: "a message without Message-ID gets one from the filter, then goes to a store over \
            the network by LMTP",
        journeys: &["2 hops by filter; delivered 1; lines 2-4 7-9 11-14"],
        sessions: 2,
    },
    Story {
        file: "15_milter-reject.log",
        about: "a Milter refuses the message at its end, once and again: never queued",
        journeys: &["1 hop; hop 1 rejected; rejected 1; lines 2-5"],
        sessions: 1,
    },
    Story {
        file: "17-smtpd-reject.log",
        about: "the one recipient is refused after a queue id was given; there the log ends",
        journeys: &["1 hop; hop 1 receiving; no Message-ID; refused 1; lines 2-3"],
        sessions: 1,
    },
    Story {
        file: "18_pickup2.log",
        about: "local mail, relayed at once",
        journeys: &["1 hop; relayed 1; lines 1-5"],
        sessions: 0,
    },
    Story {
        file: "19_postfix_version.log",
        about: "a start and a stop, no mail",
        journeys: &[],
        sessions: 0,
    },
    Story {
        file: "21_deliveries_with_local_daemon.log",
        about: "five messages: two to a command by local(8), under an alias; three relayed, of \
            which two began on the host",
        journeys: &[
            "1 hop; delivered 1; lines 3-9 11-12",
            "1 hop; relayed 1; lines 17-23 25-27",
            "1 hop; relayed 1; lines 32-39",
            "1 hop; relayed 1; lines 40-47",
            "1 hop; delivered 1; lines 53-59 61-62",
        ],
        sessions: 7,
    },
    Story {
        file: "25_authclean_cleanup.log",
        about: "one message; cleanup has a label of its own, header checks replace two headers",
        journeys: &["1 hop; delivered 1; lines 3-9"],
        sessions: 1,
    },
    Story {
        file: "27_one_sent_one_received.log",
        about: "one message out; another one in, with a Message-ID of its own, the session's \
            begin missing: nothing links them",
        journeys: &[
            "1 hop; relayed 1; lines 2-5 7-8",
            "1 hop; delivered 1; saved 1; lines 9-14 16 18-19 21",
        ],
        sessions: 2,
    },
    Story {
        file: "28_received_bounce.log",
        about: "another server's bounce comes in; nothing in the log tells what it is about",
        journeys: &["1 hop; delivered 1; lines 4-9 11-12"],
        sessions: 1,
    },
    Story {
        file: "2_multiple_recipients_some_bounces.log",
        about: "five recipients through a filter: two take it, three bounce for three reasons; one \
            notification tells the sender, who is local",
        journeys: &[
            "2 hops by filter; relayed 2 bounced 3; notifications 1; lines 3-6 9-10 12-27 30-31",
            "1 hop; delivered 1; dsn of 1; lines 28-29 32-33",
        ],
        sessions: 2,
    },
    Story {
        file: "2_multiple_recipients_some_bounces_no_last_remove.log",
        about: "the same, but the notification never leaves the queue, although it was delivered",
        journeys: &[
            "2 hops by filter; relayed 2 bounced 3; notifications 1; lines 3-6 9-10 12-27 30-31",
            "1 hop; hop 1 queued; delivered 1; dsn of 1; lines 28-29 32",
        ],
        sessions: 2,
    },
    Story {
        file: "30_in_reply_to_header.log",
        about: "two recipients, one told of; the headers come from a Milter",
        journeys: &["1 hop; relayed 1; unnamed 1 unknown; lines 2 5-7 9-10"],
        sessions: 1,
    },
    Story {
        file: "31_inbound_reply.log",
        about: "a message out, and five days later the answer: a message of its own, which names \
            the first only in a header that a Milter logs",
        journeys: &[
            "1 hop; relayed 1; unnamed 1 unknown; lines 3-6 8-9 11",
            "1 hop; delivered 1; saved 1; lines 14-15 18-22 24-25 27",
        ],
        sessions: 2,
    },
    Story {
        file: "33_delivery_with_remote_id.log",
        about: "two recipients, one told of; `client=` is a second older than the connect before it",
        journeys: &["1 hop; relayed 1; unnamed 1 unknown; lines 2-5 7-8"],
        sessions: 1,
    },
    Story {
        file: "4_lost_queue.log",
        about: "four messages of one client, each through the filter and out, all at once; the last \
            hop's reply of one quotes a filter of its own",
        journeys: &[
            "2 hops by filter; relayed 1; lines 3-6 14-16 18-19 49 57-58",
            "2 hops by filter; relayed 1; lines 10 12-13 20 26-28 30 33 64-66",
            "2 hops by filter; relayed 1; lines 24 31-32 34 42-46 56 60-61",
            "2 hops by filter; relayed 1; lines 38-40 47 51-55 59 62-63",
        ],
        sessions: 8,
    },
    Story {
        file: "5_zimbra_amavisd.log",
        about: "through amavis twice, each time with a verdict, then out",
        journeys: &["3 hops by filter filter; relayed 1; verdicts 2; \
            lines 11 14-15 27-30 33-34 37 56-57 60-61 65-66 73-74"],
        sessions: 3,
    },
    Story {
        file: "7_only_connections_and_disconnections.log",
        about: "two sessions of which the messages' lines are missing",
        journeys: &[],
        sessions: 2,
    },
    Story {
        file: "8_weird_log_file.log",
        about: "a null sender's message without Message-ID comes back from the filter with the \
            first queue id; the store on the same host takes it by LMTP over TCP",
        journeys: &[
            "2 hops by filter; delivered 1; no Message-ID; verdicts 1; lines 3-5 9-10 12-17",
        ],
        sessions: 3,
    },
];

#[test]
fn each_story_is_told_as_it_was() {
    let Some(root) = locate::root() else { return };
    let folder = root.join("mixed/lightmeter/individual_files");
    let mut wrong = String::new();
    for story in STORIES {
        let came = read::file(&folder.join(story.file));
        let told = tell(&came);
        let right = story.journeys;
        let ended = came.rows.iter().filter(|it| it.kind == Kind::SessionClosed);
        let sessions = ended.filter(|it| it.program == "smtpd").count();
        if told != right || sessions != story.sessions {
            let between = "\n            ";
            let _ = writeln!(
                wrong,
                "{}: {}\n  should be {}\n  is        {}\n  sessions {sessions}, should be {}",
                story.file,
                story.about,
                right.join(between),
                told.join(between),
                story.sessions
            );
        }
    }
    println!("{} stories", STORIES.len());
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// 37 messages: 35 have been through a signing proxy and back into the same queue, of which 32 are
/// out when the log ends; two wait before the proxy. That is 72 lives of 71 queue ids, for the id of
/// the second hop of the first message is that of the first hop of a later one.
///
/// The stamp of the last line, which removes the last message that got out, is a day older than all
/// others.
#[test]
fn a_queue_id_that_is_used_again_names_two_messages() {
    let Some(root) = locate::root() else { return };
    let came = read::file(&root.join("mixed/lightmeter/individual_files/14_reuse_of_queueid.log"));
    let mut shapes: BTreeMap<String, usize> = BTreeMap::new();
    for journey in &came.journeys {
        *shapes.entry(shape(journey)).or_default() += 1;
    }
    let told = shapes.iter().map(|(shape, n)| format!("{n}: {shape}"));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "2: 1 hop; hop 1 queued; unnamed 1 deferred",
            "3: 2 hops by relay; hop 2 queued; deferred 1",
            "32: 2 hops by relay; relayed 1",
        ]
    );
    let mut by_id: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for journey in &came.journeys {
        for (at, hop) in journey.hops.iter().enumerate() {
            by_id.entry(hop.queue_id.to_string()).or_default().push(at);
        }
    }
    let again: Vec<_> = by_id.values().filter(|it| it.len() > 1).collect();
    assert_eq!(by_id.len(), 71);
    // The second hop of the first, the first hop of a later one.
    assert_eq!(again, [&[1, 0][..]]);
    each_line_is_with_its_message(&came);
}

/// The lines that name a queue id are those of the message that has it then.
fn each_line_is_with_its_message(came: &Came) {
    let mut lines = 0;
    for journey in &came.journeys {
        let ids: Vec<_> = journey.hops.iter().map(|it| it.queue_id.to_vec()).collect();
        for line in &journey.lines {
            let named = ids
                .iter()
                .any(|id| line.raw.windows(id.len()).any(|it| it == *id));
            let is_tls = line.raw.windows(18).any(|it| it == b" TLS connection es");
            assert!(named || is_tls, "a line without the id of its message");
            lines += u32::from(named);
        }
    }
    assert_eq!(lines, 350, "as many lines as name a queue id");
}

fn tell(came: &Came) -> Vec<String> {
    let mut all: Vec<&Journey> = came.journeys.iter().collect();
    all.sort_by_key(|it| read::line_numbers(it).first().copied());
    all.iter().map(|it| journey_told(it, &all)).collect()
}

fn journey_told(journey: &Journey, all: &[&Journey]) -> String {
    let mut told = shape(journey);
    if let Some(cause) = &journey.cause {
        let of = all.iter().position(|it| it.hop(cause.item).is_some());
        let number = of.map_or(0, |at| at + 1);
        let _ = write!(told, "; {} of {number}", cause.kind.name());
    }
    let lines = read::line_numbers(journey);
    let _ = write!(told, "; lines {}", ranges(&lines));
    told
}

/// All that is told of a journey but its lines and its cause.
fn shape(journey: &Journey) -> String {
    let hops = &journey.hops;
    let mut told = format!(
        "{} hop{}",
        hops.len(),
        if hops.len() == 1 { "" } else { "s" }
    );
    let by = hops.iter().filter_map(|it| it.came_by);
    let by: Vec<&str> = by.map(|it| it.kind.name()).collect();
    if !by.is_empty() {
        let _ = write!(told, " by {}", by.join(" "));
    }
    for (at, hop) in hops.iter().enumerate() {
        if hop.state != HopState::Closed {
            let _ = write!(told, "; hop {} {}", at + 1, hop.state.name());
        }
        if hop.incomplete_head {
            let _ = write!(told, "; hop {} without head", at + 1);
        }
    }
    let mut outcomes: BTreeMap<Outcome, usize> = BTreeMap::new();
    for recipient in &journey.recipients {
        *outcomes.entry(recipient.outcome).or_default() += 1;
    }
    let outcomes = outcomes.iter().map(|(it, n)| format!("{} {n}", it.name()));
    let outcomes: Vec<String> = outcomes.collect();
    if !outcomes.is_empty() {
        let _ = write!(told, "; {}", outcomes.join(" "));
    }
    for it in &journey.unnamed {
        let _ = write!(told, "; unnamed {} {}", it.count, it.outcome.name());
    }
    let saved = journey
        .recipients
        .iter()
        .filter(|it| it.saved_in().is_some());
    let saved = saved.count();
    let message_id = journey.message_id.as_ref().filter(|it| ***it != "<>");
    if message_id.is_none() {
        told.push_str("; no Message-ID");
    }
    let decisions = hops.iter().flat_map(|it| &it.decisions);
    let refused = decisions
        .filter(|it| it.kind == Kind::MessageRejected && !it.whole_message)
        .count();
    let verdicts: usize = hops.iter().map(|it| it.verdicts.len()).sum();
    for (name, count) in [
        ("saved", saved),
        ("refused", refused),
        ("verdicts", verdicts),
        ("notifications", journey.notifications.len()),
    ] {
        if count > 0 {
            let _ = write!(told, "; {name} {count}");
        }
    }
    told
}

/// `1-3 5 7-8`.
fn ranges(numbers: &[u64]) -> String {
    let runs = numbers.chunk_by(|one, other| one + 1 == *other);
    let runs = runs.map(|run| match run {
        [one] => one.to_string(),
        [first, .., last] => format!("{first}-{last}"),
        [] => String::new(),
    });
    runs.collect::<Vec<_>>().join(" ")
}
