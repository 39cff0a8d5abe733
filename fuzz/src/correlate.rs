//! Target `correlate`: any sequence of lines, told by a few words or as they stand, at any times.

use correlate::{Correlator, Read, Settings, Sink};
use model::{Line, LineId, Link, Row, Texts, TimeOrigin, Timestamp};
use std::fmt::Write;

const HOSTS: &[&str] = &["mx1", "mx2", "store1"];

const QUEUE_IDS: &[&str] = &[
    "4bXyZ10QzKz1r",
    "4bXyZ20QzKz1s",
    "4bXyZ30QzKz1t",
    "3F2A1C0D",
    "A1B2C3D4E5",
    "NOQUEUE",
];

const LABELS: &[&str] = &["postfix", "postfix/submission", "postfix-out"];

const MESSAGE_IDS: &[&str] = &["a@example.org", "b@example.org", "c@example.net"];

const ADDRESSES: &[&str] = &[
    "",
    "anna@example.org",
    "ben@example.net",
    "info@example.com",
];

/// Lines behind the stamp. `H` host, `L` label, `Q` and `R` queue ids, `P` process, `M` message-id,
/// `A` and `B` addresses, `X` any bytes; what else stands in braces stands for itself.
const TEMPLATES: &[&str] = &[
    "{H} {L}/smtpd[{P}]: connect from a.example.org[192.0.2.1]",
    "{H} {L}/smtpd[{P}]: disconnect from a.example.org[192.0.2.1] ehlo=1 mail=1 rcpt=1 commands=3",
    "{H} {L}/smtpd[{P}]: lost connection after DATA from a.example.org[192.0.2.1]",
    "{H} {L}/smtpd[{P}]: {Q}: client=a.example.org[192.0.2.1]",
    "{H} {L}/smtpd[{P}]: {Q}: client=localhost[127.0.0.1], orig_queue_id={R}, orig_client=a.example.org[192.0.2.1]",
    "{H} {L}/smtpd[{P}]: NOQUEUE: reject: RCPT from a.example.org[192.0.2.1]: 550 5.1.1 <{A}>: User unknown; from=<{B}> to=<{A}> proto=ESMTP helo=<a>",
    "{H} {L}/smtpd[{P}]: warning: a.example.org[192.0.2.1]: SASL LOGIN authentication failed: {X}",
    "{H} {L}/smtpd[{P}]: Anonymous TLS connection established from a.example.org[192.0.2.1]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
    "{H} {L}/pickup[{P}]: {Q}: uid=1000 from=<{A}>",
    "{H} {L}/pickup[{P}]: {Q}: uid=1000 from=<{A}> orig_id={R}",
    "{H} {L}/cleanup[{P}]: {Q}: message-id=<{M}>",
    "{H} {L}/cleanup[{P}]: {Q}: hold: header Subject: {X} from a.example.org[192.0.2.1]; from=<{A}> to=<{B}> proto=ESMTP helo=<a>",
    "{H} {L}/cleanup[{P}]: {Q}: reject: header Subject: {X} from a.example.org[192.0.2.1]; from=<{A}> to=<{B}> proto=ESMTP helo=<a>: 5.7.1 no",
    "{H} {L}/cleanup[{P}]: {Q}: discard: header Subject: {X} from a.example.org[192.0.2.1]; from=<{A}> to=<{B}> proto=ESMTP helo=<a>",
    "{H} {L}/cleanup[{P}]: {Q}: warning: header Subject: {X} from a.example.org[192.0.2.1]; from=<{A}> to=<{B}> proto=ESMTP helo=<a>",
    "{H} {L}/cleanup[{P}]: {Q}: milter-reject: END-OF-MESSAGE from a.example.org[192.0.2.1]: 5.7.1 {X}; from=<{A}> to=<{B}> proto=ESMTP helo=<a>",
    "{H} {L}/qmgr[{P}]: {Q}: from=<{A}>, size=1234, nrcpt=2 (queue active)",
    "{H} {L}/qmgr[{P}]: {Q}: from=<{A}>, status=expired, returned to sender",
    "{H} {L}/qmgr[{P}]: {Q}: removed",
    "{H} {L}/smtp[{P}]: {Q}: to=<{A}>, relay=mx2[192.0.2.2]:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {R})",
    "{H} {L}/smtp[{P}]: {Q}: to=<{A}>, orig_to=<{B}>, relay=127.0.0.1[127.0.0.1]:10024, delay=1.2, delays=0.1/0/0.5/0.6, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as {R})",
    "{H} {L}/smtp[{P}]: {Q}: to=<{A}>, relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred ({X})",
    "{H} {L}/smtp[{P}]: {Q}: to=<{A}>, relay=mx2[192.0.2.2]:25, delay=1, delays=0/0/1/0, dsn=5.1.1, status=bounced (host mx2[192.0.2.2] said: 550 5.1.1 {X})",
    "{H} {L}/lmtp[{P}]: {Q}: to=<{A}>, relay=store1[private/dovecot-lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 <{A}> {X} Saved)",
    "{H} {L}/local[{P}]: {Q}: to=<{A}>, orig_to=<{B}>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (forwarded as {R})",
    "{H} {L}/error[{P}]: {Q}: to=<{A}>, relay=none, delay=1, delays=0/0/0/1, dsn=4.3.0, status=deferred (delivery temporarily suspended: {X})",
    "{H} {L}/bounce[{P}]: {Q}: sender non-delivery notification: {R}",
    "{H} {L}/bounce[{P}]: {Q}: sender delay notification: {R}",
    "{H} {L}/postsuper[{P}]: {Q}: requeued",
    "{H} {L}/postsuper[{P}]: {Q}: removed",
    "{H} {L}/postsuper[{P}]: {Q}: placed on hold",
    "{H} {L}/postsuper[{P}]: {Q}: released from hold",
    "{H} {L}/smtp[{P}]: {Q}: host mx2[192.0.2.2] said: 450 4.2.0 {X} (in reply to RCPT TO command)",
    "{H} amavis[{P}]: ({P}-01) Passed CLEAN {RelayedInbound}, [192.0.2.1]:4000 [192.0.2.1] <{A}> -> <{B}>, Queue-ID: {Q}, Message-ID: <{M}>, mail_id: abc, Hits: 1.5, size: 900, queued_as: {R}, 300 ms",
    "{H} dovecot: lmtp({A})<{P}><sess/{P}>: msgid=<{M}>: saved mail to INBOX",
    "{H} dovecot: imap-login: Login: user=<{A}>, method=PLAIN, rip=192.0.2.9, lip=192.0.2.3, mpid={P}, TLS, session=<{P}>",
    "{H} dovecot: imap({A})<{P}><{P}>: Disconnected: Logged out in=10 out=20",
    "{H} {L}/smtpd[{P}]: {X}",
    "{X}",
];

