//! What users do with the mail they got: Dovecot's mail_log plugin.
//! Source: dovecot `src/plugins/mail-log/mail-log-plugin.c`.

use crate::clock::{MINUTE, MS, SECOND};
use crate::hosts::{Queue, Service};
use crate::message::Item;
use crate::people::Text;
use crate::store::Kept;
use crate::world::{World, say};
use std::fmt::Arguments;

/// A message in a mailbox, and the IMAP session that has it open.
struct Opened {
    queue: Queue,
    user: Text,
    pid: u32,
    session: String,
    folder: &'static str,
    /// Behind the name of the folder: `uid=…, msgid=…, size=…`.
    fields: String,
}

impl World<'_> {
    /// Now and then a user moves, flags or deletes a message some minutes after it came.
    pub(crate) fn read_later(&mut self, item: &Item, index: usize, kept: Kept, at: i64) {
        let folder = match kept {
            Kept::Inbox | Kept::InboxBySieve => "INBOX",
            Kept::Folder(folder) => folder,
            Kept::Dropped => return,
        };
        let known = self.stories[item.message as usize].message_id.clone();
        let Some(message_id) = known.filter(|_| self.chance.permille(150)) else {
            return;
        };
        let start = self.after(at, 20 * SECOND, 90 * MINUTE);
        if start + 10 * MINUTE > self.end {
            return;
        }
        let (queue, address) = (item.queue, item.rcpts[index].address.clone());
        let line = self.people.line_of(&address, &mut self.chance);
        let user = address.text;
        let (pid, session) = self.logged_in(queue, "imap", &user, &line, start);
        let (uid, size) = (1 + self.chance.below(90_000), item.size);
        let vsize = size + size / 40;
        let opened = Opened {
            queue,
            user,
            pid,
            session,
            folder,
            fields: format!("uid={uid}, msgid={message_id}, size={size}, vsize={vsize}"),
        };
        let done = self.after(start, SECOND, 6 * MINUTE);
        let done = self.handled(&opened, done);
        let until = self.after(done, 200 * MS, 2 * MINUTE);
        let Opened { user, session, .. } = &opened;
        self.logout(queue, false, user, pid, session, until);
    }

    /// What the user does; returns when the last of it is done.
    fn handled(&mut self, it: &Opened, at: i64) -> i64 {
        let (folder, fields) = (it.folder, &it.fields);
        let gone = at + 3 * MS;
        let target = match self.chance.below(10) {
            0..2 => {
                let flags = r"flags=(\Flagged \Seen)";
                let text = format_args!("flag_change: box={folder}, {fields}, {flags}");
                self.mail_log(it, at, text);
                return at;
            }
            2..4 => {
                self.mail_log(it, at, format_args!("delete: box={folder}, {fields}"));
                self.mail_log(it, gone, format_args!("expunge: box={folder}, {fields}"));
                return gone;
            }
            4..8 => "Trash",
            _ => "Archive/2026",
        };
        let text = format_args!("copy from {folder}: box={target}, {fields}");
        self.mail_log(it, at, text);
        self.mail_log(it, gone, format_args!("expunge: box={folder}, {fields}"));
        gone
    }

    fn mail_log(&mut self, it: &Opened, at: i64, text: Arguments<'_>) {
        let Opened {
            queue,
            user,
            pid,
            session,
            ..
        } = it;
        let head = format_args!("imap({user})<{pid}><{session}>");
        say!(self, *queue, Service::Dovecot, 0, at, "{head}: {text}");
    }
}
