//! `GET /v3/{domain}/events`.

use super::caller::Caller;
use super::event::Event;
use super::expression::Expression;
use super::listing::{Listing, Page};
use super::time;
use super::wanted::{Attribute, Want};
use crate::Api;
use crate::ask::answered;
use crate::input::Params;
use crate::limits::{EVENTS_DEFAULT, EVENTS_MAX, QUERY_BYTES_MAX};
use crate::problem::{Problem, Result};
use crate::refusal::Refusal;
use crate::security::From;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use query::Sight;
use search::TimeRange;
use serde_json::{Value, json};

type Asked = Vec<(String, String)>;

pub(super) async fn events(
    state: State<Api>,
    caller: Caller,
    from: From,
    headers: HeaderMap,
    Path(domain): Path<String>,
    Params(asked): Params<Asked>,
) -> std::result::Result<Json<Value>, Refusal> {
    let token = asked.iter().find(|(name, _)| name == "page");
    let listing = match token {
        Some((_, token)) => Listing::of_token(token, EVENTS_MAX)?,
        None => listing(&asked, state.0.daemon.now().as_microsecond())?,
    };
    answer(state, caller, (&from, &headers), domain, listing).await
}

/// A page by what names it; all else was asked on the first.
pub(super) async fn page(
    state: State<Api>,
    caller: Caller,
    from: From,
    headers: HeaderMap,
    Path((domain, token)): Path<(String, String)>,
) -> std::result::Result<Json<Value>, Refusal> {
    let listing = Listing::of_token(&token, EVENTS_MAX)?;
    answer(state, caller, (&from, &headers), domain, listing).await
}

async fn answer(
    State(api): State<Api>,
    caller: Caller,
    (from, headers): (&From, &HeaderMap),
    domain: String,
    mut listing: Listing,
) -> std::result::Result<Json<Value>, Refusal> {
    let domain = domain.to_ascii_lowercase();
    let asked = format!("events of {domain}");
    let sight = caller.sight_of(&api, &domain, &asked).await?;
    let base = base(from, headers, &domain)?;
    // Whatever a token says, it is of the domain in the path.
    let of_domain = (Attribute::Domain, Expression::Is(domain));
    listing.wants.retain(|(it, _)| *it != Attribute::Domain);
    listing.wants.push(of_domain);
    let ask = move |sight: Sight| async move { listing.page(&sight).await };
    let page = answered(&api, sight, ask).await?;
    Ok(Json(document(page, &base)))
}

fn document(page: Page, base: &str) -> Value {
    // Some clients read the path of it, others what stands behind the `?`.
    let url = |mut of: Listing| {
        of.wants.retain(|(it, _)| *it != Attribute::Domain);
        let token = of.token();
        format!("{base}/{token}?page={token}")
    };
    let items = page.events.into_iter();
    json!({
        "items": items.map(|it: Event| it.object).collect::<Vec<_>>(),
        "paging": {
            "next": url(page.next),
            "previous": url(page.previous),
            "first": url(page.first),
            "last": url(page.last),
        },
    })
}

/// Where events of a domain are, as the caller reached it.
fn base(from: &From, headers: &HeaderMap, domain: &str) -> Result<String> {
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok());
    let is_of_host = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    let host = host.filter(|it| !it.is_empty() && it.chars().all(is_of_host));
    let host = host.ok_or_else(|| Problem::wrong("`Host` is missing, or no name of a host"))?;
    let is_of_domain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if domain.is_empty() || !domain.chars().all(is_of_domain) {
        return Err(Problem::absent("domain"));
    }
    let scheme = if from.is_https { "https" } else { "http" };
    Ok(format!("{scheme}://{host}/v3/{domain}/events"))
}