/// Lines of other servers and filters; `E` is an Exim id. Only inputs that say so have them, so that
/// those found before mean what they meant.
const OTHERS: &[&str] = &[
    "{H} exim[{P}]: {E} <= {A} H=mx.example.org [192.0.2.1] P=esmtps S=900 id={M} for {B}",
    "{H} exim[{P}]: {E} <= <> R=1abcde-000001-AB U=Debian-exim P=local S=1200",
    "{H} exim[{P}]: {E} => {A} R=dnslookup T=remote_smtp H=mx2 [192.0.2.2] C=\"250 OK id={R}\"",
    "{H} exim[{P}]: {E} == {A} R=dnslookup T=remote_smtp defer (110): Connection timed out",
    "{H} exim[{P}]: {E} ** {A} R=dnslookup T=remote_smtp: {X}",
    "{H} exim[{P}]: {E} Completed",
    "{H} sm-mta[{P}]: 6AM8XJIE008151: from=<{A}>, size=900, class=0, nrcpts=2, msgid=<{M}>, proto=ESMTP, daemon=MTA, relay=a.example.org [192.0.2.1]",
    "{H} sm-mta[{P}]: 6AM8XJIE008151: to=<{A}>,<{B}>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=90096, relay=mx2. [192.0.2.2], dsn=2.0.0, stat=Sent (Ok: queued as {R})",
    "{H} sm-mta[{P}]: 6AM8XJIE008151: 6AM8XJIF008151: DSN: User unknown",
    "{H} sm-mta[{P}]: 6AM8XJIF008151: to=<{A}>, delay=00:00:01, xdelay=00:00:00, mailer=local, pri=90096, dsn=2.0.0, stat=Sent",
    "{H} qmail: 1795335801.250000 new msg 4242",
    "{H} qmail: 1795335801.250000 info msg 4242: bytes 900 from <{A}> qp {P} uid 505",
    "{H} qmail: 1795335801.250000 starting delivery {P}: msg 4242 to remote {A}",
    "{H} qmail: 1795335801.250000 delivery {P}: success: 192.0.2.2_accepted_message./Remote_host_said:_250_ok/",
    "{H} qmail: 1795335801.250000 delivery {P}: deferral: Sorry/",
    "{H} qmail: 1795335801.250000 end msg 4242",
    "{H} smtpd[{P}]: 0f1e2d3c4b5a6978 smtp connected address=192.0.2.1 host=a.example.org",
    "{H} smtpd[{P}]: 0f1e2d3c4b5a6978 smtp message msgid=c405e39a size=900 nrcpt=1 proto=ESMTP",
    "{H} smtpd[{P}]: 0f1e2d3c4b5a6978 smtp envelope evpid=c405e39ad6bbc64f from=<{A}> to=<{B}>",
    "{H} smtpd[{P}]: 0f1e2d3c4b5a6978 smtp disconnected reason=quit",
    "{H} opendkim[{P}]: {Q}: DKIM-Signature field added (s=s1, d=example.org)",
    "{H} postgrey[{P}]: action=greylist, reason=new, client_name=a.example.org, client_address=192.0.2.1, sender={A}, recipient={B}",
    "{H} dovecot: lmtp({A})<{P}><sess/{P}>: sieve: msgid=<{M}>: redirect action: forwarded to <{B}>",
    "{H} dovecot: imap({A})<{P}><{P}>: expunge: box=INBOX, uid=7, msgid=<{M}>, size=900",
];

