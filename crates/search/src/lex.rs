//! Cuts a question's text into pieces.

use crate::error::{Error, Problem, nearest};
use crate::field::Field;
use crate::net::Net;
use crate::pattern::Pattern;
use std::ops::Range;

/// Names before `:` that are no field's.
pub(crate) const OPTIONS: &[&str] = &["order", "limit", "cursor"];

/// A piece of the text.
pub(crate) struct Token {
    pub(crate) piece: Piece,
    pub(crate) span: Range<usize>,
}

pub(crate) enum Piece {
    Open,
    Close,
    And,
    Or,
    /// `NOT`, or a `-` at the beginning of a condition.
    Not,
    /// A value without a field's name.
    Bare(Value),
    /// A field with at least one value. The name is as written: `after` and `before` are one field.
    Field(Field, String, Vec<Value>),
    /// One of [`OPTIONS`].
    Option(&'static str, Value),
}

/// A value with quotes and escapes resolved.
pub(crate) struct Value {
    pub(crate) pattern: Pattern,
    pub(crate) is_quoted: bool,
    pub(crate) span: Range<usize>,
}

impl Value {
    /// Whether it is `*` alone.
    pub(crate) fn is_star(&self) -> bool {
        self.pattern.text.is_empty() && self.pattern.open_start
    }
}

pub(crate) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Lexer { text, at: 0 }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// The next piece, `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Token>, Error> {
        self.at = self.text.len() - self.rest().trim_start().len();
        let start = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Ok(None);
        };
        let piece = match first {
            '(' => self.one(Piece::Open),
            ')' => self.one(Piece::Close),
            '-' => self.minus()?,
            _ => self.word()?,
        };
        let span = start..self.at;
        Ok(Some(Token { piece, span }))
    }

    fn one(&mut self, piece: Piece) -> Piece {
        self.at += 1;
        piece
    }

    fn minus(&mut self) -> Result<Piece, Error> {
        let piece = self.one(Piece::Not);
        match self.rest().chars().next() {
            Some(next) if !next.is_whitespace() => Ok(piece),
            _ => {
                let hint = "`-` stands right before what is not wanted";
                Err(Problem::NoTerm.at(self.at - 1..self.at).hinted(hint))
            }
        }
    }

    fn word(&mut self) -> Result<Piece, Error> {
        let rest = self.rest();
        let word = &rest[..rest.find(is_border).unwrap_or(rest.len())];
        let operator = match word {
            "AND" => Some(Piece::And),
            "OR" => Some(Piece::Or),
            "NOT" => Some(Piece::Not),
            _ => None,
        };
        if let Some(operator) = operator {
            self.at += word.len();
            return Ok(operator);
        }
        let is_of_name = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '-');
        let name = &word[..word.find(|c| !is_of_name(c)).unwrap_or(word.len())];
        let is_address = || Net::parse(word).is_some();
        match word[name.len()..].chars().next() {
            Some(':') if !name.is_empty() && !is_address() => self.field(name, 1),
            // As in the log: `from=<anna@x.example>`; and `size>10MB`.
            Some('=') if Field::named(name).is_some() => self.field(name, 1),
            Some('<' | '>') if Field::named(name).is_some() => self.field(name, 0),
            _ => Ok(Piece::Bare(self.value(false)?)),
        }
    }

    fn field(&mut self, name: &str, separator: usize) -> Result<Piece, Error> {
        let start = self.at;
        self.at += name.len() + separator;
        if let Some(option) = OPTIONS.iter().find(|it| it.eq_ignore_ascii_case(name)) {
            return Ok(Piece::Option(option, self.value(false)?));
        }
        let Some(field) = Field::named(name) else {
            let names = Field::ALL.iter().flat_map(|field| field.names());
            let hint = nearest(name, names.chain(OPTIONS.iter().copied()));
            let hint = hint.unwrap_or_else(|| "words with `:` in them go into quotes".to_owned());
            let span = start..start + name.len();
            return Err(Problem::UnknownField(name.to_owned()).at(span).hinted(hint));
        };
        let mut values = vec![self.value(true)?];
        while self.rest().starts_with(',') {
            self.at += 1;
            values.push(self.value(true)?);
        }
        Ok(Piece::Field(field, name.to_ascii_lowercase(), values))
    }

    /// One value; in a list it ends at a comma.
    fn value(&mut self, in_list: bool) -> Result<Value, Error> {
        let start = self.at;
        let mut text = String::new();
        let mut stars = Vec::new();
        let mut opened = None;
        let mut is_quoted = false;
        let mut chars = self.rest().char_indices().peekable();
        let mut end = self.rest().len();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    is_quoted = true;
                    opened = opened.xor(Some(start + at));
                }
                '*' => stars.push((text.len(), start + at)),
                '\\' => match chars.next_if(|(_, next)| !next.is_alphanumeric()) {
                    Some((_, next)) => text.push(next),
                    None => text.push('\\'),
                },
                c if opened.is_none() && (is_border(c) || in_list && c == ',') => {
                    end = at;
                    break;
                }
                c => text.push(c),
            }
        }
        self.at = start + end;
        if let Some(quote) = opened {
            return Err(Problem::Unpaired('"').at(quote..quote + 1));
        }
        if text.is_empty() && stars.is_empty() && !is_quoted {
            return Err(Problem::NoValue.at(start..self.at));
        }
        Ok(Value {
            pattern: pattern(text, &stars)?,
            is_quoted,
            span: start..self.at,
        })
    }
}

/// `stars`: where in `text` they stand, and where they are written.
fn pattern(text: String, stars: &[(usize, usize)]) -> Result<Pattern, Error> {
    let inside = |(place, _): &&(usize, usize)| (1..text.len()).contains(place);
    if let Some(&(_, star)) = stars.iter().find(inside) {
        let hint = "`\\*` is the character itself";
        return Err(Problem::StarInside.at(star..star + 1).hinted(hint));
    }
    Ok(Pattern {
        open_start: stars.iter().any(|&(place, _)| place == 0),
        open_end: stars.iter().any(|&(place, _)| place == text.len()),
        text,
    })
}

fn is_border(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')')
}
