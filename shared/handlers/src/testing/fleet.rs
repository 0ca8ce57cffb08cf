//! A fleet that keeps orders and drivers as Captain.AI does, refuses what it refuses, and has trouble on demand. It remembers
//! what it was asked, and what of that it did.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use courier_clients::captain::{CaptainLogin, Creation, FleetOrder};
use courier_clients::{CallError, Outcome};
use courier_domain::command::{CommandKind, KitchenStatus};
use serde_json::Value;

use super::{no_such, words};
use crate::fleet_command::Fleet;

/// What goes wrong with a call.
pub(crate) enum Trouble {
    /// It is not carried out.
    Undone(CallError),
    /// It is carried out, and the answer is another.
    Unheard(CallError),
}

/// An order as the fleet has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Kept {
    pub(crate) uuid: String,
    /// The newest of it that was sent.
    pub(crate) body: Value,
    pub(crate) statuses: Vec<String>,
}

/// A driver as the fleet has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Agent {
    pub(crate) uuid: String,
    pub(crate) body: Value,
    pub(crate) on_duty: bool,
}

#[derive(Default)]
pub(crate) struct Script {
    /// By the names that we gave them.
    pub(crate) orders: BTreeMap<String, Kept>,
    pub(crate) drivers: BTreeMap<String, Agent>,
    /// What becomes of the next calls, first to come first.
    pub(crate) troubles: VecDeque<Option<Trouble>>,
    /// What every call ends with, while it is set.
    pub(crate) down: Option<fn() -> CallError>,
    /// The list of orders ends before ours.
    pub(crate) short_list: bool,
    /// No answer names a driver's id.
    pub(crate) silent: bool,
    pub(crate) calls: Vec<String>,
    /// How often an order was made.
    pub(crate) made: usize,
    pub(crate) logins: Vec<CaptainLogin>,
}

#[derive(Clone, Default)]
pub(crate) struct FakeFleet(Arc<Mutex<Script>>);

impl FakeFleet {
    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap()
    }

    /// The next call without trouble of its own has this one.
    pub(crate) fn trouble(&self, trouble: Trouble) -> &Self {
        self.script().troubles.push_back(Some(trouble));
        self
    }

    /// The next call is not carried out.
    pub(crate) fn fails(&self, error: CallError) -> &Self {
        self.trouble(Trouble::Undone(error))
    }

    /// The next call goes well, before others that do not.
    pub(crate) fn works(&self) -> &Self {
        self.script().troubles.push_back(None);
        self
    }

    /// The calls since this was last asked.
    pub(crate) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.script().calls)
    }

    fn called<T>(
        &self,
        login: &CaptainLogin,
        call: String,
        carry_out: impl FnOnce(&mut Script) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let mut script = self.script();
        script.logins.push(login.clone());
        script.calls.push(call);
        if let Some(error) = script.down {
            return Err(error());
        }
        match script.troubles.pop_front().flatten() {
            Some(Trouble::Undone(error)) => Err(error),
            Some(Trouble::Unheard(error)) => carry_out(&mut script).and(Err(error)),
            None => carry_out(&mut script),
        }
    }
}

impl Script {
    /// Another caller, or an earlier one, made the order.
    pub(crate) fn make(&mut self, name: &str, body: &Value) -> FleetOrder {
        self.made += 1;
        let uuid = format!("o-{}", self.orders.len() + 1);
        let kept = Kept { uuid: uuid.clone(), body: body.clone(), ..Kept::default() };
        self.orders.insert(name.to_owned(), kept);
        made(&uuid)
    }

    fn order(&mut self, uuid: &str) -> Result<&mut Kept, CallError> {
        self.orders.values_mut().find(|order| order.uuid == uuid).ok_or_else(no_such)
    }

    fn driver(&mut self, uuid: &str) -> Result<&mut Agent, CallError> {
        self.drivers.values_mut().find(|driver| driver.uuid == uuid).ok_or_else(no_such)
    }
}

fn made(uuid: &str) -> FleetOrder {
    FleetOrder { uuid: uuid.to_owned(), tracking_url: Some(format!("https://track.test/{uuid}")) }
}

