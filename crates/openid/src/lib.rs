//! Logins at an OpenID Connect provider: the way there, and who the provider says came back.
//!
//! Not for whether that one may come in: it knows neither users nor sessions, and no browser. The
//! authorization code flow (OpenID Connect Core 1.0 section 3.1) with PKCE (RFC 7636).
//!
//! - Nothing waits here for somebody to come back: what a login began with is [`Kept`] by the browser.
//! - What the provider tells of itself is asked when somebody logs in; until then it may be away.
//! - Time is an argument.

mod limits;

mod error;
mod http;
mod keys;
mod known;
mod token;

pub use error::{Error, Failure, Fault, Wrong};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http::Http;
use jiff::Timestamp;
use known::Known;
use limits::{CHANCE_BYTES, KNOWN_SECS};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use subtle::ConstantTimeEq;
use token::Expected;
use url::{Host, Url, form_urlencoded};

/// How somebody logs in at a provider.
#[derive(Clone)]
pub struct Settings {
    /// The provider's URL, as it calls itself.
    pub issuer: String,
    /// How we are known there.
    pub client_id: String,
    /// What proves it; empty for a client that is public.
    pub client_secret: String,
    /// The provider's name, for people.
    pub name: String,
    /// The claim that tells who logs in.
    pub claim: String,
    /// Whether an `email` is taken that the provider has not verified.
    pub unverified: bool,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// Where people reach the page.
    pub page: String,
    /// What stands behind that where they are sent back to, as `api/callback`.
    pub callback: &'static str,
}

/// A provider at which people log in.
pub struct Provider {
    settings: Settings,
    redirect: Url,
    http: Http,
    known: Mutex<Option<Arc<Known>>>,
}

/// A login that was begun.
pub struct Begun {
    /// Where it goes on.
    pub url: Url,
    /// What must be there again when one comes back.
    pub kept: Kept,
}

/// What a login began with, for the browser to keep: only who has it can end it.
pub struct Kept {
    state: String,
    nonce: String,
    verifier: String,
}

/// What one who comes back brings along. Source: RFC 6749 section 4.1.2, RFC 9207.
#[derive(Default)]
pub struct Returned {
    /// The one that was sent along.
    pub state: String,
    /// What we are given a token for.
    pub code: String,
    /// Why there is no code.
    pub error: String,
    /// Who sends; `None` of providers that do not tell.
    pub iss: Option<String>,
}

/// What we are given for a code.
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

impl Kept {
    fn new() -> Result<Self, Error> {
        Ok(Kept {
            state: chance()?,
            nonce: chance()?,
            verifier: chance()?,
        })
    }

    /// From its text, which has neither spaces nor any of `;,"\`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(str::to_owned);
        let kept = Kept {
            state: parts.next()?,
            nonce: parts.next()?,
            verifier: parts.next()?,
        };
        let is_whole = [&kept.state, &kept.nonce, &kept.verifier].map(|it| it.len() > CHANCE_BYTES);
        (is_whole == [true; 3] && parts.next().is_none()).then_some(kept)
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}.{}.{}", self.state, self.nonce, self.verifier)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Provider({})", self.settings.issuer)
    }
}

impl Provider {
    /// One with these settings; nobody is asked yet.
    pub fn new(settings: Settings) -> Result<Self, Wrong> {
        let issuer = Url::parse(&settings.issuer).map_err(|_| Wrong::Issuer)?;
        let is_plain = issuer.query().is_none() && issuer.fragment().is_none();
        if !is_plain || !(issuer.scheme() == "https" || is_loopback(&issuer)) {
            return Err(Wrong::Issuer);
        }
        for (text, wrong) in [
            (&settings.client_id, Wrong::ClientId),
            (&settings.name, Wrong::Name),
            (&settings.claim, Wrong::Claim),
        ] {
            if text.trim().is_empty() {
                return Err(wrong);
            }
        }
        let is_odd = |it: &&String| it.is_empty() || !it.bytes().all(|it| it.is_ascii_graphic());
        if let Some(odd) = settings.scopes.iter().find(is_odd) {
            return Err(Wrong::Scope(odd.clone()));
        }
        let page = format!("{}/", settings.page.trim_end_matches('/'));
        let redirect = Url::parse(&page).and_then(|page| page.join(settings.callback));
        let redirect = redirect.ok().filter(|it| it.scheme().starts_with("http"));
        Ok(Provider {
            redirect: redirect.ok_or(Wrong::Page)?,
            http: Http::new(issuer.scheme() == "https"),
            known: Mutex::default(),
            settings,
        })
    }

