//! Counts by mail address, from which those by domain follow.

use crate::limits::ADDRESSES_MAX;
use crate::ranking::{Counts, NameHash, Ranking};
use bstr::{BStr, ByteSlice};

/// Counts by address. Domains are summed up at the end, so that a row costs one look-up.
#[derive(Clone, Debug)]
pub(crate) struct Addresses<C> {
    addresses: Ranking<C>,
    /// Domains of addresses that were folded.
    folded_domains: Ranking<C>,
    scratch: Vec<u8>,
}

impl<C: Counts> Addresses<C> {
    pub(crate) fn new() -> Self {
        Addresses {
            addresses: Ranking::new(ADDRESSES_MAX),
            folded_domains: Ranking::new(ADDRESSES_MAX),
            scratch: Vec::new(),
        }
    }

    /// The counts of an address, the case of whose domain does not matter; empty is `<>`.
    #[inline]
    pub(crate) fn at(&mut self, address: &BStr) -> (NameHash, &mut C) {
        if self.addresses.is_full() {
            self.fold();
        }
        if address.is_empty() {
            return self.addresses.at_hash(b"<>");
        }
        let at = address.rfind_byte(b'@').unwrap_or(address.len());
        if !address[at..].iter().any(u8::is_ascii_uppercase) {
            return self.addresses.at_hash(address);
        }
        self.scratch.clear();
        self.scratch.extend_from_slice(address);
        self.scratch[at..].make_ascii_lowercase();
        self.addresses.at_hash(&self.scratch)
    }

    #[cold]
    fn fold(&mut self) {
        for entry in self.addresses.fold() {
            self.folded_domains
                .at(domain(&entry.name))
                .merge(&entry.counts);
        }
    }

    /// The counts of an address seen before.
    pub(crate) fn again(&mut self, hash: NameHash) -> &mut C {
        self.addresses.again(hash)
    }

    /// The domain of an address seen before; `None` if it was folded.
    pub(crate) fn domain_of(&self, hash: NameHash) -> Option<&[u8]> {
        self.addresses.name(hash).map(domain)
    }

    /// Counts by domain.
    pub(crate) fn domains(self) -> (Ranking<C>, Ranking<C>) {
        let mut domains = self.folded_domains;
        for entry in self.addresses.entries() {
            domains.at(domain(&entry.name)).merge(&entry.counts);
        }
        (self.addresses, domains)
    }
}

/// What stands behind the last `@`; all where there is none.
fn domain(address: &[u8]) -> &[u8] {
    match address.rfind_byte(b'@') {
        Some(at) => &address[at + 1..],
        None => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_case_of_a_domain_does_not_matter() {
        let mut addresses = Addresses::<u64>::new();
        for name in ["A@Example.ORG", "A@example.org", "a@example.org", ""] {
            *addresses.at(name.into()).1 += 1;
        }
        let (addresses, domains) = addresses.domains();
        assert_eq!(addresses.entries().len(), 3);
        assert_eq!(addresses.entries()[0].counts, 2);
        let top = domains.top(|&it| it, |&it| it);
        assert_eq!(top.entries[0].name, "example.org");
        assert_eq!(top.entries[0].counts, 3);
        assert_eq!(top.entries[1].name, "<>");
    }
}
