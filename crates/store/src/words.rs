//! What the index takes for a word, an address, an identifier; writing and asking use the same.

/// A word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word<'a> {
    /// One that others write too.
    Plain(&'a str),
    /// One that looks like a number or an identifier, of which there are as many as messages.
    Id(&'a str),
}

/// From so many digits on a number is taken for an identifier.
const NUMBER_BYTES_MIN: usize = 4;
/// From so many bytes on a word with a digit in it is taken for an identifier.
const ID_BYTES_MIN: usize = 6;

/// A word in small letters, as what the index takes it.
pub(crate) fn word(word: &str) -> Word<'_> {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let is_id = (digits == word.len() && digits >= NUMBER_BYTES_MIN)
        || (digits > 0 && word.len() >= ID_BYTES_MIN);
    if is_id {
        Word::Id(word)
    } else {
        Word::Plain(word)
    }
}

/// The words of a text.
pub(crate) fn words(text: &[u8], take: &mut dyn FnMut(Word<'_>)) {
    for found in search::words(text) {
        take(word(&found));
    }
}

/// The addresses of a list, `a@x,b@y` or `<a@x>,<b@y>`; of anything else the whole.
pub fn addresses(list: &str) -> impl Iterator<Item = &str> {
    let is_list = list.contains([',', '<']);
    let between = move |c: char| is_list && matches!(c, ',' | '<' | '>' | ' ');
    list.split(between)
        .filter(move |part| !is_list || !part.is_empty())
}

/// The identifiers that a column with one has: the whole, and, where there are several (`a/b`), each.
/// Others may have a slash too: Dovecot's are Base64.
pub(crate) fn ids(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_list = text.contains(&b'/');
    let parts = text.split(|&byte| byte == b'/').filter(move |_| is_list);
    std::iter::once(text)
        .chain(parts)
        .map(bare)
        .filter(|id| !id.is_empty())
}

/// An identifier without the `<>` that a Message-ID has in some logs.
pub(crate) fn bare(id: &[u8]) -> &[u8] {
    id.strip_prefix(b"<")
        .and_then(|id| id.strip_suffix(b">"))
        .unwrap_or(id)
}
