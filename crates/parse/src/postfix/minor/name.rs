//! Names and addresses that are none.

use crate::postfix::notice::{notice, warning};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind};

pub(super) const RESOURCE_DATA: Rule = rule(
    "dns bad resource data",
    resource_data,
    "postfix src/dns/dns_lookup.c",
    &[
        "warning: numeric domain name in resource data of MX record for example.net: 192.0.2.7",
        "warning: malformed domain name in resource data of MX record for example.net: ",
        "warning: malformed domain name in resource data of MX record for example.net:",
    ],
);

fn resource_data<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.one_of(&["numeric ", "malformed "])?;
    at.lit("domain name in resource data of ")?;
    let _record_kind = at.word()?;
    at.lit(" record for ")?;
    let domain = at.until(b':')?;
    at.has(" ");
    notice(Kind::ServiceWarning, domain, at.remainder())
}

pub(super) const INVALID: Rule = rule(
    "name invalid",
    invalid,
    "postfix src/util/valid_hostname.c",
    &[
        "warning: valid_hostname: empty hostname",
        "warning: valid_hostname: invalid character 95(decimal): a_b.example.net",
        "warning: valid_hostname: misplaced delimiter: .example.net",
        "warning: valid_ipv4_hostaddr: invalid octet value: 300.1.1.1",
        "warning: valid_ipv6_hostaddr: too many `:' in IPv6 address: 1:2:3:4:5:6:7:8:9",
        "warning: numeric hostname: 192.0.2.7",
    ],
);

fn invalid<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    if at.has("numeric hostname: ") {
        return notice(
            Kind::ServiceWarning,
            at.remainder(),
            BStr::new(b"numeric hostname"),
        );
    }
    at.one_of(&[
        "valid_hostname: ",
        "valid_ipv4_hostaddr: ",
        "valid_ipv6_hostaddr: ",
    ])?;
    let mut rest = *at;
    match rest.until_str(": ") {
        Some(what) => notice(Kind::ServiceWarning, rest.remainder(), what),
        None => notice(Kind::ServiceWarning, BStr::new(b""), at.remainder()),
    }
}
