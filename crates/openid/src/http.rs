//! Requests to the provider: bounded in time and size, never led elsewhere.

use crate::error::Failure;
use crate::limits::{ANSWER_BYTES_MAX, ANSWER_MAX, CODE_BYTES_MAX, CONNECT_MAX};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::OnceLock;
use url::Url;

/// One who asks.
pub(crate) struct Http {
    /// Made with the system's certificates when somebody logs in for the first time.
    client: OnceLock<Client>,
    https_only: bool,
}

impl Http {
    pub(crate) fn new(https_only: bool) -> Self {
        let client = OnceLock::new();
        Http { client, https_only }
    }

    /// A document; with a token that lets one see it.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        url: &Url,
        bearer: Option<&str>,
    ) -> Result<T, Failure> {
        let request = self.client()?.get(url.as_str());
        let request = match bearer {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        };
        answer(request).await
    }

    /// What a form is answered with; with what goes into `Authorization`.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        url: &Url,
        authorization: Option<String>,
        form: String,
    ) -> Result<T, Failure> {
        let request = self.client()?.post(url.as_str());
        let request = request
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        let request = match authorization {
            Some(value) => request.header(AUTHORIZATION, value),
            None => request,
        };
        answer(request).await
    }

    fn client(&self) -> Result<Client, Failure> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let builder = Client::builder()
            .https_only(self.https_only)
            .redirect(Policy::none())
            .connect_timeout(CONNECT_MAX)
            .timeout(ANSWER_MAX)
            .user_agent(concat!("waybill/", env!("CARGO_PKG_VERSION")));
        let client = match self.https_only {
            true => builder.build()?,
            // It is on loopback, where no proxy gets.
            false => builder.no_proxy().build()?,
        };
        Ok(self.client.get_or_init(|| client).clone())
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Failure> {
    let mut response = request.header(ACCEPT, "application/json").send().await?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await? {
        if body.len() + piece.len() > ANSWER_BYTES_MAX {
            return Err(Failure::TooLong);
        }
        body.extend_from_slice(&piece);
    }
    if status.is_success() {
        return Ok(serde_json::from_slice(&body)?);
    }
    let told: Told = serde_json::from_slice(&body).unwrap_or_default();
    Err(Failure::Status {
        status: status.as_u16(),
        code: code(&told.error),
    })
}

/// What goes wrong, as a provider tells it. Source: RFC 6749 section 5.2.
#[derive(Default, Deserialize)]
struct Told {
    #[serde(default)]
    error: String,
}

/// An error code as it may stand in a log.
pub(crate) fn code(text: &str) -> String {
    let may = |it: &char| it.is_ascii_alphanumeric() || "_-.".contains(*it);
    text.chars().filter(may).take(CODE_BYTES_MAX).collect()
}
