//! What the fleet that orders are written to is asked, as Syrve tells the story of an order.

use super::story::{COURIER, OTHER, Told, at, order_id, report, stamp, status, syrve, tell, tell_to};
use crate::command::{Command, CommandKind, CommandState, KitchenStatus};
use crate::delivery::DeliveryStatus::{AssignedAndAcceptedByDriver, Collected};
use crate::delivery::Provider;
use crate::order::{OrderDetails, SupersededBy};
use crate::report::{OrderChange, OrderReport};

const CAPTAIN: Option<Provider> = Some(Provider::Captain);

/// What the fleet was asked, in order.
fn asked(told: &Told) -> Vec<String> {
    told.commands
        .iter()
        .map(|command| command.kind.label())
        .filter(|label| !label.contains("delivery"))
        .collect()
}

/// Syrve's word where nothing that a fleet shows differs from second to second.
fn steady(second: i64, status: &str) -> OrderReport {
    changed(second, status, |_| {})
}

fn changed(second: i64, status: &str, change: impl FnOnce(&mut OrderDetails)) -> OrderReport {
    let mut word = syrve(second, COURIER, status);
    let OrderChange::Syrve { details, .. } = &mut word.change else { panic!("Syrve's word") };
    details.customer = None;
    change(details);
    report(second, word.change)
}

fn made(second: i64, id: &str) -> OrderReport {
    let fleet_order_id = Some(id.to_owned());
    report(
        second,
        OrderChange::Dispatched { provider: Provider::Captain, fleet_order_id, tracking_url: None },
    )
}

fn refused(second: i64) -> OrderReport {
    report(second, OrderChange::NotDispatched { provider: Provider::Captain, in_doubt: false })
}

fn command(kind: CommandKind, second: i64) -> Command {
    let stamp = stamp(second, "key");
    Command::new("demo".parse().unwrap(), kind, stamp, &"cause".parse().unwrap(), at(second))
}

fn create(second: i64) -> Command {
    command(CommandKind::CreateOrder { order_id: order_id() }, second)
}

fn update(second: i64) -> Command {
    command(CommandKind::UpdateOrder { order_id: order_id() }, second)
}

fn kitchen(second: i64, status: KitchenStatus) -> Command {
    command(CommandKind::UpdateOrderStatus { order_id: order_id(), status }, second)
}

#[test]
fn an_order_is_made_once_and_follows_the_kitchen() {
    let story = [
        steady(0, "Unconfirmed"),
        steady(1, "WaitCooking"),
        steady(2, "CookingStarted"),
        steady(3, "CookingStarted"),
        steady(4, "CookingCompleted"),
        steady(5, "Waiting"),
        steady(6, "OnWay"),
        steady(7, "Delivered"),
        steady(8, "Closed"),
    ];
    let expected = ["create_order", "update_order_status being_prepared", "update_order_status prepared"];
    assert_eq!(asked(&tell_to(CAPTAIN, &story)), expected);
    assert_eq!(asked(&tell(&story)), [""; 0]);
}

#[test]
fn an_order_that_arrives_half_way_is_made_with_its_state() {
    let told = tell_to(CAPTAIN, &[steady(0, "CookingStarted")]);
    assert_eq!(asked(&told), ["create_order", "update_order_status being_prepared"]);
}

#[test]
fn an_order_that_somebody_carries_already_is_not_made() {
    for status in ["OnWay", "Delivered", "Closed", "Cancelled"] {
        assert_eq!(asked(&tell_to(CAPTAIN, &[steady(0, status)])), [""; 0], "{status}");
    }
    assert_eq!(asked(&tell_to(CAPTAIN, &[steady(0, "SomethingNew")])), ["create_order"]);
    assert_eq!(asked(&tell_to(CAPTAIN, &[syrve(0, OTHER, "WaitCooking")])), [""; 0]);
}

