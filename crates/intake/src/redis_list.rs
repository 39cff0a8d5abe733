//! A Redis list of lines or JSON documents, as Filebeat, Logstash, Vector and rsyslog fill it, and Logstash reads it.
//!
//! Elements go atomically from the list to another one, that of our processing, which is deleted when they are
//! durable. What stands there at start is taken first. A number in Redis names each such batch, and behind a NUL it
//! stands in the source of the lines: so it is known how many of them are in the journal, and only the rest is taken.
//! Batches that were made durable just before a kill, committed and cut from the journal before Redis is there again
//! may come twice; nothing is lost.

use crate::gathered::append;
use crate::intake::Intake;
use crate::limits::{
    LINE_BYTES_MAX, REDIS_ANSWER_SECS, REDIS_BATCH_BYTES, REDIS_BATCH_ELEMENTS_MAX,
    REDIS_CONNECT_SECS, REDIS_PAUSE_MS, REDIS_PAUSE_MS_MAX, REDIS_WAIT_SECS,
};
use crate::sources::Source;
use crate::stop::Stop;
use journal::{Batch, Journal, Record};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisResult, cmd, pipe};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// Which list is read.
#[derive(Clone, Debug)]
pub struct RedisSettings {
    /// `redis://[USER:PASSWORD@]HOST[:PORT][/NUMBER]`, or `redis+unix:///PATH`.
    pub url: String,
    /// The list.
    pub key: String,
    /// Where elements are while they are taken; each reader must have its own, and `PROCESSING:batch` beside it.
    pub processing: String,
    /// Elements are taken from the right end: for senders that push to the left, as rsyslog does.
    pub from_right: bool,
}

/// A reader of a list.
pub struct RedisList {
    client: Client,
    settings: RedisSettings,
    /// What the lines' source begins with: `redis HOST:PORT KEY`.
    name: String,
}

/// Why reading ended.
enum End {
    /// It was asked to.
    Stop,
    /// Redis cannot be used.
    Redis(redis::RedisError),
    /// The journal cannot be written or read; who appends tells why.
    Journal,
}

impl From<redis::RedisError> for End {
    fn from(error: redis::RedisError) -> Self {
        End::Redis(error)
    }
}

impl RedisList {
    /// Errs if the URL is none. Nobody is connected to yet.
    pub fn new(settings: RedisSettings) -> RedisResult<Self> {
        let client = Client::open(settings.url.as_str())?;
        let name = format!(
            "redis {} {}",
            client.get_connection_info().addr(),
            settings.key
        );
        Ok(RedisList {
            client,
            settings,
            name,
        })
    }

    /// Takes elements until `stop` is true or its sender is gone. Where Redis is not there it tries again, after a
    /// tenth of a second, and up to half a minute if that goes on.
    pub async fn run(self, intake: Arc<Intake>, stop: watch::Receiver<bool>) {
        let source = intake.source(&self.name);
        let mut stop = Stop::new(stop);
        let mut pause = Duration::from_millis(REDIS_PAUSE_MS);
        let mut is_told = false;
        loop {
            let lines = source.counts().lines;
            let end = self.read(&intake, &source, &stop).await;
            source.connections.store(0, Ordering::Relaxed);
            if source.counts().lines > lines {
                pause = Duration::from_millis(REDIS_PAUSE_MS);
                is_told = false;
            }
            match end {
                End::Stop => return,
                End::Redis(_) | End::Journal if stop.is_asked() => return,
                End::Redis(error) if !is_told => {
                    tracing::warn!(list = self.name, %error, "a Redis list cannot be read; it is tried again");
                    is_told = true;
                }
                End::Redis(_) | End::Journal => {}
            }
            tokio::select! {
                () = stop.asked() => return,
                () = sleep(pause) => {}
            }
            pause = (2 * pause).min(Duration::from_millis(REDIS_PAUSE_MS_MAX));
        }
    }

