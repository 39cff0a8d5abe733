//! Hosts, instances and programs seen, each with a small number.

use crate::id::{HostId, InstanceId, ItemRef, TagId, table_hash};
use crate::limits::CLOSED_MAX;
use crate::recent::Recent;
use bstr::{BStr, BString, ByteSlice};
use hashbrown::HashTable;
use model::{Event, Kind, Row, Timestamp};
use std::collections::VecDeque;

#[derive(Debug, PartialEq)]
pub(crate) struct Host {
    pub(crate) name: BString,
    /// What amavis calls it in a file of its own, where that is the name with or without the domain;
    /// empty where it does not.
    pub(crate) alias: BString,
    /// The latest time seen in this host's log; all waiting is measured by it.
    pub(crate) watermark: Timestamp,
    pub(crate) next_sweep: Timestamp,
    /// Closed messages in the order of closing.
    pub(crate) closed: VecDeque<Due>,
    /// Messages whose deliveries wait for the head, in the order of waiting.
    pub(crate) waiting: VecDeque<Due>,
    pub(crate) recent: Recent,
}

/// A message to be looked at when the host's log has come past a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Due {
    pub(crate) at: Timestamp,
    pub(crate) item: ItemRef,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Instance {
    pub(crate) host: HostId,
    /// `postfix`, `postfix-out`.
    pub(crate) name: BString,
    /// Whether it has been seen to have a queue of its own. Labels that never show a queue manager
    /// (`syslog_name` set per service) share that of another one.
    pub(crate) has_queue: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tag {
    pub(crate) host: HostId,
    /// The host's name as its lines have it.
    pub(crate) host_name: BString,
    pub(crate) instance: InstanceId,
    pub(crate) label: BString,
    pub(crate) program: BString,
}

/// All names seen.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) hosts: Vec<Host>,
    pub(crate) instances: Vec<Instance>,
    pub(crate) tags: Vec<Tag>,
    by_tag: HashTable<TagId>,
    last: TagId,
    /// Closed messages of all hosts.
    closed: usize,
}

impl Names {
    /// The number of an event's tag.
    #[inline]
    pub(crate) fn tag(&mut self, event: &Event<'_>) -> TagId {
        let name = [event.host, event.label, event.program];
        if let Some(tag) = self.tags.get(self.last as usize)
            && tag.name() == name
        {
            return self.last;
        }
        let found = self
            .by_tag
            .find(tag_hash(name), |&at| self.tags[at as usize].name() == name);
        self.last = match found {
            Some(&at) => at,
            None => self.add_tag(name),
        };
        self.last
    }

    pub(crate) fn add_tag(&mut self, name: [&BStr; 3]) -> TagId {
        let [host_name, label, program] = name;
        let host = self.host(host_name, program);
        let instance = self.instance(host, label);
        let at = self.tags.len() as TagId;
        self.tags.push(Tag {
            host,
            host_name: host_name.into(),
            instance,
            label: label.into(),
            program: program.into(),
        });
        let tags = &self.tags;
        self.by_tag
            .insert_unique(tag_hash(name), at, |&at| tag_hash(tags[at as usize].name()));
        at
    }

    fn host(&mut self, name: &BStr, program: &BStr) -> HostId {
        let known = |host: &Host| host.name == name || host.alias == name && !name.is_empty();
        if let Some(at) = self.hosts.iter().position(known) {
            return at as HostId;
        }
        if let Some(at) = self.host_of_filter(name, program) {
            return at;
        }
        self.hosts.push(Host {
            name: name.into(),
            alias: BString::default(),
            watermark: Timestamp::MIN,
            next_sweep: Timestamp::MIN,
            closed: VecDeque::new(),
            waiting: VecDeque::new(),
            recent: Recent::default(),
        });
        self.hosts.len() as HostId - 1
    }

    /// The one host that amavis' own file and syslog call by two names: `$myhostname` has a domain.
    /// Other programs' names are not compared so, since hosts of several domains may be called `mx1`.
    fn host_of_filter(&mut self, name: &BStr, program: &BStr) -> Option<HostId> {
        let is_filter = |program: &BStr| program.starts_with(b"amavis");
        let only_filter = |at: usize| {
            let mut of_host = self.tags.iter().filter(|tag| tag.host as usize == at);
            of_host.all(|tag| is_filter(tag.program.as_bstr()))
        };
        let mut alike = (0..self.hosts.len()).filter(|&at| {
            let host = &self.hosts[at];
            host.alias.is_empty()
                && is_short_of(host.name.as_bstr(), name)
                && is_filter(program) != only_filter(at)
        });
        let (Some(only), None) = (alike.next(), alike.next()) else {
            return None;
        };
        let host = &mut self.hosts[only];
        host.alias = name.into();
        if !is_filter(program) {
            std::mem::swap(&mut host.name, &mut host.alias);
        }
        Some(only as HostId)
    }

