//! MailScanner, which works on the hold queue of Postfix.

use crate::check;
use expect_test::expect;

#[test]
fn what_passes_leaves_the_hold_queue() {
    check(
        r"
        09:00:00 smtpd[10]: 4jXNLn0rVKzyQd: client=mail.sender.test[192.0.2.10]
        09:00:00 cleanup[11]: 4jXNLn0rVKzyQd: hold: header Received: from mail.sender.test (mail.sender.test [192.0.2.10])??by mx1.example.org (Postfix) with ESMTP id 4jXNLn0rVKzyQd from mail.sender.test[192.0.2.10]; from=<joe@sender.test> to=<anna@example.org> proto=ESMTP helo=<mail.sender.test>
        09:00:00 cleanup[11]: 4jXNLn0rVKzyQd: message-id=<m1@sender.test>
        09:00:04 MailScanner[5]: Message 4jXNLn0rVKzyQd.A1B2C from 192.0.2.10 (joe@sender.test) to example.org is not spam, SpamAssassin (not cached, score=-0.1, required 6, DKIM_VALID -0.10)
        09:00:05 MailScanner[5]: Requeue: 4jXNLn0rVKzyQd.A1B2C to 4jXNLp07Ncz3wYP
        09:00:05 MailScanner[5]: Uninfected: Delivered 1 messages
        09:00:05 qmgr[12]: 4jXNLp07Ncz3wYP: from=<joe@sender.test>, size=1300, nrcpt=1 (queue active)
        09:00:05 local[13]: 4jXNLp07Ncz3wYP: to=<anna@example.org>, relay=local, delay=5.2, delays=5.1/0/0/0.1, dsn=2.0.0, status=sent (delivered to mailbox)
        09:00:05 qmgr[12]: 4jXNLp07Ncz3wYP: removed
        ",
        expect![[r#"

            joe@sender.test → anna@example.org: delivered
            │  message-id  <m1@sender.test>
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10], HELO mail.sender.test
            │
            ├─ anna@example.org: delivered to mailbox on mx1 after 5 s
            │
            ├─ mx1 4jXNLn0rVKzyQd  09:00:00 (5 s here)
            │  ├─ content check put it on hold:  (Received: from mail.sender.test (mail.sender.test
            │  │      [192.0.2.10])??by mx1.example.org (Postfix) with ESMTP id 4jXNLn0rVKzyQd)
            │  ├─ MailScanner let it pass as not spam: score -0.1
            │  ├─ MailScanner let it pass as requeue
            │  └─ put into the queue again  +5 s
            │
            └─ mx1 4jXNLp07Ncz3wYP  +5 s, requeued (0 s here)
               └─ anna@example.org → local: delivered, +5 s (5.1 s before this try)
                    delivered to mailbox
        "#]],
    );
}

#[test]
fn what_is_to_be_deleted_is_dropped() {
    check(
        r"
        09:00:00 smtpd[10]: 4jXNLn0rVKzyQd: client=mail.sender.test[192.0.2.10]
        09:00:00 cleanup[11]: 4jXNLn0rVKzyQd: hold: header Received: from mail.sender.test (mail.sender.test [192.0.2.10])??by mx1.example.org (Postfix) with ESMTP id 4jXNLn0rVKzyQd from mail.sender.test[192.0.2.10]; from=<joe@sender.test> to=<anna@example.org> proto=ESMTP helo=<mail.sender.test>
        09:00:00 cleanup[11]: 4jXNLn0rVKzyQd: message-id=<m1@sender.test>
        09:00:04 MailScanner[5]: Message 4jXNLn0rVKzyQd.A1B2C from 192.0.2.10 (joe@sender.test) to example.org is spam, SpamAssassin (not cached, score=27.181, required 6, BAYES_99 3.50)
        09:00:05 MailScanner[5]: Spam Actions: message 4jXNLn0rVKzyQd.A1B2C actions are delete
        ",
        expect![[r#"

            joe@sender.test → anna@example.org: discarded
            │  message-id  <m1@sender.test>
            │  came in     2026-11-22 09:00:00 UTC from mail.sender.test[192.0.2.10], HELO mail.sender.test
            │
            ├─ anna@example.org: dropped by the content filter as Spam
            │
            └─ mx1 4jXNLn0rVKzyQd  09:00:00 (5 s here)
               ├─ content check put it on hold:  (Received: from mail.sender.test (mail.sender.test
               │      [192.0.2.10])??by mx1.example.org (Postfix) with ESMTP id 4jXNLn0rVKzyQd)
               ├─ MailScanner blocked it as spam: score 27.181
               └─ MailScanner blocked it as Spam: delete
        "#]],
    );
}
