//! How a rule stands: what was told, and so what is to be told. No storm comes of it:
//!
//! - a subject is a reason to tell once in the quiet time of its rule, however often it comes and goes;
//! - a rule tells of further subjects [`GATHER`] after it told the last time, of all of them together;
//! - what began is told to have ended once, and nothing else is.

use crate::judge::Subject;
use crate::limits::{GATHER, SUBJECTS_MAX};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a rule stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Since when it has been told that it holds.
    pub since: Option<Timestamp>,
    /// When it was last told that it holds.
    told: Option<Timestamp>,
    /// When each subject was last told of.
    subjects: BTreeMap<String, Timestamp>,
}

/// What a message says of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// It holds.
    Firing,
    /// It still holds, or for others too.
    StillFiring,
    /// It does not hold any more.
    Resolved,
    /// Somebody wants to see a message.
    Test,
}

impl State {
    /// The state that was stored; the first one where there is none, or none that is understood.
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// As it is stored.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Takes over for which subjects the rule holds now; what is to be told of it.
    pub fn turn(
        &mut self,
        held: &[Subject],
        quiet: SignedDuration,
        now: Timestamp,
    ) -> Option<Turn> {
        let is_over = |told: Timestamp, length| now.duration_since(told) >= length;
        self.subjects.retain(|_, told| !is_over(*told, quiet));
        if held.is_empty() {
            return self.since.take().map(|_| Turn::Resolved);
        }
        // Where there are too many to be remembered, who comes in addition is no reason.
        let has_room = self.subjects.len() < SUBJECTS_MAX;
        let is_new = has_room && held.iter().any(|it| !self.subjects.contains_key(&it.name));
        if !is_new || self.told.is_some_and(|told| !is_over(told, GATHER)) {
            return None;
        }
        for it in held {
            self.subjects.insert(it.name.clone(), now);
        }
        self.told = Some(now);
        match self.since {
            Some(_) => Some(Turn::StillFiring),
            None => {
                self.since = Some(now);
                Some(Turn::Firing)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const QUIET: SignedDuration = SignedDuration::from_hours(4);

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minutes * 60).expect("it is a time")
    }

    fn held(names: &[&str]) -> Vec<Subject> {
        let subject = |name: &&str| Subject {
            name: (*name).to_owned(),
            count: 1,
            beside: String::new(),
        };
        names.iter().map(subject).collect()
    }

    /// What is told of subjects at minutes.
    fn told(steps: &[(i64, &[&str])]) -> Vec<(i64, Turn)> {
        let mut state = State::default();
        let mut told = Vec::new();
        for (minute, names) in steps {
            let mut again = State::read(&state.text());
            assert_eq!(again, state, "it is read as it is written");
            told.extend(
                again
                    .turn(&held(names), QUIET, at(*minute))
                    .map(|it| (*minute, it)),
            );
            state = again;
        }
        told
    }

    #[test]
    fn a_beginning_and_an_end_are_told_once() {
        use Turn::{Firing, Resolved, StillFiring};
        let a: &[&str] = &["a"];
        assert_eq!(
            told(&[(0, &[]), (1, a), (2, a), (100, a), (101, &[]), (102, &[])]),
            [(1, Firing), (101, Resolved)]
        );
        assert_eq!(
            told(&[(0, a), (239, a), (240, a), (479, a), (480, a)]),
            [(0, Firing), (240, StillFiring), (480, StillFiring)],
            "it is told again after the quiet time"
        );
        assert_eq!(
            told(&[(0, a), (1, &[]), (2, a), (3, &[]), (240, a), (241, &[])]),
            [(0, Firing), (1, Resolved), (240, Firing), (241, Resolved)],
            "what comes and goes is quiet"
        );
    }

    #[test]
    fn further_subjects_are_told_together() {
        use Turn::{Firing, StillFiring};
        assert_eq!(
            told(&[
                (0, &["a"]),
                (1, &["a", "b"]),
                (9, &["a", "b", "c"]),
                (10, &["a", "b", "c"]),
                (30, &["c"]),
                (249, &["a"]),
                (250, &["a"]),
            ]),
            [(0, Firing), (10, StillFiring), (250, StillFiring)]
        );
    }

    proptest! {
        #[test]
        fn there_is_no_storm(steps in prop::collection::vec((1..60_i64, 0..8_u8), 1..300)) {
            let mut state = State::default();
            let mut minute = 0;
            // When the subject that was told last gave a reason, and the last message.
            let mut last: BTreeMap<&str, i64> = BTreeMap::new();
            let (mut last_told, mut is_firing) = (i64::MIN / 2, false);
            for (pause, which) in steps {
                minute += pause;
                let all = ["a", "b", "c"];
                let names: Vec<&str> = (0..3).filter(|it| which >> it & 1 == 1).map(|it| all[it]).collect();
                let turn = state.turn(&held(&names), QUIET, at(minute));
                match turn {
                    Some(Turn::Firing | Turn::StillFiring) => {
                        prop_assert_eq!(turn == Some(Turn::StillFiring), is_firing);
                        prop_assert!(minute - last_told >= 10);
                        let is_due = |it: &&str| last.get(it).is_none_or(|told| minute - told >= 240);
                        prop_assert!(names.iter().any(is_due), "nobody gives a reason");
                        last.extend(names.iter().map(|it| (*it, minute)));
                        (last_told, is_firing) = (minute, true);
                    }
                    Some(Turn::Resolved) => {
                        prop_assert!(is_firing && names.is_empty());
                        is_firing = false;
                    }
                    Some(Turn::Test) => prop_assert!(false, "nobody asked for one"),
                    None => prop_assert!(!is_firing || !names.is_empty(), "an end is told"),
                }
                prop_assert_eq!(state.since.is_some(), is_firing);
            }
        }

        /// With rows counted all together there is one subject.
        #[test]
        fn one_subject_is_told_once_in_the_quiet_time(steps in prop::collection::vec((1..60_i64, any::<bool>()), 1..300)) {
            let mut state = State::default();
            let (mut minute, mut last) = (0, i64::MIN / 2);
            for (pause, holds) in steps {
                minute += pause;
                let names: &[&str] = if holds { &[""] } else { &[] };
                if let Some(Turn::Firing | Turn::StillFiring) = state.turn(&held(names), QUIET, at(minute)) {
                    prop_assert!(minute - last >= 240);
                    last = minute;
                }
            }
        }
    }
}
