//! What amavis tells of itself: start, modules, scanners, end.
//! Source: amavis `lib/Amavis.pm`, `lib/Amavis/*.pm`.

use super::{notice, starting};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Notice};

pub(crate) const RULES: &[Rule] = &[
    STARTED,
    SET_UP,
    DECODER,
    SCANNER,
    SPAMASSASSIN,
    STATUS,
    STOPPED,
];

const STARTED: Rule = rule(
    "amavis started",
    started,
    "amavis lib/Amavis.pm",
    &[
        "starting. /usr/sbin/amavisd-new at mx1.example.org amavisd-new-2.12.2 (20211013), Unicode aware, LANG=\"en_US.UTF-8\"",
        "starting. (warm) /usr/sbin/amavisd-new at mx1.example.org amavis-2.13.0 (20230106)",
    ],
);

fn started<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("starting. ")?;
    at.has("(warm) ");
    at.word()?;
    at.lit(" at ")?;
    at.word()?;
    at.lit(" ")?;
    let version = at.word()?;
    at.has(" ");
    Some(Body::Notice(Notice {
        about: version,
        ..notice(Kind::ServiceStarted, at.peek())
    }))
}

const SET_UP: Rule = rule(
    "amavis set up",
    set_up,
    "amavis lib/Amavis.pm, Net::Server",
    &[
        "perl=5.034000, user=119, EUID: 119 (119);  group=, EGID: 126 125 126 (126 125 126)",
        "Net::Server: Group Not Defined.  Defaulting to EGID '126 125 126'",
        "Net::Server: Binding to TCP port 10024 on host 127.0.0.1 with IPv4",
        "Module Amavis::Conf        2.412",
        "extra modules loaded: unicore/lib/Perl/SpacePer.pl",
        "user=, EUID: 119 (119);  group=(), EGID: 126 126 (126 126)",
        "No $altermime,         not using it",
        "Amavis::DB code         loaded",
        "Using /usr/bin/file(1) utility",
        "config files read: /usr/share/amavis/conf.d/01-debian",
        "Creating db in /var/lib/amavis/db/; BerkeleyDB 0.55, libdb 5.3",
    ],
);

fn set_up<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    starting(
        at,
        Kind::ServiceInfo,
        &[
            "perl=",
            "user=",
            "Net::Server: ",
            "Module ",
            "extra modules loaded: ",
            "No $",
            "Found $",
            "Amavis::",
            "Using /",
            "config files read: ",
            "Creating db in ",
        ],
    )
}

const DECODER: Rule = rule(
    "amavis decoder",
    decoder,
    "amavis lib/Amavis.pm (find_external_programs)",
    &[
        "No ext program for   .lrz, tried: lrzip -q -k -d -o -, lrzcat -q -k",
        "No decoder for       .7z  ",
        "Internal decoder for .mail",
        "Found decoder for    .cpio at /usr/bin/pax",
    ],
);

fn decoder<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    starting(
        at,
        Kind::ServiceInfo,
        &[
            "No ext program for ",
            "No decoder for ",
            "Internal decoder for ",
            "Found decoder for ",
        ],
    )
}

const SCANNER: Rule = rule(
    "amavis scanner",
    scanner,
    "amavis lib/Amavis/AV.pm",
    &[
        "Using primary internal av scanner code for ClamAV-clamd",
        "Found secondary av scanner ClamAV-clamscan at /usr/bin/clamscan",
        "No primary av scanner: KasperskyLab AVP",
    ],
);

fn scanner<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(&["Using ", "Found ", "No "])?;
    at.one_of(&["primary ", "secondary "])?;
    at.has("internal ");
    at.lit("av scanner")?;
    Some(Body::Notice(notice(Kind::ServiceInfo, text)))
}

const SPAMASSASSIN: Rule = rule(
    "amavis spamassassin",
    spamassassin,
    "amavis lib/Amavis/SpamControl/SpamAssassin.pm",
    &[
        "(12345-06) SA info: util: setuid: ruid=997 euid=997 rgid=994 egid=994",
        "(12345-06) (!)SA error: plugin failed to load",
        "(12345-06) (!)SA TIMED OUT, backtrace: at /usr/share/perl5 line 1",
        "SA info: zoom: able to use 360/360 'body_0' compiled rules (100%)",
        "SpamControl: init_pre_chroot on SpamAssassin done",
    ],
);

fn spamassassin<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let kind = match at.one_of(&[
        "SA info: ",
        "SA dbg: ",
        "SA warn: ",
        "SA error: ",
        "SA TIMED OUT",
        "SpamControl: ",
    ])? {
        "SA info: " | "SA dbg: " | "SpamControl: " => Kind::ServiceInfo,
        "SA warn: " => Kind::ServiceWarning,
        _ => Kind::ServiceError,
    };
    Some(Body::Notice(notice(kind, text)))
}

const STATUS: Rule = rule(
    "amavis status",
    status,
    "amavis lib/Amavis/Util.pm (sd_notify)",
    &["sd_notify (no socket): STATUS=Starting child process(es), ready for work."],
);

fn status<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("sd_notify (")?;
    at.until_str("): ")?;
    let text = at.remainder();
    Some(Body::Notice(notice(Kind::ServiceInfo, text)))
}

const STOPPED: Rule = rule(
    "amavis stopped",
    stopped,
    "amavis lib/Amavis.pm, Net::Server",
    &["Server closing!", "Exiting, reloading"],
);

fn stopped<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    starting(at, Kind::ServiceStopped, &["Server closing!", "Exiting"])
}
