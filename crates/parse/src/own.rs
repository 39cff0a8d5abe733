//! Headers of files that programs write themselves, without syslog.
//!
//! Each reader knows the one form of its program and gives a header whose tag is that program's
//! name, or `None`. They are asked for lines that do not start like syslog's, and for those that
//! start with a date and a space (`2026-11-22 08:23:21 `), as many programs write it.

use crate::header::{self, Header};
use crate::{
    cisco_esa, clamav, exchange, exim, fortimail, haraka, nginx, qmail, roundcube, rspamd, servers,
    sogo, spamassassin, web, webmail, zimbra,
};

/// Reads the header of one program's own files.
type Reader = for<'a> fn(&'a [u8]) -> Option<Header<'a>>;

const READERS: &[Reader] = &[
    zimbra::header,
    exim::header,
    exchange::header,
    web::header,
    nginx::header,
    roundcube::header,
    rspamd::header,
    haraka::header,
    spamassassin::header,
    clamav::header,
    cisco_esa::header,
    fortimail::header,
    qmail::header::tai64n,
    qmail::header::tai64nlocal,
    webmail::header,
    servers::header,
];

/// The header of a line: syslog's, or a program's own.
#[inline]
pub(crate) fn header(line: &[u8]) -> Header<'_> {
    match line {
        [b'{', ..] => return object(line),
        [b'd', b'a', b't', b'e', b'=', ..] if let Some(own) = fortimail::header(line) => {
            return own;
        }
        _ => {}
    }
    let starts_with_own_date = line.get(10) == Some(&b' ') && line.get(4) == Some(&b'-');
    if starts_with_own_date && let Some(own) = read(line) {
        return own;
    }
    let header = header::header(line);
    if !header.tag.is_empty() {
        return header;
    }
    if header.stamp.is_present() {
        return untagged(line);
    }
    read(line).unwrap_or(header)
}

/// A JSON object. Rspamd's tell who wrote them where a header would; of others the members do.
#[inline(never)]
fn object(line: &[u8]) -> Header<'_> {
    rspamd::header(line).unwrap_or(Header {
        text: line,
        ..Header::default()
    })
}

/// A stamp of syslog's before what is no tag of syslog's.
#[inline(never)]
fn untagged(line: &[u8]) -> Header<'_> {
    let header = header::header(line);
    if header.host.is_empty() {
        return haraka::header(line).unwrap_or(header);
    }
    sogo::mended(header)
}

#[inline(never)]
fn read(line: &[u8]) -> Option<Header<'_>> {
    READERS.iter().find_map(|read| read(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    /// What none of them has, no fuzz target starts from.
    #[test]
    fn each_reader_reads_the_header_of_a_sample_or_of_a_seed() {
        let families = crate::families().iter();
        let samples = families.flat_map(|family| family.samples());
        let mut lines: Vec<Vec<u8>> = samples.map(|(_, line)| line.into_bytes()).collect();
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/line");
        for seed in fs::read_dir(seeds).unwrap() {
            lines.push(fs::read(seed.unwrap().path()).unwrap());
        }
        let is_read = |reader: &Reader| lines.iter().any(|line| reader(line).is_some());
        let left = READERS.iter().enumerate();
        let left: Vec<usize> = left.filter(|it| !is_read(it.1)).map(|it| it.0).collect();
        assert_eq!(left, [0; 0], "places in `READERS`");
    }
}
