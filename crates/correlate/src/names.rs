//! Hosts, instances and programs seen, each with a small number.

use crate::id::{HostId, InstanceId, ItemRef, TagId, table_hash};
use crate::recent::Recent;
use bstr::{BStr, BString, ByteSlice};
use hashbrown::HashTable;
use model::{Event, Kind, Row, Timestamp};
use std::collections::VecDeque;

#[derive(Debug, PartialEq)]
pub(crate) struct Host {
    pub(crate) name: BString,
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

#[derive(Debug, PartialEq)]
pub(crate) struct Instance {
    pub(crate) host: HostId,
    /// `postfix`, `postfix-out`.
    pub(crate) name: BString,
    /// Whether it has been seen to have a queue of its own. Labels that never show a queue manager
    /// (`syslog_name` set per service) share that of another one.
    pub(crate) has_queue: bool,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Tag {
    pub(crate) host: HostId,
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
}

impl Names {
    /// The number of an event's tag.
    #[inline]
    pub(crate) fn tag(&mut self, event: &Event<'_>) -> TagId {
        if let Some(tag) = self.tags.get(self.last as usize)
            && self.is(tag, event.host, event.label, event.program)
        {
            return self.last;
        }
        let hash = table_hash(&[event.host, event.label, b"/", event.program]);
        let found = self.by_tag.find(hash, |&at| {
            self.is(
                &self.tags[at as usize],
                event.host,
                event.label,
                event.program,
            )
        });
        self.last = match found {
            Some(&at) => at,
            None => self.add_tag(event.host, event.label, event.program),
        };
        self.last
    }

    #[inline]
    fn is(&self, tag: &Tag, host: &BStr, label: &BStr, program: &BStr) -> bool {
        tag.program == program && tag.label == label && self.hosts[tag.host as usize].name == host
    }

    pub(crate) fn add_tag(&mut self, host: &BStr, label: &BStr, program: &BStr) -> TagId {
        let hash = table_hash(&[host, label, b"/", program]);
        let host = self.host(host);
        let instance = self.instance(host, label);
        let at = self.tags.len() as TagId;
        self.tags.push(Tag {
            host,
            instance,
            label: label.into(),
            program: program.into(),
        });
        let (tags, hosts) = (&self.tags, &self.hosts);
        self.by_tag.insert_unique(hash, at, |&at| {
            let tag = &tags[at as usize];
            table_hash(&[
                &hosts[tag.host as usize].name,
                &tag.label,
                b"/",
                &tag.program,
            ])
        });
        at
    }

    pub(crate) fn host(&mut self, name: &BStr) -> HostId {
        if let Some(at) = self.hosts.iter().position(|host| host.name == name) {
            return at as HostId;
        }
        self.hosts.push(Host {
            name: name.into(),
            watermark: Timestamp::MIN,
            next_sweep: Timestamp::MIN,
            closed: VecDeque::new(),
            waiting: VecDeque::new(),
            recent: Recent::default(),
        });
        self.hosts.len() as HostId - 1
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
            host: self.hosts[tag.host as usize].name.as_bstr(),
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

    pub(crate) fn host_of(&self, instance: InstanceId) -> HostId {
        self.instances[instance as usize].host
    }

    pub(crate) fn host_name(&self, instance: InstanceId) -> &BStr {
        BStr::new(&self.hosts[self.host_of(instance) as usize].name)
    }
}
