//! Text of a log, owned, and shared where the same is said again and again.

use bstr::BStr;
use foldhash::fast::FixedState;
use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Bytes as written in a log; a clone shares them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<[u8]>);

impl Text {
    /// A copy of these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Text(bytes.into())
    }
}

impl Deref for Text {
    type Target = BStr;

    fn deref(&self) -> &BStr {
        BStr::new(&*self.0)
    }
}

impl Borrow<[u8]> for Text {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// What is not UTF-8 becomes U+FFFD; nothing is escaped.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

/// Texts seen, each kept once: hosts, addresses and replies repeat by the thousand.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    seen: HashSet<Text, FixedState>,
}

impl Pool {
    pub(crate) fn text(&mut self, bytes: &[u8]) -> Text {
        if let Some(known) = self.seen.get(bytes) {
            return known.clone();
        }
        let text = Text::new(bytes);
        self.seen.insert(text.clone());
        text
    }

    /// `None` for an empty text, which a line has where it says nothing.
    pub(crate) fn said(&mut self, bytes: &[u8]) -> Option<Text> {
        (!bytes.is_empty()).then(|| self.text(bytes))
    }
}
