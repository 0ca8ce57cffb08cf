//! What the tests of all clients share: a clock that stands still, a gate in memory that decides as the real one does, a
//! server that hangs up, and the log lines that a call leaves behind.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard};

use courier_domain::clock::Clock;
use courier_domain::gate::{Decision, GateState, Pass, Rate, Refusal, counts, hold};
use courier_domain::ports::{Gate, Outcome, PortError};
use jiff::{SignedDuration, Timestamp};
use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Metadata, Subscriber, span};

/// A clock that a test moves.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<Mutex<Timestamp>>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(Mutex::new("2026-03-01T12:00:00Z".parse().unwrap())))
    }
}

impl TestClock {
    pub(crate) fn advance(&self, minutes: i64) {
        self.pass(SignedDuration::from_mins(minutes));
    }

    pub(crate) fn advance_seconds(&self, seconds: i64) {
        self.pass(SignedDuration::from_secs(seconds));
    }

    fn pass(&self, time: SignedDuration) {
        *self.0.lock().unwrap() += time;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A gate in memory; clones share it, as processes share the table. At first it holds nobody to a rate.
#[derive(Clone, Default)]
pub(crate) struct MemoryGate(Arc<Mutex<Gates>>);

#[derive(Default)]
pub(crate) struct Gates {
    /// Whether calls are held to their rate.
    pub(crate) strict: bool,
    pub(crate) unreadable: bool,
    pub(crate) unwritable: bool,
    refusals: HashMap<String, Refusal>,
    groups: HashMap<(String, &'static str), GateState>,
    passed: Vec<(&'static str, Rate)>,
    told: Vec<String>,
}

impl MemoryGate {
    pub(crate) fn open(&self) -> MutexGuard<'_, Gates> {
        self.0.lock().unwrap()
    }

    /// What passed since this was last asked: groups and their rates.
    pub(crate) fn passed(&self) -> Vec<(&'static str, Rate)> {
        std::mem::take(&mut self.open().passed)
    }

    /// What was written since this was last asked, besides places in a rate.
    pub(crate) fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.open().told)
    }

    /// How many failures in a row are on record for a group of any login.
    pub(crate) fn failures(&self, group: &str) -> u32 {
        let gates = self.open();
        gates.groups.iter().filter(|((_, name), _)| *name == group).map(|(_, state)| state.failures).sum()
    }

    fn write(&self, what: String) -> Result<MutexGuard<'_, Gates>, PortError> {
        let mut gates = self.open();
        if gates.unwritable {
            return Err(broken());
        }
        gates.told.push(what);
        Ok(gates)
    }
}

fn broken() -> PortError {
    PortError::Unavailable { service: "table", source: "out of order".into() }
}

impl Gate for MemoryGate {
    async fn pass(
        &self,
        login: &str,
        group: &'static str,
        rate: Rate,
        now: Timestamp,
    ) -> Result<Pass, PortError> {
        let mut gates = self.open();
        if gates.unreadable {
            return Err(broken());
        }
        let Gates { strict, refusals, groups, passed, .. } = &mut *gates;
        let enforced = if *strict { rate } else { Rate::per_minute(1_000_000) };
        let state = groups.entry((login.to_owned(), group)).or_default();
        state.refusal = refusals.get(login).cloned();
        let failures = state.failures;
        let mut pass = Pass::Go { failures };
        match state.decide(enforced, now) {
            Decision::No(pass) => return Ok(pass),
            Decision::Take { next } => state.next = Some(next),
            Decision::Probe { next, closed_until } => {
                (state.next, state.tried_until) = (Some(next), Some(closed_until));
                state.closed_until = state.tried_until;
            }
            Decision::TryLogin { next, refused_until } => {
                state.next = Some(next);
                let until = Timestamp::from_millisecond(refused_until).unwrap();
                refusals.entry(login.to_owned()).and_modify(|refusal| refusal.until = until);
                pass = Pass::Try { failures };
            }
        }
        passed.push((group, rate));
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
        let mut gates = self.write(format!("{group} {outcome:?}"))?;
        let state = gates.groups.entry((login.to_owned(), group)).or_default();
        match outcome {
            Outcome::Works => (state.failures, state.closed_until) = (0, None),
            Outcome::Fails { after } => {
                state.failures += u32::from(counts(state.failures, seen));
                let asked = after.map(|after| SignedDuration::try_from(after).unwrap());
                let until = hold(state.failures).max(asked).map(|hold| (now + hold).as_millisecond());
                state.closed_until = until.max(state.closed_until);
            }
        }
        Ok(())
    }

    async fn refuse(&self, login: &str, refusal: &Refusal) -> Result<(), PortError> {
        let mut gates = self.write(format!("refused: {}", refusal.words))?;
        gates.refusals.insert(login.to_owned(), refusal.clone());
        Ok(())
    }

    async fn refusal(&self, login: &str) -> Result<Option<Refusal>, PortError> {
        let gates = self.open();
        if gates.unreadable { Err(broken()) } else { Ok(gates.refusals.get(login).cloned()) }
    }

    async fn accept(&self, login: &str) -> Result<(), PortError> {
        self.write("accepted".to_owned())?.refusals.remove(login);
        Ok(())
    }
}

/// A server that reads one request, says `answer` and hangs up.
pub(crate) fn hangs_up_after(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let read = stream.read(&mut [0; 4096]).unwrap();
        assert!(read > 0);
        stream.write_all(answer.as_bytes()).unwrap();
    });
    format!("http://{address}")
}

/// An address where nobody answers.
pub(crate) fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// The log lines of this thread, from when it is made until it is dropped.
pub(crate) struct Log {
    lines: Arc<Mutex<String>>,
    _guard: DefaultGuard,
}

impl Log {
    pub(crate) fn start() -> Self {
        let lines = Arc::<Mutex<String>>::default();
        let guard = tracing::subscriber::set_default(Recorder(Arc::clone(&lines)));
        Self { lines, _guard: guard }
    }

    pub(crate) fn text(&self) -> String {
        self.lines.lock().unwrap().clone()
    }
}

/// Writes down every field of every event, those of other crates included.
struct Recorder(Arc<Mutex<String>>);

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        writeln!(self.0, "{field}={value:?}").unwrap();
    }
}
