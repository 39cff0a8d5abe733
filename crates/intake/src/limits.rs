//! Every limit of this crate: unit in the name, reason above it.

/// Bytes of lines that wait for the journal at once, of all listeners together.
///
/// Sixteen full batches: more than the journal writes between two syncs, and all the memory that slow or hostile
/// clients can make the daemon hold here.
pub const WAITING_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Milliseconds between two tries to append to a journal that is full.
pub(crate) const RETRY_MS: u64 = 100;

/// Bytes that are kept of a line from the network; the rest of a longer one is skipped and the cut counted.
///
/// As long as `ingest` keeps lines of files; a hundred times what mail servers write.
pub const LINE_BYTES_MAX: usize = 1024 * 1024;

/// Bytes that one read takes: four records of TLS, and little enough for the stack.
pub(crate) const CHUNK_BYTES: usize = 64 * 1024;

/// Bytes from one connection that are appended together. Beyond, more delay and memory gain nothing.
pub(crate) const GATHERED_BYTES_MAX: usize = 1024 * 1024;

/// Lines from one connection that are appended together.
pub(crate) const GATHERED_LINES_MAX: usize = 16 * 1024;

/// Bytes that any connection may hold, of lines that have not ended or wait for the journal.
///
/// What rsyslog allows a message by default. So many for each of [`CONNECTIONS_MAX`] make 128 MiB at worst.
pub(crate) const HELD_FREE_BYTES: usize = 8 * 1024;

/// Bytes that all connections of a listener may hold beyond [`HELD_FREE_BYTES`] each.
///
/// Sixty of the longest lines. While hostile clients use it up, lines of others are cut at [`HELD_FREE_BYTES`] and
/// less is appended at once.
pub(crate) const HELD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Connections of a listener, by default: ten thousand hosts, and those of them that open several.
pub const CONNECTIONS_MAX: usize = 16 * 1024;

/// Connections from one address (from one /64 of IPv6), by default: what a relay or a gateway of a whole site needs.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 1024;

/// Connections that the kernel completes before they are accepted.
///
/// After a restart all clients come at once; those beyond wait a second, and longer each time. Linux allows so many.
pub(crate) const BACKLOG: u32 = 4096;

/// Milliseconds without accepting after an accept that failed, which is for want of descriptors or memory.
pub(crate) const ACCEPT_PAUSE_MS: u64 = 100;

/// Seconds for a handshake of TLS, of which an honest client needs two round trips.
pub(crate) const HANDSHAKE_SECS: u64 = 10;

/// Seconds that a client may leave answers unread: as long as librelp waits for one.
pub(crate) const ANSWER_SECS: u64 = 90;

/// Seconds of silence after which the kernel asks whether the peer is still there.
pub(crate) const KEEPALIVE_SECS: u64 = 60;

/// Seconds to wait for room before a client's waiting is counted and told.
pub(crate) const ROOM_SECS: u64 = 1;

/// Milliseconds without a byte after which a connection counts as read out, once the listener stops.
///
/// What plain syslog has in flight at a close is lost in silence, so a stop reads late.
pub(crate) const STOP_QUIET_MS: u64 = 200;

/// Seconds that a connection is read after a stop, however busy it is.
pub(crate) const STOP_READ_SECS: u64 = 3;

/// Seconds that a client of RELP has to close first, so that it reads its last answers.
pub(crate) const STOP_CLOSE_SECS: u64 = 1;

/// Bytes of the longest datagram: what the length of UDP can say.
pub(crate) const DATAGRAM_BYTES_MAX: usize = 64 * 1024;

/// Datagrams that are received before others have a turn.
pub(crate) const DATAGRAMS_AT_ONCE: usize = 1024;

/// Batches from UDP that wait for the journal; what comes when the last is full is dropped.
///
/// 32 MiB: a second and more of 100,000 lines/s.
pub(crate) const UDP_BATCHES_MAX: usize = 8;

/// Bytes that the kernel is asked to keep of datagrams that nobody has received yet.
pub(crate) const UDP_KERNEL_BYTES: usize = 16 * 1024 * 1024;

/// Seconds between two looks at what the kernel dropped.
pub(crate) const KERNEL_LOOK_SECS: u64 = 10;

/// Sources that are counted one by one; any sender of UDP can make up more.
pub(crate) const SOURCES_MAX: usize = 64 * 1024;

/// Seconds between two reports of the same trouble.
pub(crate) const REPORT_SECS: u64 = 10;

const _: () = assert!(LINE_BYTES_MAX <= journal::LINE_BYTES_MAX);
// A read adds at most a line to two bytes, and what a connection gathers goes into one batch.
const _: () = assert!(GATHERED_LINES_MAX + CHUNK_BYTES / 2 <= journal::BATCH_LINES_MAX);
const _: () =
    assert!(GATHERED_BYTES_MAX + LINE_BYTES_MAX + CHUNK_BYTES / 2 * 32 <= journal::BATCH_BYTES_MAX);
const _: () = assert!(HELD_BYTES_MAX >= LINE_BYTES_MAX + CHUNK_BYTES + GATHERED_BYTES_MAX);
/// Bytes of a body as it is sent. Twice what Logstash sends at most (20 MiB), and six times the 10 MB of Vector.
pub(crate) const HTTP_BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Bytes of a body unpacked: clients count their batches before they pack them, so no honest one is larger than the
/// largest that is not packed.
pub(crate) const HTTP_UNPACKED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Bytes of lines that one request makes, heads of lines counted: unpacked bytes and what is told of each line again
/// (attributes of a resource, labels of a stream).
pub(crate) const HTTP_LINES_BYTES_MAX: usize = 128 * 1024 * 1024;

