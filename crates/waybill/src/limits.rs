//! Bounds of what goes over the socket and of what the daemon does by itself, each with its reason.

use std::time::Duration;

/// Bytes of a question: the text of a search may have 16 KiB, and SQL somewhat more. Who asks more
/// answers by himself.
pub(crate) const QUESTION_BYTES_MAX: usize = 64 << 10;

/// Bytes of an answer that are sent at once: enough that sending costs nothing beside answering,
/// little enough that the first lines are seen early.
pub(crate) const FRAME_BYTES_MAX: usize = 32 << 10;

/// Askers that are answered at once. Each has a thread, and holds the version of the archive that it
/// asked.
pub(crate) const ASKERS_MAX: usize = 32;

/// A question, and the word that it was taken, pass between two programs of one machine: who takes
/// longer hangs.
pub(crate) const GREETING_TIME_MAX: Duration = Duration::from_secs(5);

/// How long an asker may take nothing of the answer: somebody reads it page by page, and was called
/// away. What the answer holds in memory is held so long.
pub(crate) const TAKING_TIME_MAX: Duration = Duration::from_secs(3_600);

/// Stack of a thread that answers; address space alone, until it is used. `a or a or a ...` in SQL
/// is a tree of a level each five bytes, 13,000 in a question, and the engine walks it by calling
/// itself, with up to 7 KiB a level.
pub(crate) const STACK_BYTES: usize = 128 << 20;

/// How long is waited before what failed is tried again the first time: whoever freed a disk sees it
/// work at once.
pub(crate) const PAUSE_MIN: Duration = Duration::from_secs(1);

/// How long is waited at the most: each try reads what is not stored from the journal again, for
/// some seconds.
pub(crate) const PAUSE_MAX: Duration = Duration::from_secs(30);

/// How often is looked meanwhile whether to end.
pub(crate) const PAUSE_STEP: Duration = Duration::from_millis(50);
