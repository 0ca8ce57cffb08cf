//! Ids, windows and states of commands, and what is read of older ones.

use super::*;
use crate::delivery::PosStatus;

const ORDER: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f08";
const DRIVER: &str = "ffc60000-0000-4000-8000-000000000017";
const GROUP: &str = "a5561d5e-0000-4000-8000-000000000001";

fn of(kind: CommandKind, cause: &str, now: Timestamp) -> Command {
    let cause = cause.parse().unwrap();
    Command::new("demo".parse().unwrap(), kind, Stamp::new(now, "key".parse().unwrap()), &cause, now)
}

fn command(cause: &str, now: Timestamp) -> Command {
    let order_id = ORDER.parse().unwrap();
    of(
        CommandKind::UpdateOrderDeliveryStatus { order_id, status: PosStatus::OnWay, delivered_at: None },
        cause,
        now,
    )
}

fn clock_out(group: Option<&str>) -> CommandKind {
    CommandKind::ClockOut {
        driver_id: DRIVER.parse().unwrap(),
        terminal_group_id: group.map(|group| group.parse().unwrap()),
    }
}

#[test]
fn the_id_is_the_same_for_the_same_cause_whenever_it_is_worked_out() {
    let later = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
    assert_eq!(command("cause", Timestamp::UNIX_EPOCH).id, command("cause", later).id);
    assert_ne!(command("cause", later).id, command("another", later).id);
}

#[test]
fn a_driver_open_in_two_places_is_clocked_out_by_two_commands_of_one_cause() {
    let id = |group| of(clock_out(group), "cause", Timestamp::UNIX_EPOCH).id;
    assert_ne!(id(Some(GROUP)), id(Some("a5561d5e-0000-4000-8000-000000000002")));
    assert_ne!(id(Some(GROUP)), id(None));
}

#[test]
fn an_id_made_of_the_longest_key_reads_back() {
    for kind in [clock_out(Some(GROUP)), command("cause", Timestamp::UNIX_EPOCH).kind] {
        let id = of(kind, &"k".repeat(128), Timestamp::UNIX_EPOCH).id;
        assert_eq!(id.as_str().parse(), Ok(id));
    }
}

#[test]
fn a_status_is_out_of_time_after_a_quarter_of_an_hour_and_not_before() {
    let made = Timestamp::UNIX_EPOCH;
    let command = command("cause", made);
    assert!(!command.is_out_of_time(made + SignedDuration::from_mins(15)));
    assert!(command.is_out_of_time(made + SignedDuration::from_mins(15) + SignedDuration::from_secs(1)));
}

#[test]
fn what_nobody_waits_for_is_tried_longer() {
    let words = |kind| of(kind, "cause", Timestamp::UNIX_EPOCH).window_words();
    assert_eq!(words(command("cause", Timestamp::UNIX_EPOCH).kind), "15 minutes");
    assert_eq!(words(clock_out(None)), "1 hour");
    assert_eq!(words(CommandKind::CreateOrder { order_id: ORDER.parse().unwrap() }), "4 hours");
    let driver_id = || DRIVER.parse().unwrap();
    assert_eq!(words(CommandKind::ClockInDriver { driver_id: driver_id() }), "24 hours");
    assert_eq!(words(CommandKind::ClockOutDriver { driver_id: driver_id() }), "24 hours");
    assert_eq!(words(CommandKind::UpsertDriver { driver_id: driver_id() }), "24 hours");
}

#[test]
fn a_drivers_command_waits_for_minutes_only_where_it_has_waited_for_one() {
    let made = Timestamp::UNIX_EPOCH;
    let mut command = of(CommandKind::ClockInDriver { driver_id: DRIVER.parse().unwrap() }, "cause", made);
    let mut now = made;
    let mut delays = Vec::new();
    while delays.len() < 10 {
        let delay = command.held_delay(Some(Duration::from_millis(100)), now);
        command.held_since.get_or_insert(now);
        now += SignedDuration::try_from(delay).unwrap();
        delays.push(delay.as_secs());
    }
    let hitch = delays.iter().take_while(|delay| **delay <= 30).count();
    assert!(delays[0] <= 2 && (4..=8).contains(&hitch), "{delays:?}");
    assert!(delays[hitch..].iter().all(|delay| (120..=240).contains(delay)), "{delays:?}");
    let nobody_knows = command.held_delay(None, now);
    assert!(nobody_knows <= Duration::from_secs(30), "{nobody_knows:?}");
}

#[test]
fn a_call_under_way_counts_as_sent_and_only_three_states_are_final() {
    use CommandState::{Confirmed, Failed, Queued, Sending, Sent, Superseded};
    let all = [Queued, Sending, Sent, Confirmed, Failed, Superseded];
    let words = all.map(CommandState::as_str);
    assert_eq!(words, ["queued", "sent", "sent", "confirmed", "failed", "superseded"]);
    assert_eq!(all.map(CommandState::is_final), [false, false, false, true, true, true]);
}

#[test]
fn a_command_written_by_an_older_version_without_the_counters_is_read() {
    let fresh = command("cause", Timestamp::UNIX_EPOCH);
    let mut stored = serde_json::to_value(&fresh).unwrap();
    for later in ["attempts", "polls", "in_doubt", "held_since", "refusal", "correlation_id", "last_error"] {
        stored.as_object_mut().unwrap().remove(later);
    }
    assert_eq!(serde_json::from_value::<Command>(stored).unwrap(), fresh);
}

#[test]
fn a_message_names_its_subject_by_the_kind_of_its_id() {
    let message = |text: &str| serde_json::from_str::<CommandMessage>(text).unwrap();
    let of_order = format!(r#"{{"account_id":"demo","order_id":"{ORDER}","command_id":"c"}}"#);
    assert_eq!(message(&of_order).subject, CommandSubject::OrderId(ORDER.parse().unwrap()));
    assert_eq!(serde_json::to_string(&message(&of_order)).unwrap(), of_order);
    let of_driver = format!(r#"{{"account_id":"demo","driver_id":"{DRIVER}","command_id":"c"}}"#);
    assert_eq!(message(&of_driver).subject, CommandSubject::DriverId(DRIVER.parse().unwrap()));
    assert!(serde_json::from_str::<CommandMessage>(r#"{"account_id":"demo","command_id":"c"}"#).is_err());
}
