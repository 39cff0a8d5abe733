//! What can go wrong, by what the caller can do.

use crate::limits::ANSWER_BYTES_MAX;

/// What is wrong with settings. The names are those of keys in the configuration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The provider's answers could be anybody's.
    #[error(
        "`issuer` must be a URL of `https`, as `https://login.example.org/realms/staff`; `http` does on loopback only"
    )]
    Issuer,
    /// The provider would not know who asks.
    #[error("`client_id` is missing: the provider tells it when Waybill is registered there")]
    ClientId,
    /// There is no word on the button.
    #[error("`name` is missing: it stands on the button, as the provider's name")]
    Name,
    /// Nothing would tell who logs in.
    #[error("`claim` is missing: it tells who logs in, as `email`")]
    Claim,
    /// A scope is no scope.
    #[error("`{0}` in `scopes` is no scope, as `email`")]
    Scope(String),
    /// The provider would not know where to send people back to.
    #[error(
        "`url` of `[web]` must tell where people reach the page, as `https://mail.example.org/`"
    )]
    Page,
}

/// Why nobody logged in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The provider does not answer, or not what it must. Try again later.
    #[error("the provider cannot be asked: url=`{url}`")]
    Away {
        /// What was asked for.
        url: String,
        /// What came instead.
        source: Failure,
    },
    /// This browser did not begin a login, or not this one. Begin anew.
    #[error("the login was not begun by this browser")]
    NotBegun,
    /// The provider let nobody in; its code for why. Source: RFC 6749 section 4.1.2.1.
    #[error("the provider let nobody in: error=`{0}`")]
    Denied(String),
    /// The provider does not know the code, or not us. Begin anew; if that does not help, look at
    /// `client_id` and `client_secret`.
    #[error("the provider takes neither the code nor the client")]
    CodeRefused(#[source] Failure),
    /// The ID token is not what it must be. Somebody may be cheating.
    #[error("the ID token is not good")]
    Untrue(#[from] Fault),
    /// Who logs in is not told. The provider, or the scopes, must be set otherwise.
    #[error("the provider does not tell who logs in: claim=`{0}`")]
    NoClaim(String),
    /// The provider does not vouch for the address.
    #[error("the provider has not verified the address of who logs in")]
    NotVerified,
    /// The system gives no random bytes.
    #[error("there is no chance to be had")]
    Chance(#[from] getrandom::Error),
}

/// Why an answer cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There is no whole answer.
    #[error("no answer")]
    Request(#[from] reqwest::Error),
    /// It is an error.
    #[error("answered {status}: error=`{code}`")]
    Status {
        /// Of HTTP.
        status: u16,
        /// Of RFC 6749; empty if none is told.
        code: String,
    },
    /// It is too long to be what was asked for.
    #[error("an answer of more than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
    /// It does not have the form that it must have.
    #[error("an answer that is not understood")]
    Form(#[from] serde_json::Error),
    /// It tells of another.
    #[error("it is the issuer `{0}`; write that into `issuer`")]
    OtherIssuer(String),
    /// It tells of somebody else than the ID token does.
    #[error("it tells of another subject")]
    OtherSubject,
    /// A place that it names is no URL of `https`.
    #[error("it names a place that is no URL of https: url=`{0}`")]
    Place(String),
}

/// What is wrong with an ID token. Source: OpenID Connect Core 1.0 section 3.1.3.7.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is no signed token.
    #[error("it is no signed JSON web token")]
    Form,
    /// It is signed in a way that proves nothing, or that is not known here.
    #[error("it is signed with an algorithm that is not taken: alg=`{0}`")]
    Algorithm(String),
    /// The provider has no such key.
    #[error("it is signed with a key that the provider does not have")]
    Key,
    /// The signature is another's.
    #[error("the signature is wrong")]
    Signature,
    /// Another made it.
    #[error("it is of another issuer: iss=`{0}`")]
    Issuer(String),
    /// It is for another.
    #[error("it is for another client: aud=`{0}`")]
    Audience(String),
    /// It was good once, or will be.
    #[error("it has expired, or is not good yet")]
    Time,
    /// It is of another login.
    #[error("it is of another login: the nonce differs")]
    Nonce,
    /// It does not tell of whom it is.
    #[error("it has no subject")]
    Subject,
}
