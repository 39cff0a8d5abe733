//! Stub.
use crate::rule::Rule;
use crate::scan::Scan;
use model::Body;
pub(crate) const TABLES: &[(&str, &[Rule])] = &[];
pub(crate) const MAILBOX: &[&[Rule]] = &[];
pub(crate) fn is_own(_: &[u8]) -> bool {
    false
}
pub(crate) fn text<'a>(_: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    None
}
