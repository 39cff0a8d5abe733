//! `waybill parse`: every line as a typed event, or how well lines are understood.

mod json;
mod stats;

use crate::Ended;
use crate::args::{EventFormat, Parse};
use crate::input::Logs;
use correlate::Read;
use model::Kind;
use pipeline::Place;
use std::io::{self, BufWriter, Write};

pub(crate) fn run(command: &Parse) -> anyhow::Result<Ended> {
    let logs = Logs::find(&command.input)?;
    if command.stats {
        return stats::run(&logs, command.samples);
    }
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut line = Vec::with_capacity(1024);
    let mut failed = None;
    if let EventFormat::Csv = command.format {
        out.write_all(CSV_HEAD)?;
    }
    let outcome = logs.with_progress(|progress| {
        pipeline::run(&logs.sets, &logs.settings, progress, |read| {
            if failed.is_some() {
                return;
            }
            line.clear();
            match command.format {
                EventFormat::Ndjson => ndjson(&mut line, read, &logs),
                EventFormat::Csv => csv(&mut line, read, &logs),
            }
            failed = out.write_all(&line).err();
        })
    });
    match failed {
        Some(error) => return Err(error.into()),
        None => out.flush()?,
    }
    Ok(logs.tell_problems(&outcome.problems, outcome.lines))
}

/// One object: header, kind and rule, the fields of the kind, the place; the line itself where no
/// rule took it apart.
fn ndjson(to: &mut Vec<u8>, read: Read<'_>, logs: &Logs) {
    let event = read.event;
    let mut object = json::Object::begin(to);
    object.shown("time", &read.at());
    object.text("host", event.host);
    object.text("program", event.program);
    if event.label != event.program {
        object.text("label", event.label);
    }
    if let Some(pid) = event.pid {
        object.number("pid", pid.into());
    }
    object.word("severity", event.severity.name());
    object.word("kind", event.kind().name());
    if !event.rule.is_empty() {
        object.word("rule", event.rule);
    }
    if let Some(queue_id) = event.queue_id {
        object.text("queue_id", queue_id);
    }
    if event.repeated != 1 {
        object.number("repeated", event.repeated.into());
    }
    event.each_field(&mut |name, value| object.value(name, &value));
    let place = Place::of(read.line.id);
    object.text("file", logs.path(place).as_bytes());
    object.number("line", place.line);
    if event.kind() == Kind::Unknown {
        object.text("raw", read.line.raw);
    }
    object.end();
    to.push(b'\n');
}

const CSV_HEAD: &[u8] =
    b"time,host,label,program,pid,severity,kind,rule,queue_id,repeated,file,line,fields\r\n";

/// The columns of [`CSV_HEAD`]; the last one is a JSON object. Source: RFC 4180.
fn csv(to: &mut Vec<u8>, read: Read<'_>, logs: &Logs) {
    let event = read.event;
    let place = Place::of(read.line.id);
    let mut fields = Vec::new();
    let mut object = json::Object::begin(&mut fields);
    event.each_field(&mut |name, value| object.value(name, &value));
    if event.kind() == Kind::Unknown {
        object.text("raw", read.line.raw);
    }
    object.end();
    let pid = event.pid.map_or_else(String::new, |pid| pid.to_string());
    let (at, repeated) = (read.at().to_string(), event.repeated.to_string());
    let (path, number) = (logs.path(place), place.line.to_string());
    let cells: [&[u8]; 13] = [
        at.as_bytes(),
        event.host,
        event.label,
        event.program,
        pid.as_bytes(),
        event.severity.name().as_bytes(),
        event.kind().name().as_bytes(),
        event.rule.as_bytes(),
        event.queue_id.map_or(b"", |id| id.as_ref()),
        repeated.as_bytes(),
        path.as_bytes(),
        number.as_bytes(),
        &fields,
    ];
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            to.push(b',');
        }
        csv_cell(to, cell);
    }
    to.extend(b"\r\n");
}

fn csv_cell(to: &mut Vec<u8>, cell: &[u8]) {
    if !cell
        .iter()
        .any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n'))
    {
        return to.extend_from_slice(cell);
    }
    to.push(b'"');
    for &byte in cell {
        if byte == b'"' {
            to.push(b'"');
        }
        to.push(byte);
    }
    to.push(b'"');
}
