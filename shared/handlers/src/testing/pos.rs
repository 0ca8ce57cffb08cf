//! A POS that answers by script and remembers what it was asked. An unscripted call is a failure of the test, unless the POS is
//! one that does all it is asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use courier_clients::syrve::{CommandStatus, CorrelationId, SyrveLogin};
use courier_clients::{CallError, Outcome, Words};
use courier_domain::command::CommandKind;
use courier_domain::delivery::PosStatus;
use courier_domain::ids::{DriverId, OrderId, OrganizationId, RoleId, TerminalGroupId};
use courier_domain::order::SyrveStatus;

use super::{ORDER, ORGANIZATION};
use crate::syrve_command::{Pos, ShiftOf};

#[derive(Default)]
pub(crate) struct Script {
    pub(crate) updates: VecDeque<Result<&'static str, CallError>>,
    pub(crate) questions: VecDeque<Result<CommandStatus, CallError>>,
    pub(crate) looks: VecDeque<Result<Option<&'static str>, CallError>>,
    pub(crate) shifts: VecDeque<Result<bool, CallError>>,
    pub(crate) groups: VecDeque<Result<Vec<&'static str>, CallError>>,
    pub(crate) own_groups: VecDeque<Result<Vec<&'static str>, CallError>>,
    /// Does what no script says.
    pub(crate) obliging: bool,
    pub(crate) calls: Vec<String>,
    pub(crate) logins: Vec<SyrveLogin>,
}

#[derive(Clone, Default)]
pub(crate) struct FakePos(Arc<Mutex<Script>>);

impl FakePos {
    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap()
    }

    pub(crate) fn update(&self, answer: Result<&'static str, CallError>) -> &Self {
        self.script().updates.push_back(answer);
        self
    }

    pub(crate) fn question(&self, answer: Result<CommandStatus, CallError>) -> &Self {
        self.script().questions.push_back(answer);
        self
    }

    pub(crate) fn look(&self, answer: Result<Option<&'static str>, CallError>) -> &Self {
        self.script().looks.push_back(answer);
        self
    }

    pub(crate) fn shift(&self, answer: Result<bool, CallError>) -> &Self {
        self.script().shifts.push_back(answer);
        self
    }

    pub(crate) fn groups(&self, answer: Result<Vec<&'static str>, CallError>) -> &Self {
        self.script().groups.push_back(answer);
        self
    }

    pub(crate) fn own_groups(&self, answer: Result<Vec<&'static str>, CallError>) -> &Self {
        self.script().own_groups.push_back(answer);
        self
    }

    /// The calls since this was last asked.
    pub(crate) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.script().calls)
    }

    fn called(
        &self,
        login: &SyrveLogin,
        organization: OrganizationId,
        call: String,
    ) -> MutexGuard<'_, Script> {
        assert_eq!(organization.to_string(), ORGANIZATION);
        let mut script = self.script();
        script.logins.push(login.clone());
        script.calls.push(call);
        script
    }
}

impl Pos for FakePos {
    type Leave = ();

    /// An update that is not to be sent is held back here.
    async fn enter(&self, login: &SyrveLogin, _kind: &CommandKind) -> Result<(), CallError> {
        let mut script = self.script();
        let is_held = |error: &mut CallError| {
            matches!(error.outcome(), Outcome::NotSent { .. })
                || matches!(error, CallError::TokenUnavailable(_) | CallError::LoginRejected { .. })
        };
        match script.updates.pop_front_if(|answer| answer.as_mut().is_err_and(is_held)) {
            Some(answer) => {
                script.logins.push(login.clone());
                answer.map(|_| ())
            }
            None => Ok(()),
        }
    }

    async fn update_status(
        &self,
        login: &SyrveLogin,
        organization: OrganizationId,
        order: OrderId,
        status: PosStatus,
        delivery_date: Option<&str>,
        _leave: Option<()>,
    ) -> Result<CorrelationId, CallError> {
        assert_eq!(order.to_string(), ORDER);
        let date = delivery_date.map(|date| format!(" {date}")).unwrap_or_default();
        let mut script = self.called(login, organization, format!("set {}{date}", status.as_str()));
        let obliging = script.obliging.then_some(Ok("an-operation"));
        let answer = script.updates.pop_front().or(obliging).expect("a scripted answer to an update");
        answer.map(|id| id.to_owned().into())
    }

