//! The logs that are compared, the largest first, and where our totals differ on purpose.

use crate::corpus::{Deviation, Log};

/// Those real Postfix logs of the corpus that pflogsumm can read, but for a dump in which the same
/// lines were pasted many times.
pub(crate) const LOGS: &[Log] = &[
    Log {
        path: "postfix/jino-test-task/maillog.part1.zst",
        year_first: false,
        deviations: &[
            Deviation {
                what: "received",
                by: -1095,
                because: "queue ids with a client= line and none of the queue manager: the client \
                          left, or was refused, before the message was complete; 1,052 were given \
                          up, 43 are under way when the log ends",
            },
            Deviation {
                what: "rejected",
                by: 44,
                because: "ETRN refused; Postfix logs that as `warning: reject:`, pflogsumm lists \
                          it among the warnings",
            },
        ],
    },
    Log {
        path: "postfix/fgforrest-deliverability/real/mail.log.2.zst",
        year_first: true,
        deviations: &[],
    },
    Log {
        path: "postfix/pixelpark-logsums/mail.log.2023-03-14_15.zst",
        year_first: false,
        deviations: &[
            Deviation {
                what: "delivered",
                by: -135,
                because: "`sent` to amavis on the same host, from where the message came back; \
                          what came back was no reception to pflogsumm either, since that smtpd \
                          is named postfix/10025/smtpd",
            },
            Deviation {
                what: "bytes delivered",
                by: -20_272_462,
                because: "the same deliveries: each message received went through amavis once",
            },
        ],
    },
    Log {
        path: "mixed/mchirico-blockbadip/mail.log.zst",
        year_first: false,
        deviations: &[Deviation {
            what: "received",
            by: -27,
            because: "client= lines of messages that were never queued: 22 refused and 1 \
                      discarded by header checks, 4 given up by the client",
        }],
    },
    Log {
        path: "postfix/pflgviewer/mail.log.zst",
        year_first: false,
        deviations: &[
            Deviation {
                what: "received",
                by: -1,
                because: "under way when the log ends",
            },
            Deviation {
                what: "delivered",
                by: -4,
                because: "`sent` by discard(8): dropped",
            },
            Deviation {
                what: "bytes delivered",
                by: -102_376,
                because: "the same four",
            },
        ],
    },
    Log {
        path: "mixed/fonylew-mailgateway/maillog.zst",
        year_first: false,
        deviations: &[
            Deviation {
                what: "received",
                by: -849,
                because: "came back from the filter on port 10024: the same message again",
            },
            Deviation {
                what: "received",
                by: -312,
                because: "notifications that Sendmail made and handed to Postfix: no client's mail",
            },
            Deviation {
                what: "bytes received",
                by: -5_771_685,
                because: "the receptions from the filter",
            },
            Deviation {
                what: "bytes received",
                by: -1_115_317,
                because: "those notifications, and Sendmail's size of what it handed to Postfix",
            },
            Deviation {
                what: "bounced",
                by: 652,
                because: "by Sendmail, of whose lines pflogsumm reads nothing",
            },
            Deviation {
                what: "delivered",
                by: -857,
                because: "`sent` to that filter: 855 handed over, 2 that it says it discarded",
            },
            Deviation {
                what: "bytes delivered",
                by: -5_309_290,
                because: "the same deliveries",
            },
        ],
    },
    Log {
        path: "postfix/kdent-analysis/mail2.log.zst",
        year_first: false,
        deviations: &[Deviation {
            what: "received",
            by: -1,
            because: "given up before the message was complete",
        }],
    },
    Log {
        path: "postfix/kdent-analysis/mail.log",
        year_first: false,
        deviations: &[],
    },
    Log {
        path: "mixed/lightmeter/complete/mail.log.1",
        year_first: false,
        deviations: &[
            Deviation {
                what: "received",
                by: -101,
                because: "came back from the filter on port 10024: the same message again",
            },
            Deviation {
                what: "bytes received",
                by: -1_312_563,
                because: "the same receptions",
            },
            Deviation {
                what: "delivered",
                by: -127,
                because: "`sent` to that filter",
            },
            Deviation {
                what: "bytes delivered",
                by: -1_419_747,
                because: "the same deliveries",
            },
        ],
    },
];
