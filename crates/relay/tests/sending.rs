//! Mail to a relay on loopback that speaks SMTP as it is told to: with and without TLS, with logins, and
//! breaking off where it hurts.

use jiff::Timestamp;
use relay::{Authorities, Letter, Login, Relay, Tls, Unsent};
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The authority, and the certificate of `localhost`; how they were made stands beside them.
macro_rules! certificate {
    ($name:literal) => {
        include_str!(concat!("../../intake/tests/syslog/certificates/", $name))
    };
}

/// How the relay behaves.
#[derive(Clone, Copy, Default)]
struct Manner {
    implicit: bool,
    starttls: bool,
    /// Ways to log in that it tells, once there is TLS.
    auth: &'static str,
    /// A command and what is answered to it instead; nothing is: the line is cut.
    odd: Option<(&'static str, &'static str)>,
}

/// What was said to it, with and without TLS.
type Said = Arc<Mutex<Vec<(bool, String)>>>;

fn acceptor() -> TlsAcceptor {
    let chain = CertificateDer::pem_slice_iter(certificate!("ours-localhost.pem").as_bytes());
    let chain = chain.collect::<Result<Vec<_>, _>>().expect("certificates");
    let key = PrivateKeyDer::from_pem_slice(certificate!("ours-localhost.key").as_bytes());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key.expect("a key"));
    TlsAcceptor::from(Arc::new(config.expect("they fit")))
}

/// Begins a relay; gives its port, and what is said to it.
async fn server(manner: Manner) -> (u16, Said) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let said = Said::default();
    let to = Arc::clone(&said);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = serve(stream, manner, &to).await;
        }
    });
    (port, said)
}

async fn serve(stream: TcpStream, manner: Manner, said: &Said) -> std::io::Result<()> {
    if manner.implicit {
        let stream = acceptor().accept(stream).await?;
        return speak(stream, manner, said, true).await.map(drop);
    }
    let rest = speak(stream, manner, said, false).await?;
    if let Some(stream) = rest {
        let stream = acceptor().accept(stream).await?;
        speak(stream, manner, said, true).await?;
    }
    Ok(())
}

