//! What follows from a change of a driver: what Syrve and the fleet get to hear, the domain events, and whether the driver
//! moved, which is no event of its own. Worked out from the state before and after, never from the event: a shift that Syrve
//! opened on our own request comes back as an event too, finds the driver clocked in, and leads to nothing, so nothing can
//! go round in circles.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Driver, ToldFleet, is_open};
use crate::account::Account;
use crate::command::{Command, CommandKind, FollowUp};
use crate::event::{About, Cause, DomainEvent};
use crate::ids::{EventKey, TerminalGroupId};
use crate::register::Stamp;

/// Why a command about a driver is not sent any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DriverSuperseded {
    /// Somebody asked for something else since.
    #[error("a newer request")]
    NewerRequest,
    /// Syrve told of a shift that was opened or closed since.
    #[error("a newer shift in Syrve")]
    NewerShift,
    /// The driver is on duty again, or off.
    #[error("the driver has clocked in or out since")]
    ClockedSince,
}

impl Driver {
    /// Works out what follows from the change `before` → `self`, caused by the event `cause` of the time `stamp`, and
    /// remembers what the fleet is asked.
    pub fn follow(
        &mut self,
        before: &Self,
        account: &Account,
        cause: &EventKey,
        stamp: &Stamp,
        now: Timestamp,
    ) -> FollowUp {
        let id = &account.account_id;
        let kinds =
            self.pos_commands(before, account).into_iter().chain(self.fleet_commands(before, account));
        let commands = kinds.map(|kind| Command::new(id.clone(), kind, stamp.clone(), cause, now)).collect();
        let cause = Cause { account: id, key: cause, now };
        let moved = (self.place() != before.place()).then(|| self.driver_id.clone());
        let events = self.events_since(before, cause, stamp.at);
        FollowUp { commands, events, moved: moved.into_iter().collect() }
    }

    /// Where the driver is, whenever and how fast they got there.
    fn place(&self) -> Option<(f64, f64)> {
        self.position.get().map(|position| (position.latitude, position.longitude))
    }

    /// Syrve still holds the shifts of a driver who left. Where none is known to be open, one may be all the same: that is
    /// looked at when it is the command's turn.
    fn pos_commands(&self, before: &Self, account: &Account) -> Vec<CommandKind> {
        if self.active() || account.syrve.is_none() || self.driver_id.employee().is_none() {
            return Vec::new();
        }
        let clock_out = |terminal_group_id| {
            let driver_id = self.driver_id.clone();
            CommandKind::ClockOut { driver_id, terminal_group_id }
        };
        if before.works_unseen() {
            return vec![clock_out(None)];
        }
        let is_open_now: Vec<_> = self.open_shifts().collect();
        let closed = before.open_shifts().filter(|group| !is_open_now.contains(group));
        // A shift that Syrve itself says is closed was closed by an event of the shift's own, not by the list.
        let by_list =
            |group: &_| self.shifts.get(group).and_then(|shift| shift.stamp()) == self.courier.stamp();
        closed.filter(by_list).map(|group| clock_out(Some(group))).collect()
    }

    /// Whether a courier may be at work without a shift that anybody told of.
    pub fn works_unseen(&self) -> bool {
        self.is_courier() && self.active() && !self.clocked_in()
    }

    /// What the fleet should know of the driver and has not been asked to. Only couriers of Syrve's list are a fleet's
    /// drivers; shifts are those of all employees. One who was gone before the fleet heard of them is not told of.
    fn untold(&self, account: &Account) -> Option<ToldFleet> {
        let (Some(provider), Some(_)) = (account.dispatch_to, self.driver_id.employee()) else { return None };
        let fleet_account = account.captain.as_ref().and_then(|captain| captain.account_uuid.clone())?;
        let courier = self.courier.get()?;
        let (courier, on_duty) = (courier.clone(), self.clocked_in() && self.active());
        let told = ToldFleet { provider, account: fleet_account, courier, on_duty, failed: false };
        let news = self.told_fleet.as_ref().map_or(told.courier.active, |known| *known != told);
        news.then_some(told)
    }

    /// Whether the fleet is still to be told of the driver, though nothing about them has changed: the restaurant has
    /// begun to write to it since, or again, has moved to another account of it, or telling it came to nothing.
    pub fn is_news_to_fleet(&self, account: &Account) -> bool {
        self.untold(account).is_some()
    }

