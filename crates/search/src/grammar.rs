//! The grammar of questions.
//!
//! ```text
//! any   = all { "OR" all }
//! all   = not { [ "AND" ] not }
//! not   = { "NOT" | "-" } ( "(" any ")" | term )
//! term  = [ field ":" ] value { "," value }     the field also before "=", "<", ">"
//! value = text with "quotes", \escapes, and * at its ends
//! ```
//!
//! AND binds closer than OR. `order:`, `limit:` and `cursor:` are no conditions: they may stand
//! anywhere but behind a NOT, once each.

use crate::error::{Error, Problem};
use crate::filter::Filter;
use crate::guess;
use crate::lex::{Lexer, Piece, Token, Value};
use crate::limits::{DEPTH_MAX, PARENTHESES_MAX, TERMS_MAX, TEXT_BYTES_MAX};
use crate::value::{self, Here};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::ops::Range;

impl Filter {
    /// Reads conditions; a text without any wants each row.
    ///
    /// Times without a zone are of `zone`; `now` is what `last:7d` counts from. Errs where the text
    /// is not of the grammar, or beyond [`crate::limits`].
    pub fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Filter, Error> {
        let read = read(text, Here { now, zone })?;
        match read.options.into_iter().next() {
            Some((name, value)) => Err(Problem::NoCondition(name).at(value.span)),
            None => Ok(read.filter),
        }
    }
}

/// What a text says.
pub(crate) struct Read {
    pub(crate) filter: Filter,
    pub(crate) options: Vec<(&'static str, Value)>,
}

pub(crate) fn read(text: &str, here: Here<'_>) -> Result<Read, Error> {
    let all = 0..text.len();
    if text.len() > TEXT_BYTES_MAX {
        return Err(Problem::TooLong.at(all));
    }
    let mut parser = Parser {
        lexer: Lexer::new(text),
        next: None,
        here,
        options: Vec::new(),
        terms: 0,
        parentheses: 0,
    };
    parser.step()?;
    let filter = parser.any()?.unwrap_or(Filter::All);
    if let Some(close) = parser.next {
        // Only a parenthesis ends the outermost level.
        return Err(Problem::Unpaired(')').at(close.span));
    }
    if filter.depth() > DEPTH_MAX {
        return Err(Problem::TooDeep.at(all));
    }
    Ok(Read {
        filter,
        options: parser.options,
    })
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    next: Option<Token>,
    here: Here<'t>,
    options: Vec<(&'static str, Value)>,
    terms: usize,
    parentheses: usize,
}

impl Parser<'_> {
    /// Takes the next piece and looks at the one behind it.
    fn step(&mut self) -> Result<Option<Token>, Error> {
        let behind = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.next, behind))
    }

    /// Takes the next piece if it is of this form.
    fn step_if(&mut self, is: fn(&Piece) -> bool) -> Result<Option<Token>, Error> {
        match &self.next {
            Some(token) if is(&token.piece) => self.step(),
            _ => Ok(None),
        }
    }

    /// `None` for nothing but options, here and below.
    fn any(&mut self) -> Result<Option<Filter>, Error> {
        let mut first = self.all()?;
        let mut any: Vec<Filter> = Vec::new();
        while let Some(or) = self.step_if(|it| matches!(it, Piece::Or))? {
            any.push(first.ok_or_else(|| Problem::NoTerm.at(or.span.clone()))?);
            first = self.all()?;
            if first.is_none() {
                return Err(Problem::NoTerm.at(or.span));
            }
        }
        any.extend(first);
        Ok((!any.is_empty()).then(|| Filter::or(any)))
    }

    fn all(&mut self) -> Result<Option<Filter>, Error> {
        let mut all: Vec<Filter> = Vec::new();
        loop {
            let and = self.step_if(|it| matches!(it, Piece::And))?;
            let missing = and.map(|and| Problem::NoTerm.at(and.span));
            let next = self.next.as_ref().map(|token| &token.piece);
            if matches!(next, None | Some(Piece::Or | Piece::Close)) {
                let some = (!all.is_empty()).then(|| Filter::and(all));
                return missing.map_or(Ok(some), Err);
            }
            if let Some(missing) = missing.filter(|_| all.is_empty()) {
                return Err(missing);
            }
            all.extend(self.not()?);
        }
    }

    fn not(&mut self) -> Result<Option<Filter>, Error> {
        let mut not: Option<Range<usize>> = None;
        let mut is_negated = false;
        while let Some(token) = self.step_if(|it| matches!(it, Piece::Not))? {
            is_negated = !is_negated;
            not = Some(token.span);
        }
        let options = self.options.len();
        let filter = match self.step()? {
            Some(token) => self.one(token)?,
            None => None,
        };
        let Some(not) = not else {
            return Ok(filter);
        };
        if let Some((name, value)) = self.options.get(options) {
            return Err(Problem::NoCondition(name).at(value.span.clone()));
        }
        let filter = filter.ok_or_else(|| Problem::NoTerm.at(not))?;
        Ok(Some(if is_negated { filter.not() } else { filter }))
    }

    fn one(&mut self, token: Token) -> Result<Option<Filter>, Error> {
        let span = token.span;
        match token.piece {
            Piece::Open => return self.group(span),
            Piece::Option(name, value) => {
                if self.options.iter().any(|(it, _)| *it == name) {
                    return Err(Problem::Twice(name).at(span));
                }
                self.options.push((name, value));
                return Ok(None);
            }
            Piece::Bare(value) if value.is_star() => return Ok(Some(Filter::All)),
            Piece::Bare(value) => {
                let filter = guess::meant(value, self.here)?;
                self.counted(filter, span)
            }
            Piece::Field(field, name, values) => {
                let filter = value::any(field, &name, &values, self.here)?;
                self.counted(filter, span)
            }
            Piece::Close | Piece::And | Piece::Or | Piece::Not => Err(Problem::NoTerm.at(span)),
        }
        .map(Some)
    }

    fn group(&mut self, open: Range<usize>) -> Result<Option<Filter>, Error> {
        self.parentheses += 1;
        if self.parentheses > PARENTHESES_MAX {
            return Err(Problem::TooDeep.at(open));
        }
        let next = self.next.as_ref().map(|token| &token.piece);
        let is_empty = matches!(next, Some(Piece::Close));
        let filter = self.any()?;
        let close = self
            .step()?
            .ok_or_else(|| Problem::Unpaired('(').at(open.clone()))?;
        if is_empty {
            return Err(Problem::NoTerm.at(open.start..close.span.end));
        }
        self.parentheses -= 1;
        Ok(filter)
    }

    fn counted(&mut self, filter: Filter, span: Range<usize>) -> Result<Filter, Error> {
        self.terms += terms(&filter);
        if self.terms > TERMS_MAX {
            return Err(Problem::TooManyTerms.at(span));
        }
        Ok(filter)
    }
}

fn terms(filter: &Filter) -> usize {
    match filter {
        Filter::All => 0,
        Filter::And(inner) | Filter::Or(inner) => inner.iter().map(terms).sum(),
        Filter::Not(inner) => terms(inner),
        Filter::Term(_) => 1,
    }
}
