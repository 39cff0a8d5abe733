//! A client of RELP.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub(crate) struct Relp {
    stream: BufReader<TcpStream>,
    number: u32,
}

impl Relp {
    pub(crate) fn open(address: SocketAddr) -> Result<Self> {
        let mut relp = Relp {
            stream: BufReader::new(TcpStream::connect(address)?),
            number: 0,
        };
        relp.send("open", "relp_version=0")?;
        match relp.is_acknowledged(Duration::from_secs(20))? {
            true => Ok(relp),
            false => Err(ErrorKind::TimedOut.into()),
        }
    }

    pub(crate) fn send(&mut self, command: &str, data: &str) -> Result<()> {
        self.number += 1;
        let (number, length) = (self.number, data.len());
        writeln!(self.stream.get_mut(), "{number} {command} {length} {data}")
    }

    /// Whether what was sent is acknowledged in time.
    pub(crate) fn is_acknowledged(&mut self, time: Duration) -> Result<bool> {
        self.stream.get_ref().set_read_timeout(Some(time))?;
        // The answer to `open` has lines of its own, which end as it does.
        let number = format!("{} rsp ", self.number);
        let mut head = String::new();
        match self.stream.read_line(&mut head) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(_) => {}
        }
        let answer = head.strip_prefix(&number).and_then(|it| it.split_once(' '));
        let (length, text) = answer.ok_or_else(|| Error::other(head.clone()))?;
        let left = length.parse::<usize>().map_err(Error::other)? + 1 - text.len();
        self.stream.read_exact(&mut vec![0; left])?;
        Ok(text.starts_with("200 OK"))
    }
}
