//! Every limit of this crate: unit in the name, reason above it.

/// Bytes of lines that wait for the journal at once, of all listeners together.
///
/// Sixteen full batches: more than the journal writes between two syncs, and all the memory that slow or hostile
/// clients can make the daemon hold here.
pub const WAITING_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Milliseconds between two tries to append to a journal that is full.
pub(crate) const RETRY_MS: u64 = 100;

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
