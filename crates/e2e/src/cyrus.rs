//! Cyrus with settings, users and mailboxes of its own.

use crate::PASSWORD;
use crate::place::{Place, free_port};
use crate::rsyslog::Rsyslog;
use crate::unpacked::Unpacked;
use std::path::{Path, PathBuf};

/// Makes what the package's scripts make when it is installed, before users are
/// made and the master is started in the foreground.
const START: &str = "\
for folder in db socket log msg proc user quota; do mkdir -p /var/lib/cyrus/$folder; done
mkdir -p /run/cyrus/proc /run/cyrus/lock /var/spool/cyrus/mail
chown -R cyrus:mail /run/cyrus /var/lib/cyrus /var/spool/cyrus
";

const SETTINGS: &str = "\
configdirectory: /var/lib/cyrus
proc_path: /run/cyrus/proc
mboxname_lockpath: /run/cyrus/lock
defaultpartition: default
partition-default: /var/spool/cyrus/mail
virtdomains: userid
unixhierarchysep: yes
altnamespace: yes
allowplaintext: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_mech_list: PLAIN LOGIN
sasl_sasldb_path: /etc/cyrus.sasldb
autocreate_quota: 0
autocreate_post: yes
autocreate_inbox_folders: Trash
syslog_prefix: cyrus
auditlog: yes
delete_mode: immediate
expunge_mode: immediate
";

/// A Cyrus that runs: LMTP and IMAP, with the audit log on.
pub struct Cyrus {
    lmtp_port: u16,
    imap_port: u16,
    log: PathBuf,
    _server: Unpacked,
}

impl Cyrus {
    /// Starts it and waits until it answers; users are addresses, all with [`PASSWORD`].
    pub fn start(place: &Place, users: &[&str], syslog: &Rsyslog) -> anyhow::Result<Self> {
        let [lmtp_port, imap_port] = [free_port()?, free_port()?];
        place.file("cyrus/etc/imapd.conf", SETTINGS)?;
        let services = format!(
            "START {{\n  recover cmd=\"/usr/sbin/cyrus ctl_cyrusdb -r\"\n}}\n\
             SERVICES {{\n  imap cmd=\"imapd -U 30\" listen=\"127.0.0.1:{imap_port}\" prefork=0\n  \
             lmtp cmd=\"lmtpd -a\" listen=\"127.0.0.1:{lmtp_port}\" prefork=0\n}}\n\
             EVENTS {{\n}}\n"
        );
        place.file("cyrus/etc/cyrus.conf", &services)?;
        let mut script = START.to_owned();
        for (name, domain) in users.iter().filter_map(|user| user.split_once('@')) {
            script += &format!(
                "echo {PASSWORD} | saslpasswd2 -p -c -f /etc/cyrus.sasldb -u {domain} {name}\n"
            );
        }
        script += "chmod 644 /etc/cyrus.sasldb\n\
                   exec /usr/sbin/cyrmaster -D -C /etc/imapd.conf -M /etc/cyrus.conf";
        Ok(Cyrus {
            lmtp_port,
            imap_port,
            log: syslog.log().to_owned(),
            _server: Unpacked::start(place, "cyrus", &script, imap_port, syslog)?,
        })
    }

    /// Where it takes mail, for a Postfix: `lmtp:inet:...`.
    pub fn transport(&self) -> String {
        format!("lmtp:inet:127.0.0.1:{}", self.lmtp_port)
    }

    /// Where its IMAP is.
    pub fn imap_port(&self) -> u16 {
        self.imap_port
    }

    /// The log of the syslog daemon.
    pub fn log(&self) -> &Path {
        &self.log
    }
}
