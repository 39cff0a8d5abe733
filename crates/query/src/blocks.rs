//! What must be read for a question: parts of the archive, blocks of them, several at a time.

use crate::Result;
use crate::sight::{Block, SeenPart, Sight};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use search::{Filter, TimeRange};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Column, FileOf, IdRole, View};

/// Blocks that are read at a time: some tens of megabytes at the most, with all columns.
const BLOCKS_AT_A_TIME: usize = 16;
/// Parts whose index is looked at ahead: enough that the disk and all cores of a small machine have
/// something to do, and not much too much where the first parts answer the question.
const PARTS_AHEAD: usize = 8;
/// Reads of so many blocks that go on side by side.
const READS_AHEAD: usize = 4;

/// A part with those of its blocks that may hold rows that are wanted.
pub(crate) struct Wanted {
    /// Its index in the list that was asked for.
    pub(crate) number: usize,
    pub(crate) part: SeenPart,
    pub(crate) blocks: Vec<u32>,
}

/// Of each part the blocks to be read for a question, in the order of the parts.
pub(crate) fn wanted(
    sight: &Sight,
    parts: Vec<FileOf>,
    filter: &Filter,
    range: TimeRange,
) -> impl Stream<Item = Result<Wanted>> + Send + use<> {
    let (sight, filter) = (Arc::new(sight.clone()), Arc::new(filter.clone()));
    let look = move |(number, of)| {
        let (sight, filter) = (Arc::clone(&sight), Arc::clone(&filter));
        beside(async move {
            let part = sight.part(&of).await?;
            let blocks = part.wanted(&filter, range).await?;
            Ok(Wanted {
                number,
                part,
                blocks,
            })
        })
    };
    let parts = parts.into_iter().enumerate();
    stream::iter(parts).map(look).buffered(PARTS_AHEAD)
}

/// Blocks that were read, and the part that they are of, with its index.
pub(crate) type Read = (usize, SeenPart, Vec<Block>);

/// Reads the blocks that may hold rows that are wanted, some at a time; others may be among them, or
/// left out.
pub(crate) fn read(
    sight: &Sight,
    parts: Vec<FileOf>,
    (filter, range): (&Filter, TimeRange),
    columns: Vec<Column>,
) -> impl Stream<Item = Result<Read>> + Send + use<> {
    let columns: Arc<[Column]> = columns.into();
    let filter = Arc::new(filter.clone());
    let some_at_a_time = |it: Wanted| {
        let chunks: Vec<_> = it
            .blocks
            .chunks(BLOCKS_AT_A_TIME)
            .map(<[_]>::to_vec)
            .collect();
        let (number, part) = (it.number, it.part);
        stream::iter(
            chunks
                .into_iter()
                .map(move |it| Ok((number, part.clone(), it))),
        )
    };
    let some = wanted(sight, parts, &filter, range).map_ok(some_at_a_time);
    let read = move |some: Result<(usize, SeenPart, Vec<u32>)>| {
        let (columns, filter) = (Arc::clone(&columns), Arc::clone(&filter));
        beside(async move {
            let (number, part, blocks) = some?;
            let blocks = part
                .read_wanted(&blocks, &columns, (&filter, range))
                .await?;
            Ok((number, part, blocks))
        })
    };
    some.try_flatten().map(read).buffered(READS_AHEAD)
}

/// Of each part the rows which may have one of these identifiers in a role, with all columns: among them
/// all that touch a range and have one.
pub(crate) fn with_ids(
    sight: &Sight,
    (ids, role): (&[&String], IdRole),
    range: TimeRange,
) -> impl Stream<Item = Result<(SeenPart, Vec<Block>)>> + Send + use<> {
    let sight = Arc::new(sight.clone());
    let parts = sight.parts(range);
    let ids: Arc<[String]> = ids.iter().map(|id| id.to_string()).collect();
    let look = move |of: FileOf| {
        let (sight, ids) = (Arc::clone(&sight), Arc::clone(&ids));
        beside(async move {
            let part = sight.part(&of).await?;
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let blocks = part.with_ids((&ids, role), range).await?;
            Ok((part, blocks))
        })
    };
    stream::iter(parts).map(look).buffered(PARTS_AHEAD)
}

/// Of each part that touches a range the rows of stays in queues that were not short, as far as a queue
/// tells of them; `None` of a part that does not have them apart.
pub(crate) fn stays(
    sight: &Sight,
    range: TimeRange,
    columns: Vec<Column>,
) -> impl Stream<Item = Result<(FileOf, Option<View>)>> + Send + use<> {
    let (sight, columns) = (Arc::new(sight.clone()), Arc::<[Column]>::from(columns));
    let parts = sight.parts(range);
    let look = move |of: FileOf| {
        let (sight, columns) = (Arc::clone(&sight), Arc::clone(&columns));
        beside(async move {
            let stays = sight.part(&of).await?.stays(&columns).await?;
            Ok((of, stays))
        })
    };
    stream::iter(parts).map(look).buffered(PARTS_AHEAD)
}

/// Some rows of blocks of parts, given by their places, with all columns.
pub(crate) fn rows_at(
    wanted: Vec<(SeenPart, BTreeMap<u32, Vec<u32>>)>,
) -> impl Stream<Item = Result<(SeenPart, Vec<Block>)>> + Send {
    let some_at_a_time = wanted.into_iter().flat_map(|(part, blocks)| {
        let blocks: Vec<_> = blocks.into_iter().collect();
        let chunks = blocks.chunks(BLOCKS_AT_A_TIME);
        let chunks: Vec<BTreeMap<_, _>> = chunks.map(|it| it.iter().cloned().collect()).collect();
        chunks.into_iter().map(move |blocks| (part.clone(), blocks))
    });
    let read = |(part, blocks): (SeenPart, BTreeMap<u32, Vec<u32>>)| {
        beside(async move {
            let read = part.rows_at(&blocks).await?;
            Ok((part, read))
        })
    };
    stream::iter(some_at_a_time).map(read).buffered(READS_AHEAD)
}

/// Shows each block of a range that may hold rows that are wanted.
pub(crate) async fn each(
    sight: &Sight,
    (filter, range): (&Filter, TimeRange),
    columns: &[Column],
    mut take: impl FnMut(&Block),
) -> Result<()> {
    let parts = sight.parts(range);
    let mut read = std::pin::pin!(read(sight, parts, (filter, range), columns.to_vec()));
    while let Some((_, _, blocks)) = read.try_next().await? {
        blocks.iter().for_each(&mut take);
    }
    Ok(())
}

/// Runs it on whichever thread is free.
async fn beside<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(crate::Error::Stopped),
        },
    }
}
