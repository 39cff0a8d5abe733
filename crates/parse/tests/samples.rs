//! Each rule reads its own samples, and no rule before it in its tables does.

use std::collections::HashSet;

/// The samples with the header that a log would have.
fn lines() -> impl Iterator<Item = (&'static str, String)> {
    let families = parse::families().iter();
    families.flat_map(|family| family.samples().map(|(rule, line)| (rule.name, line)))
}

#[test]
fn each_sample_is_read_by_its_rule() {
    let wrong: Vec<String> = lines()
        .filter(|(name, line)| parse::line(line.as_bytes()).rule != *name)
        .map(|(name, line)| {
            format!(
                "{name}: `{line}` is read by `{}`",
                parse::line(line.as_bytes()).rule
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_rule_has_samples_a_source_and_a_name_of_its_own() {
    let mut names = HashSet::new();
    let families = parse::families().iter();
    let tables = families.flat_map(|family| family.tables);
    for rule in tables.flat_map(|(_, rules)| *rules) {
        assert!(!rule.samples.is_empty(), "{} has no sample", rule.name);
        assert!(!rule.source.is_empty(), "{} has no source", rule.name);
        assert!(names.insert(rule.name), "{} is there twice", rule.name);
    }
}

/// Cutting a line anywhere must not panic, and whatever is still read is read as bytes of the line.
#[test]
fn cut_samples_do_no_harm() {
    for (_, line) in lines() {
        for end in 0..line.len() {
            let event = parse::line(&line.as_bytes()[..end]);
            event.each_field(&mut |_, _| {});
        }
    }
}
