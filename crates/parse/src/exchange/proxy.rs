//! The proxy for clients (`Logging\HttpProxy`): Outlook on the web, ActiveSync, EWS, MAPI, ECP.
//! Source: Exchange 2013 to 2019 `HttpProxy_*.LOG`, `#Fields`.

use super::csv::Row;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use crate::web::kind_of;
use bstr::BStr;
use model::{Body, Peer, WebRequest};

pub(crate) const RULES: &[Rule] = &[REQUEST];

/// Columns behind the time of which these here are some.
const COLUMNS_MIN: usize = 30;

const REQUEST: Rule = rule(
    "exchange proxy request",
    request,
    "Exchange HttpProxy log, #Fields",
    &[
        "2026-11-22T08:23:21.255Z,61d2c86f-f9bb-456d-88c0-3529172510ac,15,2,330,5,,Owa,mail.example.org,/owa/auth.owa,,FBA,True,EXAMPLE\\anna,,Sid~S-1-5-21,Mozilla/5.0,192.0.2.10,EX1,302,302,,POST,Proxy,ex1.example.org,15.02.0330.000,IntraForest,X,,,,159,598,1,,0,0,,0",
    ],
);

fn request<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let row = Row::read(at.peek())?;
    (row.len() >= COLUMNS_MIN).then_some(())?;
    let method = row.get(21);
    let path = row.get(8);
    let status = crate::json::number(row.get(18));
    path.starts_with(b"/").then_some(())?;
    Some(Body::Web(Box::new(WebRequest {
        kind: kind_of(method, path, status, row.get(12)),
        client: Peer {
            name: BStr::new(b""),
            address: row.get(16),
            port: None,
        },
        user: row.get(12),
        site: row.get(7),
        method,
        path,
        status,
        user_agent: row.get(15),
        ..WebRequest::default()
    })))
}
