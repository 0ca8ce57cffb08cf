//! Drivers: who is there, and who is clocked in.

use courier_domain::clock::Clock;
use courier_domain::ids::DriverId;
use courier_domain::ports::{Directory, Reachable, SecretVault};
use lambda_http::Request;
use lambda_http::http::StatusCode;
use serde_json::{Value, json};

use super::views::driver_view;
use super::{Answer, Api, not_found, query};
use crate::http::{Problem, json};

impl<D: Directory + Reachable, K: SecretVault, Q: Reachable, C: Clock> Api<D, K, Q, C> {
    pub(super) async fn list_drivers(&self, request: &Request, id: &str) -> Answer {
        query::only(request, &["limit", "cursor"])?;
        let account = self.stored(id).await?.value;
        let limit = i32::try_from(query::limit(request)?).unwrap_or(1);
        let after = query::cursor(request)?.map(DriverId::try_from);
        let after = after.transpose().map_err(|_| Problem::field("cursor", "not a cursor of this list"))?;
        let page = self.directory.list_drivers(&account.account_id, limit, after.as_ref()).await?;
        let items: Vec<Value> = page.items.iter().map(driver_view).collect();
        Ok(json(StatusCode::OK, &json!({ "items": items, "next_cursor": query::next_cursor(page.next) })))
    }

    pub(super) async fn get_driver(&self, id: &str, driver: &str) -> Answer {
        let account = self.stored(id).await?.value;
        let driver: DriverId = driver.parse().map_err(|_| not_found("driver"))?;
        let found = self.directory.driver(&account.account_id, &driver).await?;
        Ok(json(StatusCode::OK, &driver_view(&found.ok_or_else(|| not_found("driver"))?)))
    }
}
