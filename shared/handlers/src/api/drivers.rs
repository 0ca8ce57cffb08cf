//! Drivers: who is there, who is clocked in, and the sync that finds out.

use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::ids::DriverId;
use courier_domain::ports::{Directory, SyncQueue, SyncRequests};
use courier_domain::sync::{SyncMessage, SyncRequest};
use jiff::SignedDuration;
use lambda_http::Request;
use lambda_http::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::read;
use super::views::{driver_view, whole_driver_view};
use super::{Answer, Api, Parts, not_found, query};
use crate::http::{Problem, body, json};

const LIST: &str = "drivers";
/// For how long a requested sync is tried while Syrve cannot be asked.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(15);

/// How a list is taken that has lost most drivers; the body may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SyncBody {
    accept_losses: bool,
}

impl<P: Parts> Api<P> {
    pub(super) async fn list_drivers(&self, request: &Request, id: &str) -> Answer {
        query::only(request, &["limit", "cursor"])?;
        let account = self.stored(id).await?.value;
        let limit = i32::try_from(query::limit(request)?).unwrap_or(1);
        let after = query::cursor(request, LIST)?.map(DriverId::try_from);
        let after = after.transpose().map_err(|_| Problem::field("cursor", query::NOT_A_CURSOR))?;
        let account = &account.account_id;
        let drivers = self.directory.list_drivers(account, limit, after.as_ref());
        let (page, sync) = futures::join!(drivers, self.directory.driver_sync(account));
        let (page, sync) = (page?, sync?);
        let items: Vec<Value> = page.items.iter().map(|driver| driver_view(driver, sync.as_ref())).collect();
        Ok(json(
            StatusCode::OK,
            &json!({ "items": items, "next_cursor": query::next_cursor(page.next, LIST) }),
        ))
    }

    pub(super) async fn get_driver(&self, id: &str, driver: &str) -> Answer {
        let account = self.stored(id).await?.value;
        let driver: DriverId = decoded(driver).parse().map_err(|_| not_found("driver"))?;
        let found = self.directory.whole_driver(&account.account_id, &driver);
        let (found, sync) = futures::join!(found, self.directory.driver_sync(&account.account_id));
        let whole = found?.ok_or_else(|| not_found("driver"))?;
        Ok(json(StatusCode::OK, &whole_driver_view(&whole, sync?.as_ref())))
    }

    /// The same work as the schedule's, for one account and now. Requests for accounts of one login are answered together.
    pub(super) async fn sync_drivers(&self, request: &Request, id: &str) -> Answer {
        let asked: SyncBody = match body(request)? {
            [] => SyncBody::default(),
            bytes => read(bytes)?,
        };
        let account = self.stored(id).await?.value;
        if !account.enabled {
            return Err(Problem::new(StatusCode::CONFLICT, "the account is disabled"));
        }
        if account.syrve.is_none() {
            return Err(Problem::new(StatusCode::CONFLICT, "the account has no syrve"));
        }
        let (run_at, account_id) = (self.clock.now(), account.account_id);
        let good_until = run_at + GOOD_FOR;
        // A person's word for a list is about this account alone, and waits for no other.
        let login = account.syrve.and_then(|syrve| syrve.login_key).filter(|_| !asked.accept_losses);
        if let Some(login) = &login {
            // Before the message, which looks for it.
            let request = SyncRequest { account_id: account_id.clone(), run_at, good_until };
            self.directory.keep_request(login, &request).await?;
        }
        let message = SyncMessage {
            run_at,
            good_until,
            accounts: vec![account_id.clone()],
            accept_losses: asked.accept_losses,
            login,
        };
        self.syncs.send_syncs(&[(message, Duration::ZERO)]).await?;
        tracing::info!(outcome = "sync_requested", account = %account_id, "driver sync requested");
        Ok(json(StatusCode::ACCEPTED, &json!({ "account_id": account_id, "run_at": run_at })))
    }
}

/// A part of a path as it was meant: the colon in a fleet's driver id may come as `%3A`.
pub(super) fn decoded(part: &str) -> String {
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
