//! Who asks, and what of the archive that one sees.

use crate::openapi::COOKIE;
use crate::problem::{Problem, Result};
use crate::{Api, Shared};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use desk::sight;
use query::Sight;
use std::net::IpAddr;
use std::sync::Arc;
use tenancy::{Action, Principal, Reach, Right, Secret};

/// Who sent a request, if that is known.
#[derive(Clone)]
pub(crate) struct Identity {
    principal: Option<Arc<Principal>>,
    address: IpAddr,
    by_cookie: bool,
}

impl Identity {
    /// Whether a browser told it by itself.
    pub(crate) fn is_by_cookie(&self) -> bool {
        self.by_cookie
    }

    /// Whose requests are counted together.
    pub(crate) fn name(&self) -> String {
        match &self.principal {
            Some(principal) => principal.who.to_string(),
            None => self.address.to_string(),
        }
    }
}

/// Finds out who sent a request; errs where something is shown that is not valid.
pub(crate) async fn identify(
    api: &Shared,
    headers: &HeaderMap,
    address: IpAddr,
) -> Result<Identity> {
    let (token, by_cookie) = match shown(headers) {
        Some(token) => (Some(token), false),
        None => (cookie(headers, COOKIE).map(Secret::from), true),
    };
    let principal = match token {
        None => None,
        Some(token) => match api.tenancy.principal(&token, api.daemon.now()).await {
            Ok(principal) => Some(principal),
            // A cookie that has expired is nobody's, so that one can log in anew.
            Err(tenancy::Error::Refused) if by_cookie => None,
            Err(error) => return Err(error.into()),
        },
    };
    Ok(Identity {
        by_cookie: by_cookie && principal.is_some(),
        principal,
        address,
    })
}

/// A key that a program shows: `Bearer KEY`, or Basic with it as the password, as Mailgun's clients do.
fn shown(headers: &HeaderMap) -> Option<Secret> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, value) = text.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Secret::from(value.trim()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let both = String::from_utf8(BASE64_STANDARD.decode(value.trim()).ok()?).ok()?;
    let (_, password) = both.split_once(':')?;
    Some(Secret::from(password))
}

/// A cookie of a browser.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    let cookies = headers.get_all(header::COOKIE).into_iter();
    let cookies = cookies.filter_map(|it| it.to_str().ok());
    let mut pairs = cookies.flat_map(|it| it.split(';'));
    pairs.find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == wanted).then_some(value)
    })
}

/// Somebody who is known.
pub(crate) struct Asker(pub(crate) tenancy::Asker);

impl FromRequestParts<Api> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self> {
        let identity = parts.extensions.get::<Identity>().cloned();
        let identity = identity.ok_or_else(Problem::unknown)?;
        Ok(Asker(tenancy::Asker {
            principal: identity.principal.ok_or_else(Problem::unknown)?,
            address: Some(identity.address),
            now: api.daemon.now(),
        }))
    }
}

impl Asker {
    /// Errs where the asker may not do this.
    pub(crate) fn needs(&self, right: Right) -> Result<()> {
        Ok(self.0.must(right)?)
    }

    /// Whether all of the archive is shown.
    pub(crate) fn sees_all(&self) -> bool {
        self.0.principal.reach == Reach::Everything
    }

    /// The archive as the asker sees it. That somebody looks at the mail of others is noted first,
    /// with what is asked.
    pub(crate) async fn sight(&self, api: &Shared, action: Action, asked: &str) -> Result<Sight> {
        self.needs(Right::ReadMail)?;
        self.sees(api, action, asked).await
    }

    /// Finds out anew who asks: the archive as it is seen now, where that has changed. Errs where what
    /// was shown is good no more, or gives no right to read.
    pub(crate) async fn sight_now(
        &mut self,
        api: &Shared,
        headers: &HeaderMap,
    ) -> Result<Option<Sight>> {
        let address = self.0.address.ok_or_else(Problem::unknown)?;
        let known = identify(api, headers, address).await?.principal;
        let known = known.ok_or_else(Problem::unknown)?;
        let before = std::mem::replace(&mut self.0.principal, known);
        self.needs(Right::ReadMail)?;
        let reach = &self.0.principal.reach;
        let has_changed = *reach != before.reach;
        Ok(has_changed.then(|| sight(api.daemon.archive(), reach, &api.desk.internal)))
    }

    /// The same for programs that read events.
    pub(crate) async fn sight_of_events(&self, api: &Shared, asked: &str) -> Result<Sight> {
        self.needs(Right::ReadEvents)?;
        self.sees(api, Action::ReadEvents, asked).await
    }

    async fn sees(&self, api: &Shared, action: Action, asked: &str) -> Result<Sight> {
        let archive = api.daemon.archive();
        Ok(api.desk.sight(archive, &self.0, action, asked).await?)
    }
}

impl From<tenancy::Error> for Problem {
    fn from(error: tenancy::Error) -> Self {
        use axum::http::StatusCode;
        use tenancy::Error as E;
        let status = match &error {
            E::Refused => return Problem::unknown(),
            E::LoginRefused => StatusCode::UNAUTHORIZED,
            E::CodeWanted => {
                let problem = Problem::new(StatusCode::UNAUTHORIZED, error.to_string());
                return problem.wants("code");
            }
            E::TooManyTries { wait_secs } => {
                let seconds = wait_secs.unsigned_abs();
                let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, error.to_string());
                return problem.retry_after(seconds);
            }
            E::Forbidden(right) => return Problem::forbidden(right.as_str()),
            E::RoleForbidden(_) => StatusCode::FORBIDDEN,
            E::NotFound(what) => return Problem::absent(what),
            E::ReachShrunk => {
                let problem = Problem::new(StatusCode::FORBIDDEN, error.to_string());
                return problem.hint("ask for it anew: it will have what may be seen now");
            }
            E::NoFile(_) => StatusCode::CONFLICT,
            E::Taken { .. } | E::DomainTaken { .. } | E::LastOwner | E::SetUp => {
                StatusCode::CONFLICT
            }
            E::Invalid { .. } | E::WeakPassword(_) => StatusCode::BAD_REQUEST,
            _ => return Problem::internal(&error),
        };
        Problem::new(status, error.to_string())
    }
}
