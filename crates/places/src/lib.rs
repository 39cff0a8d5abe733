//! Where an address is: the country of its network, by what an installation says of its own networks,
//! else by a database in MaxMind's format.
//!
//! It is not for who may see an address, nor for what follows from where it is.

use maxminddb::Reader;
use search::Net;
use serde::Deserialize;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// A country by its two letters (ISO 3166-1 alpha-2), as `IT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Of two letters, small or large; `None` for anything else, also for `ZZ`, which is unknown.
    pub fn parse(text: &str) -> Option<Self> {
        let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
        let letters = letters.map(|it| it.to_ascii_uppercase());
        (letters.iter().all(u8::is_ascii_uppercase) && letters != *b"ZZ")
            .then_some(Country(letters))
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = self.0.map(char::from);
        write!(f, "{first}{second}")
    }
}

/// A network of an installation, and the country in which it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    /// Its addresses.
    pub net: Net,
    /// Where they are used.
    pub country: Country,
}

impl Own {
    /// As `198.51.100.0/24 IT`.
    pub fn parse(text: &str) -> Option<Self> {
        let (net, country) = text.trim().split_once(char::is_whitespace)?;
        Some(Own {
            net: Net::parse(net)?,
            country: Country::parse(country.trim())?,
        })
    }
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read, or is none.
    #[error("`{}` is no database of countries in MaxMind's format", .0.display())]
    Database(PathBuf, #[source] maxminddb::MaxMindDbError),
}

/// Where addresses are.
#[derive(Default)]
pub struct Places {
    own: Vec<Own>,
    database: Option<Reader<Vec<u8>>>,
}

impl Places {
    /// By networks of an installation, of which the narrowest holds, and by a database.
    pub fn open(mut own: Vec<Own>, database: Option<&Path>) -> Result<Self, Error> {
        own.sort_by_key(|it| std::cmp::Reverse(it.net.prefix()));
        let open = |path: &Path| {
            Reader::open_readfile(path).map_err(|error| Error::Database(path.to_owned(), error))
        };
        Ok(Places {
            own,
            database: database.map(open).transpose()?,
        })
    }

    /// Whether no country is known of any address.
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.database.is_none()
    }

    /// The country of an address as logs write it: `192.0.2.1`, `[192.0.2.1]`, `IPv6:2001:db8::1`.
    pub fn country(&self, address: &str) -> Option<Country> {
        let address = Net::parse(address)?.first();
        let own = self.own.iter().find(|it| it.net.contains(address));
        own.map(|it| it.country).or_else(|| self.looked_up(address))
    }

    fn looked_up(&self, address: IpAddr) -> Option<Country> {
        let found = self.database.as_ref()?.lookup(address).ok()?;
        let found: Told<'_> = found.decode().ok()??;
        let code = match found.country {
            Some(Of::Country { iso_code }) => iso_code,
            Some(Of::Code(code)) => Some(code),
            None => None,
        };
        let code = code.or(found.country_code).or_else(|| {
            let registered = found.registered_country?;
            registered.iso_code
        });
        Country::parse(code?)
    }
}

/// What databases tell of a network. MaxMind's GeoLite2 and DB-IP's have `country.iso_code` (and
/// `registered_country`, where the network is used elsewhere or nowhere); IPinfo's have `country` or
/// `country_code`, and so have those of ip-location-db. Source:
/// <https://dev.maxmind.com/geoip/docs/databases/city-and-country/>,
/// <https://github.com/sapics/ip-location-db>, <https://ipinfo.io/developers/ipinfo-lite-database>.
#[derive(Deserialize)]
struct Told<'d> {
    #[serde(borrow)]
    country: Option<Of<'d>>,
    country_code: Option<&'d str>,
    registered_country: Option<Registered<'d>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Of<'d> {
    Country {
        #[serde(borrow)]
        iso_code: Option<&'d str>,
    },
    Code(&'d str),
}

#[derive(Deserialize)]
struct Registered<'d> {
    iso_code: Option<&'d str>,
}

#[cfg(test)]
mod tests;
