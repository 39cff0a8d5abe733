//! A cursor over the text of one line.
//!
//! Every step either takes what it names and moves on, or gives `None` and leaves the rule; so a
//! rule reads like the format string that wrote the line. Nothing is copied.

use bstr::BStr;
use memchr::{memchr, memmem};
use model::{EnhancedStatus, Peer, ReplyCode, Severity};

/// What is left of a line's text, and what its prefix told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scan<'a> {
    rest: &'a [u8],
    /// The queue id at the start of the text; `None` also for `NOQUEUE`.
    pub(crate) queue_id: Option<&'a BStr>,
    /// Whether the text started with `NOQUEUE: `.
    pub(crate) noqueue: bool,
    /// The severity prefix.
    pub(crate) severity: Severity,
    /// Name of the program that wrote the line; for Dovecot of its process (`imap-login`).
    pub(crate) program: &'a [u8],
    /// Mailbox user in Dovecot's prefix; empty where none.
    pub(crate) user: &'a BStr,
    /// Session id in Dovecot's prefix, `PID-NN` in amavis'; empty where none.
    pub(crate) session: &'a BStr,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(text: &'a [u8], program: &'a [u8]) -> Self {
        Scan {
            rest: text,
            queue_id: None,
            noqueue: false,
            severity: Severity::Info,
            program,
            user: BStr::new(b""),
            session: BStr::new(b""),
        }
    }

    /// What is left, without taking it.
    pub(crate) fn peek(&self) -> &'a [u8] {
        self.rest
    }

    /// Goes on with another text.
    pub(crate) fn over(&self, text: &'a [u8]) -> Self {
        Scan {
            rest: text,
            ..*self
        }
    }

    /// Takes a literal.
    #[inline]
    pub(crate) fn lit(&mut self, literal: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(literal.as_bytes())?;
        Some(())
    }

    /// Takes a literal if it is there.
    #[inline]
    pub(crate) fn has(&mut self, literal: &str) -> bool {
        self.lit(literal).is_some()
    }

    /// Takes the first of some literals that is there, and says which.
    pub(crate) fn one_of(&mut self, literals: &[&'static str]) -> Option<&'static str> {
        literals.iter().copied().find(|literal| self.has(literal))
    }

    /// Takes everything before a byte, and the byte.
    #[inline]
    pub(crate) fn until(&mut self, byte: u8) -> Option<&'a BStr> {
        let at = memchr(byte, self.rest)?;
        let taken = &self.rest[..at];
        self.rest = &self.rest[at + 1..];
        Some(taken.into())
    }

    /// Takes everything before a literal, and the literal.
    pub(crate) fn until_str(&mut self, literal: &str) -> Option<&'a BStr> {
        let at = memmem::find(self.rest, literal.as_bytes())?;
        let taken = &self.rest[..at];
        self.rest = &self.rest[at + literal.len()..];
        Some(taken.into())
    }

    /// Takes everything before the last occurrence of a literal, and the literal.
    pub(crate) fn until_last(&mut self, literal: &str) -> Option<&'a BStr> {
        let at = memmem::rfind(self.rest, literal.as_bytes())?;
        let taken = &self.rest[..at];
        self.rest = &self.rest[at + literal.len()..];
        Some(taken.into())
    }

    /// Takes the longest run of bytes that all pass; may be empty.
    #[inline]
    pub(crate) fn while_(&mut self, passes: impl Fn(u8) -> bool) -> &'a BStr {
        let len = self
            .rest
            .iter()
            .position(|&byte| !passes(byte))
            .unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(len);
        self.rest = rest;
        taken.into()
    }

    /// Takes a word: everything up to a space or the end; not empty. The space stays.
    #[inline]
    pub(crate) fn word(&mut self) -> Option<&'a BStr> {
        let len = memchr(b' ', self.rest).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(len);
        self.rest = rest;
        (len > 0).then(|| taken.into())
    }

    /// Takes all that is left.
    #[inline]
    pub(crate) fn remainder(&mut self) -> &'a BStr {
        std::mem::take(&mut self.rest).into()
    }

    /// Whether nothing is left, as a step.
    #[inline]
    pub(crate) fn end(&self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }

    /// Takes a decimal number; fails where it does not fit.
    #[inline]
    pub(crate) fn number<N: TryFrom<u64>>(&mut self) -> Option<N> {
        let mut value: u64 = 0;
        let mut len = 0;
        for &byte in self.rest {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
            len += 1;
        }
        if len == 0 {
            return None;
        }
        self.rest = &self.rest[len..];
        N::try_from(value).ok()
    }

    /// Takes seconds with decimals (`0.03`, `4.3`, `86400`) as milliseconds, rounded down.
    /// Source: postfix `src/util/format_tv.c`.
    #[inline]
    pub(crate) fn seconds_ms(&mut self) -> Option<u64> {
        let whole: u64 = self.number()?;
        let mut ms = whole.checked_mul(1000)?;
        if let Some((b'.', decimals)) = self.rest.split_first() {
            let mut weight = 100;
            let mut len = 0;
            for &byte in decimals {
                let digit = byte.wrapping_sub(b'0');
                if digit > 9 {
                    break;
                }
                ms += weight * u64::from(digit);
                weight /= 10;
                len += 1;
            }
            self.rest = &decimals[len..];
        }
        Some(ms)
    }

    /// Takes an enhanced status code (`5.1.1`). Source: RFC 3463 §2.
    #[inline]
    pub(crate) fn enhanced(&mut self) -> Option<EnhancedStatus> {
        // Nearly all have one digit each.
        if let &[
            class @ (b'2' | b'4' | b'5'),
            b'.',
            subject @ b'0'..=b'9',
            b'.',
            detail @ b'0'..=b'9',
            ref rest @ ..,
        ] = self.rest
            && !rest.first().is_some_and(u8::is_ascii_digit)
        {
            self.rest = rest;
            return Some(EnhancedStatus {
                class: class - b'0',
                subject: u16::from(subject - b'0'),
                detail: u16::from(detail - b'0'),
            });
        }
        let mut ahead = *self;
        let class: u8 = ahead.number()?;
        ahead.lit(".")?;
        let subject: u16 = ahead.number()?;
        ahead.lit(".")?;
        let detail: u16 = ahead.number()?;
        if !matches!(class, 2 | 4 | 5) || subject > 999 || detail > 999 {
            return None;
        }
        self.rest = ahead.rest;
        Some(EnhancedStatus {
            class,
            subject,
            detail,
        })
    }

    /// Takes a reply code: three digits, the first 2 to 5, then no further digit.
    #[inline]
    pub(crate) fn code(&mut self) -> Option<ReplyCode> {
        let &[
            first @ b'2'..=b'5',
            second @ b'0'..=b'9',
            third @ b'0'..=b'9',
            ..,
        ] = self.rest
        else {
            return None;
        };
        if self.rest.get(3).is_some_and(u8::is_ascii_digit) {
            return None;
        }
        self.rest = &self.rest[3..];
        let digit = |byte: u8| u16::from(byte - b'0');
        Some(ReplyCode(
            digit(first) * 100 + digit(second) * 10 + digit(third),
        ))
    }

    /// Takes `<address>`, without the angle brackets. A quoted local part may hold `>`; otherwise
    /// the address ends at a `>` before `,`, ` `, `;`, `:`, `)` or the end.
    /// Source: postfix `src/global/info_log_addr_form.c`.
    #[inline]
    pub(crate) fn angle(&mut self) -> Option<&'a BStr> {
        let inner = self.rest.strip_prefix(b"<")?;
        let mut from = if inner.first() == Some(&b'"') {
            quoted_end(inner).unwrap_or(0)
        } else {
            0
        };
        loop {
            let end = from + memchr(b'>', &inner[from..])?;
            if matches!(
                inner.get(end + 1),
                None | Some(b',' | b' ' | b';' | b':' | b')')
            ) {
                self.rest = &inner[end + 1..];
                return Some(inner[..end].into());
            }
            from = end + 1;
        }
    }

    /// Takes `name[address]` or `name[address]:port`. Source: postfix `src/smtpd/smtpd.h`.
    #[inline]
    pub(crate) fn peer(&mut self) -> Option<Peer<'a>> {
        let open = memchr(b'[', self.rest)?;
        let name = &self.rest[..open];
        if memchr(b' ', name).is_some() {
            return None;
        }
        let inner = &self.rest[open + 1..];
        let close = memchr(b']', inner)?;
        self.rest = &inner[close + 1..];
        Some(Peer {
            name: name.into(),
            address: inner[..close].into(),
            port: self.port(),
        })
    }

    /// Takes `:port` if it is there.
    #[inline]
    fn port(&mut self) -> Option<u16> {
        let mut ahead = *self;
        ahead.lit(":")?;
        let port = ahead.number()?;
        self.rest = ahead.rest;
        Some(port)
    }
}

