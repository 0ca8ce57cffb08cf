//! A driver with the commands about it, and a person's request to clock one in or out.

use courier_domain::command::Command;
use courier_domain::driver::Driver;
use courier_domain::ports::{Directory, Drivers, Versioned, WholeDriver};

use crate::common::*;

fn asked(cause: &str, second: i64) -> Command {
    Command { created_at: at(second), updated_at: at(second), ..clock_in(1, cause) }
}

fn driver(version: u64) -> Versioned<Driver> {
    Versioned { value: Driver::new(driver_id(1)), version }
}

async fn shown(store: &Store) -> WholeDriver {
    store.table.whole_driver(&demo(), &driver_id(1)).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_request_is_written_with_its_command_in_one_request_and_found_at_once() {
    let store = Store::new().await;
    assert!(store.table.commit_request(driver(0), &[asked("one", 5)]).await.unwrap());
    assert_eq!(store.requests.take(), 1);
    let whole = shown(&store).await;
    assert_eq!(store.requests.take(), 1);
    let value = Driver { updated_at: Some(at(5)), ..Driver::new(driver_id(1)) };
    assert_eq!(
        whole,
        WholeDriver { driver: Versioned { value, version: 1 }, commands: vec![asked("one", 5)] }
    );
    assert_eq!(store.table.list_drivers(&demo(), 10, None).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_request_of_several_commands_is_written_with_all_of_them_or_none() {
    let store = Store::new().await;
    let both = [asked("one", 5), asked("two", 5)];
    assert!(store.table.commit_request(driver(0), &both).await.unwrap());
    assert_eq!(store.requests.take(), 1);
    assert_eq!(shown(&store).await.commands.len(), 2);
    let again = [asked("three", 6), asked("two", 6)];
    assert!(!store.table.commit_request(driver(1), &again).await.unwrap());
    assert_eq!(shown(&store).await.commands.len(), 2);
}

#[tokio::test]
async fn a_driver_that_somebody_else_wrote_meanwhile_leaves_no_command_behind() {
    let store = Store::new().await;
    store.table.commit_drivers(&demo(), drivers(2, 0), entry("one", 0)).await.unwrap();
    for stale in [0, 2] {
        assert!(!store.table.commit_request(driver(stale), &[asked("one", 5)]).await.unwrap());
    }
    assert_eq!(shown(&store).await.commands, []);
    assert!(store.table.commit_request(driver(1), &[asked("one", 5)]).await.unwrap());
}

#[tokio::test]
async fn a_command_that_is_there_already_is_not_asked_for_again() {
    let store = Store::new().await;
    assert!(store.table.commit_request(driver(0), &[asked("one", 5)]).await.unwrap());
    assert!(!store.table.commit_request(driver(1), &[asked("one", 6)]).await.unwrap());
    let whole = shown(&store).await;
    assert_eq!((whole.driver.version, whole.commands), (1, vec![asked("one", 5)]));
}

#[tokio::test]
async fn the_newest_twenty_commands_are_shown_newest_first() {
    let store = Store::new().await;
    for second in 0..25 {
        // By name, the seconds from 10 on would come before 2.
        let command = asked(&second.to_string(), second);
        let version = u64::try_from(second).unwrap();
        assert!(store.table.commit_request(driver(version), &[command]).await.unwrap());
    }
    let whole = shown(&store).await;
    let seconds: Vec<_> =
        whole.commands.iter().map(|command| command.created_at.duration_since(at(0)).as_secs()).collect();
    assert_eq!(seconds, (5..25).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn commands_without_their_driver_are_nobody() {
    let store = Store::new().await;
    let told = asking("one", 0, vec![clock_in(1, "one")]);
    store.table.commit_drivers(&demo(), Vec::new(), told).await.unwrap();
    assert_eq!(store.table.whole_driver(&demo(), &driver_id(1)).await.unwrap(), None);
    assert_eq!(store.table.whole_driver(&demo(), &driver_id(2)).await.unwrap(), None);
}