fn name(body: &Value, field: &str) -> String {
    body[field].as_str().expect("a body with our name of it").to_owned()
}

impl Fleet for FakeFleet {
    type Leave = ();

    /// What is not to be sent is held back here.
    async fn enter(&self, login: &CaptainLogin, _kind: &CommandKind) -> Result<(), CallError> {
        let mut script = self.script();
        let is_held = |error: &CallError| matches!(error.outcome(), Outcome::NotSent { .. });
        let error = match (script.down, script.troubles.front()) {
            (Some(error), _) if is_held(&error()) => error(),
            (None, Some(Some(Trouble::Undone(error)))) if is_held(error) => match script.troubles.pop_front()
            {
                Some(Some(Trouble::Undone(error))) => error,
                _ => unreachable!("it was in front"),
            },
            _ => return Ok(()),
        };
        script.logins.push(login.clone());
        Err(error)
    }

    async fn create_order(
        &self,
        login: &CaptainLogin,
        body: &Value,
        _leave: Option<()>,
    ) -> Result<Creation, CallError> {
        let order = name(body, "partners_unique_internal_order_id");
        self.called(login, "create".to_owned(), |script| {
            if script.orders.contains_key(&order) {
                return Ok(Creation::AlreadyThere);
            }
            Ok(Creation::New(script.make(&order, body)))
        })
    }

    async fn find_order(
        &self,
        login: &CaptainLogin,
        name: &str,
        _leave: Option<()>,
    ) -> Result<Option<FleetOrder>, CallError> {
        self.called(login, "find".to_owned(), |script| {
            let found = script.orders.get(name).filter(|_| !script.short_list);
            Ok(found.map(|order| made(&order.uuid)))
        })
    }

    async fn update_order(
        &self,
        login: &CaptainLogin,
        order: &str,
        body: &Value,
        _leave: Option<()>,
    ) -> Result<(), CallError> {
        self.called(login, format!("update {order}"), |script| {
            script.order(order)?.body = body.clone();
            Ok(())
        })
    }

    async fn update_order_status(
        &self,
        login: &CaptainLogin,
        order: &str,
        status: KitchenStatus,
        reason: Option<&str>,
        _leave: Option<()>,
    ) -> Result<(), CallError> {
        let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let status = format!("{}{reason}", status.as_str());
        self.called(login, format!("status {order} {status}"), |script| {
            script.order(order)?.statuses.push(status);
            Ok(())
        })
    }

    async fn upsert_driver(
        &self,
        login: &CaptainLogin,
        body: &Value,
        _leave: Option<()>,
    ) -> Result<Option<String>, CallError> {
        let employee = name(body, "partners_external_identifier");
        let active = if body["active"] == true { "active" } else { "inactive" };
        self.called(login, format!("upsert {active}"), |script| {
            let next = format!("d-{}", script.drivers.len() + 1);
            let driver = script.drivers.entry(employee);
            let driver = driver.or_insert_with(|| Agent { uuid: next, ..Agent::default() });
            driver.body = body.clone();
            Ok(Some(driver.uuid.clone()).filter(|_| !script.silent))
        })
    }

    async fn clock_in_driver(
        &self,
        login: &CaptainLogin,
        path: &str,
        driver: &str,
        _leave: Option<()>,
    ) -> Result<(), CallError> {
        let path = path.replace("{account_uuid}", &login.account_uuid).replace("{driver_uuid}", driver);
        self.called(login, format!("in {path}"), |script| {
            let driver = script.driver(driver)?;
            if driver.body["active"] != true {
                return Err(CallError::Rejected { status: 422, words: words("Driver is not active") });
            }
            driver.on_duty = true;
            Ok(())
        })
    }

    async fn clock_out_driver(
        &self,
        login: &CaptainLogin,
        driver: &str,
        _leave: Option<()>,
    ) -> Result<(), CallError> {
        self.called(login, format!("out {driver}"), |script| {
            script.driver(driver)?.on_duty = false;
            Ok(())
        })
    }
}
