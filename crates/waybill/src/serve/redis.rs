//! The Redis list that lines are read from.

use super::config::{Config, Side};
use anyhow::Context;
use intake::{RedisList, RedisSettings};

/// The list, if there is one to read.
pub(super) fn list(config: &Config) -> anyhow::Result<Option<RedisList>> {
    let redis = &config.redis;
    if redis.url.is_empty() {
        return Ok(None);
    }
    let processing = match redis.processing.as_str() {
        "" => format!("{}:waybill:{}", redis.key, host()),
        named => named.to_owned(),
    };
    let settings = RedisSettings {
        url: redis.url.clone(),
        key: redis.key.clone(),
        processing,
        from_right: redis.side == Side::Right,
    };
    // The URL has a password in it: it is not told.
    let list = RedisList::new(settings);
    Ok(Some(list.context(
        "`url` of `[redis]` is none, as `redis://127.0.0.1:6379/0`",
    )?))
}

/// This machine's name. Source: proc_sys_kernel(5).
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname");
    name.map_or_else(|_| "localhost".to_owned(), |name| name.trim().to_owned())
}
