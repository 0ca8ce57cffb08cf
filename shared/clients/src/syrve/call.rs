//! One call: a token, a POST of JSON, and the answer as a type or as the error it means. A refused token is replaced and
//! the call replayed once: a 401 says that nothing was done.

use courier_domain::clock::Clock;
use courier_domain::ports::TokenStore;
use courier_domain::secret::Secret;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{SyrveClient, SyrveLogin, refusal};
use crate::answer::{Refused, read, retry_after, to_json};
use crate::error::CallError;
use crate::http::{self, BodyError};
use crate::words::Words;

/// How long Syrve waits for the restaurant's terminal, seconds: less than we wait for Syrve, so that it can say 408.
const SERVER_WAIT: &str = "15";

/// The largest answer that is read, bytes. Orders are large.
const MAX_ANSWER: usize = 8 << 20;

/// How much is read of an error's body, bytes.
const MAX_ERROR: usize = 16 << 10;

/// The answer to a request for a token.
#[derive(Deserialize)]
struct TokenAnswer {
    token: Secret,
}

impl<S: TokenStore, C: Clock> SyrveClient<S, C> {
    /// Makes a call with a token.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        login: &SyrveLogin,
        path: &'static str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, CallError> {
        let body = to_json(body)?;
        let key = login.key();
        let token = self.tokens.get(&key, None, self.fetch_token(login)).await?;
        match self.post(login, path, body.clone(), Some(&token)).await {
            Err(CallError::Unauthorized { .. }) => {
                let token = self.tokens.get(&key, Some(&token), self.fetch_token(login)).await?;
                read(&self.post(login, path, body, Some(&token)).await?)
            }
            answer => read(&answer?),
        }
    }

    /// Asks for a new token.
    async fn fetch_token(&self, login: &SyrveLogin) -> Result<Secret, CallError> {
        let (path, body) = login.token_request();
        let fetched = match self.post(login, path, to_json(&body)?, None).await {
            Ok(answer) => token_in(&answer),
            Err(error) => Err(error),
        };
        let token = fetched.map_err(refusal::without_token)?;
        tracing::info!("Syrve token fetched");
        Ok(token)
    }

    /// Sends a request and returns the body of a successful answer.
    async fn post(
        &self,
        login: &SyrveLogin,
        path: &'static str,
        body: Vec<u8>,
        token: Option<&Secret>,
    ) -> Result<Vec<u8>, CallError> {
        let mut request = self
            .http()?
            .post(format!("{}{path}", login.base()))
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .body(body);
        if let Some(token) = token {
            request = request.header("Timeout", SERVER_WAIT).bearer_auth(token.expose());
        }
        let response = request.send().await.map_err(not_answered)?;

        let status = response.status();
        if status.is_success() {
            return http::read_body(response, MAX_ANSWER).await.map_err(|error| match error {
                BodyError::TooLarge => CallError::Malformed { what: "it is larger than 8 MiB" },
                BodyError::Cut(error) => CallError::NoAnswer(error.without_url()),
            });
        }
        let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let after = after.and_then(|value| retry_after(value, self.tokens.clock.now()));
        let body = http::read_start(response, MAX_ERROR).await;
        let mut secrets = login.secrets();
        secrets.extend(token);
        let words = Words::of_body(&body, &secrets);
        let refused = Refused { status: status.as_u16(), after, words };
        Err(if token.is_some() { refusal::of_call(refused) } else { refusal::of_token_request(refused) })
    }

    /// The HTTP client, made on first use.
    fn http(&self) -> Result<&reqwest::Client, CallError> {
        if let Some(client) = self.http.get() {
            return Ok(client);
        }
        let client = http::client(self.timeouts).map_err(CallError::NoClient)?;
        Ok(self.http.get_or_init(|| client))
    }
}

fn token_in(answer: &[u8]) -> Result<Secret, CallError> {
    let TokenAnswer { token } = read(answer)?;
    if token.expose().is_empty() || HeaderValue::from_str(token.expose()).is_err() {
        return Err(CallError::Malformed { what: "the token is empty or no header" });
    }
    Ok(token)
}

/// Why there is no answer. A request that was on its way when the time was over, or the connection broke, may have been
/// carried out.
fn not_answered(error: reqwest::Error) -> CallError {
    let error = error.without_url();
    if error.is_connect() {
        CallError::Unreachable(error)
    } else if error.is_builder() {
        CallError::Unsendable { what: "the base URL or the token cannot be used" }
    } else {
        CallError::NoAnswer(error)
    }
}
