//! The program that asks, with a key as Mailgun's clients show it.

use crate::Api;
use crate::asker::Asker;
use crate::problem::Problem;
use crate::refusal::Refusal;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use query::Sight;
use tenancy::Reach;

/// Somebody who is known.
pub(super) struct Caller(pub(super) Asker);

impl FromRequestParts<Api> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Refusal> {
        Ok(Caller(Asker::from_request_parts(parts, api).await?))
    }
}

impl Caller {
    /// The archive as the caller sees it, for one who asks for events of a domain.
    pub(super) async fn sight_of(
        &self,
        api: &Api,
        domain: &str,
        asked: &str,
    ) -> Result<Sight, Refusal> {
        let sight = self.sight(api, asked).await?;
        if !reaches(&self.0.0.principal.reach, domain) {
            let detail = format!("Domain not found: {domain}");
            return Err(Problem::new(StatusCode::NOT_FOUND, detail).into());
        }
        Ok(sight)
    }

    /// The archive as the caller sees it.
    pub(super) async fn sight(&self, api: &Api, asked: &str) -> Result<Sight, Refusal> {
        Ok(self.0.sight_of_events(api, asked).await?)
    }
}

/// Whether mail of a domain, in small letters, may be seen, if only that of some accounts.
fn reaches(reach: &Reach, domain: &str) -> bool {
    let is_of = |account: &String| account.rsplit_once('@').is_some_and(|(_, it)| it == domain);
    match reach {
        Reach::Everything => true,
        Reach::Domains {
            domains, accounts, ..
        } => domains.iter().any(|it| it == domain) || accounts.iter().any(is_of),
        Reach::Mailboxes(mailboxes) => mailboxes.iter().any(is_of),
    }
}
