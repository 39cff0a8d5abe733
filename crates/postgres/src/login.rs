//! From a connection to somebody who is known.

use crate::guest::Guest;
use crate::limits::WRONG_KEY;
use crate::refusal::Refusal;
use crate::running::Place;
use crate::session::Session;
use crate::stream::Stream;
use crate::wire::{First, Message, Outbox, Wire, put_text};
use bytes::BufMut;
use query::{Named, SERVER_VERSION};
use std::io;
use std::sync::atomic::Ordering;
use tenancy::{Asker, Right, Secret, Who};
use tokio::net::TcpStream;

/// Finds out who it is; `None` where nobody is to be served: it is told, or was only to cancel.
pub(crate) async fn greet(
    guest: &Guest,
    stream: TcpStream,
    place: &Place,
) -> io::Result<Option<Session>> {
    let mut wire = Wire::new(Stream::Plain(stream));
    let said = loop {
        match wire.first().await? {
            // What came behind it was not sent by TLS, so it is not what a client would send.
            First::Tls | First::Gss if wire.has_more() => return Ok(None),
            First::Gss => {
                wire.outbox.byte(b'N');
                wire.flush().await?;
            }
            First::Tls => {
                let tls = guest.settings.tls.borrow().clone();
                wire.outbox.byte(if tls.is_some() { b'S' } else { b'N' });
                wire.flush().await?;
                wire = match (tls, wire.stream) {
                    (Some(tls), Stream::Plain(stream)) => {
                        let stream = tls.accept(stream).await?;
                        Wire::new(Stream::Tls(Box::new(stream)))
                    }
                    (None, stream) => Wire::new(stream),
                    (Some(_), Stream::Tls(_)) => return Ok(None),
                };
            }
            First::Cancel(number, secret) => {
                place.running().cancel(number, secret);
                return Ok(None);
            }
            First::Startup(version, said) => break negotiated(version, said, &mut wire.outbox),
        }
    };
    let known = match said {
        Err(refusal) => Err(refusal),
        Ok(said) => known(guest, &mut wire, &said).await?,
    };
    match known {
        Ok((key, asker)) => {
            let named = Named {
                user: asker.principal.name.clone(),
                version: format!("PostgreSQL {SERVER_VERSION} (Waybill)"),
                connection: place.number,
            };
            welcome(&mut wire.outbox, place);
            wire.flush().await?;
            Ok(Some(Session::new(wire, key, asker, named)))
        }
        Err(refusal) => {
            let refused = &place.running().counts().refused;
            refused.fetch_add(1, Ordering::Relaxed);
            tracing::debug!(address = %guest.address, why = refusal.text, "a login is refused");
            refusal.put(&mut wire.outbox);
            wire.flush().await?;
            Ok(None)
        }
    }
}

/// Has a client speak 3.0, and gives what it said.
fn negotiated(
    (major, minor): (u16, u16),
    said: Vec<(String, String)>,
    to: &mut Outbox,
) -> Result<Vec<(String, String)>, Refusal> {
    if major != 3 {
        let text = format!("protocol {major}.{minor} is not had, 3.0 is");
        return Err(Refusal::fatal("08P01", text));
    }
    let unknown = said.iter().filter(|(name, _)| name.starts_with("_pq_."));
    let unknown: Vec<&str> = unknown.map(|(name, _)| name.as_str()).collect();
    if minor != 0 || !unknown.is_empty() {
        to.message(b'v', |to| {
            to.put_i32(3 << 16);
            // They came in a short message.
            to.put_i32(unknown.len() as i32);
            unknown.iter().for_each(|name| put_text(to, name));
        });
    }
    Ok(said)
}

/// Whose key it is that is shown as the password.
async fn known(
    guest: &Guest,
    wire: &mut Wire<Stream>,
    said: &[(String, String)],
) -> io::Result<Result<(Secret, Asker), Refusal>> {
    if said
        .iter()
        .any(|(name, value)| name == "replication" && value != "false")
    {
        return Ok(Err(Refusal::fatal("0A000", "replication is not had")));
    }
    if matches!(wire.stream, Stream::Plain(_)) && !guest.address.is_loopback() {
        let refusal = Refusal::fatal("28000", "TLS is wanted: the key would be read on the way");
        return Ok(Err(refusal.hint("connect with `sslmode=require`")));
    }
    let desk = &guest.settings.desk;
    if let Err(seconds) = desk.rates.count(&guest.address.to_string()) {
        let refusal = Refusal::fatal("53300", "more logins than a minute may have");
        return Ok(Err(refusal.hint(format!("try again in {seconds} s"))));
    }
    wire.outbox.message(b'R', |to| to.put_i32(3));
    wire.flush().await?;
    let Message { tag, mut body } = wire.login().await?;
    if tag != b'p' {
        return Ok(Err(Refusal::fatal("08P01", "a password is expected")));
    }
    let key = Secret::from(body.text()?.as_str());
    let now = guest.settings.daemon.now();
    let asker = match desk.tenancy.principal(&key, now).await {
        // A session is a browser's.
        Ok(principal) if !matches!(principal.who, Who::Key(_)) => Err(tenancy::Error::Refused),
        Ok(principal) => Ok(Asker {
            principal,
            address: Some(guest.address),
            now,
        }),
        Err(error) => Err(error),
    };
    let asker = asker.and_then(|asker| asker.must(Right::ReadMail).map(|()| asker));
    if asker.is_err() {
        tokio::time::sleep(WRONG_KEY).await;
    }
    Ok(asker.map(|asker| (key, asker)).map_err(Refusal::from))
}

/// What a client is told before it may ask.
fn welcome(to: &mut Outbox, place: &Place) {
    to.message(b'R', |to| to.put_i32(0));
    let version = format!("{SERVER_VERSION} (Waybill)");
    for (name, value) in [
        ("client_encoding", "UTF8"),
        ("DateStyle", "ISO, MDY"),
        ("default_transaction_read_only", "on"),
        ("in_hot_standby", "off"),
        ("integer_datetimes", "on"),
        ("IntervalStyle", "postgres"),
        ("is_superuser", "off"),
        ("server_encoding", "UTF8"),
        ("server_version", version.as_str()),
        ("standard_conforming_strings", "on"),
        ("TimeZone", "UTC"),
    ] {
        to.message(b'S', |to| {
            put_text(to, name);
            put_text(to, value);
        });
    }
    to.message(b'K', |to| {
        to.put_i32(place.number);
        to.put_i32(place.secret);
    });
    to.message(b'Z', |to| to.put_u8(b'I'));
}
