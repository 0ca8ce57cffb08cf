//! When a Jelp event happened, by Jelp's clock: `timestamp` in a short event, `updatedAt` in a full order. `createdAt` is
//! when the order was made, so it is the time of the event only for a new one. `updatedAt` moves with any change of the
//! order, a comment too, so a full order that was completed is dated by its `endedAt`.

use jiff::Timestamp;

use super::event::ORDER_NEW;
use crate::lenient::Fields;
use crate::time::is_past;

/// The first of the event's times that can be believed.
pub(super) fn occurred_at(body: Fields, kind: &str, received_at: Timestamp) -> Option<Timestamp> {
    let created = Some("createdAt").filter(|_| kind == ORDER_NEW);
    let names = ["timestamp", "updatedAt"].into_iter().chain(created);
    names.into_iter().find_map(|name| believed(body, name, received_at))
}

/// When the order of a full order ended.
pub(super) fn ended_at(body: Fields, received_at: Timestamp) -> Option<Timestamp> {
    believed(body, "endedAt", received_at)
}

fn believed(body: Fields, name: &str, received_at: Timestamp) -> Option<Timestamp> {
    body.parsed(name).filter(|at| is_past(*at, received_at))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::jelp::event::FOLIO_UPDATE;

    fn read(body: &Value, kind: &str) -> Option<String> {
        let received_at = "2026-06-28T17:00:00Z".parse().unwrap();
        occurred_at(Fields::of(body), kind, received_at).map(|at| at.to_string())
    }

    #[test]
    fn the_first_time_that_can_be_believed_is_the_events() {
        let body = |timestamp: Value, updated_at: Value| json!({ "timestamp": timestamp, "updatedAt": updated_at, "createdAt": "2026-06-28T16:00:00Z" });
        let (early, late) = (json!("2026-06-28T16:10:00.351Z"), json!("2026-06-28T18:10:00+01:00"));
        assert_eq!(
            read(&body(early.clone(), late.clone()), FOLIO_UPDATE).as_deref(),
            Some("2026-06-28T16:10:00.351Z")
        );
        for odd in [
            json!(null),
            json!(""),
            json!("soon"),
            json!("2026-06-28T16:10:00"),
            json!("2014-12-31T23:59:59Z"),
            json!("2026-06-28T18:00:01Z"),
            json!("9999-12-30T00:00:00Z"),
            json!(1_782_664_200),
            json!({}),
        ] {
            assert_eq!(
                read(&body(odd.clone(), late.clone()), FOLIO_UPDATE).as_deref(),
                Some("2026-06-28T17:10:00Z"),
                "{odd}"
            );
            assert_eq!(read(&body(odd.clone(), odd.clone()), FOLIO_UPDATE), None, "{odd}");
            assert_eq!(
                read(&body(odd.clone(), odd.clone()), ORDER_NEW).as_deref(),
                Some("2026-06-28T16:00:00Z"),
                "{odd}"
            );
        }
    }
}
