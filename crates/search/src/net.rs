//! IP addresses and networks.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address or network (CIDR, RFC 4632); addresses of IPv4 within IPv6 are IPv4's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Net {
    first: IpAddr,
    /// Bits that count, 0 to 32 or 128.
    prefix: u8,
}

/// The address at the beginning of one as logged: `[192.0.2.1]` and `IPv6:2001:db8::1` too.
fn address(text: &str) -> Option<IpAddr> {
    let inner = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let text = inner.unwrap_or(text);
    let text = match text.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("ipv6:") => &text[5..],
        _ => text,
    };
    text.parse().ok()
}

impl Net {
    /// The network of an address of which so many first bits count; `None` where it has fewer.
    pub fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        match address {
            IpAddr::V4(v4) if prefix <= 32 => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                let first = IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask));
                Some(Net { first, prefix })
            }
            IpAddr::V6(v6) if prefix <= 128 => {
                if let (Some(v4), 96..) = (v6.to_ipv4_mapped(), prefix) {
                    return Net::new(IpAddr::V4(v4), prefix - 96);
                }
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                let first = IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask));
                Some(Net { first, prefix })
            }
            _ => None,
        }
    }

    /// `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`; bits behind the prefix do not count.
    pub fn parse(text: &str) -> Option<Self> {
        let Some((first, prefix)) = text.split_once('/') else {
            let address = address(text)?;
            return Net::new(address, bits(address));
        };
        let is_number = prefix.bytes().all(|byte| byte.is_ascii_digit());
        Net::new(address(first)?, prefix.parse().ok().filter(|_| is_number)?)
    }

    /// The first address.
    pub fn first(self) -> IpAddr {
        self.first
    }

    /// How many first bits count.
    pub fn prefix(self) -> u8 {
        self.prefix
    }

    /// Whether an address lies in it.
    pub fn contains(self, address: IpAddr) -> bool {
        Net::new(address.to_canonical(), self.prefix)
            .is_some_and(|net| net.first == self.first && net.prefix == self.prefix)
    }

    /// Whether a text is an address and lies in it; a name does not.
    pub fn matches(self, text: &[u8]) -> bool {
        let text = std::str::from_utf8(text).ok();
        text.and_then(address).is_some_and(|it| self.contains(it))
    }
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// As it is written in questions: a single address without `/32`.
impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        if self.prefix < bits(self.first) {
            write!(f, "/{}", self.prefix)?;
        }
        Ok(())
    }
}
