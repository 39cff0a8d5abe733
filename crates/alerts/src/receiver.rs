//! Who is told.

use crate::wrong::Wrong;
use relay::Address;
use url::Url;

/// Who is told, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// JSON, signed as events are.
    Webhook(Url),
    /// `{"text": "..."}`, as Slack, Mattermost and others take it.
    Slack(Url),
    /// A mail.
    Mail(Address),
}

impl Receiver {
    /// Reads `https://...`, `slack:https://...` or `mailto:anna@example.org`.
    pub fn read(text: &str) -> Result<Self, Wrong> {
        let wrong = |why: &str| Wrong::Value {
            key: "receivers",
            why: format!("`{text}`: {why}"),
        };
        if let Some(address) = text.strip_prefix("mailto:") {
            let address = address.parse::<Address>();
            let address =
                address.map_err(|_| wrong("it should be like `mailto:anna@example.org`"))?;
            return Ok(Receiver::Mail(address));
        }
        let url = |text: &str| {
            let url = Url::parse(text).ok();
            let url = url.filter(|it| matches!(it.scheme(), "http" | "https") && it.has_host());
            let url = url.ok_or_else(|| {
                wrong("it should be like `https://...`, `slack:https://...` or `mailto:...`")
            })?;
            if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
                return Err(wrong("it may have no user, password or fragment"));
            }
            Ok(url)
        };
        match text.strip_prefix("slack:") {
            Some(text) => url(text).map(Receiver::Slack),
            None => url(text).map(Receiver::Webhook),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receivers_are_told_by_their_beginning() {
        let url = Url::parse("https://a.example/told").expect("a URL");
        let read = |text: &str| Receiver::read(text).ok();
        assert_eq!(
            read("https://a.example/told"),
            Some(Receiver::Webhook(url.clone()))
        );
        assert_eq!(
            read("slack:https://a.example/told"),
            Some(Receiver::Slack(url))
        );
        assert!(matches!(
            read("mailto:anna@a.example"),
            Some(Receiver::Mail(_))
        ));
        for odd in [
            "",
            "anna@a.example",
            "mailto:anna",
            "mailto:anna@a.example\r\nBcc: eve@b.example",
            "mailto:anna@a.example, eve@b.example",
            "mailto:anna@a.example>\nRCPT TO:<eve@b.example",
            "ftp://a.example/",
            "slack:a.example",
            "https://user@a.example/",
            "https:///",
            "file:///etc/passwd",
        ] {
            assert_eq!(read(odd), None, "{odd:?}");
        }
    }
}
