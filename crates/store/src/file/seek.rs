//! Looks for rows with an identifier: by the filters, and then in the pages of what these name.

use super::read::DataFile;
use crate::error::Result;
use crate::index::{IdRole, ids};
use crate::span::touches;
use crate::words;
use memchr::memmem::Finder;
use search::TimeRange;
use std::collections::BTreeMap;
use std::sync::Arc;

impl DataFile {
    /// The rows that have an identifier in one of the columns of a role, alone or in a list of several.
    ///
    /// A filter is wrong once in 256, so of the blocks that it names most do not hold what is looked
    /// for. To look for its bytes in their pages costs a tenth of decoding them.
    pub(crate) async fn rows_with_id(
        &self,
        (id, role): (&[u8], IdRole),
        range: TimeRange,
    ) -> Result<BTreeMap<u32, Arc<[u32]>>> {
        let hash = ids::hash(id);
        let mut rows = BTreeMap::new();
        for block in self.with_id(hash).await? {
            if !touches(self.times(block), range) {
                continue;
            }
            let key = (self.number, block, hash, role);
            let found = match self.lately.rows.get(key) {
                Some(found) => found,
                None => {
                    let found: Arc<[u32]> =
                        self.rows_of_block_with(block, (id, role)).await?.into();
                    let weight = size_of_val(&key) + size_of_val(&*found) + size_of::<usize>() * 4;
                    self.lately.rows.put(key, Arc::clone(&found), weight);
                    found
                }
            };
            if !found.is_empty() {
                rows.insert(block, found);
            }
        }
        Ok(rows)
    }

    async fn rows_of_block_with(
        &self,
        block: u32,
        (id, role): (&[u8], IdRole),
    ) -> Result<Vec<u32>> {
        let finder = Finder::new(id);
        let pages = self.pages(&[block], role.columns()).await?;
        let mut columns = role.columns().to_vec();
        columns.retain(|&column| pages.may_have(column, &finder));
        if !columns.is_empty() {
            pages.keep(&self.lately);
        }
        let mut rows = Vec::new();
        for read in self.read_words(&[block], &columns).await? {
            let has = |&row: &usize| {
                let mut texts = columns
                    .iter()
                    .filter_map(|&column| read.view.text(column, row));
                texts.any(|text| words::ids(text.as_bytes()).any(|it| it == id))
            };
            rows.extend((0..read.view.rows()).filter(has).map(|row| row as u32));
        }
        Ok(rows)
    }
}
