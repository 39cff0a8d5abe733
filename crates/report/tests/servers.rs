//! What servers other than Postfix log is counted in the same sums.

mod pipeline;

use report::Summary;

fn summary(log: &str) -> Summary {
    pipeline::summary_of(log.as_bytes())
}

#[test]
fn a_refusal_is_one_whichever_server_says_so() {
    let of_exim = "2026-11-22 10:30:00 H=(bad) [192.0.2.66] F=<q@bad.test> rejected RCPT <zz@exim.test>: Unknown user\n";
    assert_eq!(summary(of_exim).totals.rejected, 1);
    // Of a policy service the server itself tells what came of it.
    let of_postgrey = "Nov 22 10:30:00 mx1 postgrey[7]: action=greylist, reason=new, client_name=bad.test, client_address=192.0.2.66, sender=q@bad.test, recipient=zz@x.test\n";
    let greylisted = summary(of_postgrey);
    assert_eq!(greylisted.totals.rejected, 0);
    assert_eq!(greylisted.policies.entries[0].name, "postgrey greylist");
}

#[test]
fn what_sendmail_refuses_is_neither_received_nor_bounced() {
    let log = "\
Nov 22 10:20:00 mx1 sm-mta[60]: 6AMAK0IE008150: <nobody@example.org>... User unknown
Nov 22 10:20:01 mx1 sm-mta[60]: 6AMAK0IE008150: from=<joe@sender.test>, size=0, class=0, nrcpts=0, proto=ESMTP, daemon=MTA, relay=mail.sender.test [192.0.2.10]
Nov 22 10:30:00 mx1 sm-mta[60]: 6AMAU0IE008151: from=<joe@sender.test>, size=900, class=0, nrcpts=2, msgid=<s1@sender.test>, proto=ESMTP, daemon=MTA, relay=mail.sender.test [192.0.2.10]
Nov 22 10:30:01 mx1 sm-mta[60]: 6AMAU0IE008151: Milter: data, reject=550 5.7.1 looks like spam
Nov 22 10:30:01 mx1 sm-mta[60]: 6AMAU0IE008151: to=<anna@example.org>, delay=00:00:01, pri=60900, stat=looks like spam
Nov 22 10:30:01 mx1 sm-mta[60]: 6AMAU0IE008151: to=<bob@example.org>, delay=00:00:01, pri=60900, stat=looks like spam
";
    let totals = summary(log).totals;
    assert_eq!((totals.rejected, totals.received), (2, 0));
    assert_eq!((totals.bounced, totals.aborted), (0, 0));
    assert_eq!(totals.bytes_received, 0);
}

#[test]
fn what_the_gateway_takes_by_lmtp_is_handed_over() {
    let log = "\
Nov 22 10:30:00 mx1 postfix/smtpd[7]: 8F0CEA14CB1: client=mail.sender.test[192.0.2.10]
Nov 22 10:30:00 mx1 postfix/cleanup[8]: 8F0CEA14CB1: message-id=<g1@sender.test>
Nov 22 10:30:00 mx1 postfix/qmgr[9]: 8F0CEA14CB1: from=<joe@sender.test>, size=900, nrcpt=2 (queue active)
Nov 22 10:30:01 mx1 pmg-smtp-filter[5]: 20A9560092030F3374: new mail message-id=<g1@sender.test>
Nov 22 10:30:01 mx1 pmg-smtp-filter[5]: 20A9560092030F3374: moved mail for <anna@example.org> to spam quarantine - 20A9460092030F3375 (rule: Quarantine/Mark Spam (Level 3))
Nov 22 10:30:01 mx1 postfix/smtpd[11]: 7A0CEA14CB2: client=localhost.localdomain[127.0.0.1], orig_client=mail.sender.test[192.0.2.10]
Nov 22 10:30:01 mx1 postfix/cleanup[8]: 7A0CEA14CB2: message-id=<g1@sender.test>
Nov 22 10:30:01 mx1 postfix/qmgr[9]: 7A0CEA14CB2: from=<joe@sender.test>, size=990, nrcpt=1 (queue active)
Nov 22 10:30:01 mx1 pmg-smtp-filter[5]: 20A9560092030F3374: accept mail to <bob@example.org> (7A0CEA14CB2) (rule: default-accept)
Nov 22 10:30:01 mx1 postfix/lmtp[10]: 8F0CEA14CB1: to=<anna@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=1.2, delays=0.1/0/0/1.1, dsn=2.5.0, status=sent (250 2.5.0 OK (20A9560092030F3374))
Nov 22 10:30:01 mx1 postfix/lmtp[10]: 8F0CEA14CB1: to=<bob@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=1.2, delays=0.1/0/0/1.1, dsn=2.5.0, status=sent (250 2.5.0 OK (20A9560092030F3374))
Nov 22 10:30:01 mx1 postfix/qmgr[9]: 8F0CEA14CB1: removed
Nov 22 10:30:02 mx1 postfix/smtp[12]: 7A0CEA14CB2: to=<bob@example.org>, relay=store.example.org[192.0.2.30]:25, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZab12cDz9Qw)
Nov 22 10:30:02 mx1 postfix/qmgr[9]: 7A0CEA14CB2: removed
";
    let totals = summary(log).totals;
    assert_eq!((totals.delivered, totals.handed_over), (1, 2));
}

