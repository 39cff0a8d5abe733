//! `cargo xtask docs`: pages that are made from the code.

use crate::shell::root;
use anyhow::Context;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

/// Programs and forms of which neither the real logs that tests read nor the servers that they run gave
/// a line, so that nothing but the source says that their rules are right.
const UNSEEN: &str = "\
ClamAV (clamd, clamav-milter, freshclam, clamsmtp), SQLgrey, PostSRSd, postfwd, \
postfix-policyd-spf-perl, spamdyke, maildrop, Horde; of Cyrus IMAP TLS, POP3, Sieve, duplicates, \
events and troubles; of Postfix `postqueue -j`; of Dovecot the export of events; of Haraka the form JSON; mail events \
of applications";

pub(crate) fn run() -> anyhow::Result<()> {
    let path = lines_path();
    fs::write(&path, lines_page()).with_context(|| format!("cannot write {}", path.display()))?;
    eprintln!("wrote docs/lines.md");
    Ok(())
}

fn lines_path() -> PathBuf {
    root().join("docs/lines.md")
}

/// The page of all rules, by project and program.
fn lines_page() -> String {
    let families = parse::families();
    let tables = || families.iter().flat_map(|family| family.tables);
    let programs: BTreeSet<&str> = tables().map(|(program, _)| *program).collect();
    let rules: usize = tables().map(|(_, rules)| rules.len()).sum();
    let mut page = format!(
        "# Lines that Waybill reads\n\n\
         This page is made from the rules by `cargo xtask docs`; do not edit it.\n\n\
         There are {rules} rules for {} programs. A rule reads one format of one program's lines; \
         its source is where that program writes the line. Samples are the text behind \
         `program[pid]: `. `waybill parse` names the rule of each line in the field `rule`.\n\n",
        programs.len(),
    );
    let _ = writeln!(page, "| project | versions | rules |\n|---|---|---|");
    for it in families {
        let rules: usize = it.tables.iter().map(|(_, rules)| rules.len()).sum();
        let link = format!("[{}](#{})", it.name, anchor(it.name));
        let _ = writeln!(page, "| {link} | {} | {rules} |", it.versions);
    }
    let _ = writeln!(
        page,
        "\nThe rules of these were written from the sources alone, no line of a real one was at hand: \
         {UNSEEN}."
    );
    for family in families {
        let _ = writeln!(page, "\n## {}", family.name);
        let mut programs: BTreeMap<&str, Vec<&parse::Rule>> = BTreeMap::new();
        for (program, rules) in family.tables {
            programs.entry(program).or_default().extend(*rules);
        }
        for (program, rules) in programs {
            let _ = writeln!(page, "\n### {}", heading(program));
            for rule in rules {
                let _ = writeln!(page, "\n#### {}\n\nSource: `{}`.\n", rule.name, rule.source);
                let _ = writeln!(page, "```text\n{}\n```", rule.samples.join("\n"));
            }
        }
    }
    page
}

fn heading(program: &str) -> &str {
    match program {
        "" => "lines without a syslog header",
        program => program,
    }
}

fn anchor(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_lines_is_current() {
        let there = fs::read_to_string(lines_path()).unwrap_or_default();
        // Not assert_eq, which would print the whole page twice.
        assert!(
            there == lines_page(),
            "docs/lines.md is not current: run `cargo xtask docs` and commit it"
        );
    }
}
