//! Clocking a driver in or out in Syrve. The request is written with the driver before it is queued, so that two people who
//! press the same button at once ask once.

use courier_domain::clock::Clock;
use courier_domain::command::{Command, CommandKind};
use courier_domain::driver::{ClockRequest, Driver};
use courier_domain::ids::{AccountId, DriverId, EventKey, RoleId, TerminalGroupId};
use courier_domain::ports::{CommandQueue, Directory, Versioned, WholeDriver};
use courier_domain::register::Stamp;
use lambda_http::Request;
use lambda_http::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::body::read;
use super::drivers::decoded;
use super::views::{command_view, driver_view};
use super::{Answer, Api, Parts, not_found};
use crate::http::{Problem, body, json};

/// Where and as what, for a driver of whom that is not known; both may be left out, and the body with them.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockBody {
    terminal_group_id: Option<TerminalGroupId>,
    role_id: Option<RoleId>,
}

impl<P: Parts> Api<P> {
    /// 202 with the command, 200 when it is already so and nothing else was asked for since.
    pub(super) async fn clock(&self, request: &Request, id: &str, driver: &str, open: bool) -> Answer {
        let asked: ClockBody = match body(request)? {
            [] => ClockBody::default(),
            bytes => read(bytes)?,
        };
        if !open && asked.role_id.is_some() {
            return Err(Problem::field("role_id", "is for clock_in only"));
        }
        let account = self.stored(id).await?.value;
        let conflict = |detail: &str| Problem::new(StatusCode::CONFLICT, detail);
        if !account.enabled {
            return Err(conflict("the account is disabled"));
        }
        if account.syrve.is_none() {
            return Err(conflict("the account has no syrve"));
        }
        let driver: DriverId = decoded(driver).parse().map_err(|_| not_found("driver"))?;
        let found = self.directory.whole_driver(&account.account_id, &driver).await?;
        let WholeDriver { driver, commands } = found.ok_or_else(|| not_found("driver"))?;
        if driver.value.driver_id.employee().is_none() {
            return Err(conflict("the driver is known to the fleet only, and has no shifts in Syrve"));
        }
        if open && !driver.value.active() {
            return Err(conflict("the driver is inactive: deleted in Syrve, or gone from its list"));
        }
        let pending = driver.value.clock_request.as_ref().and_then(|request| {
            // One that was never queued would be given up unsent once its time is over.
            let is_it = |command: &&Command| {
                command.id == request.command_id
                    && !command.state.is_final()
                    && !command.is_out_of_time(self.clock.now())
            };
            Some((request.opened, commands.iter().find(is_it)?))
        });
        match pending {
            // Sent again, should the one who asked first have failed to: the queue takes it once.
            Some((opened, command)) if opened == open => {
                self.commands.send_commands(std::slice::from_ref(command)).await?;
                return Ok(accepted(command));
            }
            None if driver.value.clocked_in() == open => {
                let sync = self.directory.driver_sync(&account.account_id).await?;
                return Ok(json(
                    StatusCode::OK,
                    &json!({ "driver": driver_view(&driver.value, sync.as_ref()) }),
                ));
            }
            _ => {}
        }
        let (driver, command) = self.requested(&account.account_id, driver, asked, open);
        if !self.directory.commit_request(driver, &command).await? {
            return Err(conflict("the driver was changed by somebody else at the same time, try again"));
        }
        self.commands.send_commands(std::slice::from_ref(&command)).await?;
        Ok(accepted(&command))
    }

    fn requested(
        &self,
        account: &AccountId,
        mut driver: Versioned<Driver>,
        asked: ClockBody,
        opened: bool,
    ) -> (Versioned<Driver>, Command) {
        let now = self.clock.now();
        let value = &mut driver.value;
        let driver_id = value.driver_id.clone();
        let terminal_group_id = asked.terminal_group_id;
        let kind = if opened {
            let role_id = asked.role_id.or_else(|| value.role.get().copied());
            CommandKind::ClockIn { driver_id, terminal_group_id, role_id }
        } else {
            CommandKind::ClockOut { driver_id, terminal_group_id }
        };
        let cause = EventKey::hashed(["clock_request", &Uuid::new_v4().to_string()]);
        let stamp = Stamp::new(now, cause.clone());
        let command = Command::new(account.clone(), kind, stamp.clone(), &cause, now);
        value.clock_request = Some(ClockRequest { opened, command_id: command.id.clone(), stamp });
        (driver, command)
    }
}

fn accepted(command: &Command) -> lambda_http::Response<lambda_http::Body> {
    json(StatusCode::ACCEPTED, &json!({ "command": command_view(command) }))
}
