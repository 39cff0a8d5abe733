//! What a provider tells of itself. Source: OpenID Connect Discovery 1.0 sections 3 and 4.

use crate::error::{Error, Failure};
use crate::http::Http;
use crate::keys::Keys;
use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

/// What is known of a provider.
pub(crate) struct Known {
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) userinfo: Option<Url>,
    pub(crate) keys: Keys,
    /// Whether the secret goes into the body of a request, not into its head.
    pub(crate) secret_in_body: bool,
    /// When it was asked.
    pub(crate) asked: Timestamp,
}

/// The document.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

impl Known {
    /// Asks the provider.
    pub(crate) async fn ask(http: &Http, issuer: &str, now: Timestamp) -> Result<Self, Error> {
        let at = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let away = |source| Error::Away {
            url: at.clone(),
            source,
        };
        let is_secure = issuer.starts_with("https:");
        let place = |text: &str| {
            let url = Url::parse(text).ok();
            let may = |it: &Url| it.scheme() == "https" || !is_secure && it.scheme() == "http";
            let url = url.filter(may);
            url.filter(Url::has_host)
                .ok_or_else(|| away(Failure::Place(text.to_owned())))
        };
        let document = http.get(&place(&at)?, None).await;
        let document: Metadata = document.map_err(away)?;
        if document.issuer != issuer {
            return Err(away(Failure::OtherIssuer(document.issuer)));
        }
        let keys = place(&document.jwks_uri)?;
        let keys = http.get(&keys, None).await.map_err(|source| Error::Away {
            url: document.jwks_uri.clone(),
            source,
        })?;
        // Where nothing is said, it is in the head. Source: section 3.
        let methods = document.token_endpoint_auth_methods_supported;
        let methods = methods.unwrap_or_else(|| vec!["client_secret_basic".to_owned()]);
        Ok(Known {
            authorization: place(&document.authorization_endpoint)?,
            token: place(&document.token_endpoint)?,
            userinfo: document
                .userinfo_endpoint
                .as_deref()
                .map(place)
                .transpose()?,
            keys,
            secret_in_body: !methods.iter().any(|it| it == "client_secret_basic"),
            asked: now,
        })
    }
}
