//! In which encoding a file goes out.

use axum::http::{HeaderMap, header};

/// The best that an asker takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// And gzip as well, since all who take the one take the other.
    Brotli,
    Gzip,
    Plain,
}

/// Source: RFC 9110, 12.5.3. Of weights only 0 matters: packed files are small, whatever is liked more.
pub(crate) fn accepted(asked: &HeaderMap) -> Encoding {
    let lists = asked.get_all(header::ACCEPT_ENCODING).into_iter();
    let words = lists
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(','));
    let named = words.filter_map(|word| {
        let (name, weight) = word.split_once(';').unwrap_or((word, ""));
        let weight = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
        let is_refused = matches!(weight, Some(Ok(weight)) if weight <= 0.0);
        match name.trim() {
            _ if is_refused => None,
            "br" => Some(Encoding::Brotli),
            "gzip" | "x-gzip" => Some(Encoding::Gzip),
            _ => None,
        }
    });
    named.min_by_key(|it| *it as u8).unwrap_or(Encoding::Plain)
}
