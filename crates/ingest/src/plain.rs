//! Files that can be read at any place, since they are nothing but lines.

use crate::{
    limits::SNIFF_BYTES,
    reader::BYTE_ORDER_MARK,
    set::LogFile,
    sniff::{self, Kind},
    unpack::{Content, Counters},
};

impl LogFile {
    /// Tells by the head whether the file's lines are simply one behind the other, to be read as they are: neither a
    /// stream nor packed, nor wrapped by journald or a container runtime, without a byte order mark. `false` too if
    /// the head cannot be read.
    ///
    /// Behind the head there may be JSON all the same: a line that begins with `{` is for
    /// [`SetReader`](crate::SetReader).
    pub fn is_plain_lines(&self) -> bool {
        if self.stream {
            return false;
        }
        let Ok(mut content) = Content::open(self, Counters::default()) else {
            return false;
        };
        let mut head = vec![0; SNIFF_BYTES];
        let (filled, result) = content.fill(&mut head);
        result.is_ok() && content.format.is_none() && begins_plainly(&head[..filled])
    }
}

fn begins_plainly(head: &[u8]) -> bool {
    let mut lines = head.split(|&byte| byte == b'\n');
    sniff::kind(head) == Kind::Lines
        && !head.starts_with(BYTE_ORDER_MARK)
        && !lines.any(|line| line.starts_with(b"{"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_as_they_are_read_are_plain() {
        for (head, plain) in [
            (&b""[..], true),
            (
                b"Nov 22 08:23:21 mx1 postfix/smtpd[1]: connect from a\n",
                true,
            ),
            (
                b"Nov 22 08:23:21 mx1 postfix/smtpd[1]: connect from a\r\nno",
                true,
            ),
            (b"\xef\xbb\xbfNov 22 08:23:21 mx1 a\n", false),
            (b"Nov 22\n{\"log\":\"a\\n\"}\n", false),
            (b"2026-11-22T08:23:21.1Z stdout F text\n", false),
            (b"__CURSOR=a\n__REALTIME_TIMESTAMP=1\nMESSAGE=a\n\n", false),
            (b"PK\x03\x04....", false),
        ] {
            assert_eq!(begins_plainly(head), plain, "{}", head.escape_ascii());
        }
    }

    #[test]
    fn packed_and_missing_files_are_not_plain() {
        let dir = tempfile::TempDir::new().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            LogFile {
                path,
                modified: None,
                bytes_on_disk: bytes.len() as u64,
                stream: false,
                standard_input: false,
            }
        };
        let text = b"Nov 22 08:23:21 mx1 postfix/smtpd[1]: connect from a\n";
        let plain = file("plain", text);
        assert!(plain.is_plain_lines());
        let packed = file("packed", &zstd::encode_all(&text[..], 1).unwrap());
        assert!(!packed.is_plain_lines());
        std::fs::remove_file(&plain.path).unwrap();
        assert!(!plain.is_plain_lines());
    }
}