    /// Its name, for people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// How it calls itself.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Whether people reach the page by TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.redirect.scheme() == "https"
    }

    /// Begins a login.
    pub async fn begin(&self, now: Timestamp) -> Result<Begun, Error> {
        let known = self.known(now).await?;
        let kept = Kept::new()?;
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&kept.verifier));
        let scopes = self.settings.scopes.iter().map(String::as_str);
        let scopes = scopes.filter(|it| *it != "openid");
        let scopes: Vec<&str> = std::iter::once("openid").chain(scopes).collect();
        let mut url = known.authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", self.redirect.as_str())
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", &kept.state)
            .append_pair("nonce", &kept.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(Begun { url, kept })
    }

    /// Ends a login: gives what the claim tells of who came back.
    pub async fn end(
        &self,
        kept: &Kept,
        returned: &Returned,
        now: Timestamp,
    ) -> Result<String, Error> {
        let is_ours = kept.state.as_bytes().ct_eq(returned.state.as_bytes());
        let is_of_it = returned.iss.as_deref().is_none_or(|it| it == self.issuer());
        if !bool::from(is_ours) || !is_of_it {
            return Err(Error::NotBegun);
        }
        if !returned.error.is_empty() {
            return Err(Error::Denied(http::code(&returned.error)));
        }
        let known = self.known(now).await?;
        let tokens = self.tokens(&known, kept, &returned.code).await?;
        let mut claims = match known.keys.claims(&tokens.id_token) {
            // It may have taken a new one since it was asked.
            Err(Fault::Key) => self.ask(now).await?.keys.claims(&tokens.id_token)?,
            claims => claims?,
        };
        let expected = Expected {
            issuer: self.issuer(),
            client_id: &self.settings.client_id,
            nonce: &kept.nonce,
            now,
        };
        let subject = token::subject(&claims, &expected)?;
        if !self.is_told(&claims)
            && let (Some(url), Some(token)) = (&known.userinfo, &tokens.access_token)
        {
            self.add_userinfo(&mut claims, url, token, &subject).await?;
        }
        self.who(&claims)
    }

    /// What is known of the provider; it is asked where that is long ago.
    async fn known(&self, now: Timestamp) -> Result<Arc<Known>, Error> {
        let age = |it: &Arc<Known>| now.duration_since(it.asked).as_secs();
        let held = self.held().clone();
        match held.filter(|it| (0..KNOWN_SECS).contains(&age(it))) {
            Some(known) => Ok(known),
            None => self.ask(now).await,
        }
    }

    async fn ask(&self, now: Timestamp) -> Result<Arc<Known>, Error> {
        let known = Arc::new(Known::ask(&self.http, self.issuer(), now).await?);
        *self.held() = Some(Arc::clone(&known));
        Ok(known)
    }

    fn held(&self) -> MutexGuard<'_, Option<Arc<Known>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn tokens(&self, known: &Known, kept: &Kept, code: &str) -> Result<Tokens, Error> {
        let (authorization, form) = self.exchange(known, kept, code);
        let tokens = self.http.post(&known.token, authorization, form).await;
        tokens.map_err(|source| match source {
            Failure::Status { status, .. } if (400..500).contains(&status) => {
                Error::CodeRefused(source)
            }
            source => Error::Away {
                url: known.token.to_string(),
                source,
            },
        })
    }

    /// How a code is exchanged: what goes into `Authorization`, and the form. Source: RFC 6749 sections
    /// 2.3.1 and 4.1.3, RFC 7636 section 4.5.
    fn exchange(&self, known: &Known, kept: &Kept, code: &str) -> (Option<String>, String) {
        let (id, secret) = (&self.settings.client_id, &self.settings.client_secret);
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", self.redirect.as_str())
            .append_pair("code_verifier", &kept.verifier);
        if secret.is_empty() || known.secret_in_body {
            form.append_pair("client_id", id);
            if !secret.is_empty() {
                form.append_pair("client_secret", secret);
            }
            return (None, form.finish());
        }
        // Both are encoded before they are put together.
        let encoded = |it: &str| form_urlencoded::byte_serialize(it.as_bytes()).collect();
        let (id, secret): (String, String) = (encoded(id), encoded(secret));
        let both = BASE64_STANDARD.encode(format!("{id}:{secret}"));
        (Some(format!("Basic {both}")), form.finish())
    }

    /// Adds what the provider tells elsewhere than in the token. Source: OpenID Connect Core 1.0 section
    /// 5.3.
    async fn add_userinfo(
        &self,
        claims: &mut Map<String, Value>,
        url: &Url,
        token: &str,
        subject: &str,
    ) -> Result<(), Error> {
        let told = self.http.get::<Map<String, Value>>(url, Some(token)).await;
        let told = told.and_then(|told| match told.get("sub").and_then(Value::as_str) {
            Some(of) if of == subject => Ok(told),
            _ => Err(Failure::OtherSubject),
        });
        let told = told.map_err(|source| Error::Away {
            url: url.to_string(),
            source,
        })?;
        for (name, value) in told {
            claims.entry(name).or_insert(value);
        }
        Ok(())
    }

    /// Whether an address must be verified to be taken.
    fn wants_verified(&self) -> bool {
        self.settings.claim == "email" && !self.settings.unverified
    }

    fn is_told(&self, claims: &Map<String, Value>) -> bool {
        let is_verified = claims.contains_key("email_verified") || !self.wants_verified();
        claims.contains_key(&self.settings.claim) && is_verified
    }

    fn who(&self, claims: &Map<String, Value>) -> Result<String, Error> {
        let claim = &self.settings.claim;
        let who = claims.get(claim).and_then(Value::as_str);
        let who = who.filter(|it| !it.trim().is_empty());
        let who = who.ok_or_else(|| Error::NoClaim(claim.clone()))?;
        // Some write it as a text.
        let is_true = |it: &Value| *it == true || *it == "true";
        let is_verified = claims.get("email_verified").is_some_and(is_true);
        if self.wants_verified() && !is_verified {
            return Err(Error::NotVerified);
        }
        Ok(who.to_owned())
    }
}

/// What nobody guesses, in characters that may stand anywhere.
fn chance() -> Result<String, Error> {
    let mut bytes = [0; CHANCE_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// Whether nobody else can answer.
fn is_loopback(url: &Url) -> bool {
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(it)) => IpAddr::from(it).is_loopback(),
        Some(Host::Ipv6(it)) => IpAddr::from(it).is_loopback(),
        None => false,
    };
    url.scheme() == "http" && is_local
}

#[cfg(test)]
mod tests;