    fn instance(&mut self, host: HostId, label: &BStr) -> InstanceId {
        let end = label
            .iter()
            .position(|&byte| byte == b'/')
            .unwrap_or(label.len());
        let name = BStr::new(&label[..end]);
        let known = |it: &Instance| it.host == host && it.name == name;
        if let Some(at) = self.instances.iter().position(known) {
            return at as InstanceId;
        }
        self.instances.push(Instance {
            host,
            name: name.into(),
            has_queue: false,
        });
        self.instances.len() as InstanceId - 1
    }

    /// A row that no line completes, from a program.
    pub(crate) fn row(&self, kind: Kind, at: Timestamp, tag: TagId) -> Row<'_> {
        let tag = &self.tags[tag as usize];
        Row {
            host: tag.host_name.as_bstr(),
            label: tag.label.as_bstr(),
            program: tag.program.as_bstr(),
            ..Row::concluded(kind, at)
        }
    }

    /// Whether two instances may share one queue.
    pub(crate) fn may_share(&self, one: InstanceId, other: InstanceId) -> bool {
        if one == other {
            return true;
        }
        let (one, other) = (
            &self.instances[one as usize],
            &self.instances[other as usize],
        );
        one.host == other.host && !(one.has_queue && other.has_queue)
    }

    /// Hosts that were known before, with what waits there.
    pub(crate) fn set_hosts(&mut self, hosts: Vec<Host>) {
        self.closed = hosts.iter().map(|host| host.closed.len()).sum();
        self.hosts = hosts;
    }

    /// A message of a host is closed.
    pub(crate) fn put_closed(&mut self, host: HostId, due: Due) {
        self.hosts[host as usize].closed.push_back(due);
        self.closed += 1;
    }

    /// Takes out the message of a host that was closed first, if it passes.
    pub(crate) fn take_closed(
        &mut self,
        host: HostId,
        passes: impl FnOnce(&mut Due) -> bool,
    ) -> Option<Due> {
        let due = self.hosts[host as usize].closed.pop_front_if(passes)?;
        self.closed -= 1;
        Some(due)
    }

    /// Whether more closed messages are kept than should be.
    pub(crate) fn has_too_many_closed(&self) -> bool {
        self.closed > CLOSED_MAX
    }

    /// All names, and how far each host's log has come; nothing that waits.
    pub(crate) fn without_waiting(&self) -> Names {
        let host = |host: &Host| Host {
            name: host.name.clone(),
            alias: host.alias.clone(),
            watermark: host.watermark,
            next_sweep: host.next_sweep,
            closed: VecDeque::new(),
            waiting: VecDeque::new(),
            recent: Recent::default(),
        };
        Names {
            hosts: self.hosts.iter().map(host).collect(),
            instances: self.instances.clone(),
            tags: self.tags.clone(),
            by_tag: HashTable::new(),
            last: self.last,
            closed: 0,
        }
    }

    pub(crate) fn host_of(&self, instance: InstanceId) -> HostId {
        self.instances[instance as usize].host
    }

    pub(crate) fn host_name(&self, instance: InstanceId) -> &BStr {
        BStr::new(&self.hosts[self.host_of(instance) as usize].name)
    }
}

impl Tag {
    fn name(&self) -> [&BStr; 3] {
        [&self.host_name, &self.label, &self.program].map(|it| it.as_bstr())
    }
}

#[inline]
fn tag_hash([host, label, program]: [&BStr; 3]) -> u64 {
    table_hash(&[host, label, b"/", program])
}

/// Whether one of two names is the other one and a domain.
fn is_short_of(one: &BStr, other: &BStr) -> bool {
    let (short, long) = match one.len() < other.len() {
        true => (one, other),
        false => (other, one),
    };
    let rest = long.strip_prefix(short.as_bytes());
    !short.is_empty() && !short.contains(&b'.') && rest.is_some_and(|it| it.starts_with(b"."))
}
