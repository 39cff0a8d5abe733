//! A question as a whole.

use crate::cursor::Cursor;
use crate::error::{Error, Problem, nearest};
use crate::field::Field;
use crate::filter::{Filter, Term, Test};
use crate::grammar::{self, Read};
use crate::lex::Value;
use crate::limits::{ROWS_DEFAULT, ROWS_MAX};
use crate::time::TimeRange;
use crate::value::Here;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt;

/// What is asked: which rows, of which time, in which order, how many, from where on.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Which rows.
    pub filter: Filter,
    /// Of which time.
    pub range: TimeRange,
    /// In which order.
    pub order: Order,
    /// At most so many rows, 1 to [`ROWS_MAX`].
    pub limit: usize,
    /// Behind this row, in the order; `None` for the first page.
    pub after: Option<Cursor>,
}

/// The order of rows by time, then by id; each is the other turned round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// The latest first.
    #[default]
    Newest,
    /// The earliest first.
    Oldest,
}

impl Order {
    const ALL: [Order; 2] = [Order::Newest, Order::Oldest];

    /// Lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Order::Newest => "newest",
            Order::Oldest => "oldest",
        }
    }
}

/// Each row, newest first, a page of usual length.
impl Default for Search {
    fn default() -> Self {
        Search {
            filter: Filter::All,
            range: TimeRange::ALL,
            order: Order::default(),
            limit: ROWS_DEFAULT,
            after: None,
        }
    }
}

impl Search {
    /// Reads a question: conditions as [`Filter::parse`] does, and `order:`, `limit:`, `cursor:`.
    ///
    /// Times that all rows must have become the range; those within OR or NOT stay conditions.
    pub fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Search, Error> {
        let Read { filter, options } = grammar::read(text, Here { now, zone })?;
        let mut search = Search::default();
        let all = match filter {
            Filter::And(all) => all,
            other => vec![other],
        };
        let rest = all.into_iter().filter(|filter| match time(filter) {
            Some(range) => {
                search.range = search.range.and(range);
                false
            }
            None => true,
        });
        search.filter = Filter::and(rest.collect::<Vec<_>>());
        for (name, value) in options {
            search.option(name, &value)?;
        }
        Ok(search)
    }

    fn option(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        let text = value.pattern.text.as_str();
        let wrong = |wanted| {
            let problem = Problem::NotA {
                value: text.to_owned(),
                wanted,
            };
            problem.at(value.span.clone())
        };
        match name {
            "order" => {
                let order = Order::ALL
                    .into_iter()
                    .find(|it| text.eq_ignore_ascii_case(it.name()));
                let hint = nearest(text, Order::ALL.iter().map(|it| it.name()));
                let wrong = Error {
                    hint,
                    ..wrong("an order: `newest`, `oldest`")
                };
                self.order = order.ok_or(wrong)?;
            }
            "limit" => {
                let is_limit = |limit: &usize| (1..=ROWS_MAX).contains(limit);
                let limit = text.parse().ok().filter(is_limit);
                self.limit = limit.ok_or_else(|| wrong("a number from 1 to 10,000"))?;
            }
            _ => self.after = Some(text.parse().map_err(|_| wrong("a cursor"))?),
        }
        Ok(())
    }
}

fn time(filter: &Filter) -> Option<TimeRange> {
    match filter {
        Filter::Term(Term {
            field: Field::Time,
            test: Test::Time(range),
        }) => Some(*range),
        _ => None,
    }
}

/// Canonical text; [`Search::parse`] makes the same of it as [`Filter`]'s does.
impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let filter = self.filter.clone();
        let filter = match self.range {
            TimeRange::ALL => filter,
            range => Filter::and([filter, Filter::term(Field::Time, Test::Time(range))]),
        };
        write!(f, "{filter}")?;
        if self.order != Order::default() {
            write!(f, " order:{}", self.order.name())?;
        }
        if self.limit != ROWS_DEFAULT {
            write!(f, " limit:{}", self.limit)?;
        }
        match self.after {
            Some(cursor) => write!(f, " cursor:{cursor}"),
            None => Ok(()),
        }
    }
}
