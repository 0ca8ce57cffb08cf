//! When calls may be made, as the domain decides it.

use courier_domain::gate::{Decision, Pass, Rate, Refusal, counts, hold};
use courier_domain::ports::{Gate, Outcome, PortError};
use jiff::Timestamp;

use super::{Memory, State};

impl Gate for Memory {
    async fn pass(
        &self,
        login: &str,
        group: &'static str,
        rate: Rate,
        now: Timestamp,
    ) -> Result<Pass, PortError> {
        let mut state = self.state();
        let State { refusals, gates, .. } = &mut *state;
        let gate = gates.entry((login.to_owned(), group)).or_default();
        gate.refusal = refusals.get(login).cloned();
        let failures = gate.failures;
        let (next, pass) = match gate.decide(rate, now) {
            Decision::No(pass) => return Ok(pass),
            Decision::Take { next } => (next, Pass::Go { failures }),
            Decision::Probe { next, closed_until } => {
                (gate.closed_until, gate.tried_until) = (Some(closed_until), Some(closed_until));
                (next, Pass::Go { failures })
            }
            Decision::TryLogin { next, refused_until } => {
                let until = Timestamp::from_millisecond(refused_until).unwrap();
                refusals.entry(login.to_owned()).and_modify(|refusal| refusal.until = until);
                (next, Pass::Try { failures })
            }
        };
        gate.next = Some(next);
        Ok(pass)
    }

    async fn report(
        &self,
        login: &str,
        group: &'static str,
        outcome: Outcome,
        seen: u32,
        now: Timestamp,
    ) -> Result<(), PortError> {
        let mut state = self.state();
        let gate = state.gates.entry((login.to_owned(), group)).or_default();
        match outcome {
            Outcome::Works => (gate.failures, gate.closed_until) = (0, None),
            Outcome::Fails { .. } => {
                gate.failures += u32::from(counts(gate.failures, seen));
                gate.closed_until = hold(gate.failures).map(|hold| (now + hold).as_millisecond());
            }
        }
        Ok(())
    }

    async fn refuse(&self, login: &str, refusal: &Refusal) -> Result<(), PortError> {
        self.state().refusals.insert(login.to_owned(), refusal.clone());
        Ok(())
    }

    async fn refusal(&self, login: &str) -> Result<Option<Refusal>, PortError> {
        Ok(self.state().refusals.get(login).cloned())
    }

    async fn accept(&self, login: &str) -> Result<(), PortError> {
        self.state().refusals.remove(login);
        Ok(())
    }
}
