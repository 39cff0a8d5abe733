//! One who asks the API, as simply as HTTP/1.1 allows.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The body, which must be that of a success.
    pub(crate) fn good(self) -> Self {
        assert!((200..300).contains(&self.status), "{self:?}");
        self
    }
}

/// Somebody, with what one shows.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) at: SocketAddr,
    /// Lines of the head.
    pub(crate) shown: String,
}

impl Client {
    pub(crate) fn nobody(at: SocketAddr) -> Self {
        let shown = String::new();
        Client { at, shown }
    }

    pub(crate) fn with_key(&self, key: &str) -> Self {
        let shown = format!("Authorization: Bearer {key}\r\n");
        Client { at: self.at, shown }
    }

    /// One who shows the session that a login begins.
    pub(crate) fn logged_in(&self, login: &str, password: &str) -> Self {
        let credentials = json!({ "login": login, "password": password });
        let answer = self.send("POST", "/api/v1/session", &credentials.to_string());
        let answer = answer.good();
        let cookie = answer.head.split("set-cookie: ").nth(1).expect("a cookie");
        assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
        let cookie = cookie.split(';').next().expect("a value");
        let shown = format!("Cookie: {cookie}\r\nOrigin: http://waybill\r\n");
        Client { at: self.at, shown }
    }

    pub(crate) fn send(&self, method: &str, path: &str, body: &str) -> Answer {
        let (head, body) = self.raw(method, path, body);
        let body = String::from_utf8(body).expect("answers are texts");
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
        Answer {
            status: status.expect("a status"),
            body: unchunked(&head, &body),
            head,
        }
    }

    /// The same for what is no text: head and body, as they came.
    pub(crate) fn raw(&self, method: &str, path: &str, body: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(self.at).expect("it listens");
        let time = Some(Duration::from_secs(60));
        stream.set_read_timeout(time).expect("it can be set");
        let shown = &self.shown;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: waybill\r\n{shown}Content-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .expect("it takes it");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        let end = answer.windows(4).position(|it| it == b"\r\n\r\n");
        let body = answer.split_off(end.expect("a head") + 4);
        let head = String::from_utf8_lossy(&answer).trim_end().to_owned();
        (head, body)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "")
    }

    /// The rows of a question, all of them.
    pub(crate) fn rows(&self, question: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut after = String::new();
        loop {
            let path = format!(
                "/api/v1/rows?limit=5000&lines=true&q={}{after}",
                encoded(question)
            );
            let page = self.get(&path).good().json();
            rows.extend(page["rows"].as_array().expect("rows").iter().cloned());
            let Some(next) = page["next"].as_str() else {
                return rows;
            };
            after = format!("&after={next}");
        }
    }

    /// Follows rows as they come; gives the lines of the stream.
    pub(crate) fn follow(&self, question: &str, last: Option<&str>) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(self.at).expect("it listens");
        let time = Some(Duration::from_secs(30));
        stream.set_read_timeout(time).expect("it can be set");
        let last = last.map_or(String::new(), |id| format!("Last-Event-ID: {id}\r\n"));
        let (shown, question) = (&self.shown, encoded(question));
        write!(
            stream,
            "GET /api/v1/tail?q={question} HTTP/1.1\r\nHost: waybill\r\n{shown}{last}\r\n"
        )
        .expect("it takes it");
        let mut answer = BufReader::new(stream);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            answer.read_line(&mut line).expect("it answers");
        }
        answer
    }
}

/// The ids of the next so many events.
pub(crate) fn events(stream: &mut BufReader<TcpStream>, count: usize) -> Vec<(String, Value)> {
    let mut events = Vec::new();
    let (mut id, mut data) = (String::new(), Value::Null);
    while events.len() < count {
        let mut line = String::new();
        stream.read_line(&mut line).expect("an event in time");
        let line = line.trim_end();
        if let Some(text) = line.strip_prefix("id: ") {
            id = text.to_owned();
        } else if let Some(text) = line.strip_prefix("data: ") {
            data = serde_json::from_str(text).expect("JSON");
        } else if line.is_empty() && data != Value::Null {
            events.push((std::mem::take(&mut id), std::mem::take(&mut data)));
        }
    }
    events
}

/// For behind the `?`.
pub(crate) fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn unchunked(head: &str, body: &str) -> String {
    if !head
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked")
    {
        return body.to_owned();
    }
    let (mut whole, mut rest) = (String::new(), body);
    while let Some((size, behind)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("a size");
        whole.push_str(&behind[..size]);
        rest = &behind[size + 2..];
        if size == 0 {
            break;
        }
    }
    whole
}

/// Makes the first user and logs in; gives one who shows the session.
pub(crate) fn owner(at: SocketAddr, setup_token: &str) -> Client {
    let nobody = Client::nobody(at);
    let password = "correct horse battery staple";
    let first = json!({ "token": setup_token, "login": "postmaster", "password": password });
    nobody
        .send("POST", "/api/v1/setup", &first.to_string())
        .good();
    nobody.logged_in("postmaster", password)
}

/// Makes a customer of these domains, with a key for it; gives its number, and one who shows the key.
pub(crate) fn customer(owner: &Client, name: &str, domains: &[&str]) -> (i64, Client) {
    let details = json!({ "name": name, "domains": domains });
    let made = owner.send("POST", "/api/v1/customers", &details.to_string());
    let id = made.good().json()["id"].as_i64().expect("a number");
    let rights = ["read_mail", "save_searches", "manage_users", "manage_keys"];
    let key = json!({ "name": "test", "customer": id, "rights": rights });
    let made = owner.send("POST", "/api/v1/keys", &key.to_string()).good();
    let key = made.json()["key"].as_str().expect("a key").to_owned();
    (id, Client::nobody(owner.at).with_key(&key))
}
