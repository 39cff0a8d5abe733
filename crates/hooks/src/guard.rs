//! Which addresses may be called: a customer tells the URL, and must not reach by it what is ours.

use search::Net;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether may be sent to an address: one of the Internet, or one that is allowed by name.
pub(crate) fn may_call(address: IpAddr, allow: &[Net]) -> bool {
    let address = address.to_canonical();
    let is_public = match address {
        IpAddr::V4(it) => is_public_v4(it),
        IpAddr::V6(it) => is_public_v6(it),
    };
    is_public || allow.iter().any(|net| net.contains(address))
}

/// Source: the registry of special-purpose addresses, RFC 6890 with what came after.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = match (a, b, c) {
        (0 | 10 | 127, ..) => true,
        (100, 64..=127, _) => true,
        (169, 254, _) | (192, 168, _) => true,
        (172, 16..=31, _) => true,
        (192, 0, 0 | 2) | (192, 88, 99) => true,
        (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => true,
        // Multicast, reserved, broadcast.
        (224.., ..) => true,
        _ => false,
    };
    !is_special
}

/// Only what is given out as global unicast; what holds an address of IPv4 is as good as that.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let v4 = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        // NAT64.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(v4(high, low)),
        // 6to4.
        [0x2002, high, low, ..] => is_public_v4(v4(high, low)),
        // Teredo, ORCHID, benchmarks; documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(address: &str) -> bool {
        may_call(address.parse().expect("it is an address"), &[])
    }

    #[test]
    fn only_the_internet_may_be_called() {
        for address in [
            "8.8.8.8",
            "172.32.0.1",
            "2a00:1450::1",
            "64:ff9b::808:808",
            "::ffff:8.8.8.8",
        ] {
            assert!(may(address), "{address}");
        }
        for address in [
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "fec0::1",
        ] {
            assert!(!may(address), "{address}");
        }
        let allow = [Net::parse("10.1.0.0/16").expect("it is a network")];
        assert!(may_call("10.1.2.3".parse().expect("an address"), &allow));
        assert!(!may_call("10.2.2.3".parse().expect("an address"), &allow));
        assert!(may_call(
            "::ffff:10.1.2.3".parse().expect("an address"),
            &allow
        ));
    }
}
