//! Families of programs: which rules read whose lines.

use crate::rule::Rule;
use crate::{
    amavis, dovecot, exchange, gateway, haraka, kumomta, nginx, postfix, roundcube, servers, sogo,
    web, webmail, zimbra,
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
            name: "Web access",
            versions: "combined format of httpd and nginx; IIS with Exchange",
            tag: "",
            tables: web::TABLES,
        },
    ]
}
