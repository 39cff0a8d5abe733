//! freshclam, which fetches ClamAV's signatures. Source: ClamAV `freshclam/freshclam.c`,
//! `libfreshclam/*.c`.

use crate::filter::{Shapes, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind};

pub(crate) const RULES: &[Rule] = &[CHECKED, FETCHED, FAILED];

const CHECKED: Rule = rule(
    "freshclam checked",
    checked,
    "ClamAV freshclam/freshclam.c, libfreshclam/libfreshclam_internal.c",
    &[
        "Sun Nov 22 08:33:19 2026 -> ClamAV update process started at Sun Nov 22 08:33:19 2026",
        "Nov 22 08:23:21 mx1 freshclam[7]: daily.cld database is up-to-date (version: 27900, sigs: 2070000, f-level: 90, builder: x)",
        "Sun Nov 22 08:33:19 2026 -> main.cvd is up to date (version: 62, sigs: 6647427, f-level: 90, builder: x)",
        "Nov 22 08:23:21 mx1 freshclam[7]: Received signal: wake up",
        "Sun Nov 22 08:33:19 2026 -> --------------------------------------",
    ],
);

fn checked<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "ClamAV update process started at *"),
        (Kind::ServiceInfo, "~ database is up*to*date (version: *)"),
        (Kind::ServiceInfo, "~ is up*to*date (version: *)"),
        (Kind::ServiceInfo, "Received signal: wake up"),
        (Kind::ServiceStopped, "Received signal: SIGTERM *"),
        (Kind::ServiceInfo, "Received signal: *"),
        (Kind::ServiceInfo, "-----*"),
        (Kind::ServiceStarted, "freshclam daemon ~ *"),
        (Kind::ServiceStopped, "Update process terminated"),
    ];
    shaped(at, SHAPES)
}

const FETCHED: Rule = rule(
    "freshclam fetched",
    fetched,
    "ClamAV libfreshclam/libfreshclam_internal.c",
    &[
        "Nov 22 08:23:21 mx1 freshclam[7]: daily database available for update (local version: 27899, remote version: 27900)",
        "Sun Nov 22 08:33:19 2026 -> Testing database: '/var/lib/clamav/tmp.1/clamav-x.tmp-daily.cld' ...",
        "Sun Nov 22 08:33:19 2026 -> Database test passed.",
        "Sun Nov 22 08:33:19 2026 -> daily.cld updated (version: 27900, sigs: 2070000, f-level: 90, builder: x)",
        "Sun Nov 22 08:33:19 2026 -> Clamd successfully notified about the update.",
        "Sun Nov 22 08:33:19 2026 -> Downloading daily-27900.cdiff [100%]",
    ],
);

fn fetched<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "~ database available for *"),
        (Kind::ServiceInfo, "Current database is # version* behind*"),
        (Kind::ServiceInfo, "Downloading ~ [*]"),
        (Kind::ServiceInfo, "Downloading database patch # #*"),
        (Kind::ServiceInfo, "Retrieving *"),
        (Kind::ServiceInfo, "Time: *"),
        (Kind::ServiceInfo, "Testing database: '*' ..."),
        (Kind::ServiceInfo, "Database test passed."),
        (Kind::ServiceReloaded, "~ updated (version: *)"),
        (Kind::ServiceInfo, "Database updated (# signatures) from *"),
        (Kind::ServiceInfo, "Database update completed successfully."),
        (
            Kind::ServiceInfo,
            "Clamd successfully notified about the update.",
        ),
    ];
    shaped(at, SHAPES)
}

const FAILED: Rule = rule(
    "freshclam failed",
    failed,
    "ClamAV freshclam/*.c, libfreshclam/*.c",
    &[
        "Nov 22 08:23:21 mx1 freshclam[7]: ERROR: Database update process failed: Connection failed",
        "Sun Nov 22 08:33:19 2026 -> ^Your ClamAV installation is OUTDATED!",
        "Sun Nov 22 08:33:19 2026 -> ^Local version: 0.103.8 Recommended version: 1.4.6",
        "Sun Nov 22 08:33:19 2026 -> DON'T PANIC! Read https://docs.clamav.net/manual/Installing.html",
        "Sun Nov 22 08:33:19 2026 -> WARNING: Clamd was NOT notified: Can't connect to clamd through /run/clamav/clamd.ctl: No such file or directory",
        "Nov 22 08:23:21 mx1 freshclam[7]: Giving up on https://database.example.org...",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceError, "Database update process failed*"),
        (Kind::ServiceError, "Update failed for *"),
        (
            Kind::ServiceWarning,
            "Your ClamAV installation is OUTDATED!",
        ),
        (
            Kind::ServiceWarning,
            "Local version: ~ Recommended version: ~",
        ),
        (Kind::ServiceInfo, "DON'T PANIC! Read *"),
        (Kind::ServiceWarning, "Clamd was NOT notified: *"),
        (Kind::ServiceError, "Giving up on *"),
        (Kind::ServiceWarning, "Trying again in # *"),
        (Kind::ServiceWarning, "Can't *"),
        (Kind::ServiceWarning, "Download failed *"),
        (Kind::ServiceWarning, "Message: *"),
        (Kind::ServiceWarning, "FreshClam *"),
        (Kind::ServiceWarning, "Incremental update failed*"),
        (Kind::ServiceWarning, "You are on cool-down until after: *"),
        (Kind::ServiceWarning, "~: Can't *"),
        (Kind::ServiceWarning, "~ failed*"),
    ];
    shaped(at, SHAPES)
}
