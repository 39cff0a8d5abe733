//! Listeners and readers as others see them: own clients and servers, and the real ones of the distribution.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod certificates;
mod logger;
mod many;
mod redis;
mod relp;
mod rsyslog;
mod server;
mod streams;
mod tls;
mod udp;
