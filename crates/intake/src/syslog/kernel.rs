//! What the kernel dropped of a socket's datagrams.

use std::fs;
use std::os::fd::AsRawFd;

/// Datagrams that came while there was no room in the kernel; `None` where it cannot be known.
///
/// Source: Linux `net/ipv4/udp.c`, `udp4_format_sock`.
pub(super) fn drops(socket: &impl AsRawFd) -> Option<u64> {
    let link = fs::read_link(format!("/proc/self/fd/{}", socket.as_raw_fd())).ok()?;
    let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
    let tables = ["/proc/self/net/udp", "/proc/self/net/udp6"].iter();
    tables
        .filter_map(|table| fs::read_to_string(table).ok())
        .find_map(|table| drops_of(&table, inode))
}

/// The column `drops` of the row with this `inode`.
fn drops_of(table: &str, inode: &str) -> Option<u64> {
    let row = table
        .lines()
        .skip(1)
        .find(|row| row.split_whitespace().nth(9) == Some(inode))?;
    row.split_whitespace().nth(12)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;

    #[test]
    fn the_row_of_the_socket_is_found() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops             \n \
            100: 0100007F:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 7001 2 0000000000000000 0         \n \
            512: 0100007F:1402 00000000:0000 07 00000000:00034500 00:00000000 00000000     0        0 7002 2 0000000000000000 341       \n";
        assert_eq!(drops_of(table, "7002"), Some(341));
        assert_eq!(drops_of(table, "7001"), Some(0));
        assert_eq!(drops_of(table, "341"), None);
    }

    #[test]
    fn a_socket_that_nobody_reads_drops() {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let Some(before) = drops(&socket) else {
            println!("skipped: the kernel does not tell");
            return;
        };
        assert_eq!(before, 0);
        let address = socket.local_addr().expect("bound");
        let sender = UdpSocket::bind("127.0.0.1:0").expect("a port");
        rustix::net::sockopt::set_socket_recv_buffer_size(&socket, 4096).expect("allowed");
        for _ in 0..200 {
            sender.send_to(&[b'x'; 1000], address).expect("sent");
        }
        assert!(drops(&socket).expect("as before") > 100);
    }
}
