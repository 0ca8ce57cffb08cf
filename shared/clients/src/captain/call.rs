//! One call: the keys, a method and a path, JSON, and the answer as bytes or as the error it means.

use courier_domain::clock::Clock;
use courier_domain::ports::Gate;
use courier_domain::secret::Secret;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use serde::Serialize;

use super::group::Group;
use super::{CaptainClient, CaptainLogin, refusal};
use crate::answer::to_json;
use crate::caller::{Share, Terms};
use crate::error::CallError;
use crate::exchange::Reading;
use crate::passage::Passage;

/// What is called.
pub(super) struct Request<'a, B> {
    pub(super) group: Group,
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) body: Option<&'a B>,
    pub(super) reading: Reading,
}

/// A request without a body.
pub(super) type Empty<'a> = Request<'a, ()>;

impl<G: Gate, C: Clock> CaptainClient<G, C> {
    /// Asks to make one call of a group. Each call takes the passage that was given for it, or else asks for one itself.
    pub async fn enter(&self, login: &CaptainLogin, group: Group) -> Result<Passage, CallError> {
        let key = login.key();
        let (group, rate) = group.share(login.requests_per_minute);
        Passage::enter(&self.gate, Share { login: &key, group, rate }, self.clock.now()).await
    }

    pub(super) async fn send<B: Serialize + Sync>(
        &self,
        login: &CaptainLogin,
        request: Request<'_, B>,
        passage: Option<Passage>,
    ) -> Result<Vec<u8>, CallError> {
        let key = login.key();
        let (group, rate) = request.group.share(login.requests_per_minute);
        let terms = Terms {
            share: Share { login: &key, group, rate },
            secrets: login.secrets(),
            reading: request.reading,
            meaning: refusal::of_call,
        };
        let url = format!("{}{}", login.base(), request.path);
        let mut call = self
            .caller
            .http()?
            .request(request.method, url)
            .header("x-integration-key", header(&login.integration_key)?)
            .header("x-developer-key", header(&login.developer_key)?)
            .header(ACCEPT, "application/json");
        if let Some(body) = request.body {
            call = call.header(CONTENT_TYPE, "application/json").body(to_json(body)?);
        }
        self.caller.call(&self.gate, &self.clock, &terms, call, passage).await
    }
}

/// A key as a header that does not print itself.
fn header(key: &Secret) -> Result<HeaderValue, CallError> {
    let mut value = HeaderValue::from_str(key.expose().trim())
        .map_err(|_| CallError::Unsendable { what: "a key cannot be sent as a header" })?;
    value.set_sensitive(true);
    Ok(value)
}
