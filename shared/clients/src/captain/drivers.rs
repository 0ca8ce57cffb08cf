//! Drivers: making and changing them, and putting them on and off duty. All of it may be repeated: a driver is known by our
//! own id, and one who is off duty already is taken off duty with success.

use courier_domain::clock::Clock;
use courier_domain::ports::Gate;
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use super::call::{Empty, Request};
use super::group::Group;
use super::path::{of_driver, segment};
use super::types::filled;
use super::{CaptainClient, CaptainLogin, Passage};
use crate::answer::read;
use crate::error::CallError;
use crate::exchange::Reading;
use crate::text::Text;

/// The path that takes a driver off duty.
const CLOCK_OUT: &str = "/v1/accounts/{account_uuid}/drivers/{driver_uuid}/clock_out";

/// `external-drivers/upsert`: of the answer, what is looked at.
#[derive(Default, Deserialize)]
struct UpsertAnswer<'a> {
    #[serde(borrow, default)]
    uuid: Option<Text<'a>>,
    #[serde(borrow, default)]
    driver: Option<DriverAnswer<'a>>,
}

#[derive(Deserialize)]
struct DriverAnswer<'a> {
    #[serde(borrow, default)]
    uuid: Option<Text<'a>>,
}

impl<G: Gate, C: Clock> CaptainClient<G, C> {
    /// Makes a driver, or changes the one with the same `partners_external_identifier`. Gives Captain.AI's id of the driver,
    /// where the answer names it.
    pub async fn upsert_driver(
        &self,
        login: &CaptainLogin,
        driver: &Value,
        passage: Option<Passage>,
    ) -> Result<Option<String>, CallError> {
        let path = format!("/v1/accounts/{}/external-drivers/upsert", segment(&login.account_uuid)?);
        let request = Request {
            group: Group::Drivers,
            method: Method::PUT,
            path: &path,
            body: Some(driver),
            reading: Reading::Answer,
        };
        let answer = self.send(login, request, passage).await?;
        if answer.trim_ascii().is_empty() {
            return Ok(None);
        }
        let answer: UpsertAnswer<'_> = read(&answer)?;
        let inner = answer.driver.and_then(|driver| filled(driver.uuid.as_ref()));
        Ok(filled(answer.uuid.as_ref()).or(inner))
    }

    /// Puts a driver on duty. Captain.AI documents no path for it, so it is given: a template with `{driver_uuid}` and
    /// `{account_uuid}`.
    pub async fn clock_in_driver(
        &self,
        login: &CaptainLogin,
        path: &str,
        uuid: &str,
        passage: Option<Passage>,
    ) -> Result<(), CallError> {
        self.post_to(login, &of_driver(path, &login.account_uuid, uuid)?, passage).await
    }

    /// Takes a driver off duty.
    pub async fn clock_out_driver(
        &self,
        login: &CaptainLogin,
        uuid: &str,
        passage: Option<Passage>,
    ) -> Result<(), CallError> {
        self.post_to(login, &of_driver(CLOCK_OUT, &login.account_uuid, uuid)?, passage).await
    }

    async fn post_to(
        &self,
        login: &CaptainLogin,
        path: &str,
        passage: Option<Passage>,
    ) -> Result<(), CallError> {
        let request = Empty {
            group: Group::Drivers,
            method: Method::POST,
            path,
            body: None,
            reading: Reading::Nothing,
        };
        self.send(login, request, passage).await.map(drop)
    }
}
