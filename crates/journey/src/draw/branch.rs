//! Words on branches: the tree before it is drawn.

use super::Style;
use crate::draw::Palette;
use std::fmt::Write;

/// In which colour words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Strong,
    Good,
    Bad,
    Open,
    Quiet,
}

/// Words, and what is under them.
#[derive(Debug)]
pub(super) struct Branch {
    words: Vec<(Tone, String)>,
    under: Vec<Branch>,
    /// Whether a line is left free above.
    apart: bool,
    /// Whether the words are one line, however long.
    raw: bool,
    /// How far further lines of the same words are moved in.
    hang: usize,
    /// Lines of facts right under the words, which are no branches.
    facts: Vec<Branch>,
}

impl Branch {
    pub(super) fn new() -> Self {
        Branch {
            words: Vec::new(),
            under: Vec::new(),
            apart: false,
            raw: false,
            hang: 2,
            facts: Vec::new(),
        }
    }

    pub(super) fn of(words: impl Into<String>) -> Self {
        let mut branch = Branch::new();
        branch.say(words);
        branch
    }

    /// Adds words as they are.
    pub(super) fn say(&mut self, words: impl Into<String>) -> &mut Self {
        self.say_in(Tone::Plain, words)
    }

    /// Adds words in a colour.
    pub(super) fn say_in(&mut self, tone: Tone, words: impl Into<String>) -> &mut Self {
        self.words.push((tone, words.into()));
        self
    }

    /// Moves further lines of the words in by so many columns, where they are facts.
    pub(super) fn hang(&mut self, columns: usize) {
        self.hang = columns;
    }

    /// Adds branches.
    pub(super) fn under(&mut self, branches: Vec<Branch>) {
        self.under.extend(branches);
    }

    /// Adds branches with a free line above.
    pub(super) fn under_apart(&mut self, mut branches: Vec<Branch>) {
        if let Some(first) = branches.first_mut() {
            first.apart = true;
        }
        self.under.extend(branches);
    }

    /// Adds one line that is never wrapped.
    pub(super) fn raw(&mut self, line: String) {
        let mut branch = Branch::new();
        branch.say_in(Tone::Quiet, line);
        branch.raw = true;
        self.facts.push(branch);
    }

    /// Adds a line of facts.
    pub(super) fn fact(&mut self, fact: Branch) {
        self.facts.push(fact);
    }

    /// The tree from its trunk.
    pub(super) fn draw(&self, style: &Style) -> String {
        let mut paper = Paper {
            out: String::new(),
            style,
        };
        paper.words(self, "", "  ");
        paper.facts(
            self,
            if self.under.is_empty() {
                "   "
            } else {
                "│  "
            },
        );
        paper.branches(&self.under, "");
        paper.out
    }
}

struct Paper<'s> {
    out: String,
    style: &'s Style,
}

impl Paper<'_> {
    fn branches(&mut self, branches: &[Branch], stem: &str) {
        for (at, branch) in branches.iter().enumerate() {
            let last = at + 1 == branches.len();
            if branch.apart {
                self.line(&format!("{stem}│"));
            }
            let (fork, below) = if last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            let below = format!("{stem}{below}");
            let behind = if branch.under.is_empty() {
                "  "
            } else {
                "│ "
            };
            self.words(
                branch,
                &format!("{stem}{fork}"),
                &format!("{below}{behind}  "),
            );
            self.facts(branch, &format!("{below}{behind}"));
            self.branches(&branch.under, &below);
        }
    }

    fn facts(&mut self, branch: &Branch, stem: &str) {
        for fact in &branch.facts {
            let next = format!("{stem}{:hang$}", "", hang = fact.hang);
            self.words(fact, stem, &next);
        }
    }

    fn line(&mut self, stem: &str) {
        self.quiet(stem.trim_end());
        self.out.push('\n');
    }

    fn quiet(&mut self, text: &str) {
        let quiet = self.style.palette.quiet;
        let _ = write!(self.out, "{quiet}{text}{quiet:#}");
    }

    /// Words from `first` on; further lines begin with `next`.
    fn words(&mut self, branch: &Branch, first: &str, next: &str) {
        let width = match self.style.width {
            0 => usize::MAX,
            _ if branch.raw => usize::MAX,
            width => width.max(columns(next) + 20),
        };
        let first = if branch.words.is_empty() {
            first.trim_end()
        } else {
            first
        };
        self.quiet(first);
        let (mut column, mut gap) = (columns(first), 0);
        let mut fresh = true;
        for (tone, text) in &branch.words {
            let colour = tone.of(&self.style.palette);
            let _ = write!(self.out, "{colour}");
            for piece in pieces(text) {
                let word = piece.trim_end_matches(' ');
                if !fresh && column + gap + columns(word) > width {
                    let _ = write!(self.out, "{colour:#}");
                    self.out.push('\n');
                    self.quiet(next);
                    let _ = write!(self.out, "{colour}");
                    (column, gap) = (columns(next), 0);
                }
                // A space waits for the word behind it, so that no line ends with one.
                let _ = write!(self.out, "{:gap$}{word}", "");
                column += gap + columns(word);
                gap = piece.len() - word.len();
                fresh = false;
            }
            let _ = write!(self.out, "{colour:#}");
        }
        self.out.push('\n');
    }
}

/// A text cut behind its spaces, but for those between a number and its unit.
fn pieces(text: &str) -> Vec<&str> {
    const UNITS: [&str; 9] = ["ms", "s", "min", "h", "d", "bytes", "kB", "MB", "GB"];
    let mut pieces = Vec::new();
    let mut start = 0;
    for (space, _) in text.match_indices(' ') {
        let (before, after) = (&text[start..space], &text[space + 1..]);
        let word = after.split(' ').next().unwrap_or_default();
        let is_unit = UNITS.contains(&word.trim_end_matches([',', ';', ':', '.', ')']));
        if is_unit && before.ends_with(|last: char| last.is_ascii_digit()) {
            continue;
        }
        pieces.push(&text[start..=space]);
        start = space + 1;
    }
    pieces.extend(Some(&text[start..]).filter(|rest| !rest.is_empty()));
    pieces
}

/// How wide a text is, a character counted as one column.
fn columns(text: &str) -> usize {
    text.chars().count()
}

impl Tone {
    fn of(self, palette: &Palette) -> anstyle::Style {
        match self {
            Tone::Plain => anstyle::Style::new(),
            Tone::Strong => palette.strong,
            Tone::Good => palette.good,
            Tone::Bad => palette.bad,
            Tone::Open => palette.open,
            Tone::Quiet => palette.quiet,
        }
    }
}