#[test]
fn what_goes_on_at_qmail_is_delivered_once() {
    let log = "\
Nov 22 10:30:00 relay postfix/smtpd[7]: 8F0CEA14CB1: client=mail.sender.test[192.0.2.10]
Nov 22 10:30:00 relay postfix/cleanup[8]: 8F0CEA14CB1: message-id=<q1@sender.test>
Nov 22 10:30:00 relay postfix/qmgr[9]: 8F0CEA14CB1: from=<joe@sender.test>, size=900, nrcpt=1 (queue active)
Nov 22 10:30:01 mx1 qmail: 1795343401.100000 info msg 123456: bytes 1100 from <joe@sender.test> qp 4711 uid 89
Nov 22 10:30:01 mx1 qmail: 1795343401.100200 starting delivery 1: msg 123456 to local anna@example.org
Nov 22 10:30:01 mx1 qmail: 1795343401.300300 delivery 1: success: did_1+0+0/
Nov 22 10:30:01 mx1 qmail: 1795343401.300400 end msg 123456
Nov 22 10:30:02 relay postfix/smtp[10]: 8F0CEA14CB1: to=<anna@example.org>, relay=mx1.example.org[192.0.2.25]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok 1795343401 qp 4711)
Nov 22 10:30:02 relay postfix/qmgr[9]: 8F0CEA14CB1: removed
";
    let totals = summary(log).totals;
    assert_eq!(
        (totals.received, totals.delivered, totals.handed_over),
        (1, 1, 1)
    );
}

#[test]
fn a_message_that_was_tried_for_too_long_is_counted_once() {
    let log = "\
2026-11-17 10:30:00 1abcde-000001-AB <= anna@example.org U=anna P=local S=900
2026-11-22 10:30:00 1abcde-000001-AB ** bob@slow.test: retry timeout exceeded
2026-11-22 10:30:00 1abcde-000001-AB ** carl@slow.test: retry timeout exceeded
2026-11-22 10:30:01 1abcde-000001-AB Completed
";
    let totals = summary(log).totals;
    assert_eq!((totals.expired, totals.expired_recipients), (1, 2));
}

#[test]
fn a_sender_that_is_told_behind_the_reception_is_counted() {
    let log = "\
Nov 22 10:30:00 ob smtpd[7]: 0f1e2d3c4b5a6978 smtp connected address=192.0.2.1 host=a.example.org
Nov 22 10:30:01 ob smtpd[7]: 0f1e2d3c4b5a6978 smtp message msgid=c405e39a size=900 nrcpt=1 proto=ESMTP
Nov 22 10:30:01 ob smtpd[7]: 0f1e2d3c4b5a6978 smtp envelope evpid=c405e39ad6bbc64f from=<anna@example.org> to=<bob@x.test>
";
    let summary = summary(log);
    assert_eq!(summary.senders.entries.len(), 1);
    let sender = &summary.senders.entries[0];
    assert_eq!(
        (
            sender.name.to_string().as_str(),
            sender.counts.messages,
            sender.counts.bytes
        ),
        ("anna@example.org", 1, 900)
    );
}

#[test]
fn what_ciscos_gateway_and_a_message_trace_tell_is_counted() {
    let log = r#"
Nov 22 10:30:00 esa1 mail_logs: Info: New SMTP ICID 101 interface Data1 (198.51.100.7) address 192.0.2.25 reverse dns host mx.sender.test verified yes
Nov 22 10:30:00 esa1 mail_logs: Info: Start MID 501 ICID 101
Nov 22 10:30:00 esa1 mail_logs: Info: MID 501 ICID 101 From: <joe@sender.test>
Nov 22 10:30:00 esa1 mail_logs: Info: MID 501 ICID 101 RID 0 To: <anna@example.org>
Nov 22 10:30:00 esa1 mail_logs: Info: MID 501 ICID 101 RID 1 To: <gone@example.org>
Nov 22 10:30:01 esa1 mail_logs: Info: MID 501 ready 500 bytes from <joe@sender.test>
Nov 22 10:30:03 esa1 mail_logs: Info: MID 501 RID [0] Response '2.0.0 Ok'
Nov 22 10:30:03 esa1 mail_logs: Info: Bounced: DCID 7 MID 501 to RID 1 - 5.1.0 - Unknown address error ('550', ['5.1.1 no such user'])
Nov 22 10:30:03 esa1 mail_logs: Info: Message finished MID 501 done
{"MessageId":"<m1@sender.test>","Received":"2026-11-22T10:24:54.3750000","SenderAddress":"joe@sender.test","RecipientAddress":"anna@example.org","Status":"Delivered","FromIP":"192.0.2.25","Size":700,"MessageTraceId":"3b4fc661-180d-4c2f-60c9-08da6e38dd10"}
{"MessageId":"<m1@sender.test>","Received":"2026-11-22T10:24:54.3750000","SenderAddress":"joe@sender.test","RecipientAddress":"gone@example.org","Status":"Failed","FromIP":"192.0.2.25","Size":700,"MessageTraceId":"3b4fc661-180d-4c2f-60c9-08da6e38dd10"}
"#;
    let totals = summary(log.trim_start()).totals;
    assert_eq!(
        (
            totals.received,
            totals.delivered,
            totals.bounced,
            totals.bytes_received
        ),
        (2, 2, 2, 1_200)
    );
}
