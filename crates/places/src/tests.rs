//! Databases are written here as the format has it (<https://maxmind.github.io/MaxMind-DB/>), in the
//! forms that those of several makers have.

use super::*;
use std::net::Ipv4Addr;

/// A value of the data section; texts are shorter than 29 bytes, numbers below 256.
enum Data {
    Text(&'static str),
    /// Unsigned, of so many bits.
    Number(u8, u8),
    NoList,
    Map(Vec<(&'static str, Data)>),
}

impl Data {
    fn write(&self, to: &mut Vec<u8>) {
        match self {
            Data::Text(text) => {
                to.push((2 << 5) | text.len() as u8);
                to.extend(text.as_bytes());
            }
            Data::Number(16, number) => to.extend([(5 << 5) | 1, *number]),
            Data::Number(32, number) => to.extend([(6 << 5) | 1, *number]),
            // Types beyond 7 stand in a byte of their own, as what they are above 7.
            Data::Number(_, number) => to.extend([1, 9 - 7, *number]),
            Data::NoList => to.extend([0, 11 - 7]),
            Data::Map(pairs) => {
                to.push((7 << 5) | pairs.len() as u8);
                for (key, value) in pairs {
                    Data::Text(key).write(to);
                    value.write(to);
                }
            }
        }
    }
}

/// A database of networks of IPv4 that do not touch each other.
fn database(networks: Vec<(Ipv4Addr, u8, Data)>) -> Vec<u8> {
    const NOTHING: usize = usize::MAX;
    let (mut nodes, mut data, mut ends) = (vec![[NOTHING; 2]], Vec::new(), Vec::new());
    for (first, prefix, value) in networks {
        let bit = |at: u8| (first.to_bits() >> (31 - at)) as usize & 1;
        let mut node = 0;
        for at in 0..prefix - 1 {
            if nodes[node][bit(at)] == NOTHING {
                nodes[node][bit(at)] = nodes.len();
                nodes.push([NOTHING; 2]);
            }
            node = nodes[node][bit(at)];
        }
        ends.push((node, bit(prefix - 1), data.len()));
        value.write(&mut data);
    }
    let count = nodes.len();
    for it in nodes.iter_mut().flatten().filter(|it| **it == NOTHING) {
        *it = count;
    }
    for (node, side, place) in ends {
        nodes[node][side] = count + 16 + place;
    }
    let records = nodes.iter().flatten();
    let mut bytes: Vec<u8> = records
        .flat_map(|it| (*it as u32).to_be_bytes()[1..].to_vec())
        .collect();
    bytes.extend([0; 16]);
    bytes.extend(data);
    bytes.extend(b"\xab\xcd\xefMaxMind.com");
    Data::Map(vec![
        ("binary_format_major_version", Data::Number(16, 2)),
        ("binary_format_minor_version", Data::Number(16, 0)),
        ("build_epoch", Data::Number(64, 1)),
        ("database_type", Data::Text("Country")),
        ("description", Data::Map(Vec::new())),
        ("ip_version", Data::Number(16, 4)),
        ("languages", Data::NoList),
        ("node_count", Data::Number(32, count as u8)),
        ("record_size", Data::Number(16, 24)),
    ])
    .write(&mut bytes);
    bytes
}

fn told(pairs: Vec<(&'static str, Data)>) -> Data {
    Data::Map(pairs)
}

fn iso(code: &'static str) -> Data {
    told(vec![("iso_code", Data::Text(code))])
}

fn places(own: &[&str], networks: Vec<(Ipv4Addr, u8, Data)>) -> Places {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("countries.mmdb");
    std::fs::write(&path, database(networks)).expect("it is written");
    let own = own.iter().map(|it| Own::parse(it).expect("a network"));
    Places::open(own.collect(), Some(&path)).expect("it is a database")
}

fn country(places: &Places, address: &str) -> String {
    let country = places.country(address);
    country.map_or_else(String::new, |it| it.to_string())
}

#[test]
fn each_maker_tells_it_in_another_way() {
    let net = |third| Ipv4Addr::new(192, 0, third, 0);
    let places = places(
        &[],
        vec![
            (net(1), 24, told(vec![("country", iso("it"))])),
            (net(2), 24, told(vec![("country", Data::Text("FR"))])),
            (net(3), 24, told(vec![("country_code", Data::Text("DE"))])),
            (net(4), 24, told(vec![("registered_country", iso("SE"))])),
            (net(5), 24, told(vec![("country_code", Data::Text("ZZ"))])),
            (net(6), 24, told(vec![("city", iso("XX"))])),
        ],
    );
    assert_eq!(country(&places, "192.0.1.0"), "IT");
    assert_eq!(country(&places, "[192.0.2.255]"), "FR");
    assert_eq!(country(&places, "::ffff:192.0.3.7"), "DE");
    assert_eq!(country(&places, "192.0.4.7"), "SE");
    for none in [
        "192.0.5.7",
        "192.0.6.7",
        "192.0.7.7",
        "2001:db8::1",
        "mx.example",
        "",
    ] {
        assert_eq!(country(&places, none), "", "{none}");
    }
    assert!(!places.is_empty());
}

#[test]
fn the_narrowest_of_our_networks_holds() {
    let database = vec![(
        Ipv4Addr::new(192, 0, 2, 0),
        24,
        told(vec![("country", iso("US"))]),
    )];
    let own = ["192.0.2.128/25 DE", "192.0.2.130 AT", "2001:db8::/32 ch"];
    let places = places(&own, database);
    assert_eq!(country(&places, "192.0.2.127"), "US");
    assert_eq!(country(&places, "192.0.2.129"), "DE");
    assert_eq!(country(&places, "192.0.2.130"), "AT");
    assert_eq!(country(&places, "IPv6:2001:db8::1"), "CH");
    for wrong in [
        "192.0.2.0/24",
        "192.0.2.0/33 DE",
        "DE 192.0.2.0/24",
        "192.0.2.0/24 Italy",
    ] {
        assert_eq!(Own::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn what_is_no_database_is_named() {
    assert!(Places::default().is_empty());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("countries.csv");
    for bytes in [None, Some(&b"192.0.2.0,IT"[..])] {
        if let Some(bytes) = bytes {
            std::fs::write(&path, bytes).expect("it is written");
        }
        let error = Places::open(Vec::new(), Some(&path)).err();
        let told = error.expect("it is none").to_string();
        assert!(told.contains("countries.csv` is no database"), "{told}");
    }
    // One that is cut, or full of anything, panics nobody.
    let whole = database(vec![(Ipv4Addr::new(192, 0, 2, 0), 24, told(vec![]))]);
    for cut in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[cut] ^= 0xff;
        std::fs::write(&path, &bytes).expect("it is written");
        if let Ok(places) = Places::open(Vec::new(), Some(&path)) {
            let _ = places.country("192.0.2.1");
        }
    }
}
