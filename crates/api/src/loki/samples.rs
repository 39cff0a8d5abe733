//! Numbers over time.
//!
//! A line counts at the time of its row, in each window that it is in: after its beginning, up to its
//! end.

use super::entries::Labels;
use super::label::{self, SHOWN};
use super::logql::{Counted, Fold, Grouping, Lines, Samples};
use super::matcher;
use crate::limits::{CELLS_MAX, LABEL_VALUES_MAX, POINTS_MAX, SERIES_MAX};
use crate::problem::{Problem, Result};
use query::{Column, Found, Sight};
use search::{Filter, TimeRange};
use std::collections::{BTreeMap, BTreeSet};

/// At which times, microseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Points {
    start: i64,
    step: i64,
    count: usize,
}

/// Series of numbers, one for each point; 0 where nothing was counted.
pub(super) type Series = BTreeMap<Labels, Vec<f64>>;

/// What a line is counted by.
type By = Vec<(&'static str, Column)>;

impl Points {
    /// Only one.
    pub(super) fn at(time: i64) -> Self {
        Points {
            start: time,
            step: 1,
            count: 1,
        }
    }

    /// From a time to another, both included.
    pub(super) fn between(start: i64, end: i64, step: i64) -> Result<Self> {
        let count = end.saturating_sub(start).max(0) / step.max(1) + 1;
        if count > POINTS_MAX {
            let detail =
                format!("exceeded maximum resolution of {POINTS_MAX} points per time series");
            return Err(Problem::wrong(detail).hint("a larger `step` has fewer"));
        }
        Ok(Points {
            start,
            step: step.max(1),
            count: count as usize,
        })
    }

    /// Their times.
    pub(super) fn times(self) -> impl Iterator<Item = i64> {
        let at = move |it| self.start.saturating_add(self.step.saturating_mul(it));
        (0..self.count as i64).map(at)
    }

    /// The time of all rows that are in a window of one of them.
    fn range(self, window: i64) -> TimeRange {
        let last = self.times().last().unwrap_or(self.start);
        TimeRange {
            from: self.start.saturating_sub(window).saturating_add(1),
            until: last.saturating_add(1),
        }
    }

    /// The points in whose windows a time of [`Points::range`] is: from one on, up to another.
    fn around(self, at: i64, window: i64) -> (usize, usize) {
        let steps = |time: i64| {
            let behind = time.saturating_sub(self.start).max(0);
            (behind as usize).div_ceil(self.step as usize)
        };
        let until = steps(at.saturating_add(window)).min(self.count);
        (steps(at).min(until), until)
    }
}

/// The numbers that are asked for.
pub(super) async fn series(sight: &Sight, asked: &Samples, points: Points) -> Result<Series> {
    let streams: By = SHOWN.to_vec();
    evaluated(sight, asked, points, &streams).await
}

async fn evaluated(sight: &Sight, asked: &Samples, points: Points, by: &By) -> Result<Series> {
    match asked {
        Samples::Number(number) => {
            let all = vec![*number; points.count];
            Ok(Series::from([(Labels::new(), all)]))
        }
        Samples::Over {
            what,
            lines,
            window,
        } => over(sight, (lines, *what), (points, *window), by).await,
        Samples::Folded {
            fold,
            by: grouping,
            inner,
        } => {
            let by = needed(*fold, grouping, by);
            let inner = Box::pin(evaluated(sight, inner, points, &by)).await?;
            Ok(folded(inner, *fold, grouping, points))
        }
    }
}

/// What must be told apart for a fold: of a sum only what it tells apart itself.
fn needed(fold: Fold, grouping: &Grouping, by: &By) -> By {
    let Grouping::By(names) = grouping else {
        return by.clone();
    };
    let mut needed = match fold {
        Fold::Sum => By::new(),
        _ => by.clone(),
    };
    needed.extend(names.iter().filter_map(|it| label::counted(it)));
    needed.sort_unstable();
    needed.dedup();
    needed
}

/// What was counted so far: for each series how much begins and ends to count at each point.
struct Counts {
    by: By,
    points: Points,
    window: i64,
    all: BTreeMap<Vec<String>, Vec<f64>>,
    is_full: bool,
}

impl Counts {
    fn add<'t>(&mut self, at: i64, much: f64, texts: impl Iterator<Item = Option<&'t str>>) {
        let (from, until) = self.points.around(at, self.window);
        if from == until || much == 0.0 {
            return;
        }
        let key = texts.map(|it| it.unwrap_or_default().to_owned()).collect();
        let cells = self.all.len() * (self.points.count + 1);
        let is_full = self.all.len() >= SERIES_MAX || cells > CELLS_MAX;
        let changes = match self.all.get_mut(&key) {
            Some(changes) => changes,
            None if is_full => {
                self.is_full = true;
                return;
            }
            None => {
                let none = vec![0.0; self.points.count + 1];
                self.all.entry(key).or_insert(none)
            }
        };
        changes[from] += much;
        changes[until] -= much;
    }

    /// The series, each number divided by this.
    fn series(self, by: f64) -> Result<Series> {
        if self.is_full {
            let detail =
                "maximum of series, or of points of all of them, reached for a single query";
            let hint = format!(
                "{SERIES_MAX} series: `sum by` has fewer; {CELLS_MAX} points: a larger `step` has fewer"
            );
            return Err(Problem::wrong(detail).hint(hint));
        }
        let names: Vec<_> = self.by.iter().map(|(name, _)| *name).collect();
        let one = |(key, changes): (Vec<String>, Vec<f64>)| {
            let labels = names.iter().copied().zip(key);
            let labels = labels.filter(|(_, it)| !it.is_empty()).collect();
            let mut now = 0.0;
            let sums = changes.iter().map(|it| {
                now += it;
                now / by
            });
            (labels, sums.take(self.points.count).collect())
        };
        Ok(self.all.into_iter().map(one).collect())
    }
}

