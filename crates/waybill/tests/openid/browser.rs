//! A browser as simple as it can be: cookies, redirects, forms.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Where people reach the page, as the daemon is told.
pub(crate) const PAGE: &str = "http://waybill.test:8580";

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) url: String,
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A browser, and the cookies of each host.
pub(crate) struct Browser {
    /// Where the page really is.
    page: SocketAddr,
    pub(crate) cookies: BTreeMap<(String, String), String>,
}

impl Shown {
    /// Values of a field of the head.
    pub(crate) fn fields(&self, name: &str) -> Vec<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        let fields = fields.filter(|(of, _)| of.eq_ignore_ascii_case(name));
        fields.map(|(_, value)| value).collect()
    }

    /// Where it leads to, as a whole URL.
    pub(crate) fn leads_to(&self) -> String {
        assert_eq!(self.status, 303, "{self:?}");
        let to = self.fields("location")[0];
        match to.starts_with('/') {
            true => format!("http://{}{to}", host(&self.url)),
            false => to.to_owned(),
        }
    }
}

fn host(url: &str) -> &str {
    let rest = url.strip_prefix("http://").expect("a URL");
    rest.split('/').next().expect("a host")
}

impl Browser {
    pub(crate) fn new(page: SocketAddr) -> Self {
        let cookies = BTreeMap::new();
        Browser { page, cookies }
    }

    /// A cookie of the page.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let key = (host(PAGE).to_owned(), name.to_owned());
        self.cookies.get(&key).map(String::as_str)
    }

    /// Asks for one URL, with a form if there is one.
    pub(crate) fn ask(&mut self, url: &str, form: Option<&str>) -> Shown {
        let host = host(url);
        let at = match host == self::host(PAGE) {
            true => self.page,
            false => host.parse().expect("an address of loopback"),
        };
        let mut stream = TcpStream::connect(at).expect("it listens");
        let time = Some(Duration::from_secs(60));
        stream.set_read_timeout(time).expect("it can be set");
        let own = self.cookies.iter().filter(|((of, _), _)| of == host);
        let own: Vec<_> = own
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let path = url
            .strip_prefix("http://")
            .and_then(|it| it.strip_prefix(host));
        let path = path.filter(|it| !it.is_empty()).unwrap_or("/");
        let method = if form.is_some() { "POST" } else { "GET" };
        let body = form.unwrap_or_default();
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: {host}\r\nCookie: {}\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n{body}",
            own.join("; "),
            body.len()
        )
        .expect("it takes it");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
        let shown = Shown {
            url: url.to_owned(),
            status: status.expect("a status"),
            head: head.to_owned(),
            body: body.to_owned(),
        };
        self.keep(&shown);
        shown
    }

    fn keep(&mut self, shown: &Shown) {
        for cookie in shown.fields("set-cookie") {
            let (pair, how) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').expect("a name");
            let key = (host(&shown.url).to_owned(), name.to_owned());
            if value.is_empty() || how.contains("Max-Age=0") || how.contains("1970") {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.to_owned());
            }
        }
    }

    /// Goes on at the provider, until it shows something or leads back to the page; then that URL.
    pub(crate) fn at_provider(&mut self, mut shown: Shown) -> Result<Shown, String> {
        while shown.status == 303 {
            let to = shown.leads_to();
            if to.starts_with(PAGE) {
                return Err(to);
            }
            shown = self.ask(&to, None);
        }
        assert_eq!(shown.status, 200, "{shown:?}");
        Ok(shown)
    }

    /// Sends the form that is shown.
    pub(crate) fn send(&mut self, shown: &Shown, form: &str) -> Shown {
        let action = shown.body.split("action=\"").nth(1).expect("a form");
        let action = action.split('"').next().expect("its end");
        self.ask(action, Some(form))
    }
}