    async fn command_status(
        &self,
        login: &SyrveLogin,
        organization: OrganizationId,
        id: &CorrelationId,
    ) -> Result<CommandStatus, CallError> {
        let mut script = self.called(login, organization, format!("ask {id}"));
        let obliging = script.obliging.then_some(Ok(CommandStatus::Success));
        script.questions.pop_front().or(obliging).expect("a scripted answer to a question")
    }

    async fn order_status(
        &self,
        login: &SyrveLogin,
        organization: OrganizationId,
        order: OrderId,
    ) -> Result<Option<SyrveStatus>, CallError> {
        assert_eq!(order.to_string(), ORDER);
        let mut script = self.called(login, organization, "look".to_owned());
        let answer = script.looks.pop_front().expect("a scripted answer to a look");
        answer.map(|status| status.map(|status| status.to_owned().into()))
    }

    async fn change_shift(
        &self,
        login: &SyrveLogin,
        shift: &ShiftOf<'_>,
        open: bool,
        role: Option<RoleId>,
        _leave: Option<()>,
    ) -> Result<CorrelationId, CallError> {
        let role = role.map(|role| format!(" as {role}")).unwrap_or_default();
        let call = format!("{} at {}{role}", if open { "open" } else { "close" }, shift.terminal_group);
        let mut script = self.called(login, shift.organization, call);
        let answer = script.updates.pop_front().expect("a scripted answer to an update");
        answer.map(|id| id.to_owned().into())
    }

    async fn shift_is_open(&self, login: &SyrveLogin, shift: &ShiftOf<'_>) -> Result<bool, CallError> {
        let call = format!("is open at {}", shift.terminal_group);
        let mut script = self.called(login, shift.organization, call);
        script.shifts.pop_front().expect("a scripted answer to a look at a shift")
    }

    async fn terminal_groups_of(
        &self,
        login: &SyrveLogin,
        _driver: &DriverId,
    ) -> Result<Vec<TerminalGroupId>, CallError> {
        let mut script = self.called(login, ORGANIZATION.parse().unwrap(), "where".to_owned());
        let answer = script.groups.pop_front().expect("a scripted answer to where a driver works");
        answer.map(|groups| groups.into_iter().map(|group| group.parse().unwrap()).collect())
    }

    async fn terminal_groups(
        &self,
        login: &SyrveLogin,
        organization: OrganizationId,
    ) -> Result<Vec<TerminalGroupId>, CallError> {
        let mut script = self.called(login, organization, "own places".to_owned());
        let answer = script.own_groups.pop_front().expect("a scripted answer to the restaurant's places");
        answer.map(|groups| groups.into_iter().map(|group| group.parse().unwrap()).collect())
    }
}

pub(crate) fn words(text: &str) -> Words {
    serde_json::from_value(text.into()).unwrap()
}

pub(crate) fn refused(reason: &str) -> CommandStatus {
    CommandStatus::Error { reason: Some(words(reason)) }
}

pub(crate) fn rejected() -> CallError {
    CallError::Rejected { status: 400, words: words("WrongOrganization") }
}

pub(crate) fn login_rejected() -> CallError {
    CallError::LoginRejected { status: 401, words: words("Login is not known") }
}

pub(crate) fn terminal_silent() -> CallError {
    CallError::TerminalSilent { words: words("no answer") }
}

pub(crate) fn throttled(seconds: u64) -> CallError {
    CallError::Throttled { after: Some(Duration::from_secs(seconds)), words: words("too many requests") }
}

pub(crate) fn unavailable() -> CallError {
    CallError::Unavailable { status: 503, after: None, words: words("down") }
}

pub(crate) fn token_busy() -> CallError {
    CallError::TokenBusy
}

/// A gateway or the system itself broke; nobody knows whether the call was carried out.
pub(crate) fn fault() -> CallError {
    CallError::Fault { status: 500, after: None, words: words("broken") }
}

pub(crate) fn no_such() -> CallError {
    CallError::Rejected { status: 404, words: words("Not found") }
}

/// A 200 that is none.
pub(crate) fn error_field(text: &str) -> CallError {
    CallError::ErrorField { words: words(text) }
}

/// The rate is used up, or the breaker is open.
pub(crate) fn held_back(seconds: u64) -> CallError {
    CallError::HeldBack { after: Duration::from_secs(seconds) }
}

/// The login was refused a while ago.
pub(crate) fn login_held(seconds: u64) -> CallError {
    CallError::LoginHeld { after: Duration::from_secs(seconds), words: words("Apilogin has been blocked.") }
}