#[test]
fn waiting_counts_as_cooked_only_where_syrve_says_when() {
    let waiting = |cooked| changed(1, "Waiting", |details| details.cooked_at = cooked);
    assert_eq!(asked(&tell_to(CAPTAIN, &[steady(0, "WaitCooking"), waiting(None)])), ["create_order"]);
    let told = tell_to(CAPTAIN, &[steady(0, "WaitCooking"), waiting(Some(at(1)))]);
    assert_eq!(asked(&told), ["create_order", "update_order_status prepared"]);
}

#[test]
fn what_a_fleet_shows_is_sent_again_when_it_changes_and_nothing_else_is() {
    let first = steady(0, "WaitCooking");
    let shown = changed(1, "WaitCooking", |details| details.phone = Some("+353 2".into()));
    assert_eq!(asked(&tell_to(CAPTAIN, &[first.clone(), shown])), ["create_order", "update_order"]);
    let hidden = changed(1, "WaitCooking", |details| {
        details.items[0].status = Some("CookingStarted".into());
        details.courier_id = Some("someone".into());
        details.problem = Some(crate::order::Problem { description: None });
    });
    assert_eq!(asked(&tell_to(CAPTAIN, &[first, hidden])), ["create_order"]);
}

#[test]
fn a_cancelled_order_and_one_taken_off_delivery_are_cancelled_once() {
    let expected = ["create_order", "update_order_status cancelled"];
    let cancelled = [steady(0, "WaitCooking"), steady(1, "Cancelled"), steady(2, "Cancelled")];
    assert_eq!(asked(&tell_to(CAPTAIN, &cancelled)), expected);
    let taken_off = [steady(0, "WaitCooking"), syrve(1, OTHER, "WaitCooking"), syrve(2, OTHER, "Cancelled")];
    assert_eq!(asked(&tell_to(CAPTAIN, &taken_off)), expected);
}

#[test]
fn what_the_fleet_itself_reports_asks_it_nothing() {
    let mut told = tell_to(CAPTAIN, &[steady(0, "WaitCooking"), made(1, "6992")]);
    told.then(&status(2, AssignedAndAcceptedByDriver));
    told.then(&status(3, Collected));
    assert_eq!(asked(&told), ["create_order"]);
}

#[test]
fn the_fleets_id_is_kept_from_its_answer() {
    let mut told = tell_to(CAPTAIN, &[steady(0, "WaitCooking")]);
    assert_eq!(told.order.fleet_order_id(Provider::Captain), None);
    assert!(told.then(&made(1, "6992")));
    assert!(!told.then(&made(2, "6992")));
    assert_eq!(told.order.fleet_order_id(Provider::Captain), Some("6992"));
}

#[test]
fn an_order_that_was_refused_is_offered_again_with_syrves_next_word() {
    let mut told = tell_to(CAPTAIN, &[steady(0, "CookingStarted"), refused(1)]);
    assert!(told.order.dispatch.is_none());
    told.then(&changed(2, "CookingStarted", |details| details.phone = Some("+353 2".into())));
    let again = ["create_order", "update_order_status being_prepared"];
    assert_eq!(asked(&told), [again, again].concat());
    told.then(&made(3, "6992"));
    assert!(!told.then(&refused(4)), "an order that was made stays made");
}

#[test]
fn a_creation_is_pointless_once_the_order_is_carried_over_or_off_delivery() {
    let after = |word: OrderReport| tell_to(CAPTAIN, &[steady(0, "WaitCooking"), word]).order;
    let why = |word| after(word).dispatch_superseded(&create(0));
    assert_eq!(why(steady(1, "CookingCompleted")), None);
    assert_eq!(why(steady(1, "OnWay")), Some(SupersededBy::Carried));
    assert_eq!(why(steady(1, "Cancelled")), Some(SupersededBy::OrderOver));
    assert_eq!(why(syrve(1, OTHER, "WaitCooking")), Some(SupersededBy::OffDelivery));
}

