//! Which blocks of a file may hold rows that a filter wants.

use super::read::DataFile;
use crate::Column;
use crate::error::Result;
use crate::index::terms::{self, Terms};
use crate::index::{IdRole, both, either, ids};
use crate::span::touches;
use crate::words::{self, Word};
use futures::future::{BoxFuture, FutureExt};
use search::{AddressTest, Field, Filter, Pattern, Phrase, Term, Test, TimeRange};

/// Blocks, or `None` for all of them.
type Perhaps = Option<Vec<u32>>;

impl DataFile {
    /// The blocks that may hold rows that the filter wants, in order; no other block holds one.
    pub async fn candidates(&self, filter: &Filter) -> Result<Vec<u32>> {
        self.candidates_of(filter, TimeRange::ALL).await
    }

    /// Those of them that touch a range of time.
    pub(crate) async fn candidates_of(
        &self,
        filter: &Filter,
        range: TimeRange,
    ) -> Result<Vec<u32>> {
        let some = self.perhaps(filter, range).await?;
        let mut blocks = some.unwrap_or_else(|| (0..self.blocks()).collect());
        blocks.retain(|&block| touches(self.times(block), range));
        Ok(blocks)
    }

    fn perhaps<'a>(
        &'a self,
        filter: &'a Filter,
        range: TimeRange,
    ) -> BoxFuture<'a, Result<Perhaps>> {
        async move {
            match filter {
                Filter::All | Filter::Not(_) => Ok(None),
                Filter::Term(term) => self.of_term(term, range).await,
                Filter::And(all) => {
                    let mut common: Perhaps = None;
                    for filter in all {
                        let Some(blocks) = self.perhaps(filter, range).await? else {
                            continue;
                        };
                        let narrowed = match common {
                            Some(common) => both(&common, &blocks),
                            None => blocks,
                        };
                        if narrowed.is_empty() {
                            return Ok(Some(narrowed));
                        }
                        common = Some(narrowed);
                    }
                    Ok(common)
                }
                Filter::Or(any) => {
                    let mut all = Vec::new();
                    for filter in any {
                        match self.perhaps(filter, range).await? {
                            Some(blocks) => all = either(&all, &blocks),
                            None => return Ok(None),
                        }
                    }
                    Ok(Some(all))
                }
            }
        }
        .boxed()
    }

    async fn of_term(&self, term: &Term, range: TimeRange) -> Result<Perhaps> {
        if let Test::Id(pattern) = &term.test {
            return self.of_id(pattern, range).await;
        }
        if let Test::Words(phrase) = &term.test {
            return self.of_words(term.field, phrase).await;
        }
        Ok(of_listed(&*self.terms().await?, term))
    }

    async fn of_id(&self, pattern: &Pattern, range: TimeRange) -> Result<Perhaps> {
        if pattern.open_start || pattern.open_end {
            return Ok(None);
        }
        let id = words::bare(pattern.text.as_bytes());
        let rows = self.rows_with_id((id, IdRole::Any), range).await?;
        Ok(Some(rows.into_keys().collect()))
    }

    async fn of_words(&self, field: Field, phrase: &Phrase) -> Result<Perhaps> {
        if !matches!(field, Field::Text | Field::Subject | Field::Found) {
            return Ok(None);
        }
        let terms = self.terms().await?;
        let mut common: Perhaps = None;
        for (at, word) in phrase.words.iter().enumerate() {
            let is_open = phrase.open_end && at + 1 == phrase.words.len();
            let mut key = Vec::new();
            let blocks = match words::word(word) {
                // What begins so may look like an identifier or not.
                _ if is_open => continue,
                Word::Id(id) => self.with_id(ids::hash(id.as_bytes())).await?,
                Word::Plain(word) => {
                    terms::word(word, &mut key);
                    terms.whole(&key)
                }
            };
            common = Some(match common {
                Some(common) => both(&common, &blocks),
                None => blocks,
            });
        }
        Ok(common)
    }
}

/// Of what the list of terms knows.
fn of_listed(terms: &Terms<Vec<u8>>, term: &Term) -> Perhaps {
    let mut key = Vec::new();
    match &term.test {
        Test::Kind(kinds) => {
            let of_kind = |kind: &model::Kind| {
                let mut key = Vec::new();
                terms::value(Column::Kind, kind.name().as_bytes(), &mut key);
                terms.whole(&key)
            };
            Some(
                kinds
                    .iter()
                    .map(of_kind)
                    .fold(Vec::new(), |all, it| either(&all, &it)),
            )
        }
        Test::Address(address) => of_address(terms, term.field, address),
        Test::Name(pattern) => {
            let column = listed_value(term.field)?;
            if pattern.open_start || pattern.open_end {
                return None;
            }
            terms::value(column, pattern.text.as_bytes(), &mut key);
            Some(terms.whole(&key))
        }
        Test::Net(net) => {
            let known = matches!(
                term.field,
                Field::Ip | Field::Client | Field::OrigClient | Field::Relay
            );
            let (first, last) = known.then(|| net_range(*net))?;
            let key = |octets: [u8; 16]| [b"i".as_slice(), &octets].concat();
            Some(terms.range(&key(first), &key(last)))
        }
        _ => None,
    }
}

fn of_address(terms: &Terms<Vec<u8>>, field: Field, address: &AddressTest) -> Perhaps {
    let is_listed = matches!(
        field,
        Field::MailFrom | Field::RcptTo | Field::OrigRcptTo | Field::Account | Field::Address
    );
    is_listed.then_some(())?;
    let mut key = Vec::new();
    match address {
        AddressTest::Whole(address) => {
            terms::address(address.as_bytes(), &mut key);
            Some(terms.whole(&key))
        }
        AddressTest::Domain(domain) => {
            terms::backwards(b'd', domain.as_bytes(), &mut key);
            Some(terms.whole(&key))
        }
        AddressTest::Below(parent) => {
            terms::backwards(b'd', format!(".{parent}").as_bytes(), &mut key);
            Some(terms.prefix(&key))
        }
        AddressTest::Local(local) => {
            terms::address(local.as_bytes(), &mut key);
            let alone = terms.whole(&key);
            key.push(b'@');
            Some(either(&alone, &terms.prefix(&key)))
        }
        AddressTest::Like(pattern) if !pattern.open_start => {
            terms::address(pattern.text.as_bytes(), &mut key);
            Some(terms.prefix(&key))
        }
        AddressTest::Null | AddressTest::Like(_) => None,
    }
}

/// The column whose words are listed and are all that a field gives.
fn listed_value(field: Field) -> Option<Column> {
    match field {
        Field::Program => Some(Column::Program),
        Field::Enhanced => Some(Column::EnhancedStatus),
        Field::Verdict => Some(Column::Verdict),
        _ => None,
    }
}

/// The first and the last address of a network, 16 bytes each.
fn net_range(net: search::Net) -> ([u8; 16], [u8; 16]) {
    let first = terms::octets(net.first());
    let is_v4 = net.first().is_ipv4();
    let prefix = usize::from(net.prefix()) + if is_v4 { 96 } else { 0 };
    let mut last = first;
    for bit in prefix..128 {
        last[bit / 8] |= 0x80 >> (bit % 8);
    }
    (first, last)
}
