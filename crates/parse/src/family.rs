//! Families of programs: which rules read whose lines.

use crate::rule::Rule;
use crate::{amavis, courier, cyrus, dovecot, exim, opensmtpd, postfix, qmail, sendmail, uw_imap};

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
    ]
}