    fn fleet_commands(&mut self, before: &Self, account: &Account) -> Vec<CommandKind> {
        let driver_id = self.driver_id.clone();
        let has_failed = self.told_fleet.as_ref().is_some_and(|told| told.failed);
        let is_word = before.courier != self.courier || before.shifts != self.shifts || *before == *self;
        if has_failed && !is_word {
            // Not at once, nor wherever the driver is seen: the next shift asks again, or the next sync.
            return Vec::new();
        }
        let Some(told) = self.untold(account) else { return Vec::new() };
        let known = self.told_fleet.replace(told.clone()).filter(|known| known.account == told.account);
        if known.is_none() {
            self.fleet_ids.remove(&told.provider);
        }
        let is_known_there = self.fleet_ids.contains_key(&told.provider);
        let is_told = known.as_ref().is_some_and(|known| !known.failed && known.courier == told.courier);
        let leaves = known.as_ref().is_some_and(|known| known.courier.active) && !told.courier.active;
        let upsert =
            (!is_told).then(|| CommandKind::UpsertDriver { driver_id: driver_id.clone() }).into_iter();
        let (was_on, failed) = known.map_or((false, false), |known| (known.on_duty, known.failed));
        match told.on_duty {
            // On duty only as a driver who is active there, off duty before that ends. After a failure it is not known
            // which, nor of one who leaves and may have gone on duty in the fleet's own app; and to be told twice does no
            // harm.
            true if !was_on || failed => upsert.chain([CommandKind::ClockInDriver { driver_id }]).collect(),
            false if was_on || (is_known_there && (failed || leaves)) => {
                [CommandKind::ClockOutDriver { driver_id }].into_iter().chain(upsert).collect()
            }
            _ => upsert.collect(),
        }
    }

    /// Why a command about this driver, asked for at `command.stamp`, is pointless by now. An upsert never is: it says the
    /// newest when its turn comes, and what lies behind it in the queue may need it.
    pub fn superseded(&self, command: &Command) -> Option<DriverSuperseded> {
        let newer = |stamp: Option<&Stamp>| stamp.is_some_and(|stamp| *stamp > command.stamp);
        match &command.kind {
            CommandKind::ClockIn { terminal_group_id: named, .. }
            | CommandKind::ClockOut { terminal_group_id: named, .. } => {
                let request = self.clock_request.as_ref();
                if request.is_some_and(|request| request.stamp > command.stamp) {
                    return Some(DriverSuperseded::NewerRequest);
                }
                // What the command before it does in Syrve is told of after this was asked for, and takes nothing back.
                let behind = request.is_some_and(|request| request.behind && request.stamp == command.stamp);
                let wanted = matches!(command.kind, CommandKind::ClockIn { .. });
                let is_there = |group: &TerminalGroupId| named.is_none_or(|named| named == *group);
                let mut shifts = self.shifts.iter().filter(|(group, _)| is_there(group));
                let newer_shift =
                    shifts.any(|(_, shift)| newer(shift.stamp()) && (!behind || is_open(shift) == wanted));
                newer_shift.then_some(DriverSuperseded::NewerShift)
            }
            CommandKind::ClockInDriver { .. } => {
                (!self.clocked_in() || !self.active()).then_some(DriverSuperseded::ClockedSince)
            }
            CommandKind::ClockOutDriver { .. } => {
                (self.clocked_in() && self.active()).then_some(DriverSuperseded::ClockedSince)
            }
            _ => None,
        }
    }

    /// The domain events of the change `before` → `self`.
    fn events_since(&self, before: &Self, cause: Cause<'_>, at: Timestamp) -> Vec<DomainEvent> {
        let mut events = Vec::new();
        let mut tell = |name: &str, detail: Value| {
            events.push(DomainEvent::new(name, About::Driver(self.driver_id.clone()), at, cause, detail));
        };
        if before.active() != self.active() {
            tell(if self.active() { "driver_activated" } else { "driver_deactivated" }, json!({}));
        }
        if before.clocked_in() != self.clocked_in() {
            let name = if self.clocked_in() { "driver_clocked_in" } else { "driver_clocked_out" };
            tell(name, json!({ "terminal_group_id": self.terminal_group() }));
        }
        if let Some(eta) = self.eta.get().filter(|eta| before.eta.get() != Some(eta)) {
            tell("agent_eta_updated", json!({ "available_at": eta.available_at, "home_at": eta.home_at }));
        }
        events
    }
}
