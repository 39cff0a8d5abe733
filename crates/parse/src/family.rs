//! Families of programs: which rules read whose lines.

use crate::rule::Rule;
use crate::{
    amavis, cisco_esa, clamav, dovecot, fortimail, mailscanner, opendkim, opendmarc, postfix,
    postfwd, postgrey, proxmox, rspamd, spamassassin, spf, sqlgrey,
};

/// The programs of one project, with the tables of rules that read their lines.
pub struct Family {
    /// The project's name: `Postfix`.
    pub name: &'static str,
    /// Which versions write the lines that are known, in words.
    pub versions: &'static str,
    /// What stands before the program in its syslog tag: `postfix/`; empty for most.
    pub tag: &'static str,
    /// Tables with the program that each is for; an empty program is for lines without a header or
    /// with one of the program's own, whose samples are whole lines.
    pub tables: &'static [(&'static str, &'static [Rule])],
}

/// All families.
pub fn families() -> &'static [Family] {
    &[
        Family {
            name: "Postfix",
            versions: "2.3 to 3.11",
            tag: "postfix/",
            tables: postfix::TABLES,
        },
        Family {
            name: "Dovecot",
            versions: "2.2 to 2.4, and what is still seen of 1.x",
            tag: "",
            tables: dovecot::TABLES,
        },
        Family {
            name: "amavis",
            versions: "2.6 to 2.14",
            tag: "",
            tables: amavis::TABLES,
        },
        Family {
            name: "Rspamd",
            versions: "1.9 to 4.1",
            tag: "",
            tables: rspamd::TABLES,
        },
        Family {
            name: "SpamAssassin",
            versions: "3.2 to 4.0; spamass-milter 0.4",
            tag: "",
            tables: spamassassin::TABLES,
        },
        Family {
            name: "OpenDKIM",
            versions: "2.10 to 2.11",
            tag: "",
            tables: opendkim::TABLES,
        },
        Family {
            name: "OpenDMARC",
            versions: "1.3 to 1.4",
            tag: "",
            tables: opendmarc::TABLES,
        },
        Family {
            name: "ClamAV",
            versions: "0.99 to 1.4; clamsmtp 1.10",
            tag: "",
            tables: clamav::TABLES,
        },
        Family {
            name: "postgrey",
            versions: "1.31 to 1.37",
            tag: "",
            tables: postgrey::TABLES,
        },
        Family {
            name: "SQLgrey",
            versions: "1.8",
            tag: "",
            tables: sqlgrey::TABLES,
        },
        Family {
            name: "SPF policy services",
            versions: "policyd-spf 1.3 to 3.1 (Python), postfix-policyd-spf-perl 2.011",
            tag: "",
            tables: spf::TABLES,
        },
        Family {
            name: "postfwd",
            versions: "1.35 to 3",
            tag: "",
            tables: postfwd::TABLES,
        },
        Family {
            name: "MailScanner",
            versions: "4.84 to 5.5",
            tag: "",
            tables: mailscanner::TABLES,
        },
        Family {
            name: "Proxmox Mail Gateway",
            versions: "6 to 9",
            tag: "",
            tables: proxmox::TABLES,
        },
        Family {
            name: "FortiMail",
            versions: "5 to 7",
            tag: "",
            tables: fortimail::TABLES,
        },
        Family {
            name: "Cisco Secure Email Gateway",
            versions: "AsyncOS 11 to 16",
            tag: "",
            tables: cisco_esa::TABLES,
        },
    ]
}
