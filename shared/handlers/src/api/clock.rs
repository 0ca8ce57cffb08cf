//! Clocking a driver in or out in Syrve. The request is written with the driver before it is queued, so that two people who
//! press the same button at once ask once.

use courier_domain::account::Account;
use courier_domain::clock::Clock;
use courier_domain::command::{Command, CommandKind};
use courier_domain::driver::{ClockRequest, Driver};
use courier_domain::ids::{AccountId, DriverId, EventKey, RoleId, TerminalGroupId};
use courier_domain::ports::{CommandQueue, Directory, Versioned, WholeDriver};
use courier_domain::register::Stamp;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::body::read;
use super::drivers::decoded;
use super::views::{command_view, driver_view};
use super::{Answer, Api, Parts, not_found};
use crate::http::{Problem, body, json};

/// How often a request is decided anew where somebody else wrote the driver meanwhile: a position is written at any time.
const TRIES: usize = 6;

/// Where and as what, for a driver of whom that is not known; both may be left out, and the body with them.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockBody {
    terminal_group_id: Option<TerminalGroupId>,
    role_id: Option<RoleId>,
}

impl<P: Parts> Api<P> {
    /// 202 with the commands, 200 when it is already so and nothing else was asked for since.
    pub(super) async fn clock(&self, request: &Request, id: &str, driver: &str, open: bool) -> Answer {
        let asked: ClockBody = match body(request)? {
            [] => ClockBody::default(),
            bytes => read(bytes)?,
        };
        if !open && asked.role_id.is_some() {
            return Err(Problem::field("role_id", "is for clock_in only"));
        }
        let account = self.stored(id).await?.value;
        if !account.enabled {
            return Err(conflict("the account is disabled"));
        }
        if account.syrve.is_none() {
            return Err(conflict("the account has no syrve"));
        }
        let driver: DriverId = decoded(driver).parse().map_err(|_| not_found("driver"))?;
        for _ in 0..TRIES {
            let found = self.directory.whole_driver(&account.account_id, &driver).await?;
            let found = found.ok_or_else(|| not_found("driver"))?;
            if let Some(answer) = self.decide(&account, found, asked, open).await? {
                return Ok(answer);
            }
        }
        Err(conflict("the driver was changed by somebody else at the same time, try again"))
    }

    /// `None` when somebody else wrote the driver since.
    async fn decide(
        &self,
        account: &Account,
        found: WholeDriver,
        asked: ClockBody,
        open: bool,
    ) -> Result<Option<Response<Body>>, Problem> {
        let WholeDriver { driver, mut commands } = found;
        if driver.value.driver_id.employee().is_none() {
            return Err(conflict("the driver is known to the fleet only, and has no shifts in Syrve"));
        }
        if open && !driver.value.active() {
            return Err(conflict("the driver is inactive: deleted in Syrve, or gone from its list"));
        }
        let now = self.clock.now();
        commands.retain(|command| is_open(command, now));
        let request = driver.value.clock_request.as_ref();
        let (pending, others): (Vec<_>, Vec<_>) = commands
            .into_iter()
            .partition(|command| request.is_some_and(|request| request.stamp == command.stamp));
        let is_the_same = request.is_some_and(|request| request.opened == open);
        let (same, pending): (Vec<_>, Vec<_>) =
            pending.into_iter().partition(|command| is_the_same && asked.may_be_at(place(command)));
        if !same.is_empty() {
            // Sent again, should the one who asked first have failed to: the queue takes it once.
            self.commands.send_commands(&same).await?;
            return Ok(Some(accepted(&same)));
        }
        let is_so = match asked.terminal_group_id {
            Some(group) if driver.value.clocked_in() => driver.value.clocked_in_at(group) == Some(open),
            _ => driver.value.clocked_in() == open,
        };
        if is_so && pending.is_empty() {
            let sync = self.directory.driver_sync(&account.account_id).await?;
            let driver = driver_view(&driver.value, sync.as_ref());
            return Ok(Some(json(StatusCode::OK, &json!({ "driver": driver }))));
        }
        let behind = !pending.is_empty() || !others.is_empty();
        let (driver, asking) = requested(&account.account_id, driver, asked, open, behind, now);
        if !self.directory.commit_request(driver, &asking).await? {
            return Ok(None);
        }
        self.commands.send_commands(&asking).await?;
        Ok(Some(accepted(&asking)))
    }
}

impl ClockBody {
    /// Whether that may be the place that is meant.
    fn may_be_at(self, place: Option<TerminalGroupId>) -> bool {
        self.terminal_group_id.zip(place).is_none_or(|(asked, place)| asked == place)
    }
}

/// The driver with the request, and the commands that ask: one, or to clock out of several places, one for each.
fn requested(
    account: &AccountId,
    mut driver: Versioned<Driver>,
    asked: ClockBody,
    opened: bool,
    behind: bool,
    now: Timestamp,
) -> (Versioned<Driver>, Vec<Command>) {
    let value = &mut driver.value;
    let open: Vec<_> = value.open_shifts().map(Some).collect();
    let places = match asked.terminal_group_id {
        None if !opened && open.len() > 1 => open,
        named => vec![named],
    };
    let cause = EventKey::hashed(["clock_request", &Uuid::new_v4().to_string()]);
    let stamp = Stamp::new(value.time_of_request(now), cause.clone());
    let kind = |terminal_group_id| {
        let driver_id = value.driver_id.clone();
        if opened {
            let role_id = asked.role_id.or_else(|| value.role.get().copied());
            CommandKind::ClockIn { driver_id, terminal_group_id, role_id }
        } else {
            CommandKind::ClockOut { driver_id, terminal_group_id }
        }
    };
    let command = |place| Command::new(account.clone(), kind(place), stamp.clone(), &cause, now);
    let commands: Vec<_> = places.into_iter().map(command).collect();
    value.clock_request = Some(ClockRequest { opened, stamp, behind });
    (driver, commands)
}

/// Whether a command opens or closes a shift and is still to be done. One that was never queued would be given up unsent
/// once its time is over.
fn is_open(command: &Command, now: Timestamp) -> bool {
    let is_clock = matches!(command.kind, CommandKind::ClockIn { .. } | CommandKind::ClockOut { .. });
    is_clock && !command.state.is_final() && !command.is_out_of_time(now)
}

/// Where a command opens or closes a shift, as far as it was said or found out.
fn place(command: &Command) -> Option<TerminalGroupId> {
    match &command.kind {
        CommandKind::ClockIn { terminal_group_id, .. } | CommandKind::ClockOut { terminal_group_id, .. } => {
            *terminal_group_id
        }
        _ => None,
    }
}

fn conflict(detail: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, detail)
}

fn accepted(commands: &[Command]) -> Response<Body> {
    let commands: Vec<Value> = commands.iter().map(command_view).collect();
    json(StatusCode::ACCEPTED, &json!({ "command": commands.first(), "commands": commands }))
}
