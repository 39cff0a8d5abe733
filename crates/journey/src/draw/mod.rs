//! A journey as a tree for a person at a terminal.
//!
//! First who, what and how it came in; then a sentence for each recipient; then hop by hop what the
//! log says; then what sender and postmaster were told; last, if wished, the original lines. All
//! text from a log is made safe first: what could move the cursor, change colours or turn the
//! direction of text is shown as `\u{1b}`, bytes that are not UTF-8 as `\xff`.

mod branch;
mod heading;
mod hops;
mod refused;
mod safe;
mod story;
mod tries;
mod words;

pub use refused::refusal;
pub use safe::safe;

use crate::Journey;
use branch::Branch;
use words::Clock;

/// How a journey is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns; words go to the next line behind it. 0 for lines as long as they are.
    pub width: usize,
    /// Whether the original lines are shown.
    pub lines: bool,
    /// Offset of the times shown, in seconds east of UTC.
    pub utc_offset_seconds: i32,
    /// Colours.
    pub palette: Palette,
}

/// What is drawn in which colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Who writes to whom; host and queue id.
    pub strong: anstyle::Style,
    /// It went well.
    pub good: anstyle::Style,
    /// It failed.
    pub bad: anstyle::Style,
    /// It is not decided, or was dropped on purpose.
    pub open: anstyle::Style,
    /// What is there to be looked up: branches, replies, lines.
    pub quiet: anstyle::Style,
}

impl Palette {
    /// No colours.
    pub const PLAIN: Palette = Palette {
        strong: anstyle::Style::new(),
        good: anstyle::Style::new(),
        bad: anstyle::Style::new(),
        open: anstyle::Style::new(),
        quiet: anstyle::Style::new(),
    };

    /// The colours of the terminal's own palette.
    pub const COLOURS: Palette = Palette {
        strong: anstyle::Style::new().bold(),
        good: colour(anstyle::AnsiColor::Green),
        bad: colour(anstyle::AnsiColor::Red),
        open: colour(anstyle::AnsiColor::Yellow),
        quiet: anstyle::Style::new().dimmed(),
    };
}

const fn colour(colour: anstyle::AnsiColor) -> anstyle::Style {
    anstyle::Style::new().fg_color(Some(anstyle::Color::Ansi(colour)))
}

impl Style {
    /// 100 columns, no colours, no lines, UTC.
    pub const fn plain() -> Self {
        Style {
            width: 100,
            lines: false,
            utc_offset_seconds: 0,
            palette: Palette::PLAIN,
        }
    }

    /// The same with colours.
    pub const fn coloured() -> Self {
        Style {
            palette: Palette::COLOURS,
            ..Style::plain()
        }
    }
}

/// Draws a journey; the text ends with a line end.
pub fn tree(journey: &Journey, style: &Style) -> String {
    let clock = Clock::new(journey.arrived, style.utc_offset_seconds);
    let mut trunk = heading::heading(journey, &clock);
    trunk.under(story::stories(journey, &clock));
    for hop in &journey.hops {
        trunk.under_apart(vec![hops::hop(journey, hop, &clock)]);
    }
    trunk.under_apart(hops::afterwards(journey, &clock));
    trunk.under_apart(story::consequences(journey, &clock));
    if style.lines && !journey.lines.is_empty() {
        trunk.under_apart(vec![original_lines(journey)]);
    }
    trunk.draw(style)
}

fn original_lines(journey: &Journey) -> Branch {
    let mut lines = Branch::of("original lines");
    for line in &journey.lines {
        lines.raw(safe(&line.raw));
    }
    lines
}
