//! Courier with settings, queue and mailboxes of its own.

use crate::place::{Place, free_port, id_of};
use crate::rsyslog::Rsyslog;
use crate::unpacked::{HOST, Unpacked};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Makes what the package's scripts make when it is installed, and starts the daemons in the
/// foreground: those that the scripts start leave our process group.
const START: &str = "\
ln -s makedat.courier /usr/bin/makedat
mkdir -p /run/courier/authdaemon
chown -R courier:courier /run/courier /var/lib/courier /etc/courier
chown root /etc/courier/userdb
chmod 600 /etc/courier/userdb
makeuserdb
makehosteddomains
makeacceptmailfor
makesmtpaccess
makealiases
touch /etc/environment
set -a
. /etc/courier/authdaemonrc
/usr/lib/courier/courier-authlib/authdaemond 2>&1 | courierlogger authdaemond &
(. /etc/courier/courierd; exec /usr/lib/courier/courier/courierd) &
. /etc/courier/esmtpd
BOFHCHECKDNS=0 TARPIT=0
exec /usr/sbin/couriertcpd -stderrlogger=/usr/sbin/courierlogger -nodnslookup -noidentlookup \\
    -user=courier -group=courier -access=/etc/courier/smtpaccess.dat \\
    -address=127.0.0.1 ";

/// Has authdaemond ask the list of users alone, which it needs to be told in its own file.
const AUTH: &str = "\
authmodulelist=\"authuserdb\"
authmodulelistorig=\"authuserdb\"
daemons=1
authdaemonvar=/run/courier/authdaemon
DEBUG_LOGIN=0
DEFAULTOPTIONS=\"\"
";

/// A Courier that runs, with mailboxes for users of `example.net`; other domains go to the next host.
pub struct Courier {
    port: u16,
    log: PathBuf,
    server: Unpacked,
}

impl Courier {
    /// Starts it and waits until it answers; mail for other domains goes to `next_port`. Aliases are
    /// lines of makealiases(8).
    pub fn start(
        place: &Place,
        users: &[&str],
        aliases: &str,
        next_port: u16,
        syslog: &Rsyslog,
    ) -> anyhow::Result<Self> {
        let port = free_port()?;
        let file = |name: &str, text: &str| {
            let name = format!("courier/etc/courier/{name}");
            place.file(&name, text).map(drop)
        };
        file("authdaemonrc", AUTH)?;
        file("me", HOST)?;
        file("defaultdomain", "example.net")?;
        file("locals", "localhost")?;
        file("hosteddomains/ours", "example.net\n")?;
        file("esmtpacceptmailfor.dir/ours", "example.net\n")?;
        file("smtpaccess/default", "127.0.0.1\tallow,RELAYCLIENT\n")?;
        file("dsnfrom", "<MAILER-DAEMON@example.net>")?;
        file("aliases/system", aliases)?;
        let route = format!(":[127.0.0.1],{next_port} /SECURITY=NONE\n");
        file("esmtproutes", &route)?;
        file("userdb", &mailboxes(place, users)?)?;
        let script = format!("{START}{port} /usr/sbin/courieresmtpd");
        Ok(Courier {
            port,
            log: syslog.log().to_owned(),
            server: Unpacked::start(place, "courier", &script, port, syslog)?,
        })
    }

    /// Where it takes mail.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The log of the syslog daemon.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Has it try all that is queued now.
    pub fn flush(&self) -> anyhow::Result<()> {
        self.server.run("courier", &["courier", "flush"]).map(drop)
    }

    /// Gives up all that is queued.
    pub fn cancel(&self) -> anyhow::Result<()> {
        let queued = self.server.run("courier", &["mailq", "-batch"])?;
        queued
            .lines()
            .filter_map(|line| line.split(';').nth(1))
            .try_for_each(|id| self.server.run("courier", &["cancelmsg", id]).map(drop))
    }
}

/// Makes mailboxes, and lists them in the form of makeuserdb(8).
fn mailboxes(place: &Place, users: &[&str]) -> anyhow::Result<String> {
    let uid = id_of("/etc/passwd", "mail")?;
    let gid = id_of("/etc/group", "mail")?;
    let mut list = String::new();
    for user in users {
        for folder in [
            "",
            "/Maildir",
            "/Maildir/cur",
            "/Maildir/new",
            "/Maildir/tmp",
        ] {
            place.folder(&format!("courier/mail/{user}{folder}"), "mail:mail", 0o700)?;
        }
        let home = place.path(&format!("courier/mail/{user}"));
        let home = home.display();
        let _ = writeln!(
            list,
            "{user}@example.net\tuid={uid}|gid={gid}|home={home}|mail={home}/Maildir"
        );
    }
    Ok(list)
}
