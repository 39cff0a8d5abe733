//! Families of programs: which rules read whose lines.

use crate::rule::Rule;
use crate::{
    amavis, application, cisco_esa, clamav, courier, cyrus, dovecot, exchange, exim, fortimail,
    gateway, haraka, kumomta, mailscanner, nginx, opendkim, opendmarc, opensmtpd, postfix, postfwd,
    postgrey, postsrsd, proxmox, qmail, roundcube, rspamd, sendmail, servers, sogo, spamassassin,
    spf, sqlgrey, uw_imap, web, webmail, zimbra,
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

impl Family {
    /// Each rule's samples as whole lines, as syslog or the program itself would write them.
    pub fn samples(&self) -> impl Iterator<Item = (&'static Rule, String)> {
        self.tables.iter().flat_map(|&(program, rules)| {
            let header = match program {
                "" => String::new(),
                _ => format!("Nov 22 08:23:21 mx1 {}{program}[7]: ", self.tag),
            };
            rules.iter().flat_map(move |rule| {
                let header = header.clone();
                let samples = rule.samples.iter();
                samples.map(move |sample| (rule, format!("{header}{sample}")))
            })
        })
    }
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
            name: "Exim",
            versions: "4.60 to 4.99",
            tag: "",
            tables: exim::TABLES,
        },
        Family {
            name: "Sendmail",
            versions: "8.9 to 8.18",
            tag: "",
            tables: sendmail::TABLES,
        },
        Family {
            name: "OpenSMTPD",
            versions: "5.4 to 7.8",
            tag: "",
            tables: opensmtpd::TABLES,
        },
        Family {
            name: "qmail",
            versions: "1.03, netqmail, notqmail, s/qmail, with ucspi-tcp, vpopmail and spamdyke",
            tag: "",
            tables: qmail::TABLES,
        },
        Family {
            name: "Courier",
            versions: "0.60 to 1.5, with courier-imap and courier-authlib",
            tag: "",
            tables: courier::TABLES,
        },
        Family {
            name: "Cyrus IMAP",
            versions: "2.2 to 3.12",
            tag: "cyrus/",
            tables: cyrus::TABLES,
        },
        Family {
            name: "UW IMAP",
            versions: "2000 to 2007",
            tag: "",
            tables: uw_imap::TABLES,
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
            name: "PostSRSd",
            versions: "1.1 to 2.0",
            tag: "",
            tables: postsrsd::TABLES,
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
        Family {
            name: "Haraka",
            versions: "2.8 to 3.1",
            tag: "",
            tables: haraka::TABLES,
        },
        Family {
            name: "KumoMTA",
            versions: "2023.05 to 2026.03",
            tag: "",
            tables: kumomta::TABLES,
        },
        Family {
            name: "Microsoft Exchange",
            versions: "2007 to 2019 and Subscription Edition; message trace of Microsoft 365",
            tag: "",
            tables: exchange::TABLES,
        },
        Family {
            name: "Mail gateways",
            versions: "JSON records of Proofpoint on Demand, Mimecast, Retarus, Trend Micro Email Security, Vade for M365",
            tag: "",
            tables: gateway::TABLES,
        },
        Family {
            name: "Roundcube",
            versions: "0.5 to 1.7",
            tag: "",
            tables: roundcube::TABLES,
        },
        Family {
            name: "SOGo",
            versions: "2 to 5",
            tag: "",
            tables: sogo::TABLES,
        },
        Family {
            name: "Zimbra",
            versions: "8 to 10",
            tag: "",
            tables: zimbra::TABLES,
        },
        Family {
            name: "nginx",
            versions: "1.0 to 1.29: mail proxy and errors",
            tag: "",
            tables: nginx::TABLES,
        },
        Family {
            name: "Other webmails",
            versions: "logins of SquirrelMail, Horde, Open WebMail, Group-Office, tine, Mailu",
            tag: "",
            tables: webmail::TABLES,
        },
        Family {
            name: "Other mail servers",
            versions: "logins of perdition, solid-pop3d, Domino, Oracle Messaging Server, DirectAdmin",
            tag: "",
            tables: servers::TABLES,
        },
        Family {
            name: "Mail events of applications",
            versions: "JSON of webhooks as Mailgun sends them",
            tag: "",
            tables: application::TABLES,
        },
        Family {
            name: "Web access",
            versions: "combined format of httpd and nginx; IIS with Exchange",
            tag: "",
            tables: web::TABLES,
        },
    ]
}
