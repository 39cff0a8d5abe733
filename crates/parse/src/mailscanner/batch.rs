//! What MailScanner tells of its batches and of itself.
//! Source: MailScanner `MessageBatch.pm`, `SA.pm`, `Config.pm`, `bin/MailScanner`.

use crate::filter::{Shapes, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind};

pub(crate) const RULES: &[Rule] = &[BATCH, SERVICE, TROUBLE];

const BATCH: Rule = rule(
    "mailscanner batch",
    batch,
    "MailScanner MessageBatch.pm, Queue.pm",
    &[
        "New Batch: Scanning 3 messages, 20112 bytes",
        "New Batch: Found 120 messages waiting",
        "Spam Checks: Starting",
        "Spam Checks: Found 1 spam messages",
        "Virus and Content Scanning: Starting",
        "Virus Scanning: Clamd found 1 infections",
        "Virus Scanning: Found 1 viruses",
        "Uninfected: Delivered 3 messages",
        "Unscanned: Delivered 1 messages",
        "Batch (3 messages) processed in 2.11 seconds",
        "Batch completed at 9531 bytes per second (20112 / 2)",
        "Notices: Warned about 1 messages",
        "Silent: Delivered 1 messages containing silent viruses",
    ],
);

fn batch<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceStatistics, "New Batch: *# *"),
        (Kind::ServiceInfo, "~ Checks: Starting*"),
        (Kind::ServiceInfo, "~ checks starting*"),
        (Kind::ServiceInfo, "* Scanning: Starting*"),
        (Kind::ServiceStatistics, "~ Checks: Found # *"),
        (
            Kind::ServiceStatistics,
            "~ Checks completed at # bytes per second",
        ),
        (Kind::ServiceStatistics, "* Scanning: *found # *"),
        (Kind::ServiceStatistics, "* Scanning: Found # *"),
        (
            Kind::ServiceStatistics,
            "* Scanning completed at # bytes per second",
        ),
        (
            Kind::ServiceStatistics,
            "* Processing completed at # bytes per second",
        ),
        (Kind::ServiceStatistics, "~: Delivered # *"),
        (Kind::ServiceStatistics, "~ ~: Delivered # *"),
        (Kind::ServiceStatistics, "Batch *processed in ~ seconds"),
        (
            Kind::ServiceStatistics,
            "Batch completed at # bytes per second*",
        ),
        (Kind::ServiceInfo, "Notices: Warned about # messages"),
        (
            Kind::ServiceInfo,
            "Deleted # messages from processing-database",
        ),
        (
            Kind::ServiceInfo,
            "Making attempt # at processing message ~",
        ),
        (Kind::ServiceInfo, "SpamAssassin returned #"),
    ];
    shaped(at, SHAPES)
}

const SERVICE: Rule = rule(
    "mailscanner service",
    service,
    "MailScanner bin/MailScanner, Config.pm, SA.pm, Lock.pm",
    &[
        "MailScanner Email Processor version 5.4.5 starting...",
        "MailScanner E-Mail Virus Scanner version 4.84.6 starting...",
        "MailScanner child dying of old age",
        "Reading configuration file /etc/MailScanner/MailScanner.conf",
        "Read 1500 hostnames from the phishing whitelist",
        "Using SpamAssassin results cache",
        "Connected to SpamAssassin cache database",
        "Using locktype = posix",
        "Config: calling custom init function MailWatchLogging",
        "Started SQL Logging child",
        "I have found clamd scanners installed, and will use them all by default.",
        "Phishing bad sites list updated",
    ],
);

fn service<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceStarted, "MailScanner ~* version ~ starting..."),
        (Kind::ServiceInfo, "MailScanner child *"),
        (Kind::ServiceStopped, "MailScanner stopping*"),
        (Kind::ServiceInfo, "Reading configuration file *"),
        (Kind::ServiceInfo, "Reading response rules *"),
        (Kind::ServiceInfo, "Read # *"),
        (Kind::ServiceInfo, "Using SpamAssassin results cache"),
        (Kind::ServiceInfo, "Connected to * database"),
        (Kind::ServiceInfo, "Enabling SpamAssassin *"),
        (
            Kind::ServiceInfo,
            "SpamAssassin temporary working directory is *",
        ),
        (Kind::ServiceInfo, "Using locktype = ~"),
        (Kind::ServiceInfo, "Using spool directory *"),
        (Kind::ServiceInfo, "Config: calling custom ~ function ~"),
        (Kind::ServiceInfo, "Initialising *"),
        (Kind::ServiceInfo, "Initializing *"),
        (Kind::ServiceInfo, "Closing down *"),
        (Kind::ServiceInfo, "Started ~ Logging child"),
        (Kind::ServiceInfo, "Starting up ~ *"),
        (Kind::ServiceInfo, "MailWatch: *"),
        (Kind::ServiceInfo, "I have found * scanners installed, *"),
        (Kind::ServiceInfo, "Auto: Found virus scanners: *"),
        (Kind::ServiceInfo, "Skipping sender of precedence ~"),
        (Kind::ServiceInfo, "Phishing * list updated"),
        (Kind::ServiceInfo, "Delivery to *"),
        (Kind::ServiceInfo, "User's home directory *"),
    ];
    shaped(at, SHAPES)
}

const TROUBLE: Rule = rule(
    "mailscanner trouble",
    trouble,
    "MailScanner *.pm",
    &[
        "SpamAssassin timed out and was killed, failure 1 of 10",
        "Commercial scanner clamd timed out!",
        "Virus Scanning: Denial Of Service attack detected!",
        "RBL Check spamhaus timed out and was killed, consecutive failure 1 of 7",
        "Cannot open message file x, No such file or directory",
        "Clamd::ERROR:: UNKNOWN CLAMD RETURN ./lstat() failed",
        "Possible syntax error on line 3 of /etc/MailScanner/MailScanner.conf",
    ],
);

fn trouble<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceWarning, "SpamAssassin timed out *"),
        (Kind::ServiceWarning, "~ Check ~ timed out *"),
        (Kind::ServiceWarning, "RBL ~ ~ timed out *"),
        (Kind::ServiceWarning, "Commercial scanner ~ timed out!"),
        (Kind::ServiceWarning, "* Denial Of Service attack *"),
        (Kind::ServiceError, "~::ERROR:: *"),
        (Kind::ServiceError, "Cannot *"),
        (Kind::ServiceError, "Could not *"),
        (Kind::ServiceError, "Unable to *"),
        (Kind::ServiceWarning, "Possible syntax error on line # of *"),
        (
            Kind::ServiceWarning,
            "Syntax error(s) in configuration file*",
        ),
        (
            Kind::ServiceWarning,
            "Unrecognised keyword \"*\" at line # of *",
        ),
        (Kind::ServiceWarning, "Warning: *"),
    ];
    shaped(at, SHAPES)
}
