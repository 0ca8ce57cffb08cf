//! One call: a token, a POST of JSON, and the answer as a type or as the error it means. A refused token is replaced and
//! the call replayed once: a 401 says that nothing was done. That the token was replaced is remembered until a call with
//! the new one is accepted: if it is refused too, then or a minute later, no other is fetched. Every request, the replay and the one for a token as well,
//! takes its place in the rate of its group.

use courier_domain::clock::Clock;
use courier_domain::ports::{Gate, TokenStore};
use courier_domain::secret::Secret;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::group::{Endpoint, Group};
use super::{SyrveClient, SyrveLogin, refusal};
use crate::answer::{read, to_json};
use crate::caller::Terms;
use crate::error::CallError;
use crate::exchange::Reading;

/// How long Syrve waits for the restaurant's terminal, seconds: less than we wait for Syrve, so that it can say 408.
const SERVER_WAIT: &str = "15";

/// The answer to a request for a token.
#[derive(Deserialize)]
struct TokenAnswer {
    token: Secret,
}

/// A login and its key, which is worked out once per call.
struct Keyed<'a> {
    login: &'a SyrveLogin,
    key: String,
}

impl<S: TokenStore + Gate, C: Clock> SyrveClient<S, C> {
    /// Makes a call with a token.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        login: &SyrveLogin,
        endpoint: &Endpoint,
        body: &(impl Serialize + Sync),
    ) -> Result<T, CallError> {
        read(&self.send(login, endpoint, body).await?)
    }

    /// Makes a call with a token; the answer is not read yet.
    pub(super) async fn send(
        &self,
        login: &SyrveLogin,
        endpoint: &Endpoint,
        body: &(impl Serialize + Sync),
    ) -> Result<Vec<u8>, CallError> {
        let body = to_json(body)?;
        let login = Keyed { login, key: login.key() };
        let token = self.token(&login, None).await?;
        match self.post(&login, endpoint, body.clone(), &token).await {
            Err(CallError::Unauthorized { .. }) if !self.tokens.is_unproven(&login.key, &token) => {
                let token = self.token(&login, Some(&token)).await?;
                self.post(&login, endpoint, body, &token).await
            }
            answer => answer,
        }
    }

    /// A good token, not the refused one.
    async fn token(&self, login: &Keyed<'_>, refused: Option<&Secret>) -> Result<Secret, CallError> {
        let token = self.tokens.get(&login.key, refused, self.fetch_token(login)).await;
        if let Err(CallError::LoginHeld { .. }) = token {
            self.caller.doubts(&login.key);
        }
        token
    }

    /// Asks for a new token.
    async fn fetch_token(&self, login: &Keyed<'_>) -> Result<Secret, CallError> {
        let (path, body) = login.login.token_request();
        let terms = Terms {
            login: &login.key,
            group: Group::Authorization.name(),
            rate: Group::Authorization.rate(&login.login.rates),
            secrets: login.login.secrets(),
            reading: Reading::Answer,
            meaning: refusal::of_token_request,
        };
        let request = self.request(login, path, to_json(&body)?)?;
        let answer = self.caller.call(&self.tokens.store, &self.tokens.clock, &terms, request).await;
        let token = answer.and_then(|answer| token_in(&answer)).map_err(refusal::without_token)?;
        tracing::info!("Syrve token fetched");
        Ok(token)
    }

    async fn post(
        &self,
        login: &Keyed<'_>,
        endpoint: &Endpoint,
        body: Vec<u8>,
        token: &Secret,
    ) -> Result<Vec<u8>, CallError> {
        let mut secrets = login.login.secrets();
        secrets.push(token);
        let terms = Terms {
            login: &login.key,
            group: endpoint.group.name(),
            rate: endpoint.group.rate(&login.login.rates),
            secrets,
            reading: endpoint.reading,
            meaning: refusal::of_call,
        };
        let request = self.request(login, endpoint.path, body)?;
        let request = request.header("Timeout", SERVER_WAIT).bearer_auth(token.expose());
        let answer = self.caller.call(&self.tokens.store, &self.tokens.clock, &terms, request).await;
        if refusal::took_the_token(&answer) {
            self.tokens.proven(&login.key, token);
        }
        answer
    }

    fn request(
        &self,
        login: &Keyed<'_>,
        path: &str,
        body: Vec<u8>,
    ) -> Result<reqwest::RequestBuilder, CallError> {
        let request = self.caller.http()?.post(format!("{}{path}", login.login.base()));
        let request = request.header(CONTENT_TYPE, "application/json").header(ACCEPT, "application/json");
        Ok(request.body(body))
    }
}

fn token_in(answer: &[u8]) -> Result<Secret, CallError> {
    let TokenAnswer { token } = read(answer)?;
    if token.expose().is_empty() || HeaderValue::from_str(token.expose()).is_err() {
        return Err(CallError::Malformed { what: "the token is empty or no header" });
    }
    Ok(token)
}
