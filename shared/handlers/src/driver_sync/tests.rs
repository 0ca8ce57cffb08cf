//! The driver sync, from the schedule's event to the last command: what lists make of drivers, through refusals, races and
//! crashes.

mod chunks;
mod claims;
mod crashes;
mod fleets;
mod lists;
mod messages;
mod races;
mod reconciling;
mod refusals;
mod start;
mod stories;
mod together;
mod troubles;
mod unbelieved;
mod unreadable;

use std::time::Duration;

use courier_domain::account::{Account, MatchOrdersBy};
use courier_domain::clock::Clock;
use courier_domain::command::{Command, CommandKind};
use courier_domain::delivery::Provider;
use courier_domain::driver::{Courier, Driver};
use courier_domain::event::DomainEvent;
use courier_domain::ids::{DriverId, EventKey, OrganizationId};
use courier_domain::ports::{PortError, Versioned};
use courier_domain::register::Stamp;
use courier_domain::report::{DriverChange, DriverReport};
use courier_domain::sync::{DriverSync, SyncMessage};
use jiff::Timestamp;

use self::lists::FakeLists;
use super::{DriverSyncAccount, Logins};
use crate::queue::Verdict;
use crate::testing::{API_LOGIN, Bridge, HandClock, Memory, ORGANIZATION, Outbox};

/// Who works in an organization.
type List = Vec<(DriverId, Courier)>;

/// Between two runs.
const INTERVAL: Duration = Duration::from_mins(10);

type Sync =
    DriverSyncAccount<Memory, Memory, Memory, FakeLists, Outbox<Command>, Outbox<DomainEvent>, HandClock>;

/// A restaurant, Syrve's list of its couriers, and the function that compares them.
struct Desk {
    bridge: Bridge,
    lists: FakeLists,
    sync: Sync,
}

fn id(number: usize) -> DriverId {
    format!("ffc60000-0000-4000-8000-{number:012}").parse().unwrap()
}

fn courier(name: &str, active: bool) -> Courier {
    Courier { name: Some(name.into()), active }
}

/// Couriers who all work here.
fn actives(numbers: impl IntoIterator<Item = usize>) -> List {
    numbers.into_iter().map(|number| (id(number), courier("Ann", true))).collect()
}

fn organization() -> OrganizationId {
    ORGANIZATION.parse().unwrap()
}

/// What Syrve says at `at` of a shift in the terminal group of this number.
fn shift_of(driver: usize, group: usize, opened: bool, at: Timestamp) -> DriverReport {
    let key = EventKey::hashed([format!("{driver} {group} {opened} {at}").as_str()]);
    let terminal_group = format!("a5561d5e-0000-4000-8000-{group:012}").parse().unwrap();
    let change = DriverChange::Shift { terminal_group, opened, role: None };
    DriverReport { driver_id: id(driver), stamp: Stamp::new(at, key), change }
}

/// What another function writes of a report. It sends what follows itself.
fn write(driver: &mut Versioned<Driver>, report: &DriverReport, account: &Account) {
    let before = driver.value.clone();
    assert!(driver.value.apply(report));
    let stamp = &report.stamp;
    driver.value.follow(&before, account, &stamp.key, stamp, stamp.at);
    driver.version += 1;
}

/// A command in short: `clockout 3 at 1` is about driver 3 in terminal group 1.
fn label(command: &Command) -> String {
    let number = |id: String| id.rsplit('-').next().unwrap().trim_start_matches('0').to_owned();
    let at = match &command.kind {
        CommandKind::ClockOut { terminal_group_id: Some(group), .. } => {
            format!(" at {}", number(group.to_string()))
        }
        _ => String::new(),
    };
    format!("{} {}{at}", command.kind.name(), number(command.subject().id()))
}

impl Desk {
    fn new() -> Self {
        let (bridge, lists) = (Bridge::matching(MatchOrdersBy::OrderId), FakeLists::default());
        lists.sees(API_LOGIN, &[organization()]);
        let sync = sync(&bridge, &lists);
        Self { bridge, lists, sync }
    }

