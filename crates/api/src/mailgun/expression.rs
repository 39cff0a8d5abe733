//! The values of filters: words that must or must not be there.
//!
//! ```text
//! rejected OR failed      (Hello AND NOT Rachel) OR "two words"      >10000 <20000
//! ```

use crate::problem::{Problem, Result};
use search::Filter;
use search::limits::{DEPTH_MAX, TERMS_MAX};
use serde::{Deserialize, Serialize};

/// What a field's value must be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Not(Box<Expression>),
    /// A word or phrase.
    Is(String),
    /// A part of the value.
    Holds(String),
}

impl Expression {
    /// Reads the value of a filter.
    pub(super) fn parse(field: &str, text: &str) -> Result<Self> {
        let words = words(text);
        if words.is_empty() || words.len() > TERMS_MAX {
            return Err(Problem::wrong(format!("`{field}` is empty or too long")));
        }
        let mut reader = Reader {
            rest: &words,
            depth: 0,
        };
        let read = reader.any().filter(|_| reader.rest.is_empty());
        let wrong = || {
            Problem::wrong(format!("`{field}` is not understood"))
                .hint("as `rejected OR failed`, `(a AND NOT b)`, `\"two words\"`")
        };
        read.ok_or_else(wrong)
    }

    /// Makes a filter of the conditions that words make.
    pub(super) fn filter(
        &self,
        condition: &mut dyn FnMut(&Expression) -> Result<Filter>,
    ) -> Result<Filter> {
        Ok(match self {
            Expression::All(all) => Filter::and(each(all, condition)?),
            Expression::Any(any) => Filter::or(each(any, condition)?),
            Expression::Not(inner) => inner.filter(condition)?.not(),
            word => condition(word)?,
        })
    }

    /// Whether it is so, for one word or text.
    pub(super) fn fits(&self, is: &dyn Fn(&Expression) -> bool) -> bool {
        match self {
            Expression::All(all) => all.iter().all(|it| it.fits(is)),
            Expression::Any(any) => any.iter().any(|it| it.fits(is)),
            Expression::Not(inner) => !inner.fits(is),
            word => is(word),
        }
    }
}

fn each(
    all: &[Expression],
    condition: &mut dyn FnMut(&Expression) -> Result<Filter>,
) -> Result<Vec<Filter>> {
    all.iter().map(|it| it.filter(condition)).collect()
}

#[derive(Debug, PartialEq)]
enum Word {
    Open,
    Close,
    And,
    Or,
    Not,
    Text(String),
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let behind = &rest[first.len_utf8()..];
        let (word, behind) = match first {
            '(' => (Word::Open, behind),
            ')' => (Word::Close, behind),
            '"' => {
                let (phrase, behind) = behind.split_once('"').unwrap_or((behind, ""));
                (Word::Text(phrase.to_owned()), behind)
            }
            _ => {
                let is_end = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"');
                let (word, behind) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
                (named(word), behind)
            }
        };
        words.push(word);
        rest = behind.trim_start();
    }
    words
}

fn named(word: &str) -> Word {
    match word {
        "AND" => Word::And,
        "OR" => Word::Or,
        "NOT" => Word::Not,
        word => Word::Text(word.to_owned()),
    }
}

struct Reader<'a> {
    rest: &'a [Word],
    depth: usize,
}

impl Reader<'_> {
    fn takes(&mut self, word: &Word) -> bool {
        let is_it = self.rest.first() == Some(word);
        if is_it {
            self.rest = &self.rest[1..];
        }
        is_it
    }

    fn any(&mut self) -> Option<Expression> {
        let mut any = vec![self.all()?];
        while self.takes(&Word::Or) {
            any.push(self.all()?);
        }
        Some(one_or(any, Expression::Any))
    }

    fn all(&mut self) -> Option<Expression> {
        let mut all = vec![self.one()?];
        while !matches!(self.rest.first(), None | Some(Word::Or | Word::Close)) {
            self.takes(&Word::And);
            all.push(self.one()?);
        }
        Some(one_or(all, Expression::All))
    }

    fn one(&mut self) -> Option<Expression> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let read = match first {
            Word::Text(text) => Expression::Is(text.clone()),
            Word::Not => Expression::Not(Box::new(self.one()?)),
            Word::Open => {
                let inner = self.any()?;
                self.takes(&Word::Close).then_some(inner)?
            }
            Word::Close | Word::And | Word::Or => return None,
        };
        self.depth -= 1;
        Some(read)
    }
}

fn one_or(mut several: Vec<Expression>, of: fn(Vec<Expression>) -> Expression) -> Expression {
    match several.len() {
        1 => several.remove(0),
        _ => of(several),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(text: &str) -> Expression {
        Expression::Is(text.to_owned())
    }

    #[test]
    fn words_are_joined_as_mailgun_does() {
        let parsed = |text| Expression::parse("subject", text).unwrap();
        assert_eq!(parsed("foo"), is("foo"));
        let both = Expression::All(vec![is("foo"), is("bar")]);
        assert_eq!(parsed("foo bar"), both);
        assert_eq!(parsed("foo AND bar"), both);
        assert_eq!(parsed("\"foo bar\""), is("foo bar"));
        assert_eq!(
            parsed("rejected OR failed"),
            Expression::Any(vec![is("rejected"), is("failed")])
        );
        assert_eq!(
            parsed("(Hello AND NOT Rachel) OR (Farewell AND Monica)"),
            Expression::Any(vec![
                Expression::All(vec![is("Hello"), Expression::Not(Box::new(is("Rachel")))]),
                Expression::All(vec![is("Farewell"), is("Monica")]),
            ])
        );
        let between = Expression::All(vec![is(">10000"), is("<20000")]);
        assert_eq!(parsed(">10000 <20000"), between);
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for text in ["", " ", "AND", "foo OR", "(foo", "foo)", "NOT", "()"] {
            assert!(Expression::parse("to", text).is_err(), "{text}");
        }
        let deep = "(".repeat(10_000) + "a" + &")".repeat(10_000);
        assert!(Expression::parse("to", &deep).is_err());
        assert!(Expression::parse("to", &"NOT ".repeat(900)).is_err());
    }
}
