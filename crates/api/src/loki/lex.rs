//! Pieces of the text of a query.

use crate::problem::{Problem, Result};

/// A text, and how far it was read.
pub(super) struct Text<'q> {
    text: &'q str,
    at: usize,
}

impl<'q> Text<'q> {
    pub(super) fn new(text: &'q str) -> Self {
        Text { text, at: 0 }
    }

    /// What was not read, from the next piece on; comments and blanks are none.
    pub(super) fn rest(&mut self) -> &'q str {
        loop {
            let rest = self.text[self.at..].trim_start();
            self.at = self.text.len() - rest.len();
            if !rest.starts_with('#') {
                return rest;
            }
            self.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    /// Where the next piece begins.
    pub(super) fn place(&mut self) -> usize {
        self.rest();
        self.at
    }

    /// Reads this, if it comes next.
    pub(super) fn takes(&mut self, piece: &str) -> bool {
        let is_next = self.rest().starts_with(piece);
        if is_next {
            self.at += piece.len();
        }
        is_next
    }

    /// Reads this, which must come next.
    pub(super) fn wants(&mut self, piece: &str) -> Result<()> {
        match self.takes(piece) {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`{piece}`"))),
        }
    }

    /// The name that comes next, unread; empty where none does.
    pub(super) fn next_name(&mut self) -> &'q str {
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        match rest.starts_with(|c: char| c.is_ascii_digit()) {
            true => "",
            false => &rest[..end],
        }
    }

    /// Reads a name, which must come next.
    pub(super) fn name(&mut self, wanted: &str) -> Result<&'q str> {
        let name = self.next_name();
        if name.is_empty() {
            return Err(self.unexpected(wanted));
        }
        self.at += name.len();
        Ok(name)
    }

    /// Reads a number, or a length of time, up to what ends it.
    pub(super) fn number(&mut self, wanted: &str) -> Result<&'q str> {
        let rest = self.rest();
        let is_part = |c: char| c.is_alphanumeric() || ".+-µ".contains(c);
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        if end == 0 {
            return Err(self.unexpected(wanted));
        }
        self.at += end;
        Ok(&rest[..end])
    }

    /// Reads a text in `"` with the escapes of Go, or in backquotes without any.
    pub(super) fn quoted(&mut self) -> Result<String> {
        let start = self.place();
        if self.takes("`") {
            let rest = &self.text[self.at..];
            let Some(end) = rest.find('`') else {
                return Err(self.wrong_at(start, "a text has no end"));
            };
            self.at += end + 1;
            return Ok(rest[..end].to_owned());
        }
        if !self.rest().starts_with('"') {
            return Err(self.unexpected("a text in quotes"));
        }
        let mut read = String::new();
        let mut chars = self.text[start + 1..].char_indices();
        while let Some((at, c)) = chars.next() {
            let place = start + 1 + at;
            match c {
                '"' => {
                    self.at = place + 1;
                    return Ok(read);
                }
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => read.push('\n'),
                    Some('r') => read.push('\r'),
                    Some('t') => read.push('\t'),
                    Some(c @ ('\\' | '"' | '\'')) => read.push(c),
                    _ => {
                        let what = "an unknown escape; in backquotes nothing is escaped";
                        return Err(self.wrong_at(place, what));
                    }
                },
                c => read.push(c),
            }
        }
        Err(self.wrong_at(start, "a text has no end"))
    }

    /// Something else should come next.
    pub(super) fn unexpected(&mut self, wanted: &str) -> Problem {
        let at = self.place();
        let next = match (self.next_name(), self.rest().chars().next()) {
            ("", None) => "the end".to_owned(),
            ("", Some(c)) => format!("`{c}`"),
            (name, _) => format!("`{name}`"),
        };
        self.wrong_at(at, &format!("unexpected {next}, expected {wanted}"))
    }

    /// Something is wrong at a place, as Loki tells it: line and column, counted from 1.
    pub(super) fn wrong_at(&self, at: usize, what: &str) -> Problem {
        let before = &self.text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default();
        let column = column.chars().count() + 1;
        Problem::wrong(format!("parse error at line {line}, col {column}: {what}"))
    }
}
