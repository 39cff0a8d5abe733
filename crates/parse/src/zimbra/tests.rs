use crate::shown::check;
use expect_test::expect;

#[test]
fn logins_by_soap_for_others_and_by_imap() {
    check(
        r##"2026-11-22 08:23:21,123 WARN  [qtp1-137:https://mail.example.org:443/service/soap/AuthRequest] [name=anna@example.org;oip=203.0.113.9, 198.51.100.1;ua=z [x] 8;soapId=9fd8102;] security - cmd=Auth; account=anna@example.org; protocol=soap; error=authentication failed for [anna@example.org], invalid password;"##,
        expect![
            "2026-11-22 08:23:21.123000000 host= program=zimbra warning auth.failed client_address=203.0.113.9 protocol=soap user=anna@example.org reason=authentication failed for [anna@example.org], invalid password session=9fd8102"
        ],
    );
    check(
        r##"2026-11-22 08:23:21,123 INFO  [qtp1-324:smtp://smtp.example.org:7073/service/admin/soap/] [oip=203.0.113.9;oport=57752;oproto=smtp;soapId=688cb579;] SoapEngine - handler exception: authentication failed for [root], account not found"##,
        expect![
            "2026-11-22 08:23:21.123000000 host= program=zimbra info auth.failed client_address=203.0.113.9 client_port=57752 protocol=smtp user=root reason=authentication failed for [root], account not found session=688cb579"
        ],
    );
    check(
        r##"2026-11-22 08:23:21,123 INFO  [ImapSSLServer-7] [name=anna@example.org;ip=192.0.2.10;ua=x/1;cid=42;] imap - user anna@example.org authenticated, mechanism=PLAIN [TLS]"##,
        expect![
            "2026-11-22 08:23:21.123000000 host= program=zimbra info auth.succeeded protocol=imap user=anna@example.org auth_method=PLAIN client_address=192.0.2.10 tls=true"
        ],
    );
}

#[test]
fn mail_in_and_out_of_a_mailbox() {
    check(
        r##"2026-11-22 08:23:21,123 INFO  [LmtpServer-1] [name=anna@example.org;mid=3;ip=192.0.2.25;] mailop - Adding Message: id=257, Message-ID=<a1@example.net>, parentId=-257, folderId=2, folderName=Inbox."##,
        expect![
            "2026-11-22 08:23:21.123000000 host= program=zimbra info mailbox.saved user=anna@example.org protocol=lmtp message_id=<a1@example.net> mailbox=Inbox uid=257 client_address=192.0.2.25"
        ],
    );
    check(
        r##"2026-11-22 08:23:21,123 INFO  [qtp1-137:https://mail.example.org/service/soap/MsgActionRequest] [name=anna@example.org;mid=3;oip=192.0.2.10;soapId=9fd8101;] mailop - moving Message (id=257) to Folder Trash (id=3)"##,
        expect![
            "2026-11-22 08:23:21.123000000 host= program=zimbra info mailbox.moved user=anna@example.org protocol=http mailbox=Trash uid=257 client_address=192.0.2.10 session=9fd8101"
        ],
    );
    check(
        r##"2026-11-22 08:23:21,123 INFO  [qtp1-137:https://mail.example.org/service/soap/ConvActionRequest] [name=anna@example.org;mid=3;oip=192.0.2.10;soapId=9fd8101;] mailop - Moving Conversation (id=300) to Folder Junk (id=4).  Affected message ids: 257,258."##,
        expect![
            "2026-11-22 08:23:21.123000000 host= program=zimbra info mailbox.moved user=anna@example.org protocol=http mailbox=Junk further_uids=257,258 client_address=192.0.2.10 session=9fd8101"
        ],
    );
    check(
        r##"2026-11-22 08:23:21,123 INFO  [ImapServer-7] [name=anna@example.org;mid=3;ip=192.0.2.10;cid=42;] mailop - Performing IMAP copy of Message (id=257): copyId=302, folderId=3, folderName=Trash, parentId=-302."##,
        expect![
            "2026-11-22 08:23:21.123000000 host= program=zimbra info mailbox.copied user=anna@example.org protocol=imap mailbox=Trash uid=257 copy_uid=302 client_address=192.0.2.10"
        ],
    );
    check(
        r##"2026-11-22 08:23:21,123 INFO  [qtp1-137:https://mail.example.org/service/soap/SendMsgRequest] [name=anna@example.org;mid=3;oip=192.0.2.10;soapId=9fd8101;] smtp - Sending message to MTA at mta.example.org, port 25: Message-ID=<a1@example.org>, origMsgId=256"##,
        expect![
            "2026-11-22 08:23:21.123000000 host= program=zimbra info message.submitted user=anna@example.org client_address=192.0.2.10 message_id=<a1@example.org> session=9fd8101"
        ],
    );
}

#[test]
fn a_logout_names_the_client_that_was_logged_in() {
    check(
        r##"2026-11-22 08:23:21,123 INFO  [ImapSSLServer-7] [name=anna@example.org;ip=198.51.100.7;oip=192.0.2.10;oport=41234;cid=42;] imap - dropping connection for user anna@example.org (LOGOUT)"##,
        expect![
            "2026-11-22 08:23:21.123000000 host= program=zimbra info session.closed protocol=imap user=anna@example.org client_address=192.0.2.10 client_port=41234 reason=dropping connection for user anna@example.org (LOGOUT)"
        ],
    );
}