    /// Reads as long as that goes well.
    async fn read(&self, intake: &Intake, source: &Source, stop: &Stop) -> End {
        match self.try_read(intake, source, stop).await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    async fn try_read(
        &self,
        intake: &Intake,
        source: &Source,
        stop: &Stop,
    ) -> Result<std::convert::Infallible, End> {
        let mut redis = self.connect().await?;
        source.connections.store(1, Ordering::Relaxed);
        let (mut number, left) = self.left(&mut redis, intake.now_ns()).await?;
        if !left.is_empty() {
            let journal = Arc::clone(intake.journal());
            let of = self.source_of(number);
            let counting = tokio::task::spawn_blocking(move || count(&*journal, &of));
            let has = counting.await.map_err(|_| End::Stop)?;
            let has = has.map_err(|_| End::Journal)?;
            self.append(intake, source, stop, number, &left, has)
                .await?;
            number = self.done(&mut redis).await?;
        }
        let mut more = 0;
        while !stop.is_asked() {
            let elements = self.take(&mut redis, more).await?;
            if elements.is_empty() {
                continue;
            }
            let bytes: usize = elements.iter().map(Vec::len).sum();
            more = REDIS_BATCH_BYTES * elements.len() / bytes.max(1);
            self.append(intake, source, stop, number, &elements, 0)
                .await?;
            number = self.done(&mut redis).await?;
        }
        Err(End::Stop)
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(REDIS_CONNECT_SECS)))
            .set_response_timeout(Some(Duration::from_secs(REDIS_ANSWER_SECS)));
        self.client
            .get_multiplexed_async_connection_with_config(&config)
            .await
    }

    /// The number of the batch that is being taken, and what it has; at first the number is the time.
    async fn left(
        &self,
        redis: &mut MultiplexedConnection,
        now_ns: i64,
    ) -> RedisResult<(i64, Vec<Vec<u8>>)> {
        let mut both = pipe();
        both.cmd("SET")
            .arg(self.number_key())
            .arg(now_ns)
            .arg("NX")
            .ignore();
        both.cmd("GET").arg(self.number_key());
        both.cmd("LRANGE")
            .arg(&self.settings.processing)
            .arg(0)
            .arg(-1);
        both.query_async(redis).await
    }

    /// The next elements, which are then those that are being taken: one that is waited for, and so many more at
    /// most. None if nothing came in time.
    async fn take(
        &self,
        redis: &mut MultiplexedConnection,
        more: usize,
    ) -> RedisResult<Vec<Vec<u8>>> {
        let RedisSettings {
            key, processing, ..
        } = &self.settings;
        let side = if self.settings.from_right {
            "RIGHT"
        } else {
            "LEFT"
        };
        let first: Option<Vec<u8>> = cmd("BLMOVE")
            .arg((key, processing, side, "RIGHT", REDIS_WAIT_SECS))
            .query_async(redis)
            .await?;
        let Some(first) = first else {
            return Ok(Vec::new());
        };
        let mut elements = vec![first];
        let mut rest = pipe();
        for _ in 0..more.min(REDIS_BATCH_ELEMENTS_MAX) {
            rest.cmd("LMOVE").arg((key, processing, side, "RIGHT"));
        }
        if !rest.is_empty() {
            let rest: Vec<Option<Vec<u8>>> = rest.query_async(redis).await?;
            elements.extend(rest.into_iter().flatten());
        }
        Ok(elements)
    }

    /// Makes the lines of elements durable, but for the first, which are.
    async fn append(
        &self,
        intake: &Intake,
        source: &Source,
        stop: &Stop,
        number: i64,
        elements: &[Vec<u8>],
        has: usize,
    ) -> Result<(), End> {
        let name = self.source_of(number);
        let lines = elements.iter().filter_map(|it| line(it)).skip(has);
        let waits = || {
            source.refused.fetch_add(1, Ordering::Relaxed);
        };
        let mut batch = Batch::new();
        for line in lines {
            let cut = &line[..line.len().min(LINE_BYTES_MAX)];
            source
                .cut
                .fetch_add(u64::from(cut.len() < line.len()), Ordering::Relaxed);
            let record = Record {
                received_ns: intake.now_ns(),
                source: name.as_bytes(),
                line: cut,
            };
            if batch.push(record).is_err() {
                let full = std::mem::take(&mut batch);
                append(intake, Arc::new(full), stop, waits)
                    .await
                    .map_err(|_| End::Journal)?;
                batch.push(record).map_err(|_| End::Journal)?;
            }
        }
        if !batch.is_empty() {
            append(intake, Arc::new(batch), stop, waits)
                .await
                .map_err(|_| End::Journal)?;
        }
        Ok(())
    }

    /// Forgets what was being taken, and gives the number of the next batch.
    async fn done(&self, redis: &mut MultiplexedConnection) -> RedisResult<i64> {
        let mut both = pipe();
        both.atomic()
            .cmd("DEL")
            .arg(&self.settings.processing)
            .ignore();
        both.cmd("INCR").arg(self.number_key());
        let (number,) = both.query_async(redis).await?;
        Ok(number)
    }

    fn number_key(&self) -> String {
        format!("{}:batch", self.settings.processing)
    }

    fn source_of(&self, number: i64) -> String {
        format!("{}\0{number:x}", self.name)
    }
}

/// Lines of a source in the journal.
fn count(journal: &dyn Journal, source: &str) -> Result<usize, journal::Error> {
    let mut reader = journal.reader(journal.start())?;
    let mut lines = 0;
    loop {
        match reader.next() {
            Ok(Some((_, batch))) => {
                lines += batch
                    .iter()
                    .filter(|it| it.source == source.as_bytes())
                    .count();
            }
            Ok(None) => return Ok(lines),
            Err(journal::Error::Damaged { lost, .. }) if !lost.is_empty() => {
                reader = journal.reader(lost.end)?;
            }
            Err(error) => return Err(error),
        }
    }
}

/// The line of an element: without the newline at its end, which rsyslog's templates have, and with a space for each
/// inside, which between the tokens of JSON is the same. `None` if nothing is left.
fn line(element: &[u8]) -> Option<Cow<'_, [u8]>> {
    let line = element.trim_ascii_end();
    if line.is_empty() {
        return None;
    }
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    Some(match line.iter().any(is_break) {
        true => line
            .iter()
            .map(|byte| if is_break(byte) { b' ' } else { *byte })
            .collect::<Vec<_>>()
            .into(),
        false => line.into(),
    })
}
