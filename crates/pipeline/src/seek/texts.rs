//! The texts that a pass looks for, and the search for them in bytes.

use super::Hit;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind, packed};
use memchr::{memchr, memmem};
use std::ops::Range;

/// Texts of which a line is to hold one.
pub(super) struct Texts {
    searcher: Searcher,
    own: usize,
}

enum Searcher {
    /// A single text, by its rarest bytes: some times faster than a state machine.
    One(memmem::Finder<'static>),
    /// A single address in any case: by the bytes up to its `@` in each case that they may have.
    Address {
        fragments: packed::Searcher,
        /// Where the fragment is in the address.
        at: usize,
        address: Box<[u8]>,
    },
    Several(AhoCorasick),
}

/// Bytes of an address by which it is searched, the `@` among them.
const FRAGMENT_BYTES: usize = 4;

/// A state machine of more texts than this would take too long to build.
const FAST_TEXTS_MAX: usize = 2_000;

impl Texts {
    /// The first `own` of the texts name what is looked for. `None` if there is too much of them.
    pub(super) fn new(texts: &[&[u8]], own: usize, ignore_case: bool) -> Option<Self> {
        let searcher = match texts {
            [text] if !ignore_case => Searcher::One(memmem::Finder::new(text).into_owned()),
            [text] if let Some(searcher) = address(text) => searcher,
            _ => Searcher::Several(state_machine(texts, ignore_case)?),
        };
        Some(Texts { searcher, own })
    }

    /// The lines that hold one of the texts as a whole word: ids are parts of longer ones by chance.
    /// `hit_at` makes the hit of an offset, and is asked in order.
    pub(super) fn find_lines(
        &self,
        bytes: &[u8],
        mut hit_at: impl FnMut(usize) -> Hit,
        found: &mut Vec<Hit>,
    ) {
        let mut line_end = 0;
        self.each(bytes, |range, is_own| {
            if joins(bytes, range.clone()) {
                return;
            }
            if range.start < line_end {
                if let Some(last) = found.last_mut() {
                    last.own |= is_own;
                }
                return;
            }
            let rest = &bytes[range.end..];
            line_end = range.end + memchr(b'\n', rest).unwrap_or(rest.len());
            found.push(Hit {
                own: is_own,
                ..hit_at(range.start)
            });
        });
    }

    /// Each place of a text, in order, and whether it is one of its own.
    fn each(&self, bytes: &[u8], mut take: impl FnMut(Range<usize>, bool)) {
        match &self.searcher {
            Searcher::One(finder) => {
                let length = finder.needle().len();
                for at in finder.find_iter(bytes) {
                    take(at..at + length, self.own > 0);
                }
            }
            Searcher::Address {
                fragments,
                at,
                address,
            } => {
                for fragment in fragments.find_iter(bytes) {
                    let Some(start) = fragment.start().checked_sub(*at) else {
                        continue;
                    };
                    let range = start..start + address.len();
                    let there = bytes.get(range.clone());
                    if there.is_some_and(|there| there.eq_ignore_ascii_case(address)) {
                        take(range, self.own > 0);
                    }
                }
            }
            Searcher::Several(machine) => {
                for hit in machine.find_iter(bytes) {
                    take(hit.range(), hit.pattern().as_usize() < self.own);
                }
            }
        }
    }
}

/// `None` of what is no address, or where the processor lacks what is needed. The fragment ends in
/// the only `@` that it has, so that no two of it overlap, which would hide one.
fn address(text: &[u8]) -> Option<Searcher> {
    let end = memchr(b'@', text)? + 1;
    let at = end.saturating_sub(FRAGMENT_BYTES);
    let fragments = packed::Config::new()
        .builder()
        .extend(cases(&text[at..end]))
        .build()?;
    Some(Searcher::Address {
        fragments,
        at,
        address: text.into(),
    })
}

/// A text in each mixture of small letters and capitals.
fn cases(text: &[u8]) -> Vec<Vec<u8>> {
    let mut cases = vec![Vec::new()];
    for byte in text {
        let (small, capital) = (byte.to_ascii_lowercase(), byte.to_ascii_uppercase());
        let with = |last: u8| cases.iter().map(move |case| [case, &[last][..]].concat());
        cases = match small == capital {
            true => with(small).collect(),
            false => with(small).chain(with(capital)).collect(),
        };
    }
    cases
}

fn state_machine(texts: &[&[u8]], ignore_case: bool) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .ascii_case_insensitive(ignore_case)
        .match_kind(MatchKind::LeftmostLongest)
        .kind((texts.len() > FAST_TEXTS_MAX).then_some(AhoCorasickKind::ContiguousNFA))
        .build(texts)
        .ok()
}

/// Whether a text is the message's part of an OpenSMTPD envelope id, which goes on behind it:
/// `evpid=c405e39ad6bbc64f`, ` for c405e39ad6bbc64f: `. Source: OpenSMTPD `smtpd.h` (`evpid_to_msgid`).
fn is_envelope(bytes: &[u8], range: &Range<usize>) -> bool {
    const MSGID: usize = 8;
    let is_hex = |range: Range<usize>| {
        let digits = bytes.get(range);
        digits.is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit))
    };
    let ends = bytes
        .get(range.end + MSGID)
        .is_none_or(|it| !it.is_ascii_alphanumeric());
    let before = &bytes[..range.start];
    range.len() == MSGID
        && ends
        && is_hex(range.start..range.end + MSGID)
        && (before.ends_with(b"evpid=") || before.ends_with(b" for "))
}

/// Whether letters or digits go on before or behind a range.
fn joins(bytes: &[u8], range: Range<usize>) -> bool {
    if is_envelope(bytes, &range) {
        return false;
    }
    let is_word = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let (first, last) = (range.start, range.end.saturating_sub(1));
    (is_word(first) && first.checked_sub(1).is_some_and(is_word))
        || (is_word(last) && is_word(range.end))
}