async fn over(
    sight: &Sight,
    (lines, what): (&Lines, Counted),
    (points, window): (Points, i64),
    by: &By,
) -> Result<Series> {
    let range = points.range(window);
    let filter = matcher::filter(&lines.matchers, sight, range).await?;
    let mut counts = Counts {
        by: by.clone(),
        points,
        window,
        all: BTreeMap::new(),
        is_full: false,
    };
    match what.bytes || !lines.filters.is_empty() {
        true => by_reading(sight, (&filter, range), (lines, what), &mut counts).await?,
        false => {
            let columns: Vec<Column> = by.iter().map(|(_, column)| *column).collect();
            let take = |at, lines: u64, texts: &[Option<&str>]| {
                counts.add(at, lines as f64, texts.iter().copied());
            };
            query::counted(sight, (&filter, range), &columns, take).await?;
        }
    }
    counts.series(if what.a_second {
        window as f64 / 1e6
    } else {
        1.0
    })
}

/// Counts what the lines themselves say.
async fn by_reading(
    sight: &Sight,
    (filter, range): (&Filter, TimeRange),
    (lines, what): (&Lines, Counted),
    counts: &mut Counts,
) -> Result<()> {
    let by = counts.by.clone();
    let mut take = |row: &Found, all: &query::Lines| {
        let wanted = all.iter().filter(|(_, line)| lines.wants(line));
        let much: usize = match what.bytes {
            true => wanted.map(|(_, line)| line.len()).sum(),
            false => wanted.count(),
        };
        let texts = by.iter().map(|(_, column)| row.text(*column));
        counts.add(row.at(), much as f64, texts);
        Ok::<_, std::convert::Infallible>(())
    };
    for day in query::days(sight, range) {
        let Ok(()) = query::walk(sight, (filter, range, &day), &mut take).await?;
    }
    Ok(())
}

