//! Lists that are more likely a broken answer than a broken restaurant.

use courier_domain::sync::SyncState;

use super::{Desk, List, actives, courier, id};

/// Ten couriers, one with a shift, and Syrve's list from now on.
async fn ten_and_then(list: List) -> Desk {
    let desk = Desk::dispatching();
    desk.list(actives(1..=10)).run().await;
    desk.shift(7, 1, true).await;
    desk.forget();
    desk.list(list);
    desk
}

#[tokio::test]
async fn an_empty_or_halved_list_changes_nothing_and_is_an_error() {
    let renamed =
        |list: List| -> List { list.into_iter().map(|(id, _)| (id, courier("Anna", true))).collect() };
    let others = [actives(5..=8), actives(11..=20)].concat();
    for (list, words) in [
        (List::new(), "Syrve lists no couriers; nothing was changed"),
        (actives(1..=4), "Syrve's list has lost 6 of 10 active couriers; nothing was changed"),
        (renamed(actives(1..=4)), "Syrve's list has lost 6 of 10 active couriers; nothing was changed"),
        (others, "Syrve's list has lost 6 of 10 active couriers; nothing was changed"),
    ] {
        let desk = ten_and_then(list).await;
        let good = desk.stored().unwrap();
        let before = desk.bridge.memory.state().drivers.clone();
        for _ in 0..2 {
            desk.run().await;
            assert_eq!(desk.error().as_deref(), Some(words));
        }
        let sync = desk.stored().unwrap();
        assert_eq!((sync.state, desk.counts()), (SyncState::Failed, [0; 4]));
        assert_eq!(sync.succeeded_at, good.succeeded_at, "when it last went well is still known");
        assert_eq!((desk.driver_writes(), desk.asked(), desk.told()), (vec![], vec![], vec![]));
        assert_eq!(desk.bridge.memory.state().drivers, before);
    }
}

#[tokio::test]
async fn an_implausible_list_is_not_asked_for_again_before_the_next_run() {
    let desk = ten_and_then(List::new()).await;
    desk.bridge.clock.advance(super::INTERVAL);
    let message = desk.message();
    desk.lists.calls();
    assert_eq!(desk.receive(&message).await.unwrap(), crate::queue::Verdict::Done);
    assert_eq!(desk.lists.calls().len(), 2);
}

#[tokio::test]
async fn the_error_is_gone_with_the_next_plausible_list() {
    let desk = ten_and_then(List::new()).await;
    desk.run().await;
    desk.list(actives(1..=10)).run().await;
    assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 0, 10]));
    assert_eq!(desk.stored().unwrap().state, SyncState::Succeeded);
}

#[tokio::test]
async fn half_of_the_drivers_may_leave_at_once_but_none_of_a_single_one() {
    let desk = ten_and_then(actives(1..=5)).await;
    desk.run().await;
    assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 5, 5]));
    desk.list(actives(1..=2)).run().await;
    assert_eq!(desk.counts(), [0; 4], "those who left before count no more");
    let desk = Desk::new();
    desk.list(actives([1])).run().await;
    desk.list(actives([2])).run().await;
    assert!(desk.error().is_some() && desk.driver(1).active());
}

#[tokio::test]
async fn drivers_that_are_marked_as_deleted_are_believed_however_many() {
    let deleted = (1..=10).map(|number| (id(number), courier("Ann", false))).collect();
    let desk = ten_and_then(deleted).await;
    desk.run().await;
    assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 10, 0]));
    assert_eq!(desk.asked().len(), 12);
}

#[tokio::test]
async fn the_first_list_of_a_restaurant_without_couriers_is_not_believed_either() {
    let desk = Desk::new();
    desk.list(List::new()).run().await;
    assert_eq!(desk.error().as_deref(), Some("Syrve lists no couriers; nothing was changed"));
    assert_eq!(desk.stored().unwrap().succeeded_at, None);
}
