//! The event of a minute in which drivers moved: where each of them is now. It is made here and not where the moves were
//! reported, since those come one by one; so it goes to the bus from here, for other rules than ours, and to subscribers
//! without that way round.

use courier_domain::clock::Clock;
use courier_domain::driver::Driver;
use courier_domain::event::{About, Cause, DomainEvent, EventName};
use courier_domain::ids::EventKey;
use courier_domain::notification::MovesKey;
use courier_domain::ports::{Drivers, EventBus, Moves, PortError};
use serde_json::{Value, json};

use super::Notify;

/// The most drivers of one event, which must fit on the bus: 256 KB in all, of which one takes at most 300 bytes.
const MOST_DRIVERS: usize = 800;
/// Drivers that are read in one request.
const PAGE: usize = 100;

impl<S, A, K, H, B, C> Notify<S, A, K, H, B, C>
where
    S: Moves + Drivers,
    B: EventBus,
    C: Clock,
{
    /// The event of a minute, the same each time; `None` when nobody moved.
    pub(super) async fn moves_event(&self, key: &MovesKey) -> Result<Option<DomainEvent>, PortError> {
        let moved = self.store.moved(key).await?;
        if moved.event.is_some() || moved.drivers.is_empty() {
            return Ok(moved.event);
        }
        if moved.drivers.len() > MOST_DRIVERS {
            let (account, drivers) = (&key.account_id, moved.drivers.len());
            tracing::error!(outcome = "moves_left_out", %account, drivers, "too many drivers moved for one event");
        }
        let mut places = Vec::new();
        for ids in moved.drivers.get(..MOST_DRIVERS).unwrap_or(&moved.drivers).chunks(PAGE) {
            let drivers = self.store.read_drivers(&key.account_id, ids).await?;
            places.extend(drivers.iter().filter_map(|driver| place(&driver.value)));
        }
        let Some(newest) = places.iter().map(|(at, _)| *at).max() else { return Ok(None) };
        let minute = key.minute.to_string();
        let id = EventKey::hashed(["moves", key.account_id.as_str(), &minute]);
        let cause = Cause { account: &key.account_id, key: &id, now: self.clock.now() };
        let name = EventName::AgentRadarLocationsCreated.as_str();
        // The id is the minute's, whatever is in it: a repetition after a crash may find the drivers elsewhere.
        let mut event = DomainEvent::new(name, About::Account, newest, cause, json!({}));
        event.detail = json!({ "drivers": places.into_iter().map(|(_, place)| place).collect::<Vec<_>>() });
        self.bus.publish(std::slice::from_ref(&event)).await?;
        Ok(Some(self.store.keep_moves_event(key, &event).await?))
    }
}

fn place(driver: &Driver) -> Option<(jiff::Timestamp, Value)> {
    let position = driver.position.get()?;
    let place = json!({
        "driver_id": driver.driver_id,
        "latitude": position.latitude,
        "longitude": position.longitude,
        "speed_kmh": position.speed_kmh,
        "course": position.course,
        "recorded_at": position.recorded_at,
    });
    Some((position.recorded_at, place))
}
