//! Where in a text something stands.

/// Takes line and column from the end of what a parser tells.
pub(super) fn place_of(told: &str) -> (&str, Option<(u64, u64)>) {
    let none = (told, None);
    let Some((words, place)) = told.rsplit_once(" at Line: ") else {
        return none;
    };
    let Some((line, column)) = place.split_once(", Column: ") else {
        return none;
    };
    match (line.parse(), column.parse()) {
        (Ok(line), Ok(column)) => (words, Some((line, column))),
        _ => none,
    }
}

/// Which character of a text stands at a line and column, which begin at 1.
pub(super) fn offset(text: &str, (line, column): (u64, u64)) -> Option<usize> {
    let (line, column) = (usize::try_from(line).ok()?, usize::try_from(column).ok()?);
    let before = text.split_inclusive('\n').take(line.checked_sub(1)?);
    let before: usize = before.map(|it| it.chars().count()).sum();
    Some(before + column.checked_sub(1)?)
}
