//! What became of a command. Syrve answers 200 to a command before the restaurant's POS has seen it; this call tells the
//! rest.

use courier_domain::clock::Clock;
use courier_domain::ids::OrganizationId;
use courier_domain::ports::{Gate, TokenStore};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::group::{Endpoint, Group};
use super::{CommandStatus, CorrelationId, SyrveClient, SyrveLogin};
use crate::error::CallError;
use crate::words::Words;

const COMMAND_STATUS: Endpoint = Endpoint::new("/api/1/commands/status", Group::Commands);

/// `commands/status`: the question.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusRequest<'a> {
    organization_id: &'a OrganizationId,
    correlation_id: &'a CorrelationId,
}

/// `commands/status`: the answer. `exception` may be anything.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatusAnswer {
    state: String,
    #[serde(default)]
    error_reason: Option<String>,
    #[serde(default)]
    exception: Option<Value>,
}

impl<S: TokenStore + Gate, C: Clock> SyrveClient<S, C> {
    /// Asks how far an accepted command is. A command that Syrve does not remember is an answer, not an error: 410 by
    /// the contract, and in practice other refusals that say so in words.
    pub async fn command_status(
        &self,
        login: &SyrveLogin,
        organization: &OrganizationId,
        command: &CorrelationId,
    ) -> Result<CommandStatus, CallError> {
        let request = StatusRequest { organization_id: organization, correlation_id: command };
        match self.call::<StatusAnswer>(login, &COMMAND_STATUS, &request).await {
            Ok(answer) => Ok(status(answer, login)),
            Err(CallError::Rejected { status, words }) if status == 410 || is_forgotten(&words) => {
                Ok(CommandStatus::Forgotten)
            }
            Err(error) => Err(error),
        }
    }
}

fn is_forgotten(words: &Words) -> bool {
    words.say("passed_command_not_found") || words.say("not found in commands storage")
}

fn status(answer: StatusAnswer, login: &SyrveLogin) -> CommandStatus {
    match answer.state.trim().to_ascii_lowercase().as_str() {
        "success" => CommandStatus::Success,
        "error" => {
            let reason = answer.error_reason.filter(|text| !text.trim().is_empty()).map(Value::String);
            let reason = reason.or(answer.exception).map(|reason| Words::of_field(&reason, &login.secrets()));
            CommandStatus::Error { reason: reason.filter(|words| !words.as_str().is_empty()) }
        }
        _ => CommandStatus::InProgress,
    }
}