/// Speaks up to the end, or up to where TLS begins.
async fn speak<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    manner: Manner,
    said: &Said,
    is_tls: bool,
) -> std::io::Result<Option<S>> {
    let mut stream = BufReader::new(stream);
    if manner.implicit || !is_tls {
        stream.write_all(b"220 relay ESMTP\r\n").await?;
    }
    let mut in_mail = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim_end_matches("\r\n").to_owned();
        said.lock()
            .expect("nobody panics")
            .push((is_tls, line.clone()));
        let word = match in_mail {
            true if line == "." => "END".to_owned(),
            true => continue,
            false => line.split([' ', ':']).next().unwrap_or_default().to_owned(),
        };
        in_mail = word == "DATA";
        let auth = match manner.auth {
            ways if !ways.is_empty() && (is_tls || !manner.starttls) => {
                format!("250-AUTH {ways}\r\n")
            }
            _ => String::new(),
        };
        let starttls = if manner.starttls && !is_tls {
            "250-STARTTLS\r\n"
        } else {
            ""
        };
        let answer = match word.as_str() {
            word if manner.odd.is_some_and(|(odd, _)| odd == word) => {
                let answer = manner.odd.map_or("", |(_, answer)| answer);
                if answer.is_empty() {
                    return Ok(None);
                }
                answer.to_owned()
            }
            "EHLO" => format!("250-relay\r\n{starttls}{auth}250 8BITMIME"),
            "STARTTLS" => {
                stream.write_all(b"220 go on\r\n").await?;
                return Ok(Some(stream.into_inner()));
            }
            "AUTH" if line == "AUTH LOGIN" => "334 VXNlcm5hbWU6".to_owned(),
            "d2F5YmlsbA==" => "334 UGFzc3dvcmQ6".to_owned(),
            "AUTH" | "c2VjcmV0" => "235 welcome".to_owned(),
            "DATA" => "354 go on".to_owned(),
            "END" => "250 2.0.0 Ok: queued as 4F00".to_owned(),
            "QUIT" => "221 bye".to_owned(),
            _ => "250 Ok".to_owned(),
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

fn relay(port: u16, tls: Tls, login: bool) -> Relay {
    let mut file = tempfile::NamedTempFile::new().expect("there is room");
    write!(file, "{}", certificate!("ours.pem")).expect("it can be written");
    Relay {
        host: "localhost".to_owned(),
        port,
        tls,
        authorities: Arc::new(Authorities::of_file(file.path()).expect("a certificate")),
        login: login.then(|| Login {
            user: "waybill".to_owned(),
            password: "secret".to_owned(),
        }),
        from: "waybill@w.example".parse().expect("an address"),
    }
}

fn letter(subject: &str) -> Letter {
    Letter {
        id: "waybill.1".to_owned(),
        at: Timestamp::from_second(1_795_000_000).expect("a time"),
        to: "anna@a.example".parse().expect("an address"),
        subject: subject.to_owned(),
        text: "perché\n.\nQUIT\n".to_owned(),
        html: None,
    }
}

async fn sent(
    manner: Manner,
    tls: Tls,
    login: bool,
) -> (Result<String, Unsent>, Vec<(bool, String)>) {
    let (port, said) = server(manner).await;
    let sent = relay(port, tls, login)
        .send(&letter("Più posta\r\nBcc: eve@b.example"))
        .await;
    let said = said.lock().expect("nobody panics").clone();
    (sent, said)
}

#[tokio::test]
async fn a_mail_is_given_without_tls() {
    let (sent, said) = sent(Manner::default(), Tls::None, false).await;
    assert_eq!(sent.as_deref(), Ok("250 2.0.0 Ok: queued as 4F00"));
    let said: Vec<&str> = said.iter().map(|it| it.1.as_str()).collect();
    for line in [
        "EHLO [127.0.0.1]",
        "MAIL FROM:<waybill@w.example>",
        "RCPT TO:<anna@a.example>",
        "From: waybill@w.example",
        "To: anna@a.example",
        "Message-ID: <waybill.1@w.example>",
        "Date: Wed, 18 Nov 2026 11:06:40 +0000",
        "Auto-Submitted: auto-generated",
        "Subject: =?utf-8?b?UGnDuQ==?= posta  Bcc: eve@b.example",
        "QUIT",
    ] {
        assert!(said.contains(&line), "{line}: {said:?}");
    }
    assert!(!said.iter().any(|it| it.starts_with("Bcc")), "{said:?}");
    assert!(said.iter().all(|it| it.is_ascii()), "{said:?}");
}

#[tokio::test]
async fn a_password_goes_over_tls() {
    for (manner, tls, line) in [
        (
            Manner {
                starttls: true,
                auth: "LOGIN PLAIN",
                ..Manner::default()
            },
            Tls::StartTls,
            "AUTH PLAIN AHdheWJpbGwAc2VjcmV0",
        ),
        (
            Manner {
                implicit: true,
                auth: "LOGIN",
                ..Manner::default()
            },
            Tls::Implicit,
            "c2VjcmV0",
        ),
    ] {
        let (sent, said) = sent(manner, tls, true).await;
        assert!(sent.is_ok(), "{sent:?}");
        let before = said.iter().filter(|it| !it.0).map(|it| it.1.as_str());
        let expected: &[&str] = match tls {
            Tls::StartTls => &["EHLO [127.0.0.1]", "STARTTLS"],
            Tls::None | Tls::Implicit => &[],
        };
        assert_eq!(before.collect::<Vec<_>>(), expected);
        assert!(said.contains(&(true, line.to_owned())), "{said:?}");
    }
}

#[tokio::test]
async fn a_relay_that_is_another_one_gets_nothing() {
    let (port, said) = server(Manner {
        implicit: true,
        ..Manner::default()
    })
    .await;
    let mut relay = relay(port, Tls::Implicit, true);
    relay.authorities = Arc::new(Authorities::default());
    let why = relay
        .send(&letter("a"))
        .await
        .expect_err("nobody vouches for it")
        .why;
    assert!(why.contains("TLS: invalid peer certificate"), "{why}");
    relay = self::relay(port, Tls::Implicit, true);
    relay.host = "127.0.0.1".to_owned();
    let why = relay
        .send(&letter("a"))
        .await
        .expect_err("it has another name")
        .why;
    assert!(why.contains("not valid for name"), "{why}");
    assert_eq!(said.lock().expect("nobody panics").len(), 0);
    // Nor one that has no TLS any more, as somebody between would have it.
    let (sent, said) = sent(
        Manner {
            auth: "PLAIN",
            ..Manner::default()
        },
        Tls::StartTls,
        true,
    )
    .await;
    assert_eq!(
        sent.expect_err("it has none").why,
        "the relay has no STARTTLS"
    );
    assert!(!said.iter().any(|it| it.1.starts_with("AUTH")), "{said:?}");
}

#[tokio::test]
async fn who_is_not_sent_to_knows_why_and_whether_it_is_for_good() {
    let cases = [
        (
            "RCPT",
            "550 5.1.1 no such user",
            "RCPT: 550 5.1.1 no such user",
            false,
            false,
        ),
        (
            "RCPT",
            "450-4.2.1 busy\r\n450 later",
            "RCPT: 450 4.2.1 busy later",
            true,
            false,
        ),
        (
            "END",
            "554 5.7.1 spam",
            "end of DATA: 554 5.7.1 spam",
            false,
            false,
        ),
        ("DATA", "", "DATA: the connection broke", true, false),
        ("END", "", "end of DATA: the connection broke", true, true),
        ("MAIL", "what", "MAIL: it does not speak SMTP", true, false),
        (
            "AUTH",
            "535 5.7.8 wrong",
            "AUTH: 535 5.7.8 wrong",
            false,
            false,
        ),
    ];
    for (word, answer, why, is_for_now, is_unclear) in cases {
        let manner = Manner {
            auth: "PLAIN",
            odd: Some((word, answer)),
            ..Manner::default()
        };
        let (sent, _) = sent(manner, Tls::None, true).await;
        let why = why.to_owned();
        let expected = Unsent {
            why,
            is_for_now,
            is_unclear,
        };
        assert_eq!(sent, Err(expected), "{word} {answer}");
    }
    let mut letter = letter("a");
    letter.to = "anna@città.example".parse().expect("an address");
    let sent = relay(1, Tls::None, false).send(&letter).await;
    assert!(sent.is_err_and(|it| it.why.contains("xn--")));
}

#[test]
fn a_password_is_not_shown() {
    let login = relay(1, Tls::None, true).login;
    assert_eq!(format!("{login:?}"), "Some(Login(waybill))");
}
