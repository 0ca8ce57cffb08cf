//! One call that always fails, beside others of the same login that work: by the real rules of the gate and the real pauses, on
//! a clock that the test moves. The others must not wait for the end of its window.

use std::collections::BTreeMap;

use super::*;
use crate::gate::{Decision, GateState, Pass, Rate, counts, hold};

/// How long a call takes, and a message from the queue to the function, milliseconds.
const CALL: i64 = 200;
const RATE: Rate = Rate::per_minute(225);

struct World {
    now: i64,
    /// Commands by when they are received; the number tells apart those of the same moment.
    due: BTreeMap<(i64, usize), Command>,
    gate: GateState,
    /// What of the calls under way is to be told: when, failures before, and whether it worked.
    told: Vec<(i64, u32, bool)>,
    number: usize,
    delays: Vec<i64>,
}

fn command(number: usize, at: i64) -> Command {
    let order_id = format!("497f6eca-6276-4993-bfeb-{number:012}").parse().unwrap();
    let now = Timestamp::from_millisecond(at).unwrap();
    let key: EventKey = format!("key-{number}").parse().unwrap();
    let kind = CommandKind::UpdateOrder { order_id };
    Command::new("demo".parse().unwrap(), kind, Stamp::new(now, key.clone()), &key, now)
}

impl World {
    /// The command comes back after a pause, a little late.
    fn later(&mut self, command: Command, pause: Duration) {
        self.number += 1;
        let latency = i64::try_from(self.number * 37 % 180).unwrap() + 20;
        let pause = i64::try_from(pause.as_millis()).unwrap();
        self.due.insert((self.now + pause + latency, self.number), command);
    }

    /// The gate hears of calls that are over by now.
    fn hear(&mut self) {
        let (over, under_way) = self.told.drain(..).partition(|(at, ..)| *at <= self.now);
        self.told = under_way;
        let over: Vec<_> = over;
        for (at, seen, works) in over {
            if works {
                (self.gate.failures, self.gate.closed_until) = (0, None);
            } else {
                self.gate.failures += u32::from(counts(self.gate.failures, seen));
                let at = Timestamp::from_millisecond(at).unwrap();
                let held = hold(self.gate.failures).map(|hold| (at + hold).as_millisecond());
                self.gate.closed_until = held.or(self.gate.closed_until);
            }
        }
    }

    fn receive(&mut self, mut command: Command, fails: bool) {
        let now = Timestamp::from_millisecond(self.now).unwrap();
        let failures = self.gate.failures;
        match self.gate.decide(RATE, now) {
            Decision::No(Pass::Wait(after)) => {
                let pause = command.held_delay(Some(after), now);
                command.held_since.get_or_insert(now);
                return self.later(command, pause);
            }
            Decision::Take { next } => self.gate.next = Some(next),
            Decision::Probe { next, closed_until } => {
                self.gate.next = Some(next);
                (self.gate.closed_until, self.gate.tried_until) = (Some(closed_until), Some(closed_until));
            }
            other => panic!("no login was refused: {other:?}"),
        }
        self.told.push((self.now + CALL, failures, !fails));
        command.held_since = None;
        command.attempts += 1;
        if fails {
            let pause = command.retry_delay(command.attempts, None);
            self.later(command, pause);
        } else {
            self.delays.push(self.now - command.created_at.as_millisecond());
        }
    }
}

/// How long the others took, sorted, milliseconds, if one comes every so many seconds for four hours.
fn delays(every: usize) -> Vec<i64> {
    let start = 1_772_000_000_000;
    let (due, gate) = (BTreeMap::new(), GateState::default());
    let mut world = World { now: start, due, gate, told: Vec::new(), number: 0, delays: Vec::new() };
    for number in 0..=14_400 / every {
        let at = start + i64::try_from(number * every).unwrap() * 1_000;
        world.due.insert((at, number), command(number, at));
    }
    world.number = world.due.len();
    while let Some(((now, _), command)) =
        world.due.pop_first().filter(|((now, _), _)| now - start < 15_000_000)
    {
        world.now = now;
        world.hear();
        let is_first = command.created_at.as_millisecond() == start;
        world.receive(command, is_first);
    }
    world.delays.sort_unstable();
    world.delays
}

#[test]
fn one_call_that_always_fails_does_not_keep_others_waiting() {
    for every in [10, 180, 610, 890, 1210] {
        let delays = delays(every);
        assert_eq!(delays.len(), 14_400 / every, "all got through");
        let (usual, longest) = (delays[delays.len() / 2], delays[delays.len() - 1]);
        assert!(usual <= 40_000 && longest <= 95_000, "every {every} s: {usual} ms, {longest} ms at most");
    }
}