/// Where the quoted string ends that `text` starts with: the index behind its closing quote.
fn quoted_end(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Scan<'_> {
        Scan::new(text.as_bytes(), b"")
    }

    #[test]
    fn addresses_may_hold_angle_brackets() {
        let mut at = scan(r#"<"a>b"@x.test>, relay="#);
        assert_eq!(at.angle().unwrap(), r#""a>b"@x.test"#);
        assert_eq!(at.peek(), b", relay=");
        assert_eq!(scan("<>").angle().unwrap(), "");
        assert_eq!(scan("<a>b@x> y").angle().unwrap(), "a>b@x");
        assert_eq!(scan("<a@x").angle(), None);
        assert_eq!(scan(r#"<"a@x> "#).angle().unwrap(), r#""a@x"#);
    }

    #[test]
    fn peers_have_ports_or_not() {
        let mut at = scan("mail.x.test[2001:db8::1]:25: said");
        let peer = at.peer().unwrap();
        assert_eq!(
            (peer.name, peer.address, peer.port),
            ("mail.x.test".into(), "2001:db8::1".into(), Some(25))
        );
        assert_eq!(at.peek(), b": said");
        assert_eq!(scan("a b[1.2.3.4]").peer(), None);
    }

    #[test]
    fn numbers_do_not_overflow() {
        assert_eq!(scan("99999999999999999999").number::<u64>(), None);
        assert_eq!(scan("70000").number::<u16>(), None);
        assert_eq!(scan("0.03/").seconds_ms(), Some(30));
        assert_eq!(scan("86400.123456").seconds_ms(), Some(86_400_123));
        assert_eq!(scan("5.1.1000").enhanced(), None);
        assert_eq!(scan("2501").code(), None);
    }
}
