//! Drivers who moved: collected by the minute, with one message for the end of each.

use std::collections::BTreeSet;
use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::event::DomainEvent;
use courier_domain::ids::DriverId;
use courier_domain::inbound::InboundEvent;
use courier_domain::notification::{MovesKey, NotifyMessage};
use courier_domain::ports::{Moved, Moves, PortError};
use serde_json::json;

use super::positions;
use crate::drivers::{ByTheMinute, Movements};
use crate::testing::events::{captain, shift};
use crate::testing::{ANN, Bridge, Fault, HandClock, Memory, Outbox, at};

/// One driver at a latitude, measured at `second`.
fn seen(second: i64, latitude: f64) -> InboundEvent {
    let point = json!({ "latitude": latitude, "longitude": -6.2, "recorded_at": at(second).to_string() });
    let agents = json!([{ "agent_uuid": "7183bb9f1a65", "locations": [point] }]);
    captain("agent_radar_locations_created", second, &json!({ "agent_locations": agents }))
}

/// How many drivers moved in the current minute.
fn moved(bridge: &Bridge) -> usize {
    bridge.memory.state().told.moves.get(&minute(bridge)).map_or(0, |minute| minute.drivers.len())
}

fn minute(bridge: &Bridge) -> MovesKey {
    MovesKey::at("demo".parse().unwrap(), bridge.clock.now())
}

#[tokio::test]
async fn drivers_of_one_minute_share_one_message_that_comes_just_after_its_end() {
    let bridge = Bridge::default();
    bridge.clock.advance(Duration::from_millis(15_250));
    bridge.tell_all(&[positions(1, 250), seen(2, 53.3), seen(3, 53.4)]).await;
    assert_eq!(moved(&bridge), 251);
    // Two seconds after the minute, and this account one more, so that not all come at once.
    let (key, left) = (minute(&bridge), Duration::from_millis(60_000 - 15_250 + 2_000 + 1_000));
    assert_eq!(bridge.moves.items(), [(NotifyMessage::Moves(key), left)]);
    assert_eq!(bridge.event_names(), [""; 0], "a move is no event of its own");
}

#[tokio::test]
async fn each_minute_has_its_message() {
    let bridge = Bridge::default();
    let mut keys = BTreeSet::new();
    for second in [1, 2, 3] {
        bridge.tell_all(&[seen(second, 53.3 + f64::from(i32::try_from(second).unwrap()))]).await;
        keys.insert(minute(&bridge).minute);
        bridge.clock.advance(Duration::from_mins(1));
    }
    assert_eq!((bridge.moves.items().len(), keys.len()), (3, 3));
}

#[tokio::test]
async fn whoever_is_where_they_were_or_was_seen_there_earlier_did_not_move() {
    let bridge = Bridge::default();
    bridge.tell_all(&[seen(10, 53.3)]).await;
    bridge.clock.advance(Duration::from_mins(1));
    bridge.tell_all(&[seen(11, 53.3), seen(9, 53.9), shift(12, ANN, true)]).await;
    assert_eq!((moved(&bridge), bridge.moves.items().len()), (0, 1));
    bridge.tell_all(&[seen(13, 53.31)]).await;
    assert_eq!((moved(&bridge), bridge.moves.items().len()), (1, 2));
}

#[tokio::test]
async fn what_could_not_be_collected_or_queued_is_by_the_redelivery() {
    let bridge = Bridge::default();
    bridge.moves.sent().to_fail = 1;
    assert!(bridge.tell(&seen(1, 53.3)).await.is_err());
    assert_eq!((moved(&bridge), bridge.moves.items().len()), (1, 0));
    bridge.tell_all(&[seen(1, 53.3)]).await;
    assert_eq!(bridge.moves.items().len(), 1);
    bridge.tell_all(&[seen(1, 53.3)]).await;
    assert_eq!((moved(&bridge), bridge.moves.items().len()), (1, 1), "once more does no harm");
}

#[tokio::test]
async fn a_minute_is_never_left_without_a_message_and_may_have_two() {
    let bridge = Bridge::default();
    bridge.moves.sent().faults = [Some(Fault::Unheard)].into();
    assert!(bridge.tell(&seen(1, 53.3)).await.is_err());
    bridge.tell_all(&[seen(1, 53.3)]).await;
    let [first, second] = bridge.moves.items().try_into().unwrap();
    assert_eq!(first, second);
}

/// A table that takes its time.
struct SlowMoves(Memory, HandClock);

impl Moves for SlowMoves {
    async fn add_moves(&self, key: &MovesKey, drivers: &[DriverId]) -> Result<bool, PortError> {
        self.1.advance(Duration::from_secs(20));
        self.0.add_moves(key, drivers).await
    }

    async fn moves_queued(&self, key: &MovesKey) -> Result<(), PortError> {
        self.0.moves_queued(key).await
    }

    async fn moved(&self, key: &MovesKey) -> Result<Moved, PortError> {
        self.0.moved(key).await
    }

    async fn keep_moves_event(&self, key: &MovesKey, event: &DomainEvent) -> Result<DomainEvent, PortError> {
        self.0.keep_moves_event(key, event).await
    }
}

#[tokio::test]
async fn drivers_who_are_added_after_their_minute_was_told_of_are_added_to_the_next() {
    for (second, minutes) in [(39, 1), (41, 1), (42, 2), (59, 2)] {
        let (memory, clock, queue) = (Memory::default(), HandClock::default(), Outbox::default());
        clock.advance(Duration::from_secs(second));
        let store = SlowMoves(memory.clone(), clock.clone());
        let by_the_minute = ByTheMinute { store, queue: queue.clone(), clock };
        by_the_minute.moved(&"demo".parse().unwrap(), &[ANN.parse().unwrap()]).await.unwrap();
        assert_eq!((memory.state().told.moves.len(), queue.items().len()), (minutes, minutes), "{second}");
    }
}