/// Makes of the series of each group fewer.
fn folded(series: Series, fold: Fold, grouping: &Grouping, points: Points) -> Series {
    let mut groups: BTreeMap<Labels, Series> = BTreeMap::new();
    for (labels, numbers) in series {
        let group = grouping.of(&labels);
        groups.entry(group).or_default().insert(labels, numbers);
    }
    match fold {
        Fold::Top(many) => chosen(groups, points, many, f64::total_cmp),
        Fold::Bottom(many) => chosen(groups, points, many, |one, other| other.total_cmp(one)),
        _ => {
            let one = |(labels, group): (Labels, Series)| {
                let number = |point| {
                    let all = group.values().map(|it: &Vec<f64>| it[point]);
                    fold.of(all.filter(|it| *it != 0.0))
                };
                (labels, (0..points.count).map(number).collect())
            };
            groups.into_iter().map(one).collect()
        }
    }
}

impl Fold {
    /// Of numbers one; 0 of none.
    fn of(self, numbers: impl Iterator<Item = f64>) -> f64 {
        let (count, sum, least, most) = numbers.fold(
            (0.0, 0.0, f64::INFINITY, 0.0),
            |(count, sum, least, most): (f64, f64, f64, f64), it| {
                (count + 1.0, sum + it, least.min(it), most.max(it))
            },
        );
        match self {
            _ if count == 0.0 => 0.0,
            Fold::Average => sum / count,
            Fold::Least => least,
            Fold::Most => most,
            Fold::Count => count,
            Fold::Sum | Fold::Top(_) | Fold::Bottom(_) => sum,
        }
    }
}

impl Grouping {
    /// The group of a series.
    fn of(&self, labels: &Labels) -> Labels {
        let stays = |name: &str| match self {
            Grouping::By(names) => names.contains(name),
            Grouping::Without(names) => !names.contains(name),
        };
        let labels = labels.iter().filter(|(name, _)| stays(name));
        labels.map(|(name, it)| (*name, it.clone())).collect()
    }
}

/// At each point so many series of each group stay: those with the last values in an order.
fn chosen(
    groups: BTreeMap<Labels, Series>,
    points: Points,
    many: usize,
    order: impl Fn(&f64, &f64) -> std::cmp::Ordering,
) -> Series {
    let mut stay = Series::new();
    for mut group in groups.into_values() {
        let mut all: Vec<&mut Vec<f64>> = group.values_mut().collect();
        for point in 0..points.count {
            let mut ranked: Vec<usize> = (0..all.len()).collect();
            ranked.retain(|it| all[*it][point] != 0.0);
            // Of those that are equal the first by name.
            ranked.sort_by(|one, other| order(&all[*other][point], &all[*one][point]));
            for out in ranked.into_iter().skip(many) {
                all[out][point] = 0.0;
            }
        }
        group.retain(|_, it| it.iter().any(|it| *it != 0.0));
        stay.extend(group);
    }
    stay
}

/// The labels of the streams in which there are lines that a filter wants, [`LABEL_VALUES_MAX`] and one
/// of them at the most; and how many lines.
pub(super) async fn streams(
    sight: &Sight,
    (filter, range): (&Filter, TimeRange),
) -> Result<(BTreeSet<Labels>, u64)> {
    let columns = SHOWN.map(|(_, column)| column);
    let mut all: BTreeSet<Vec<Option<String>>> = BTreeSet::new();
    let mut known: Vec<Option<String>> = Vec::new();
    let mut entries = 0;
    let take = |_, lines: u64, texts: &[Option<&str>]| {
        entries += lines;
        let is_known = known.iter().map(Option::as_deref).eq(texts.iter().copied());
        if lines > 0 && !is_known && all.len() <= LABEL_VALUES_MAX {
            known = texts.iter().map(|it| it.map(str::to_owned)).collect();
            all.insert(known.clone());
        }
    };
    query::counted(sight, (filter, range), &columns, take).await?;
    let labels = |it: Vec<Option<String>>| {
        let both = SHOWN.iter().zip(it);
        let both = both.filter_map(|((name, _), text)| Some((*name, text?)));
        both.filter(|(_, it)| !it.is_empty()).collect()
    };
    Ok((all.into_iter().map(labels).collect(), entries))
}