/// Bytes of bodies and lines that all requests hold at once: so that slow or hostile clients cannot take more of the
/// machine than the journal does. Beyond, requests are told to come again.
pub(crate) const HTTP_HELD_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Bytes by which a request takes its share of them.
pub(crate) const HTTP_HELD_STEP_BYTES: usize = 64 * 1024;

/// Operations of one `_bulk` request; each has some 250 bytes in the answer. Filebeat sends 1,600, Logstash 125.
pub(crate) const HTTP_BULK_ITEMS_MAX: usize = 100_000;

/// Bytes of one entry or record of OTLP and Loki as it is sent: what a line of the journal may be. So much is taken
/// apart at once, into some twenty times the memory where a client is hostile.
pub(crate) const HTTP_RECORD_BYTES_MAX: usize = journal::LINE_BYTES_MAX;

/// Bytes of what is told with each line again: labels of a stream, attributes of a resource.
pub(crate) const HTTP_LABELS_BYTES_MAX: usize = 64 * 1024;

/// Greatest zstd window, as a power of two. Source: RFC 9659, 8 MiB for `Content-Encoding: zstd`.
pub(crate) const HTTP_ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// Bytes of an uploaded journal that are appended together; with an entry of the greatest length they fit a batch.
pub(crate) const UPLOAD_GATHERED_BYTES_MAX: usize = 256 * 1024;

/// Milliseconds that entries of an uploaded journal wait for more to be appended with.
pub(crate) const UPLOAD_GATHER_MS: u64 = 50;

/// Seconds that an upload may be silent: the stream of a quiet host may stay open between its entries.
pub(crate) const UPLOAD_IDLE_SECS_MAX: u64 = 3600;

/// Uploaded journals that are remembered: ten thousand hosts and their boots of some weeks.
pub(crate) const UPLOADED_JOURNALS_MAX: usize = 256 * 1024;

/// Bytes of the file that remembers them: at most 84 for each, and a guard against a file that is not ours.
pub(crate) const UPLOADED_FILE_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Bytes of elements of a Redis list that are taken together, as far as the ones before tell.
pub(crate) const REDIS_BATCH_BYTES: usize = 512 * 1024;

/// Elements of a Redis list that are taken together: eight times what Logstash takes.
pub(crate) const REDIS_BATCH_ELEMENTS_MAX: usize = 1000;

/// Seconds that Redis waits for an element before it says that there is none: how late a stop is heard.
pub(crate) const REDIS_WAIT_SECS: u64 = 1;

/// Seconds for a connection to Redis.
pub(crate) const REDIS_CONNECT_SECS: u64 = 5;

/// Seconds until Redis has answered, waiting for an element included. While it loads or saves a large set it is slow.
pub(crate) const REDIS_ANSWER_SECS: u64 = 30;

/// Milliseconds until Redis is tried again, at first.
pub(crate) const REDIS_PAUSE_MS: u64 = 100;

/// Milliseconds until Redis is tried again, when it was not there for long.
pub(crate) const REDIS_PAUSE_MS_MAX: u64 = 30_000;

/// Connections at once. A site has some hundred hosts with some connections each; more wait to be accepted.
pub(crate) const HTTP_CONNECTIONS_MAX: usize = 1024;

/// Connections of one address at once, so that one broken client leaves room for others; more are closed.
pub(crate) const HTTP_CONNECTIONS_OF_ADDRESS_MAX: usize = 256;

/// Seconds until the head of a request has come, from the end of the request before or the start of the connection.
pub(crate) const HTTP_HEAD_SECS_MAX: u64 = 60;

/// Seconds until a body has come whole: 64 MiB at 9 Mbit/s, usual batches of 1 MiB on any line.
pub(crate) const HTTP_BODY_SECS_MAX: u64 = 60;

/// Seconds that a client may leave what it was sent without a sign.
pub(crate) const HTTP_UNREAD_SECS_MAX: u64 = 30;

/// Seconds for requests under way when the server is told to stop.
pub(crate) const HTTP_STOP_SECS_MAX: u64 = 15;

/// Seconds that a request waits for room, by default: half of the ten after which OTLP and Loki clients give up.
pub(crate) const HTTP_PATIENCE_SECS: u64 = 5;

/// Seconds after which a client that was refused for want of room may come again.
pub(crate) const HTTP_RETRY_SECS: u64 = 5;

/// Milliseconds until connections are accepted again after the system had no place for one.
pub(crate) const HTTP_ACCEPT_PAUSE_MS: u64 = 100;

const _: () = assert!(
    HTTP_HELD_BYTES_MAX >= HTTP_BODY_BYTES_MAX + HTTP_UNPACKED_BYTES_MAX + HTTP_LINES_BYTES_MAX
);
const _: () = assert!(HTTP_CONNECTIONS_OF_ADDRESS_MAX < HTTP_CONNECTIONS_MAX);
const _: () = assert!(84 * UPLOADED_JOURNALS_MAX as u64 + 256 <= UPLOADED_FILE_BYTES_MAX);
const _: () = assert!(REDIS_WAIT_SECS < REDIS_ANSWER_SECS);
