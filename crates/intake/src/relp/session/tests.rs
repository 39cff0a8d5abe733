use super::*;
use crate::intake::Intake;
use crate::limits::LINE_BYTES_MAX;
use journal::{Journal, LocalJournal, Settings};
use std::sync::Arc;

fn session(check: impl FnOnce(&mut Session)) {
    let folder = tempfile::tempdir().unwrap();
    let journal = LocalJournal::open(folder.path(), Settings::default()).unwrap();
    let journal: Arc<dyn Journal> = Arc::new(journal);
    let intake = Arc::new(Intake::new(journal, || 7));
    let gathered = Gathered::new(intake, "relp 192.0.2.1".to_owned());
    check(&mut Session::new(gathered));
}

/// What a session answers to each text, and `closed` where it has had enough.
#[track_caller]
fn check(talk: &[(&str, &str)]) {
    session(|session| {
        for (said, answered) in talk {
            let taken = session.take(said.as_bytes(), LINE_BYTES_MAX);
            let mut answers = String::from_utf8(session.answers()).unwrap();
            if taken.is_err() {
                answers += "closed";
            }
            assert_eq!(answers, *answered, "to {said}");
        }
    });
}

const OPEN: &str = "1 open 30 relp_version=0\ncommands=syslog\n";
const OPENED: &str = concat!(
    "1 rsp 65 200 OK\nrelp_version=0\nrelp_software=waybill,",
    env!("CARGO_PKG_VERSION"),
    "\ncommands=syslog\n"
);

#[test]
fn a_session_as_librelp_has_it() {
    let open = "1 open 86 relp_version=0\nrelp_software=librelp,1.11.0,http://librelp.adiscon.com\ncommands=syslog\n";
    check(&[
        (open, OPENED),
        (
            "2 syslog 8 <22>one\n\n3 syslog 7 <22>two\n",
            "2 rsp 6 200 OK\n3 rsp 6 200 OK\n",
        ),
        ("0 hint 0\n", ""),
        ("4 close 0\n", "4 rsp 0\n"),
        ("5 syslog 7 <22>two\n", ""),
    ]);
}

#[test]
fn what_is_not_known_is_answered_so() {
    check(&[(
        "1 open 17 commands=eventlog\n",
        "1 rsp 42 500 no command offered but syslog is known\n",
    )]);
    check(&[
        (OPEN, OPENED),
        ("2 starttls 0\n", "2 rsp 19 500 unknown command\n"),
        ("3 open 0\n", "3 rsp 19 500 session is open\n"),
        ("4 syslog 0\n", "4 rsp 6 200 OK\n"),
    ]);
}

#[test]
fn what_would_lose_lines_closes() {
    check(&[("1 syslog 1 a\n", "closed")]);
    check(&[("2 open 0\n", "closed")]);
    check(&[
        (OPEN, OPENED),
        ("2 syslog 1 a\n4 syslog 1 b\n", "2 rsp 6 200 OK\nclosed"),
    ]);
    check(&[
        (OPEN, OPENED),
        ("2 syslog 1 a\n<22>x\n", "2 rsp 6 200 OK\nclosed"),
    ]);
}

#[test]
fn numbers_begin_anew_behind_the_last() {
    session(|session| {
        session.take(OPEN.as_bytes(), LINE_BYTES_MAX).unwrap();
        session.txnr = TXNR_MAX - 1;
        let frames = b"999999999 syslog 1 a\n1 syslog 1 b\n";
        session.take(frames, LINE_BYTES_MAX).unwrap();
        assert_eq!(session.txnr, 1);
        assert_eq!(
            session.gathered.bytes(),
            2 * 17 + 2 + "relp 192.0.2.1".len()
        );
    });
}