/// Exim's ids have a shape of their own.
const EXIM_IDS: &[&str] = &[
    "1abcde-000001-AB",
    "1abcdf-000001-AB",
    "1vEZ7M-00000000001-0abc",
];

/// Steps of time in milliseconds.
const STEPS_MS: &[i64] = &[
    0,
    0,
    1,
    10,
    100,
    900,
    1_500,
    5_000,
    11_000,
    61_000,
    301_000,
    601_000,
    3_601_000,
    86_400_000,
    700_000_000,
    -1,
    -900,
    -5_000,
    -61_000,
    -7_200_000,
];

/// A snapshot is taken before a step whose template byte is this or above.
const SNAPSHOT_FROM: u8 = 236;

const LINES_MAX: usize = 2_000;

/// The first byte, but for its last two bits, where the input is lines as they stand, each behind a
/// byte for time and snapshot. `cargo xtask fuzz` writes such of the samples of each family.
const AS_WRITTEN: u8 = 4;

/// Joins lines that the input tells: a correlator that is stopped and restored gives the same rows
/// as one that runs on, and each line is in exactly one row.
pub fn correlate(input: &[u8]) {
    let Some((&settings, mut rest)) = input.split_first() else {
        return;
    };
    let keep_text = settings & 1 == 1;
    let with_others = settings & 2 == 2;
    let mut steady = Correlator::new(Settings { keep_text });
    let mut stopped = Correlator::new(Settings { keep_text });
    let (mut from_steady, mut from_stopped) = (Told::default(), Told::default());
    let mut at = Timestamp::from_seconds(1_795_335_801);
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let as_written = settings & !3 == AS_WRITTEN;
    while lines.len() < LINES_MAX
        && let Some((&first, after)) = rest.split_first()
    {
        if first >= SNAPSHOT_FROM {
            stopped = restored(&stopped);
        }
        let (line, step) = match as_written {
            true => written(first, after, &mut rest),
            false => assemble(first, with_others, after, &mut rest),
        };
        at = at.plus_millis(step);
        let event = parse::line(&line);
        let read = Read {
            event: &event,
            origin: TimeOrigin::Written,
            line: Line {
                id: LineId(lines.len() as u64),
                at,
                raw: &line,
            },
        };
        steady.apply(read, &mut from_steady);
        stopped.apply(read, &mut from_stopped);
        lines.push(line);
    }
    assert_eq!(restored(&steady).snapshot(), restored(&stopped).snapshot());
    steady.finish(&mut from_steady);
    stopped.finish(&mut from_stopped);
    assert_eq!(from_steady.told, from_stopped.told);
    assert_each_line_once(&mut from_steady.lines, &lines, keep_text);
}

