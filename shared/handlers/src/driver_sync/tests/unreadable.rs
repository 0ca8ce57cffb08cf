//! Entries of a list that are no employees: each is left out alone, and what the list does not say is not read into it.

use super::{Desk, actives, courier, id};

/// Ten couriers, one with a shift, and a list without driver 9 and 10 that has one entry more than can be read.
async fn with_an_odd_entry() -> Desk {
    let desk = Desk::dispatching();
    desk.list(actives(1..=10)).run().await;
    desk.shift(9, 1, true).await;
    desk.forget();
    desk.lists.script().unreadable = 1;
    desk.list(actives(1..=8));
    desk
}

#[tokio::test]
async fn an_entry_that_is_no_employee_is_counted_and_the_others_are_compared() {
    let desk = with_an_odd_entry().await;
    let mut list = actives(3..=8);
    list.extend([
        (id(1), courier("Anna", true)),
        (id(2), courier("Ann", false)),
        (id(11), courier("New", true)),
    ]);
    desk.list(list).run().await;
    assert_eq!((desk.error(), desk.counts()), (None, [1, 1, 1, 8]));
    assert_eq!(desk.stored().unwrap().counts.unreadable, 1);
}

#[tokio::test]
async fn nobody_is_gone_who_may_be_the_one_that_cannot_be_read() {
    let desk = with_an_odd_entry().await;
    desk.run().await;
    assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 0, 10]));
    assert!(desk.driver(9).active() && desk.driver(9).clocked_in());
    assert_eq!((desk.asked(), desk.driver_writes()), (vec![], vec![]));
    desk.lists.script().unreadable = 0;
    desk.run().await;
    assert_eq!((desk.counts(), desk.stored().unwrap().counts.unreadable), ([0, 0, 2, 8], 0));
    assert!(desk.asked().contains(&"clockout 9 at 1".to_owned()));
}

#[tokio::test]
async fn a_person_who_says_that_the_list_is_right_is_believed() {
    let desk = with_an_odd_entry().await;
    desk.bridge.clock.advance(super::INTERVAL);
    let mut message = desk.message();
    message.accept_losses = true;
    desk.work(&message).await;
    assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 2, 8]));
}

#[tokio::test]
async fn a_list_of_nothing_but_odd_entries_is_not_believed_and_says_why() {
    let desk = with_an_odd_entry().await;
    desk.list(actives([])).run().await;
    assert_eq!(
        desk.error().unwrap(),
        "Syrve lists no couriers that can be read, and 1 that cannot; nothing was changed"
    );
    assert_eq!(desk.stored().unwrap().counts.unreadable, 1);
}
