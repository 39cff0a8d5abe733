//! What kind of text a file holds, told once by its head.

use crate::{
    envelope::{cri, export},
    limits::{NUL_STRAY_MAX, UNREADABLE_PERCENT_MAX},
    problem::ProblemKind,
};

/// The kind of content, which decides how it is cut into lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A line is what ends in a newline; lines that begin with `{` may be journald or Docker JSON.
    Lines,
    /// Lines as a Kubernetes container runtime writes them.
    Cri,
    /// journald export format: records of several lines.
    Export,
    /// Not text; with a word about what it is, if known.
    Binary(Option<&'static str>),
}

/// Tells the kind by the head of the unpacked content.
pub(crate) fn kind(head: &[u8]) -> Kind {
    if export::begins(head) {
        return Kind::Export;
    }
    if let Some(what) = foreign(head) {
        return Kind::Binary(Some(what));
    }
    if is_binary(head) {
        return Kind::Binary(None);
    }
    // Not only the first line: a file that was copied and truncated may begin in the middle of one.
    if head
        .split(|&byte| byte == b'\n')
        .any(|line| cri::Line::parse(line).is_some())
    {
        return Kind::Cri;
    }
    Kind::Lines
}

/// Why a file that begins like this is no log of lines that stand one behind the other; `None` if it may be one.
pub fn not_lines(head: &[u8]) -> Option<ProblemKind> {
    let looks_like = match kind(head) {
        Kind::Lines | Kind::Cri => return None,
        Kind::Export => Some("journald's export format; import it instead"),
        Kind::Binary(looks_like) => looks_like,
    };
    Some(ProblemKind::Binary { looks_like })
}

fn foreign(head: &[u8]) -> Option<&'static str> {
    Some(match head {
        [b'L', b'P', b'K', b'S', b'H', b'H', b'R', b'H', ..] => {
            "a systemd journal; pipe in `journalctl --file … --output=export` instead"
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "UTF-16; convert it with `iconv -t UTF-8` first",
        [b'P', b'K', 3, 4, ..] => "a zip archive; unpack it first",
        [b'7', b'z', 0xbc, 0xaf, ..] => "a 7-Zip archive; unpack it first",
        [0x1f, 0x9d, ..] => "packed by `compress`; unpack it with `uncompress` first",
        [0x04, 0x22, 0x4d, 0x18, ..] => "packed by `lz4`; unpack it with `unlz4` first",
        [0x5d, 0, 0, _, _, 0xff, 0xff, ..] => "packed by `lzma`; unpack it with `unlzma` first",
        _ if head.get(257..262) == Some(b"ustar") => "a tar archive; unpack it first",
        _ => return None,
    })
}

fn is_binary(head: &[u8]) -> bool {
    let nuls = memchr::memchr_iter(0, head).count();
    if nuls > NUL_STRAY_MAX {
        return true;
    }
    let controls = head.iter().filter(|&&byte| is_control(byte)).count();
    let not_utf8: usize = head.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    (controls + not_utf8) * 100 > head.len() * UNREADABLE_PERCENT_MAX
}

/// Control characters that text has no use for; tab, line ends, form feed and the escape of terminal colours are.
fn is_control(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b) || byte == 0x7f
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        for text in [
            &b""[..],
            b"\n",
            b"Nov 22 08:23:21 mx1 postfix/smtpd[1]: connect from a\n",
            b"a stray \0 in a line of text is data\n",
            b"\x1b[31mNov 22\x1b[0m coloured\n",
            b"Betreff: Gr\xfc\xdfe aus M\xfcnchen in Latin-1\n",
        ] {
            assert_eq!(kind(text), Kind::Lines, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn random_bytes_are_binary() {
        let mut state = 1_u64;
        for no_nul in [0, 1].repeat(10) {
            let bytes: Vec<u8> = (0..8192)
                .map(|_| {
                    state = state
                        .wrapping_mul(6364136223846793005)
                        .wrapping_add(1442695040888963407);
                    ((state >> 40) as u8).max(no_nul)
                })
                .collect();
            assert_eq!(kind(&bytes), Kind::Binary(None));
        }
    }

    #[test]
    fn known_foreign_files_are_named() {
        let mut tar = vec![b'a'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        for head in [
            &b"LPKSHHRH\0\0"[..],
            b"\xff\xfeN\0o\0v\0",
            b"PK\x03\x04....",
            &tar,
        ] {
            assert!(
                matches!(kind(head), Kind::Binary(Some(_))),
                "{}",
                head.escape_ascii()
            );
        }
    }

    #[test]
    fn cri_is_seen_behind_a_torn_first_line() {
        assert_eq!(
            kind(b"rest\n2026-11-22T08:23:21.1Z stdout F text\n"),
            Kind::Cri
        );
        assert_eq!(
            kind(b"2026-11-22T08:23:21.1Z mx1 postfix/smtpd[1]: stdout F\n"),
            Kind::Lines
        );
    }
}