/// What is asked for; `now` in microseconds.
fn listing(asked: &Asked, now: i64) -> Result<Listing> {
    let bytes: usize = asked.iter().map(|(_, value)| value.len()).sum();
    if bytes > QUERY_BYTES_MAX {
        let detail = format!("the filters are longer than {QUERY_BYTES_MAX} bytes");
        return Err(Problem::wrong(detail));
    }
    let (mut begin, mut end, mut ascending) = (None, None, None);
    let mut limit = EVENTS_DEFAULT;
    let mut wants: Vec<Want> = Vec::new();
    for (name, value) in asked {
        match name.as_str() {
            "begin" => begin = time::read(name, Some(value))?,
            "end" => end = time::read(name, Some(value))?,
            "ascending" => ascending = is_ascending(value)?,
            "limit" if value.is_empty() => {}
            "limit" => {
                let wanted = value
                    .parse()
                    .ok()
                    .filter(|it| (1..=EVENTS_MAX).contains(it));
                let wrong = || Problem::wrong("`limit` is a number from 1 to 300");
                limit = wanted.ok_or_else(wrong)?;
            }
            "pretty" => {}
            _ if value.trim().is_empty() => {}
            _ => wants.push((Attribute::named(name)?, Expression::parse(name, value)?)),
        }
    }
    let (range, ascending) = range(begin, end, ascending, now)?;
    Listing::new(range, ascending, limit, wants)
}

fn is_ascending(value: &str) -> Result<Option<bool>> {
    match value.to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "yes" | "true" => Ok(Some(true)),
        "no" | "false" => Ok(Some(false)),
        _ => Err(Problem::wrong("`ascending` is `yes` or `no`")),
    }
}

/// The time that is asked for, and whether the earliest comes first.
fn range(
    begin: Option<i64>,
    end: Option<i64>,
    ascending: Option<bool>,
    now: i64,
) -> Result<(TimeRange, bool)> {
    let between = |from: i64, last: i64| TimeRange {
        from,
        until: last.saturating_add(1),
    };
    let disagrees = || {
        Problem::wrong("`ascending` does not agree with `begin` and `end`")
            .hint("where `end` is before `begin` the newest come first")
    };
    match (begin, end, ascending) {
        (Some(begin), Some(end), wanted) => {
            let is_ascending = match wanted {
                Some(wanted) if begin == end => wanted,
                _ => begin <= end,
            };
            if wanted.is_some_and(|it| it != is_ascending) {
                return Err(disagrees());
            }
            Ok((between(begin.min(end), begin.max(end)), is_ascending))
        }
        (Some(begin), None, Some(true)) => Ok((between(begin, i64::MAX), true)),
        (Some(begin), None, Some(false)) => Ok((between(i64::MIN, begin), false)),
        (Some(_), None, None) => Err(Problem::wrong("`begin` needs `end` or `ascending`")),
        (None, Some(end), Some(true)) => Ok((between(i64::MIN, end), true)),
        (None, Some(end), _) => Ok((between(end, now), false)),
        (None, None, Some(true)) => Ok((between(i64::MIN, i64::MAX), true)),
        (None, None, _) => Ok((between(i64::MIN, now), false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Result<Listing> {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        listing(&pairs.iter().map(pair).collect(), 5_000_000)
    }

    #[test]
    fn the_direction_is_that_of_the_time_asked_for() {
        let listing = asked(&[("begin", "3"), ("end", "1")]).expect("it is right");
        let range = (listing.from, listing.until, listing.ascending);
        assert_eq!(range, (1_000_000, 3_000_001, false));
        let listing = asked(&[("begin", "1"), ("ascending", "yes")]).expect("it is right");
        let range = (listing.from, listing.until, listing.ascending);
        assert_eq!(range, (1_000_000, i64::MAX, true));
        let listing = asked(&[]).expect("it is right");
        assert_eq!((listing.until, listing.ascending), (5_000_001, false));
        for wrong in [
            &[("begin", "3"), ("end", "1"), ("ascending", "yes")][..],
            &[("begin", "3")],
            &[("limit", "301")],
            &[("limit", "0")],
            &[("ascending", "up")],
            &[("size", "large")],
            &[("tags", "a")],
            &[("colour", "red")],
        ] {
            assert!(asked(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_token_tells_the_whole_question() {
        let listing = asked(&[("event", "rejected OR failed"), ("limit", "7")]);
        let listing = listing.expect("it is right");
        let token = listing.token();
        assert!(!token.contains(['/', '+', '=']));
        assert_eq!(Listing::of_token(&token, 300).expect("it is one"), listing);
        assert!(Listing::of_token("nothing", 300).is_err());
        assert!(Listing::of_token(&token, 6).is_err());
    }
}
