//! What a server or delivery process is at: the session that it serves, the lines that it wrote
//! ahead of a delivery.

use crate::id::{ItemRef, TagId, table_hash};
use hashbrown::HashTable;
use model::{AccessAction, Lines, SessionFacts, Timestamp, TlsFacts};

/// Names a process, or one of the many sessions of a process that serves all clients (postscreen).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProcessKey {
    pub(crate) tag: TagId,
    pub(crate) pid: u32,
    /// Hash of the client's address and port where the process id does not tell sessions apart.
    pub(crate) client: u64,
}

/// A process between two rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Process {
    pub(crate) key: ProcessKey,
    pub(crate) last: Timestamp,
    /// Whether `session` is one that goes on; else it is only memory to be used again.
    pub(crate) in_session: bool,
    pub(crate) session: Session,
    /// Lines of a delivery agent that the next delivery takes with it.
    pub(crate) held: Lines,
    /// TLS of the connection that a delivery agent has open.
    pub(crate) tls: Option<Box<TlsFacts>>,
}

/// A client's session, from connect to disconnect.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Session {
    pub(crate) facts: SessionFacts,
    pub(crate) lines: Lines,
    /// Messages begun in it.
    pub(crate) items: Vec<ItemRef>,
    /// What an access rule said to be done with the message that comes next.
    pub(crate) pending: Option<AccessAction>,
}

impl Process {
    /// The session that goes on.
    pub(crate) fn open_session(&mut self) -> Option<&mut Session> {
        self.in_session.then_some(&mut self.session)
    }
}

impl Session {
    /// Makes it ready for the next client.
    pub(crate) fn clear(&mut self) {
        self.facts.clear();
        self.lines.clear();
        self.items.clear();
        self.pending = None;
    }
}

/// All processes that hold something.
#[derive(Debug, Default)]
pub(crate) struct Processes {
    table: HashTable<Box<Process>>,
}

fn hash(key: &ProcessKey) -> u64 {
    table_hash(&[
        &key.tag.to_le_bytes(),
        &key.pid.to_le_bytes(),
        &key.client.to_le_bytes(),
    ])
}

impl Processes {
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is such a process.
    pub(crate) fn is_known(&self, key: ProcessKey) -> bool {
        self.table.find(hash(&key), |it| it.key == key).is_some()
    }

    #[inline]
    pub(crate) fn get(&mut self, key: ProcessKey) -> Option<&mut Process> {
        self.table
            .find_mut(hash(&key), |it| it.key == key)
            .map(Box::as_mut)
    }

    /// The process, made if it holds nothing yet.
    #[inline]
    pub(crate) fn of(&mut self, key: ProcessKey, at: Timestamp) -> &mut Process {
        let make = || {
            Box::new(Process {
                key,
                last: at,
                in_session: false,
                session: Session::default(),
                held: Lines::default(),
                tls: None,
            })
        };
        let entry = self
            .table
            .entry(hash(&key), |it| it.key == key, |it| hash(&it.key));
        let process = entry.or_insert_with(make).into_mut();
        process.last = process.last.max(at);
        process
    }

    /// Forgets what was one client's only, when its session is over.
    pub(crate) fn forget_client(&mut self, key: ProcessKey) {
        if key.client != 0
            && let Ok(entry) = self.table.find_entry(hash(&key), |it| it.key == key)
        {
            entry.remove();
        }
    }

    pub(crate) fn insert(&mut self, process: Process) {
        self.table
            .insert_unique(hash(&process.key), Box::new(process), |it| hash(&it.key));
    }

    /// All processes in a fixed order.
    pub(crate) fn sorted(&self) -> Vec<&Process> {
        let mut all: Vec<&Process> = self.table.iter().map(Box::as_ref).collect();
        all.sort_by_key(|it| (it.key.tag, it.key.pid, it.key.client));
        all
    }

    /// Those that hold lines, in no order.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Process> {
        let all = self.table.iter().map(Box::as_ref);
        all.filter(|it| it.in_session || !it.held.is_empty())
    }

    /// Names of the processes that pass, in a fixed order.
    pub(crate) fn keys(&self, mut passes: impl FnMut(&Process) -> bool) -> Vec<ProcessKey> {
        let passing = self.table.iter().filter(|it| passes(it));
        let mut keys: Vec<ProcessKey> = passing.map(|it| it.key).collect();
        keys.sort_by_key(|key| (key.tag, key.pid, key.client));
        keys
    }

    /// Takes out the processes that pass, in a fixed order.
    pub(crate) fn take(&mut self, mut passes: impl FnMut(&Process) -> bool) -> Vec<Process> {
        let mut taken: Vec<Process> = self
            .table
            .extract_if(|it| passes(it))
            .map(|it| *it)
            .collect();
        taken.sort_by_key(|it| (it.key.tag, it.key.pid, it.key.client));
        taken
    }
}
