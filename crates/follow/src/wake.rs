//! What wakes a follower: changes that the kernel tells of, the end of a wait, a request to stop.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{PipeReader, PipeWriter, pipe};
use std::path::Path;
use std::time::Duration;

/// Waits for changes. Where the kernel tells of none (other systems, network file systems, too many watches) the end
/// of each wait must do.
pub(crate) struct Wake {
    stop: PipeReader,
    changes: changes::Changes,
}

/// Why a wait ended; several may be true, or none if the time was over.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Woken {
    /// A name came, went or changed in a watched folder.
    pub(crate) by_names: bool,
    pub(crate) by_stop: bool,
}

impl Wake {
    /// With the end of a pipe: what is written to it stops the follower.
    pub(crate) fn new() -> std::io::Result<(Self, PipeWriter)> {
        let (stop, writer) = pipe()?;
        let changes = changes::Changes::new();
        Ok((Wake { stop, changes }, writer))
    }

    /// Waits for a change of what is watched.
    pub(crate) fn wait(&mut self, timeout: Duration) -> Woken {
        let timeout = Timespec {
            tv_sec: timeout.as_secs().min(3600) as i64,
            tv_nsec: timeout.subsec_nanos().into(),
        };
        let stop = PollFd::new(&self.stop, PollFlags::IN);
        let mut fds = vec![stop];
        fds.extend(self.changes.poll_fd());
        // An interrupted wait is one that ended early.
        let _ = poll(&mut fds, Some(&timeout));
        let by_stop = !fds[0].revents().is_empty();
        Woken {
            by_names: self.changes.take(),
            by_stop,
        }
    }

    /// Whether to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        let mut fds = [PollFd::new(&self.stop, PollFlags::IN)];
        poll(&mut fds, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
    }

    /// Watches the names in a folder from now on, until it is gone.
    pub(crate) fn watch_folder(&self, folder: &Path) {
        self.changes.watch_folder(folder);
    }

    /// Watches an open file; the watch, if there is one.
    pub(crate) fn watch_file(&self, file: &std::fs::File) -> Option<i32> {
        self.changes.watch_file(file)
    }

    /// Ends a watch.
    pub(crate) fn unwatch(&self, watch: i32) {
        self.changes.unwatch(watch);
    }
}

#[cfg(target_os = "linux")]
mod changes {
    use rustix::event::{PollFd, PollFlags};
    use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
    use std::fs::File;
    use std::mem::MaybeUninit;
    use std::os::fd::{AsRawFd, OwnedFd};
    use std::path::Path;

    /// Bytes of events that are taken at once.
    const EVENTS_BYTES: usize = 16 * 1024;

    /// What inotify(7) tells; nothing, where the system has no instance of it left.
    pub(super) struct Changes(Option<OwnedFd>);

    impl Changes {
        pub(super) fn new() -> Self {
            Changes(inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok())
        }

        pub(super) fn poll_fd(&self) -> Option<PollFd<'_>> {
            let inotify = self.0.as_ref()?;
            Some(PollFd::new(inotify, PollFlags::IN))
        }

        /// Takes all events; whether one tells of names, or of events that were lost.
        pub(super) fn take(&mut self) -> bool {
            let Some(inotify) = &self.0 else {
                return false;
            };
            let mut buffer = [MaybeUninit::uninit(); EVENTS_BYTES];
            let mut events = inotify::Reader::new(inotify, &mut buffer);
            let mut by_names = false;
            while let Ok(event) = events.next() {
                by_names |= event.events() != ReadFlags::MODIFY;
            }
            by_names
        }

        pub(super) fn watch_folder(&self, folder: &Path) {
            let names = WatchFlags::CREATE | WatchFlags::MOVE | WatchFlags::DELETE;
            let flags = names | WatchFlags::ATTRIB | WatchFlags::ONLYDIR;
            // What is not watched is found by looking, a little later.
            let _ = self
                .0
                .as_ref()
                .map(|it| inotify::add_watch(it, folder, flags));
        }

        pub(super) fn watch_file(&self, file: &File) -> Option<i32> {
            // By its descriptor: the name may be another file's by now.
            let path = format!("/proc/self/fd/{}", file.as_raw_fd());
            inotify::add_watch(self.0.as_ref()?, path, WatchFlags::MODIFY).ok()
        }

        pub(super) fn unwatch(&self, watch: i32) {
            // It ended by itself if its file is gone.
            let _ = self.0.as_ref().map(|it| inotify::remove_watch(it, watch));
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod changes {
    use rustix::event::PollFd;
    use std::fs::File;
    use std::path::Path;

    /// Nothing is told.
    pub(super) struct Changes;

    impl Changes {
        pub(super) fn new() -> Self {
            Changes
        }

        pub(super) fn poll_fd(&self) -> Option<PollFd<'_>> {
            None
        }

        pub(super) fn take(&mut self) -> bool {
            true
        }

        pub(super) fn watch_folder(&self, _: &Path) {}

        pub(super) fn watch_file(&self, _: &File) -> Option<i32> {
            None
        }

        pub(super) fn unwatch(&self, _: i32) {}
    }
}