#[test]
fn a_creation_in_doubt_is_repeated_for_the_cancellation_behind_it_and_for_nothing_else() {
    let after = |word| tell_to(CAPTAIN, &[steady(0, "WaitCooking"), word]).order;
    let tried = Command { in_doubt: true, ..create(0) };
    let why = |word| after(word).dispatch_superseded(&tried);
    assert_eq!(why(steady(1, "Cancelled")), None);
    assert_eq!(why(syrve(1, OTHER, "WaitCooking")), None);
    assert_eq!(why(steady(1, "OnWay")), Some(SupersededBy::Carried));
    assert_eq!(why(steady(1, "Closed")), Some(SupersededBy::OrderOver));
    let surely_not = Command { attempts: 3, ..create(0) };
    let cancelled = after(steady(1, "Cancelled"));
    assert_eq!(cancelled.dispatch_superseded(&surely_not), Some(SupersededBy::OrderOver));
}

#[test]
fn of_an_order_that_a_fleet_may_have_only_a_cancellation_is_told() {
    let change = OrderChange::NotDispatched { provider: Provider::Captain, in_doubt: true };
    let mut told = tell_to(CAPTAIN, &[steady(0, "WaitCooking"), steady(1, "OnWay")]);
    assert!(told.then(&report(2, change.clone())), "it is remembered");
    assert!(!told.then(&report(3, change)), "once");
    for command in [update(1), kitchen(1, KitchenStatus::Prepared)] {
        assert_eq!(told.order.dispatch_superseded(&command), Some(SupersededBy::NotDispatched));
    }
    told.then(&steady(4, "Cancelled"));
    assert_eq!(asked(&told).last().map(String::as_str), Some("update_order_status cancelled"));
    assert_eq!(told.order.dispatch_superseded(&kitchen(4, KitchenStatus::Cancelled)), None);
    told.then(&steady(5, "CookingStarted"));
    let asked = asked(&told);
    assert_eq!(asked[asked.len() - 2..], ["create_order", "update_order_status being_prepared"]);
}

#[test]
fn only_the_newest_content_and_the_newest_state_of_the_kitchen_are_sent() {
    let order = tell_to(
        CAPTAIN,
        &[
            steady(0, "WaitCooking"),
            changed(1, "CookingStarted", |details| details.phone = Some("+353 2".into())),
            changed(2, "CookingCompleted", |details| details.phone = Some("+353 3".into())),
        ],
    )
    .order;
    assert_eq!(order.dispatch_superseded(&update(1)), Some(SupersededBy::NewerContent));
    assert_eq!(order.dispatch_superseded(&update(3)), None);
    let being_prepared = kitchen(1, KitchenStatus::BeingPrepared);
    assert_eq!(order.dispatch_superseded(&being_prepared), Some(SupersededBy::NewerStatus));
    assert_eq!(order.dispatch_superseded(&kitchen(3, KitchenStatus::Prepared)), None);
    assert_eq!(being_prepared.state, CommandState::Queued);
}

#[test]
fn a_cancellation_that_still_waits_is_pointless_once_a_courier_is_wanted_again() {
    let mut told = tell_to(CAPTAIN, &[steady(0, "CookingStarted"), syrve(1, OTHER, "CookingStarted")]);
    let cancel = kitchen(1, KitchenStatus::Cancelled);
    assert_eq!(told.order.dispatch_superseded(&cancel), None);
    told.then(&steady(2, "WaitCooking"));
    assert_eq!(told.order.dispatch_superseded(&cancel), Some(SupersededBy::NewerStatus));
    told.then(&steady(3, "CookingStarted"));
    let last = asked(&told).pop();
    assert_eq!(last.as_deref(), Some("update_order_status being_prepared"), "the kitchen is told anew");
}

#[test]
fn nothing_is_changed_at_a_fleet_that_refused_the_order() {
    let order = tell_to(CAPTAIN, &[steady(0, "WaitCooking"), refused(1)]).order;
    for command in [update(1), kitchen(1, KitchenStatus::Cancelled)] {
        assert_eq!(order.dispatch_superseded(&command), Some(SupersededBy::NotDispatched));
    }
}