fn restored(state: &Correlator) -> Correlator {
    let restore = |bytes: &[u8]| {
        let restored = Correlator::restore(bytes);
        restored.expect("a snapshot of this build is read by it")
    };
    let bytes = state.snapshot();
    let restored = restore(&bytes);
    // Messages stand in order from now on.
    let in_order = restored.snapshot();
    assert_eq!(in_order.len(), bytes.len());
    assert!(
        restore(&in_order).snapshot() == in_order,
        "the snapshot was changed"
    );
    assert_eq!(restored.sizes(), state.sizes());
    restored
}

/// One line as it stands, and the step of time before it.
fn written<'i>(step: u8, input: &'i [u8], rest: &mut &'i [u8]) -> (Vec<u8>, i64) {
    let end = input.iter().position(|&byte| byte == b'\n');
    let (line, after) = input.split_at(end.unwrap_or(input.len()));
    *rest = after.get(1..).unwrap_or_default();
    (line.to_vec(), STEPS_MS[usize::from(step) % STEPS_MS.len()])
}

/// One line by a template's number and the bytes behind it, and the step of time before it.
fn assemble<'i>(
    template: u8,
    with_others: bool,
    mut input: &'i [u8],
    rest: &mut &'i [u8],
) -> (Vec<u8>, i64) {
    let mut byte = || match input.split_first() {
        Some((&byte, after)) => {
            input = after;
            usize::from(byte)
        }
        None => 0,
    };
    let step = STEPS_MS[byte() % STEPS_MS.len()];
    let ids = byte();
    let words = byte();
    let host = HOSTS[ids % HOSTS.len()];
    let label = LABELS[ids / 3 % LABELS.len()];
    let queue_id = QUEUE_IDS[ids / 9 % QUEUE_IDS.len()];
    let other_id = QUEUE_IDS[words % QUEUE_IDS.len()];
    let pid = ["7", "8", "9"][words / 6 % 3];
    let message_id = MESSAGE_IDS[words / 18 % MESSAGE_IDS.len()];
    let address = ADDRESSES[words / 54 % ADDRESSES.len()];
    let other_address = ADDRESSES[(ids ^ words) % ADDRESSES.len()];
    let mut line = b"2026-11-22T08:23:21.000000Z ".to_vec();
    let others = if with_others { OTHERS } else { &[] };
    let at = usize::from(template) % (TEMPLATES.len() + others.len());
    let mut left = *TEMPLATES.iter().chain(others).nth(at).expect("in range");
    while let Some((before, after)) = left.split_once('{') {
        line.extend_from_slice(before.as_bytes());
        let (slot, after) = after.split_once('}').unwrap_or((after, ""));
        left = after;
        match slot {
            "H" => line.extend_from_slice(host.as_bytes()),
            "L" => line.extend_from_slice(label.as_bytes()),
            "Q" => line.extend_from_slice(queue_id.as_bytes()),
            "E" => line.extend_from_slice(EXIM_IDS[ids / 9 % EXIM_IDS.len()].as_bytes()),
            "R" => line.extend_from_slice(other_id.as_bytes()),
            "P" => line.extend_from_slice(pid.as_bytes()),
            "M" => line.extend_from_slice(message_id.as_bytes()),
            "A" => line.extend_from_slice(address.as_bytes()),
            "B" => line.extend_from_slice(other_address.as_bytes()),
            "X" => {
                let end = input.iter().position(|&byte| byte == 0);
                let (any, after) = input.split_at(end.unwrap_or(input.len()));
                line.extend_from_slice(any);
                input = after.get(1..).unwrap_or_default();
            }
            other => line.extend_from_slice(format!("{{{other}}}").as_bytes()),
        }
    }
    line.extend_from_slice(left.as_bytes());
    *rest = input;
    (line, step)
}

