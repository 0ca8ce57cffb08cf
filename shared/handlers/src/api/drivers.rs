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

const LIST: &str = "drivers";

impl<D: Directory + Reachable, K: SecretVault, Q: Reachable, C: Clock> Api<D, K, Q, C> {
    pub(super) async fn list_drivers(&self, request: &Request, id: &str) -> Answer {
        query::only(request, &["limit", "cursor"])?;
        let account = self.stored(id).await?.value;
        let limit = i32::try_from(query::limit(request)?).unwrap_or(1);
        let after = query::cursor(request, LIST)?.map(DriverId::try_from);
        let after = after.transpose().map_err(|_| Problem::field("cursor", query::NOT_A_CURSOR))?;
        let page = self.directory.list_drivers(&account.account_id, limit, after.as_ref()).await?;
        let items: Vec<Value> = page.items.iter().map(driver_view).collect();
        Ok(json(
            StatusCode::OK,
            &json!({ "items": items, "next_cursor": query::next_cursor(page.next, LIST) }),
        ))
    }

    pub(super) async fn get_driver(&self, id: &str, driver: &str) -> Answer {
        let account = self.stored(id).await?.value;
        let driver: DriverId = decoded(driver).parse().map_err(|_| not_found("driver"))?;
        let found = self.directory.driver(&account.account_id, &driver).await?;
        Ok(json(StatusCode::OK, &driver_view(&found.ok_or_else(|| not_found("driver"))?)))
    }
}

/// A part of a path as it was meant: the colon in a fleet's driver id may come as `%3A`.
fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex =
            tail.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = tail.get(if byte.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
