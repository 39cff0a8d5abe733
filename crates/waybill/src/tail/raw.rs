//! Lines at once as they were taken, before they are joined with others.

use super::each;
use crate::Ended;
use crate::args::Tail;
use crate::asker::Asker;
use crate::rows::show_line;
use crate::shown::instant;
use bstr::ByteSlice;
use record::Taken;
use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

pub(super) fn run(
    command: &Tail,
    lines: Receiver<Arc<[Taken]>>,
    asker: &mut Asker<'_>,
) -> anyhow::Result<Ended> {
    let wanted = Wanted::of(&command.query);
    each(&lines, asker, |lot, asker| {
        for taken in lot.iter().filter(|it| wanted.wants(it)) {
            match command.json {
                true => json(taken, asker.out)?,
                false => show_line(&taken.line, "", asker.out)?,
            }
        }
        Ok(())
    })
}

/// What a line must have; all in small letters.
#[derive(Default)]
struct Wanted {
    hosts: Vec<Vec<u8>>,
    programs: Vec<Vec<u8>>,
    sources: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
}

impl Wanted {
    fn of(query: &[String]) -> Self {
        let mut wanted = Wanted::default();
        for word in query.iter().flat_map(|it| it.split_whitespace()) {
            let word = word.to_lowercase();
            let (of, text) = match word.split_once(':') {
                Some(("host", text)) => (&mut wanted.hosts, text),
                Some(("program", text)) => (&mut wanted.programs, text),
                Some(("source", text)) => (&mut wanted.sources, text),
                _ => (&mut wanted.words, &*word),
            };
            of.push(text.as_bytes().to_vec());
        }
        wanted
    }

    /// One of the hosts, one of the programs, one of the sources, and all words.
    fn wants(&self, taken: &Taken) -> bool {
        let is_in = |text: &[u8], word: &Vec<u8>| text.to_ascii_lowercase().contains_str(word);
        let is_one = |all: &[Vec<u8>], names: [&[u8]; 2]| {
            let is_it = |it: &Vec<u8>| names.iter().any(|name| name.eq_ignore_ascii_case(it));
            all.is_empty() || all.iter().any(is_it)
        };
        let text = ingest::readable(&taken.line);
        let event = parse::line(&text);
        let tag = [&**event.label, b"/", &**event.program].concat();
        is_one(&self.hosts, [event.host, event.host])
            && is_one(&self.programs, [event.program, &tag])
            && (self.sources.is_empty() || self.sources.iter().any(|it| is_in(&taken.source, it)))
            && self.words.iter().all(|word| is_in(&taken.line, word))
    }
}

fn json(taken: &Taken, out: &mut dyn Write) -> anyhow::Result<()> {
    let text = ingest::readable(&taken.line);
    let event = parse::line(&text);
    let object = serde_json::json!({
        "received": instant(taken.received.as_nanos() / 1_000),
        "source": taken.source.to_str_lossy(),
        "host": event.host.to_str_lossy(),
        "program": event.program.to_str_lossy(),
        "severity": event.severity.name(),
        "line": taken.line.to_str_lossy(),
    });
    Ok(writeln!(out, "{object}")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;

    #[test]
    fn lines_are_chosen_by_host_program_source_and_words() {
        let taken = Taken {
            received: Timestamp::from_seconds(0),
            source: (*b"syslog tcp 192.0.2.1").into(),
            line: (*b"<22>Nov 22 08:00:00 mx1 postfix/smtpd[7]: Odd Words").into(),
        };
        for (query, wants) in [
            ("", true),
            ("host:MX1 program:smtpd odd words", true),
            ("program:postfix/smtpd source:192.0.2.1", true),
            ("host:mx2 host:mx1", true),
            ("host:mx2", false),
            ("host:mx", false),
            ("program:qmgr", false),
            ("source:192.0.2.2", false),
            ("odd nothing", false),
        ] {
            assert_eq!(
                Wanted::of(&[query.to_owned()]).wants(&taken),
                wants,
                "{query}"
            );
        }
    }
}
