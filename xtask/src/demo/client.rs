//! One who asks the daemon over HTTP, as simply as that is done.

use anyhow::{Context, ensure};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;

/// Somebody, at the address of a port.
pub(super) struct Client {
    at: String,
    cookie: Option<String>,
}

impl Client {
    pub(super) fn nobody(at: &str) -> Self {
        Client {
            at: at.to_owned(),
            cookie: None,
        }
    }

    /// One who logged in.
    pub(super) fn login(at: &str, login: &str, password: &str) -> anyhow::Result<Self> {
        let credentials = serde_json::json!({ "login": login, "password": password });
        let head = Client::nobody(at)
            .send("/api/v1/session", &credentials.to_string())?
            .0;
        let cookie = head
            .split("set-cookie: ")
            .nth(1)
            .and_then(|it| it.split(';').next());
        Ok(Client {
            at: at.to_owned(),
            cookie: Some(cookie.context("no session is given")?.to_owned()),
        })
    }

    /// Posts a document to the API; gives the answer, null if there is none.
    pub(super) fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let (_, answer) = self.send(&format!("/api/v1{path}"), &body.to_string())?;
        if answer.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&answer).with_context(|| format!("{path} answered: {answer}"))
    }

    /// Posts a body; gives head and body of the answer. Errs where it is no success.
    pub(super) fn send(&self, path: &str, body: &str) -> anyhow::Result<(String, String)> {
        let at = &self.at;
        let mut stream = TcpStream::connect(at).with_context(|| format!("no daemon at {at}"))?;
        let cookie = self.cookie.iter().map(|it| format!("Cookie: {it}\r\n"));
        let cookie: String = cookie.collect();
        let kind = match body.starts_with('{') {
            true => "application/json",
            false => "text/plain",
        };
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\n{cookie}\
             Content-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        ensure!(status.starts_with('2'), "{path} answered {status}: {body}");
        Ok((head.to_owned(), body.to_owned()))
    }
}
