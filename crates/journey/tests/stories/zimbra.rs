//! Zimbra names a message by its Message-ID when it comes into a mailbox, later by its number there.

use crate::check;
use expect_test::expect;

#[test]
fn zimbra_names_a_message_by_its_number_in_the_mailbox() {
    check(
        r"
        09:00:00.000 smtpd[10]: 8F0CEA14CB1: client=mail.sender.test[192.0.2.10]
        09:00:00.100 cleanup[11]: 8F0CEA14CB1: message-id=<z1@sender.test>
        09:00:00.110 qmgr[12]: 8F0CEA14CB1: from=<joe@sender.test>, size=900, nrcpt=1 (queue active)
        2026-11-22 09:00:00,200 INFO  [LmtpServer-1] [ip=192.0.2.25;] lmtp - Delivering message: size=940 bytes, nrcpts=1, sender=joe@sender.test, msgid=<z1@sender.test>
        2026-11-22 09:00:00,210 INFO  [LmtpServer-1] [name=anna@example.org;mid=3;ip=192.0.2.25;] mailop - Adding Message: id=257, Message-ID=<z1@sender.test>, parentId=-257, folderId=2, folderName=Inbox.
        09:00:00.300 lmtp[13]: 8F0CEA14CB1: to=<anna@example.org>, relay=mx1.example.org[192.0.2.25]:7025, delay=0.3, delays=0.1/0/0/0.2, dsn=2.1.5, status=sent (250 2.1.5 Delivery OK)
        09:00:00.310 qmgr[12]: 8F0CEA14CB1: removed
        2026-11-22 09:05:00,000 INFO  [qtp1-137:https://mail.example.org/service/soap/MsgActionRequest] [name=bob@example.org;mid=4;oip=192.0.2.11;soapId=9fd8100;] mailop - moving Message (id=257) to Folder Trash (id=3)
        2026-11-22 09:10:00,000 INFO  [qtp1-137:https://mail.example.org/service/soap/ConvActionRequest] [name=anna@example.org;mid=3;oip=192.0.2.9;soapId=9fd8101;] mailop - Moving Conversation (id=300) to Folder Projects (id=310).  Affected message ids: 256,257.
        2026-11-22 09:15:00,000 INFO  [ImapServer-7] [name=anna@example.org;mid=3;ip=192.0.2.9;cid=42;] mailop - Performing IMAP copy of Message (id=257): copyId=302, folderId=3, folderName=Trash, parentId=-302.
        2026-11-22 09:15:01,000 INFO  [ImapServer-7] [name=anna@example.org;mid=3;ip=192.0.2.9;cid=42;] mailop - Deleting items: 255,257.
        2026-11-22 09:20:00,000 INFO  [qtp1-138:https://mail.example.org/service/soap/MsgActionRequest] [name=anna@example.org;mid=3;oip=203.0.113.9;soapId=9fd8102;] mailop - Deleting Message (id=302).
        ",
        expect![[r#"

            joe@sender.test → anna@example.org: delivered
            │  message-id  <z1@sender.test>, 900 bytes
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10]
            │
            ├─ anna@example.org: delivered to Inbox on mx1 after 0.3 s
            │
            ├─ mx1 8F0CEA14CB1  09:00:00 (0.31 s here)
            │  ├─ anna@example.org: saved in Inbox
            │  └─ anna@example.org → mx1.example.org[192.0.2.25]:7025: delivered, +0.3 s
            │       250 2.1.5 Delivery OK
            │
            └─ in the mailbox afterwards
               ├─ anna@example.org: moved to Projects, +10 min, by http from [192.0.2.9]
               ├─ anna@example.org: copied to Trash, +15 min, by imap from [192.0.2.9]
               ├─ anna@example.org: removed for good, +15 min 1 s, by imap from [192.0.2.9]
               └─ anna@example.org: removed for good, +20 min, by http from [203.0.113.9]
        "#]],
    );
}
