//! A mail is given to the relay.

use crate::letter::Letter;
use crate::limits::{STEP_MAX, TAKE_MAX};
use crate::talk::{Line, Reply, Talk};
use crate::tls::{Authorities, Tls};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use lettre::Address;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::ServerName;

/// By which relay mail goes out.
#[derive(Clone)]
pub struct Relay {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whether with TLS.
    pub tls: Tls,
    /// Who may vouch for its name.
    pub authorities: Arc<Authorities>,
    /// As whom; `None`: it knows us by our address.
    pub login: Option<Login>,
    /// Who writes.
    pub from: Address,
}

/// As whom one speaks to a relay.
#[derive(Clone)]
pub struct Login {
    /// The name.
    pub user: String,
    /// What only we know.
    pub password: String,
}

/// No secret goes to where things are told.
impl fmt::Debug for Login {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Login({})", self.user)
    }
}

/// Why a mail was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// What was wrong; the relay's reply, where it gave one.
    pub why: String,
    /// Whether it may go another time.
    pub is_for_now: bool,
    /// Whether it may have been taken all the same: the line broke before the reply came.
    pub is_unclear: bool,
}

impl Unsent {
    fn for_now(why: impl fmt::Display) -> Self {
        Unsent {
            why: why.to_string(),
            is_for_now: true,
            is_unclear: false,
        }
    }

    fn for_good(why: impl fmt::Display) -> Self {
        Unsent {
            is_for_now: false,
            ..Unsent::for_now(why)
        }
    }
}

/// What a relay answered to a step, where that is good.
fn good(step: &str, reply: io::Result<Reply>) -> Result<Reply, Unsent> {
    match reply {
        Ok(reply) if reply.is_good() => Ok(reply),
        Ok(reply) if reply.is_for_now() => Err(Unsent::for_now(format!("{step}: {reply}"))),
        Ok(reply) => Err(Unsent::for_good(format!("{step}: {reply}"))),
        Err(error) => Err(Unsent::for_now(format!("{step}: {error}"))),
    }
}

impl Relay {
    /// Sends a mail; gives what the relay said when it took it.
    pub async fn send(&self, letter: &Letter) -> Result<String, Unsent> {
        let to: &str = letter.to.as_ref();
        if !to.is_ascii() {
            let why = "only addresses of ASCII are sent to: write the domain as `xn--...`";
            return Err(Unsent::for_good(why));
        }
        let mail = letter.bytes(&self.from).map_err(Unsent::for_good)?;
        let (mut talk, extensions) = self.connect().await?;
        if let Some(login) = &self.login {
            log_in(&mut talk, login, extensions.behind("AUTH")).await?;
        }
        let steps = [
            ("MAIL", format!("MAIL FROM:<{}>", self.from)),
            ("RCPT", format!("RCPT TO:<{to}>")),
            ("DATA", "DATA".to_owned()),
        ];
        for (step, command) in steps {
            good(step, talk.say(&command, STEP_MAX).await)?;
        }
        let taken = talk.give(&mail, TAKE_MAX).await;
        let is_unclear = taken.is_err();
        let reply = good("end of DATA", taken).map_err(|it| Unsent { is_unclear, ..it })?;
        // It has the mail, whatever it says to this.
        let _ = talk.say("QUIT", STEP_MAX).await;
        Ok(reply.to_string())
    }

    /// A conversation that has begun, with what the relay can do.
    async fn connect(&self) -> Result<(Talk, Reply), Unsent> {
        let at = (self.host.as_str(), self.port);
        let stream = tokio::time::timeout(STEP_MAX, TcpStream::connect(at)).await;
        let stream = stream.map_err(|_| Unsent::for_now("connect: no answer in time"))?;
        let stream = stream.map_err(|error| Unsent::for_now(format!("connect: {error}")))?;
        let own = stream.local_addr().map(|it| it.ip());
        let own = own.map_err(Unsent::for_now)?;
        let ehlo = match own.to_canonical() {
            IpAddr::V4(it) => format!("EHLO [{it}]"),
            IpAddr::V6(it) => format!("EHLO [IPv6:{it}]"),
        };
        let line: Box<dyn Line> = match self.tls {
            Tls::Implicit => self.encrypted(Box::new(stream)).await?,
            Tls::None | Tls::StartTls => Box::new(stream),
        };
        let mut talk = Talk::new(line);
        good("greeting", talk.listen(STEP_MAX).await)?;
        let mut extensions = good("EHLO", talk.say(&ehlo, STEP_MAX).await)?;
        if self.tls == Tls::StartTls {
            if extensions.behind("STARTTLS").is_none() {
                return Err(Unsent::for_good("the relay has no STARTTLS"));
            }
            good("STARTTLS", talk.say("STARTTLS", STEP_MAX).await)?;
            let line = talk.into_line().map_err(Unsent::for_good)?;
            talk = Talk::new(self.encrypted(line).await?);
            extensions = good("EHLO", talk.say(&ehlo, STEP_MAX).await)?;
        }
        Ok((talk, extensions))
    }

    async fn encrypted(&self, line: Box<dyn Line>) -> Result<Box<dyn Line>, Unsent> {
        let connector = self.authorities.connector().map_err(Unsent::for_good)?;
        let name = ServerName::try_from(self.host.clone()).map_err(Unsent::for_good)?;
        let line = tokio::time::timeout(STEP_MAX, connector.connect(name, line)).await;
        let line = line.map_err(|_| Unsent::for_now("TLS: no answer in time"))?;
        // A certificate may be mended.
        let line = line.map_err(|error| Unsent::for_now(format!("TLS: {error}")))?;
        Ok(Box::new(line))
    }
}

/// Logs in by PLAIN (RFC 4616), or by LOGIN where the relay knows that alone.
async fn log_in(talk: &mut Talk, login: &Login, ways: Option<&str>) -> Result<(), Unsent> {
    let ways = ways.unwrap_or_default();
    let has = |way: &str| ways.split(' ').any(|it| it.eq_ignore_ascii_case(way));
    let encoded = |text: &str| BASE64_STANDARD.encode(text);
    let Login { user, password } = login;
    let steps = if has("PLAIN") {
        vec![format!(
            "AUTH PLAIN {}",
            encoded(&format!("\0{user}\0{password}"))
        )]
    } else if has("LOGIN") {
        vec!["AUTH LOGIN".to_owned(), encoded(user), encoded(password)]
    } else {
        return Err(Unsent::for_good(
            "the relay takes no login by PLAIN or LOGIN",
        ));
    };
    for command in steps {
        good("AUTH", talk.say(&command, STEP_MAX).await)?;
    }
    Ok(())
}
