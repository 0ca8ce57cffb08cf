//! One call: a token, a POST of JSON, and the answer as a type or as the error it means. A refused token is replaced and
//! the call replayed once: a 401 says that nothing was done. That the token was replaced is remembered until a call with
//! the new one is accepted: if it is refused too, then or a minute later, no other is fetched. Every request, the replay
//! and the one for a token as well, takes its place in the rate of its group.

use courier_domain::clock::Clock;
use courier_domain::ports::{Gate, TokenStore};
use courier_domain::secret::Secret;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::group::{Endpoint, Group};
use super::token::Keys;
use super::{SyrveClient, SyrveLogin, refusal};
use crate::answer::{read, to_json};
use crate::caller::{Share, Terms};
use crate::error::CallError;
use crate::exchange::Reading;
use crate::passage::Passage;

/// How long Syrve waits for the restaurant's terminal, seconds: less than we wait for Syrve, so that it can say 408.
const SERVER_WAIT: &str = "15";

/// The answer to a request for a token.
#[derive(Deserialize)]
struct TokenAnswer {
    token: Secret,
}

/// A login and its keys, which are worked out once per call.
struct Keyed<'a> {
    login: &'a SyrveLogin,
    keys: Keys,
}

impl<'a> Keyed<'a> {
    fn new(login: &'a SyrveLogin) -> Self {
        let keys =
            Keys { login: login.key(), credentials: login.credentials_key(), token: login.token_key() };
        Self { login, keys }
    }

    /// Calls of one login count together. Only a request for a token shows whether the credentials are good as a whole: a
    /// wrong client secret of one restaurant must not keep another from using the same login without one.
    fn share(&self, group: Group) -> Share<'_> {
        let login = match group {
            Group::Authorization => &self.keys.credentials,
            _ => &self.keys.login,
        };
        Share { login, group: group.name(), rate: group.rate(&self.login.rates) }
    }
}

/// Leave to make one call, and the token for it. See [`Passage`].
#[derive(Debug)]
pub struct Leave {
    token: Secret,
    passage: Passage,
}

impl<S: TokenStore + Gate, C: Clock> SyrveClient<S, C> {
    /// Asks to make one call of a group, with a token that is good. A call takes the leave that was given for it, or else
    /// asks for it itself.
    pub async fn enter(&self, login: &SyrveLogin, group: Group) -> Result<Leave, CallError> {
        let login = Keyed::new(login);
        let token = self.token(&login, None).await?;
        let now = self.tokens.clock.now();
        let passage = Passage::enter(&self.tokens.store, login.share(group), now).await?;
        Ok(Leave { token, passage })
    }

    /// Makes a call with a token.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        login: &SyrveLogin,
        endpoint: &Endpoint,
        body: &(impl Serialize + Sync),
    ) -> Result<T, CallError> {
        self.call_with(None, login, endpoint, body).await
    }

    /// Makes a call with the leave that was taken for it.
    pub(super) async fn call_with<T: DeserializeOwned>(
        &self,
        leave: Option<Leave>,
        login: &SyrveLogin,
        endpoint: &Endpoint,
        body: &(impl Serialize + Sync),
    ) -> Result<T, CallError> {
        read(&self.send(leave, login, endpoint, body).await?)
    }

    /// Makes a call with a token; the answer is not read yet.
    pub(super) async fn send(
        &self,
        leave: Option<Leave>,
        login: &SyrveLogin,
        endpoint: &Endpoint,
        body: &(impl Serialize + Sync),
    ) -> Result<Vec<u8>, CallError> {
        let body = to_json(body)?;
        let login = Keyed::new(login);
        let (token, passage) = match leave {
            Some(Leave { token, passage }) => (token, Some(passage)),
            None => (self.token(&login, None).await?, None),
        };
        match self.post(&login, endpoint, body.clone(), &token, passage).await {
            Err(CallError::Unauthorized { .. }) if !self.tokens.is_unproven(&login.keys, &token) => {
                let token = self.token(&login, Some(&token)).await?;
                self.post(&login, endpoint, body, &token, None).await
            }
            answer => answer,
        }
    }

    /// A good token, not the refused one.
    async fn token(&self, login: &Keyed<'_>, refused: Option<&Secret>) -> Result<Secret, CallError> {
        self.tokens.get(&login.keys, refused, self.fetch_token(login)).await
    }

    /// Asks for a new token.
    async fn fetch_token(&self, login: &Keyed<'_>) -> Result<Secret, CallError> {
        let (path, body) = login.login.token_request();
        let terms = Terms {
            share: login.share(Group::Authorization),
            secrets: login.login.secrets(),
            reading: Reading::Answer,
            meaning: refusal::of_token_request,
        };
        let request = self.request(login, path, to_json(&body)?)?;
        let answer = self.caller.call(&self.tokens.store, &self.tokens.clock, &terms, request, None).await;
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
        passage: Option<Passage>,
    ) -> Result<Vec<u8>, CallError> {
        let mut secrets = login.login.secrets();
        secrets.push(token);
        let terms = Terms {
            share: login.share(endpoint.group),
            secrets,
            reading: endpoint.reading,
            meaning: refusal::of_call,
        };
        let request = self.request(login, endpoint.path, body)?;
        let request = request.header("Timeout", SERVER_WAIT).bearer_auth(token.expose());
        let answer = self.caller.call(&self.tokens.store, &self.tokens.clock, &terms, request, passage).await;
        if refusal::took_the_token(&answer) {
            self.tokens.proven(&login.keys, token);
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
