//! Captain.AI: its webhooks, the orders and drivers that are written to it, and our own events in the format of its
//! webhooks. One URL receives every event; item events may have one of their own.
//!
//! Facts that the format does not show: `event_uuid` is the same when an event is sent again, while `metadata` changes;
//! `published_at` is the time an event happened and the only one fit to order by; `order_status` is the delivery's in one
//! event and the kitchen's in another; a driver is named by Captain.AI's id everywhere, and by ours only sometimes.

mod agents;
pub mod driver;
mod map;
mod names;
pub mod order;
pub mod outgoing;
mod time;
mod webhook;

use courier_domain::account::Account;
use courier_domain::delivery::Provider;
use courier_domain::inbound::InboundEvent;
use courier_domain::report::Report;

use crate::contract::{Call, Credentials, Fleet, Refusal, Split};
use crate::error::{BodyError, MapError};
use crate::token;

const ASSIGNED: &str = "order_assigned";
const UNASSIGNED: &str = "order_unassigned";
const JOB_STATUS: &str = "job_delivery_status_updated";
const ORDER_STATUS: &str = "order_status_updated";
const ITEM_STATUS: &str = "item_status_updated";
const KITCHEN_PRINT: &str = "order_kds_print_request";
const LOCATIONS: &str = "agent.radar_locations.created";
const ETA: &str = "agent_eta_updated";
const REPORT_READY: &str = "analytics_report_ready";

/// Captain.AI's module.
#[derive(Debug)]
pub struct Captain;

impl Fleet for Captain {
    fn provider(&self) -> Provider {
        Provider::Captain
    }

    fn urls(&self) -> &'static [(&'static str, &'static str)] {
        &[("captain", ""), ("captain_items", "/items")]
    }

    fn authenticate(&self, call: &Call, credentials: &Credentials) -> Result<(), Refusal> {
        token::check(call.header("auth-token"), call, credentials)
    }

    fn split(&self, call: &Call) -> Result<Split, BodyError> {
        let event = webhook::read(call.body)?;
        Ok(if webhook::is_known(&event.kind) { Split::one(event) } else { Split::ignored() })
    }

    fn map(&self, event: &InboundEvent, account: &Account) -> Result<Report, MapError> {
        map::map(event, account)
    }
}
