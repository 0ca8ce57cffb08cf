//! Captain.AI: its webhooks, and the orders and drivers that are written to it. One URL receives every event; item events
//! may have one of their own.
//!
//! Facts that the format does not show: `event_uuid` is the same when an event is sent again, while `metadata` changes;
//! `published_at` is the time an event happened and the only one fit to order by; `order_status` is the delivery's in one
//! event and the kitchen's in another; a driver is named by Captain.AI's id everywhere, and by ours only sometimes.

mod agents;
pub mod driver;
pub mod map;
mod names;
pub mod order;
mod time;
pub mod webhook;

const ASSIGNED: &str = "order_assigned";
const UNASSIGNED: &str = "order_unassigned";
const JOB_STATUS: &str = "job_delivery_status_updated";
const ORDER_STATUS: &str = "order_status_updated";
const ITEM_STATUS: &str = "item_status_updated";
const KITCHEN_PRINT: &str = "order_kds_print_request";
const LOCATIONS: &str = "agent.radar_locations.created";
const ETA: &str = "agent_eta_updated";
const REPORT_READY: &str = "analytics_report_ready";
