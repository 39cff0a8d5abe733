//! Labels: what streams are told apart by, and what they are asked for by.

use query::{Column, Kind, Severity};
use search::{AddressTest, Field, FieldType, Filter, Net, Pattern, Test};

/// What a matcher is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// Domain of the account.
    Domain,
    /// A field of questions.
    Of(Field),
}

/// The labels of streams: few values each.
pub(super) const SHOWN: [(&str, Column); 6] = [
    ("domain", Column::AccountDomain),
    ("host", Column::Host),
    ("kind", Column::Kind),
    ("level", Column::Severity),
    ("program", Column::Program),
    ("service", Column::Label),
];

/// Has too many values to tell streams apart, but one may count by it.
pub(super) const ACCOUNT: (&str, Column) = ("account", Column::Account);

/// Labels that Grafana writes into queries by itself, and that no stream has here.
const NEVER: [&str; 3] = ["__error__", "__error_details__", "detected_level"];

const SEVERITIES: [Severity; 6] = [
    Severity::Debug,
    Severity::Info,
    Severity::Warning,
    Severity::Error,
    Severity::Fatal,
    Severity::Panic,
];

/// Whether no stream has it.
pub(super) fn is_never(name: &str) -> bool {
    NEVER.contains(&name)
}

/// What is counted by for a name; `None` for what no line has.
pub(super) fn counted(name: &str) -> Option<(&'static str, Column)> {
    let mut all = SHOWN.into_iter().chain([ACCOUNT]);
    all.find(|(it, _)| *it == name)
}

impl Label {
    /// Labels of streams, and all fields of questions of which a value is compared as a whole.
    pub(super) fn named(name: &str) -> Option<Self> {
        if name == "domain" {
            return Some(Label::Domain);
        }
        let field = Field::named(name)?;
        let is_whole = matches!(
            field.field_type(),
            FieldType::Address
                | FieldType::Host
                | FieldType::Id
                | FieldType::Kind
                | FieldType::Name
                | FieldType::Severity
        );
        is_whole.then_some(Label::Of(field))
    }

    /// The column of few values that it looks at.
    pub(super) fn column(self) -> Option<Column> {
        match self {
            Label::Domain => Some(Column::AccountDomain),
            Label::Of(field) => {
                let of_field = |(name, _): &(&str, Column)| Field::named(name) == Some(field);
                let shown = SHOWN.into_iter().find(of_field);
                shown.map(|(_, column)| column)
            }
        }
    }

    /// Rows with a value that fits; `None` where questions cannot ask so.
    pub(super) fn fits(self, pattern: &Pattern) -> Option<Filter> {
        let is_whole = !pattern.open_start && !pattern.open_end;
        let lower = Pattern {
            text: pattern.text.to_ascii_lowercase(),
            ..*pattern
        };
        let Label::Of(field) = self else {
            let domain = Test::Address(AddressTest::Domain(lower.text));
            return is_whole.then(|| Filter::term(Field::Account, domain));
        };
        let test = match field.field_type() {
            FieldType::Kind => return Some(kinds(|it| lower.matches(it.as_bytes()))),
            FieldType::Severity => return Some(severities(|it| lower.matches(it.as_bytes()))),
            FieldType::Address if is_whole => Test::Address(AddressTest::Whole(lower.text)),
            FieldType::Address => Test::Address(AddressTest::Like(lower)),
            FieldType::Host => match Net::parse(&lower.text).filter(|_| is_whole) {
                Some(net) => Test::Net(net),
                None => Test::Name(lower),
            },
            FieldType::Id => Test::Id(Pattern {
                text: pattern.text.trim_matches(['<', '>']).to_owned(),
                ..*pattern
            }),
            _ => Test::Name(lower),
        };
        Some(Filter::term(field, test))
    }

    /// Rows without a value.
    pub(super) fn absent(self) -> Filter {
        let field = match self {
            Label::Domain => Field::Account,
            Label::Of(field) => field,
        };
        let none = Filter::term(field, Test::Present).not();
        match field.field_type() {
            FieldType::Address => {
                let empty = Filter::term(field, Test::Address(AddressTest::Null));
                Filter::or([none, empty])
            }
            _ => none,
        }
    }
}

fn kinds(is_wanted: impl Fn(&str) -> bool) -> Filter {
    let wanted = Kind::ALL.iter().filter(|it| is_wanted(it.name()));
    let wanted: Vec<Kind> = wanted.copied().collect();
    match wanted.is_empty() {
        true => Filter::or([]),
        false => Filter::term(Field::Kind, Test::Kind(wanted)),
    }
}

/// Questions ask for a severity or a worse one.
fn severities(is_wanted: impl Fn(&str) -> bool) -> Filter {
    let least = |it: Severity| Filter::term(Field::Severity, Test::Severity(it));
    let exact = |at: usize| match SEVERITIES.get(at + 1) {
        Some(worse) => Filter::and([least(SEVERITIES[at]), least(*worse).not()]),
        None => least(SEVERITIES[at]),
    };
    let wanted = SEVERITIES.iter().enumerate();
    let wanted = wanted.filter(|(_, it)| is_wanted(it.name()));
    Filter::or(wanted.map(|(at, _)| exact(at)))
}
