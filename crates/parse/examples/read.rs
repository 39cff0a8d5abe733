//! What the rules read in the lines of standard input: the rule, what happened, and its fields; last how
//! many lines none knows. It is built in seconds, for whoever writes a rule; `waybill parse` needs the
//! engines of the archive, which take half an hour.
//!
//! `cargo run -p waybill-parse --example read < mail.log`

#![expect(clippy::print_stdout, reason = "it is for people")]

use model::{Kind, Value};
use std::io::{self, BufRead};

fn main() -> io::Result<()> {
    let (mut lines, mut unknown) = (0_u64, 0_u64);
    for line in io::stdin().lock().split(b'\n') {
        let line = line?;
        let event = parse::line(&line);
        lines += 1;
        if event.kind() == Kind::Unknown {
            unknown += 1;
            println!("not known: {}", String::from_utf8_lossy(&line));
            continue;
        }
        let mut fields = String::new();
        event.each_field(&mut |name, value| {
            fields += &match value {
                Value::Text(text) => format!(" {name}={text}"),
                Value::Word(word) => format!(" {name}={word}"),
                Value::Number(number) => format!(" {name}={number}"),
                Value::Signed(number) => format!(" {name}={number}"),
                Value::Float(number) => format!(" {name}={number}"),
                Value::Flag(flag) => format!(" {name}={flag}"),
                Value::Shown(shown) => format!(" {name}={shown}"),
            };
        });
        println!("{}: {}{fields}", event.rule, event.kind().name());
    }
    println!("{lines} lines, {unknown} not known");
    Ok(())
}