    /// A restaurant whose drivers are written to Captain.AI.
    fn dispatching() -> Self {
        let desk = Self::new();
        desk.dispatch();
        desk
    }

    /// The restaurant begins to write to Captain.AI.
    fn dispatch(&self) {
        self.bridge.memory.edit_account(|account| {
            account.dispatch_to = Some(Provider::Captain);
            account.captain.as_mut().unwrap().account_uuid = Some("73f4c9af9f79".into());
        });
    }

    fn now(&self) -> Timestamp {
        self.bridge.clock.now()
    }

    /// Syrve lists these from now on.
    fn list(&self, couriers: List) -> &Self {
        self.lists.list(organization(), couriers);
        self
    }

    /// The message of a run that starts now.
    fn message(&self) -> SyncMessage {
        let run_at = self.now();
        SyncMessage {
            run_at,
            good_until: run_at + INTERVAL,
            accounts: vec!["demo".parse().unwrap()],
            accept_losses: false,
            login: None,
        }
    }

    /// A message is received once.
    async fn receive(&self, message: &SyncMessage) -> Result<Verdict, PortError> {
        self.sync.handle(&serde_json::to_string(message).unwrap()).await
    }

    /// A message is received until it needs not come back, as often as the queue gives it.
    async fn work(&self, message: &SyncMessage) {
        for _ in 0..20 {
            match self.receive(message).await {
                Ok(Verdict::Done) => return,
                Ok(Verdict::Later(delay)) => self.bridge.clock.advance(delay),
                Ok(Verdict::Dead(reason)) => panic!("{reason}"),
                Err(_) => self.bridge.clock.advance(Duration::from_secs(1)),
            }
        }
        panic!("the message never ends");
    }

    /// The next run, to its end.
    async fn run(&self) -> &Self {
        self.bridge.clock.advance(INTERVAL);
        self.work(&self.message()).await;
        self
    }

    fn stored(&self) -> Option<DriverSync> {
        let state = self.bridge.memory.state();
        state.syncs.values().next().map(|sync| sync.value.clone())
    }

    /// Created, updated, deactivated, unchanged.
    fn counts(&self) -> [u32; 4] {
        let counts = self.stored().unwrap().counts;
        [counts.created, counts.updated, counts.deactivated, counts.unchanged]
    }

    fn error(&self) -> Option<String> {
        self.stored()?.error
    }

    fn driver(&self, number: usize) -> Driver {
        self.bridge.memory.state().drivers[&id(number)].value.clone()
    }

    /// How many drivers each write carried since this was last asked.
    fn driver_writes(&self) -> Vec<usize> {
        std::mem::take(&mut self.bridge.memory.state().driver_writes)
    }

    /// The commands that were sent since this was last asked.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.bridge.commands.sent().items).iter().map(label).collect()
    }

    /// The domain events that were published since this was last asked.
    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.bridge.bus.sent().items).into_iter().map(|event| event.name).collect()
    }

    /// What happened so far is not what the test is about.
    fn forget(&self) {
        self.asked();
        self.told();
        self.driver_writes();
        self.lists.calls();
    }

    /// Syrve tells now that a shift was opened or closed.
    async fn shift(&self, driver: usize, group: usize, opened: bool) {
        let account = self.bridge.account();
        let report = shift_of(driver, group, opened, self.now());
        let (key, event) = (report.stamp.key.clone(), "PersonalShift");
        let verdict = self.bridge.drivers().apply(&account, &key, "syrve", event, &[report]).await;
        assert_eq!(verdict.unwrap(), Verdict::Done);
    }
}

/// The function on the parts of a bridge.
fn sync(bridge: &Bridge, lists: &FakeLists) -> Sync {
    let memory = &bridge.memory;
    DriverSyncAccount {
        store: memory.clone(),
        accounts: memory.clone(),
        secrets: memory.clone(),
        logins: Logins::default(),
        pos: lists.clone(),
        commands: bridge.commands.clone(),
        bus: bridge.bus.clone(),
        clock: bridge.clock.clone(),
    }
}
