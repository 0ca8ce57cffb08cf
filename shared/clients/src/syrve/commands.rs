//! What became of a command. Syrve answers 200 to a command before the restaurant's POS has seen it; this call tells the
//! rest.

use courier_domain::clock::Clock;
use courier_domain::ids::OrganizationId;
use courier_domain::ports::TokenStore;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{CommandStatus, CorrelationId, SyrveClient, SyrveLogin};
use crate::error::CallError;
use crate::words::Words;

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

impl<S: TokenStore, C: Clock> SyrveClient<S, C> {
    /// Asks how far an accepted command is. A command that Syrve does not remember is an answer, not an error: 410 by
    /// the contract, and in practice other refusals that say so in words.
    pub async fn command_status(
        &self,
        login: &SyrveLogin,
        organization: &OrganizationId,
        command: &CorrelationId,
    ) -> Result<CommandStatus, CallError> {
        let request = StatusRequest { organization_id: organization, correlation_id: command };
        match self.call::<StatusAnswer>(login, "/api/1/commands/status", &request).await {
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
            let exception = || match answer.exception {
                None | Some(Value::Null) => None,
                Some(Value::String(text)) => Some(text),
                Some(other) => Some(other.to_string()),
            };
            let reason = answer.error_reason.filter(|text| !text.trim().is_empty()).or_else(exception);
            let words = reason.map(|text| Words::new(&text, &login.secrets()));
            CommandStatus::Error { reason: words.filter(|words| !words.as_str().is_empty()) }
        }
        _ => CommandStatus::InProgress,
    }
}
