//! `key=value` as OpenSMTPD writes it: bare up to a space (a comma before 6.0), `<...>`, or quoted.

use crate::scan::Scan;
use bstr::BStr;

/// Takes the next pair, or gives `None` at the end or where there is none.
#[inline]
pub(super) fn pair<'a>(at: &mut Scan<'a>) -> Option<(&'a BStr, &'a BStr)> {
    at.one_of(&[", ", " "]);
    let key = at.while_(|byte| byte.is_ascii_lowercase() || byte == b'-');
    at.lit("=")?;
    if key.is_empty() {
        return None;
    }
    let value = match at.peek().first() {
        Some(b'"') => quoted(at)?,
        Some(b'<') => angled(at)?,
        _ => at.while_(|byte| !matches!(byte, b' ' | b',')),
    };
    Some((key, value))
}

/// Takes `"..."`; a backslash keeps a quote inside. What a relay said may have quotes of its own,
/// so the end is a quote before a space or the end.
fn quoted<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let text = &at.peek()[1..];
    let ends = |close: &usize| {
        text[*close] == b'"'
            && (*close == 0 || text[close - 1] != b'\\')
            && matches!(text.get(close + 1), None | Some(b' ' | b','))
    };
    let close = (0..text.len()).find(ends)?;
    *at = at.over(&text[close + 1..]);
    Some(text[..close].into())
}

/// Takes `<...>` up to an angle before a space, a comma or the end.
fn angled<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let text = &at.peek()[1..];
    let ends = |close: &usize| {
        text[*close] == b'>' && matches!(text.get(close + 1), None | Some(b' ' | b','))
    };
    let close = (0..text.len()).find(ends)?;
    *at = at.over(&text[close + 1..]);
    Some(text[..close].into())
}
