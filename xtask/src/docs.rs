//! `cargo xtask docs`: pages that are made from the code.

use crate::shell::root;
use anyhow::Context;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

pub(crate) fn run() -> anyhow::Result<()> {
    let path = lines_path();
    fs::write(&path, lines_page()).with_context(|| format!("cannot write {}", path.display()))?;
    eprintln!("wrote docs/lines.md");
    Ok(())
}

fn lines_path() -> PathBuf {
    root().join("docs/lines.md")
}

/// The page of all rules, by program.
fn lines_page() -> String {
    let mut programs: BTreeMap<&str, Vec<&parse::Rule>> = BTreeMap::new();
    for (program, rule) in parse::rules() {
        programs.entry(program).or_default().push(rule);
    }
    let rules: usize = programs.values().map(Vec::len).sum();
    let mut page = format!(
        "# Lines that Waybill reads\n\n\
         This page is made from the rules by `cargo xtask docs`; do not edit it.\n\n\
         There are {rules} rules for {} programs. A rule reads one format of one program's lines; \
         its source is where that program writes the line. Samples are the text behind \
         `program[pid]: `. `waybill parse` names the rule of each line in the field `rule`.\n\n",
        programs.len(),
    );
    for program in programs.keys() {
        let _ = writeln!(page, "- [{}](#{})", heading(program), anchor(program));
    }
    for (program, rules) in programs {
        let _ = writeln!(page, "\n## {}", heading(program));
        for rule in rules {
            let _ = writeln!(page, "\n### {}\n\nSource: `{}`.\n", rule.name, rule.source);
            let _ = writeln!(page, "```text\n{}\n```", rule.samples.join("\n"));
        }
    }
    page
}

fn heading(program: &str) -> &str {
    match program {
        "" => "lines without a header",
        program => program,
    }
}

fn anchor(program: &str) -> String {
    heading(program).replace(' ', "-")
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
