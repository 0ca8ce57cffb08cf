//! A command is kept with its order or driver, read with it, and written by one caller at a time.

use courier_domain::command::{Command, CommandState};
use courier_domain::driver::Driver;
use courier_domain::ports::{
    CommandTarget, Commands, Committed, Directory, Drivers, Orders, TimelineEntry, Versioned,
};

use crate::common::*;

async fn with_command() -> Store {
    let store = Store::new().await;
    let told = TimelineEntry { follow_up: follow_up(1, "one"), ..entry("one", 0) };
    store.table.commit_order(commit(fresh(courier_order(1, 0)), told)).await.unwrap();
    store.requests.take();
    store
}

async fn with_driver(commands: Vec<Command>) -> Store {
    let store = Store::new().await;
    let told = asking("one", 0, commands);
    assert_eq!(store.table.commit_drivers(&demo(), drivers(2, 0), told).await.unwrap(), Committed::Done);
    store.requests.take();
    store
}

fn sent(command: Command, version: u64) -> Versioned<Command> {
    let value = Command { state: CommandState::Sent, attempts: 1, updated_at: at(20), ..command };
    Versioned { value, version }
}

fn order_sent(version: u64) -> Versioned<Command> {
    sent(command(1, "one"), version)
}

#[tokio::test]
async fn a_command_and_its_order_are_read_in_one_request() {
    let store = with_command().await;
    let read = store.table.read_command(&message(&command(1, "one"))).await.unwrap();
    assert_eq!(store.requests.take(), 1);
    let stored = Versioned { value: command(1, "one"), version: 1 };
    assert_eq!(read, Some((stored, CommandTarget::Order(courier_order(1, 0)))));
}

#[tokio::test]
async fn a_command_and_its_driver_are_read_in_one_request() {
    let store = with_driver(vec![clock_in(1, "one")]).await;
    let read = store.table.read_command(&message(&clock_in(1, "one"))).await.unwrap();
    assert_eq!(store.requests.take(), 1);
    let stored = Versioned { value: clock_in(1, "one"), version: 1 };
    let driver = Driver { updated_at: Some(at(0)), ..Driver::new(driver_id(1)) };
    assert_eq!(read, Some((stored, CommandTarget::Driver(driver))));
}

#[tokio::test]
async fn a_command_of_another_order_driver_or_account_is_not_found() {
    let store = with_command().await;
    store.table.commit_drivers(&demo(), drivers(2, 0), asking("d", 0, vec![upsert(0, "d")])).await.unwrap();
    let mut other_account = message(&command(1, "one"));
    other_account.account_id = account("other");
    let mut other_driver = message(&upsert(1, "d"));
    other_driver.command_id = upsert(0, "d").id;
    let others = [message(&command(2, "one")), message(&command(1, "two")), other_account, other_driver];
    for other in others {
        assert_eq!(store.table.read_command(&other).await.unwrap(), None, "{other:?}");
    }
}

#[tokio::test]
async fn a_command_about_a_driver_who_is_not_there_is_not_found() {
    let store = Store::new().await;
    let told = asking("one", 0, vec![clock_in(7, "one")]);
    store.table.commit_drivers(&demo(), Vec::new(), told).await.unwrap();
    assert_eq!(store.table.read_command(&message(&clock_in(7, "one"))).await.unwrap(), None);
}

#[tokio::test]
async fn commands_are_kept_with_what_they_are_about_and_driver_commands_for_a_week() {
    let mut told = entry("one", 0);
    told.follow_up.commands = vec![command(1, "one"), upsert(0, "one"), clock_in(0, "one")];
    let store = Store::new().await;
    store.table.commit_order(commit(fresh(courier_order(1, 0)), told)).await.unwrap();
    let order = format!("ACCOUNT#demo#ORDER#{}", order_id(1));
    let driver = "ACCOUNT#demo#DRIVER#driver-0000".to_owned();
    let places = [
        (driver.clone(), "COMMAND#clockin-one".to_owned()),
        (driver, "COMMAND#upsert_driver-one".to_owned()),
        (order.clone(), "COMMAND#update_order_delivery_status-Delivered-one".to_owned()),
        (order.clone(), "EVENT#one".to_owned()),
        (order, "ORDER".to_owned()),
    ];
    assert_eq!(store.keys().await, places);
    let [week, season] = [7, 90].map(|days| Some(at(days * DAY).as_second()));
    let expiries: Vec<_> = store.expiries().await.into_iter().map(|(_, expires)| expires).collect();
    assert_eq!(expiries, [week, season, week, season, season]);
}

#[tokio::test]
async fn a_new_state_keeps_a_command_for_as_long_again() {
    let store = with_driver(vec![clock_in(1, "one")]).await;
    assert!(store.table.commit_command(sent(clock_in(1, "one"), 1), None).await.unwrap());
    let expires = Some(at(20 + 7 * DAY).as_second());
    assert!(store.expiries().await.contains(&("COMMAND#clockin-one".to_owned(), expires)));
}

#[tokio::test]
async fn a_new_state_and_its_line_in_the_timeline_are_written_together() {
    let store = with_command().await;
    assert!(store.table.commit_command(order_sent(1), Some(entry("command", 20))).await.unwrap());
    assert_eq!(store.requests.take(), 1);
    let whole = store.table.whole_order(&demo(), order_id(1)).await.unwrap().unwrap();
    assert_eq!(whole.commands, [order_sent(0).value]);
    assert_eq!(whole.timeline.len(), 2);
}

#[tokio::test]
async fn a_driver_has_no_timeline() {
    let store = with_driver(vec![clock_in(1, "one")]).await;
    let before = store.keys().await;
    let told = Some(entry("command", 20));
    assert!(store.table.commit_command(sent(clock_in(1, "one"), 1), told).await.unwrap());
    assert_eq!(store.keys().await, before);
    let whole = store.table.whole_driver(&demo(), &driver_id(1)).await.unwrap().unwrap();
    assert_eq!(whole.commands, [sent(clock_in(1, "one"), 0).value]);
}

#[tokio::test]
async fn a_command_that_somebody_else_wrote_meanwhile_is_left_alone() {
    let store = with_command().await;
    assert!(store.table.commit_command(order_sent(1), None).await.unwrap());
    assert!(!store.table.commit_command(order_sent(1), Some(entry("command", 20))).await.unwrap());
    assert!(!store.table.commit_command(order_sent(0), None).await.unwrap());
    let whole = store.table.whole_order(&demo(), order_id(1)).await.unwrap().unwrap();
    assert_eq!(whole.timeline.len(), 1);
}
