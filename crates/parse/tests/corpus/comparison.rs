//! One suite of expectations compared with our facts, field by field.

use crate::facts::Facts;
use std::collections::{BTreeMap, BTreeSet};

/// What of ours stands for a field of theirs.
#[derive(Clone, Copy)]
pub(crate) enum Counterpart {
    /// The first of these facts that is there equals theirs.
    Same(&'static [&'static str]),
    /// One of these facts equals theirs: they choose among several by rules of their own.
    AnyOf(&'static [&'static str]),
    /// One of these facts holds theirs, or theirs holds it: they cut the text in other places.
    Part(&'static [&'static str]),
    /// Our value in their words, made from our facts; theirs is given, for forms of our choice.
    Made(fn(&Facts, &str) -> Option<String>),
    /// None, by design; the reason.
    Nothing(&'static str),
}

/// Which of theirs is which of ours, in one place for each suite.
pub(crate) type Table = &'static [(&'static str, Counterpart)];

/// A suite being compared.
pub(crate) struct Comparison {
    name: &'static str,
    table: Table,
    cases: usize,
    compared: usize,
    not_mapped: BTreeMap<(String, &'static str), usize>,
    out_of_scope: BTreeMap<&'static str, usize>,
    deviations: BTreeMap<Place, String>,
}

/// Case and field.
type Place = (String, String);

/// How much must be equal, out of a hundred.
const EQUAL_PERCENT_MIN: usize = 98;

impl Comparison {
    pub(crate) fn new(name: &'static str, table: Table) -> Self {
        Comparison {
            name,
            table,
            cases: 0,
            compared: 0,
            not_mapped: BTreeMap::new(),
            out_of_scope: BTreeMap::new(),
            deviations: BTreeMap::new(),
        }
    }

    /// Counts a case whose fields follow.
    pub(crate) fn case(&mut self) {
        self.cases += 1;
    }

    /// Counts a case that is not compared, with the reason.
    pub(crate) fn leave_out(&mut self, reason: &'static str) {
        *self.out_of_scope.entry(reason).or_default() += 1;
    }

    /// Compares one field of a case.
    pub(crate) fn field(&mut self, case: &str, field: &str, theirs: &str, ours: &Facts) {
        let counterpart = self
            .table
            .iter()
            .find(|(name, _)| *name == field)
            .unwrap_or_else(|| panic!("{}: {case}: no counterpart for `{field}`", self.name))
            .1;
        let value = match counterpart {
            Counterpart::Nothing(reason) => {
                *self
                    .not_mapped
                    .entry((field.to_owned(), reason))
                    .or_default() += 1;
                return;
            }
            Counterpart::Same(names) => ours.first(names).map(str::to_owned),
            Counterpart::AnyOf(names) => pick(ours, names, |value| value == theirs),
            Counterpart::Part(names) => part(ours, names, theirs),
            Counterpart::Made(make) => make(ours, theirs),
        };
        self.compared += 1;
        if value.as_deref() != Some(theirs) {
            let got = value.map_or("nothing".to_owned(), |it| format!("`{it}`"));
            let rule = ours.get("rule").unwrap_or_default();
            self.deviations.insert(
                (case.to_owned(), field.to_owned()),
                format!("expected `{theirs}`, got {got} (rule `{rule}`)"),
            );
        }
    }

    /// Prints the figures and asserts that the deviations are those of the list.
    pub(crate) fn conclude(self, list: &str) {
        let equal = self.compared - self.deviations.len();
        println!(
            "{}: {} cases, {} mapped fields compared, {equal} equal, {} deviating",
            self.name,
            self.cases,
            self.compared,
            self.deviations.len()
        );
        for (reason, cases) in &self.out_of_scope {
            println!("  left out: {cases} cases: {reason}");
        }
        for ((field, reason), times) in &self.not_mapped {
            println!("  not mapped: {field} ({times} times): {reason}");
        }
        for ((case, field), values) in &self.deviations {
            println!("  deviates: {case} {field}: {values}");
        }
        let listed = listed(list);
        let found: BTreeSet<Place> = self.deviations.into_keys().collect();
        let new: Vec<_> = found.difference(&listed).collect();
        let mended: Vec<_> = listed.difference(&found).collect();
        assert!(
            new.is_empty() && mended.is_empty(),
            "{}: new deviations: {new:#?}\nlisted, but equal now: {mended:#?}",
            self.name
        );
        assert!(
            equal * 100 >= self.compared * EQUAL_PERCENT_MIN,
            "{}: {equal} of {} fields equal",
            self.name,
            self.compared
        );
    }
}

/// One of the facts that fits; else the first, to be shown.
fn pick(ours: &Facts, names: &[&str], fits: impl Fn(&str) -> bool) -> Option<String> {
    let values = || names.iter().filter_map(|name| ours.get(name));
    values()
        .find(|value| fits(value))
        .or_else(|| values().next())
        .map(str::to_owned)
}

/// Theirs, if one of the facts and it are part of each other; else the first, to be shown.
pub(crate) fn part(ours: &Facts, names: &[&str], theirs: &str) -> Option<String> {
    let fits = |value: &str| {
        !value.is_empty()
            && !theirs.is_empty()
            && (value.contains(theirs) || theirs.contains(value))
    };
    match pick(ours, names, fits) {
        Some(value) if fits(&value) => Some(theirs.to_owned()),
        other => other,
    }
}

/// The places of a list: `case field reason` a line, `#` before a remark.
pub(crate) fn listed(list: &str) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    for line in list.lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = line.splitn(3, ' ');
        let (Some(case), Some(field), Some(_)) = (words.next(), words.next(), words.next()) else {
            panic!("a deviation has a case, a field and a reason: `{line}`");
        };
        let place = (case.to_owned(), field.to_owned());
        assert!(places.insert(place), "listed twice: `{line}`");
    }
    places
}
