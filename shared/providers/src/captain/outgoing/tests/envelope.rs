//! What is around an event's members: which attempt it is, whether a person asked for it, and that the bytes are the same
//! each time, since they are signed.

use super::*;
use crate::testing::cut;

#[test]
fn the_envelope_names_the_attempt_and_says_of_a_replay_that_it_is_one() {
    let mut notification = notification(EventName::OrderAssigned, json!({}));
    let envelope = |notification: &Notification| -> Value {
        serde_json::from_slice(&body(notification, "staging", at("2026-06-28T16:31:00Z"))).unwrap()
    };
    let first = envelope(&notification);
    assert_eq!(
        first,
        json!({
            "data": {}, "environment": "staging", "event_name": "order_assigned",
            "created_at": "2026-06-28T16:30:00.333+00:00", "event_uuid": Uuid::from_u128(2),
            "metadata": { "sent_at": "2026-06-28T16:31:00.000+00:00", "delivery_attempt": 1 },
        })
    );
    notification.begin(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    assert_eq!(envelope(&notification)["metadata"]["delivery_attempt"], 2);
    let mut replay = notification.replayed(Uuid::from_u128(3), Timestamp::UNIX_EPOCH);
    replay.begin(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    let mut replayed = envelope(&replay);
    assert_eq!(replayed["metadata"]["replay"].take(), true);
    cut(&mut replayed, "/metadata/replay");
    assert_eq!(replayed, first, "all else is as it was, and attempts are counted from one again");
}

#[test]
fn the_same_input_makes_the_same_bytes_also_after_a_store_gave_it_back() {
    for name in EventName::ALL {
        let data = world().told(name, detail(name));
        let kept = serde_json::from_str(&data.to_string()).unwrap();
        let again = body(&notification(name, kept), "production", at("2026-06-28T16:30:00.900Z"));
        assert_eq!(again, sent(name), "{name:?}");
    }
    let sent_at = at("2026-06-28T16:30:00.900Z");
    let fresh = notification(EventName::OrderAssigned, json!({ "published_at": 1_782_664_200.0 }));
    let stored = notification(EventName::OrderAssigned, json!({ "published_at": 1_782_664_200 }));
    assert_eq!(body(&fresh, "production", sent_at), body(&stored, "production", sent_at));
    assert!(
        String::from_utf8(body(&stored, "x", sent_at)).unwrap().contains(r#""published_at":1782664200.0"#)
    );
}