/// All that a correlator gave out, as text, and the lines that were in it.
#[derive(Default)]
struct Told {
    told: Vec<String>,
    lines: Vec<(LineId, Vec<u8>)>,
}

impl Sink for Told {
    fn row(&mut self, row: &Row<'_>) {
        let mut told = format!(
            "{:?} {} {:?} {} {} {} {:?} {:?} {:?} {:?} {} {}",
            row.kind,
            row.at,
            row.time_origin,
            row.host,
            row.label,
            row.program,
            row.pid,
            row.severity,
            row.item,
            row.queue_id,
            row.repeated,
            row.derived
        );
        let _ = write!(told, " {:?} {:?}", row.rcpt_to, row.orig_rcpt_to);
        if let Some(it) = row.message {
            let _ = write!(
                told,
                " message {} {:?} {:?} {:?} {:?} {:?} {} {}",
                texts(it.texts()),
                it.arrived,
                it.size,
                it.recipients,
                it.uid,
                it.client_port,
                it.incomplete_head,
                it.probe
            );
        }
        if let Some(it) = row.session {
            let _ = write!(
                told,
                " session {} {:?} {:?} {:?} {:?} {:?} {:?}",
                texts(it.texts()),
                it.started,
                it.ended,
                it.client_port,
                it.transactions,
                it.rejected,
                it.auth_failures
            );
        }
        if let Some(it) = row.tls {
            let _ = write!(told, " tls {}", texts(it.texts()));
        }
        for line in row.lines.iter() {
            let _ = write!(told, " {}", line.id.0);
            self.lines.push((line.id, line.raw.to_vec()));
        }
        self.told.push(told);
    }

    fn link(&mut self, link: &Link) {
        self.told.push(format!("{link:?}"));
    }
}

fn texts<const N: usize>(of: &Texts<N>) -> String {
    let texts: Vec<_> = (0..N).map(|place| of.get(place)).collect();
    format!("{texts:?}")
}

/// Sum of lines in is the sum of lines in rows, byte for byte where the text is kept.
fn assert_each_line_once(given: &mut [(LineId, Vec<u8>)], lines: &[Vec<u8>], keep_text: bool) {
    given.sort();
    let ids: Vec<u64> = given.iter().map(|(id, _)| id.0).collect();
    let wanted: Vec<u64> = (0..lines.len() as u64).collect();
    assert_eq!(ids, wanted, "each line must be in exactly one row");
    if keep_text {
        for ((_, raw), line) in given.iter().zip(lines) {
            assert!(raw == line, "a line was changed");
        }
    }
}
