//! Events for an order that is not known yet, or not by the name they use.

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::PosStatus;
use courier_domain::order::OrderRef;
use serde_json::json;

use crate::orders::links::MOST_WAITING;
use crate::queue::Verdict;
use crate::testing::events::{announced, job, job_of};
use crate::testing::{Bridge, ORDER};

#[tokio::test]
async fn a_fleets_event_waits_for_the_order_and_joins_it_with_its_command() {
    let bridge = Bridge::default();
    bridge.tell_all(&[job(5, "collected")]).await;
    assert!(!bridge.order().announced);
    assert_eq!((bridge.asked(), bridge.event_names()), (vec![], vec![]));
    bridge.tell_all(&[announced(0)]).await;
    assert_eq!(bridge.asked(), [PosStatus::OnWay]);
    let names = bridge.event_names();
    assert!(
        ["order_created", "job_delivery_status_updated"].iter().all(|name| names.contains(&(*name).into()))
    );
}

#[tokio::test]
async fn events_under_an_order_number_wait_and_join_when_syrve_shows_the_number() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    let names = json!({ "partners_unique_internal_order_id": "577" });
    bridge
        .tell_all(&[job_of(5, "assigned_and_accepted_by_driver", &names), job_of(6, "collected", &names)])
        .await;
    assert!(bridge.memory.state().orders.is_empty());
    bridge.tell_all(&[announced(0)]).await;
    assert_eq!(bridge.asked(), [PosStatus::OnWay], "one command, for where the delivery is by now");
    assert_eq!(bridge.timeline().len(), 3);
    bridge.tell_all(&[job_of(9, "dropped_off", &names)]).await;
    assert_eq!(bridge.asked(), [PosStatus::OnWay, PosStatus::Delivered]);
}

#[tokio::test]
async fn events_under_an_external_number_wait_and_join() {
    let bridge = Bridge::matching(MatchOrdersBy::ExternalNumber);
    let names = json!({ "partners_unique_internal_order_id": "EXT-577" });
    bridge.tell_all(&[job_of(5, "collected", &names), announced(0)]).await;
    assert_eq!(bridge.asked(), [PosStatus::OnWay]);
}

#[tokio::test]
async fn events_under_the_fleets_own_id_join_once_an_event_gives_both() {
    let bridge = Bridge::default();
    let own = json!({ "order_uuid": "6992" });
    let both = json!({ "order_uuid": "6992", "partners_unique_internal_order_id": ORDER });
    bridge.tell_all(&[job_of(7, "collected", &own), announced(0)]).await;
    assert_eq!(bridge.asked(), []);
    bridge.tell_all(&[job_of(1, "assigned_to_driver", &both)]).await;
    assert_eq!(bridge.asked(), [PosStatus::OnWay]);
    bridge.tell_all(&[job_of(9, "dropped_off", &own)]).await;
    assert_eq!(bridge.asked(), [PosStatus::OnWay, PosStatus::Delivered]);
}

#[tokio::test]
async fn what_waits_under_a_name_that_only_a_waiting_event_knows_joins_too() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    let own = json!({ "order_uuid": "6992" });
    let both = json!({ "partners_unique_internal_order_id": "577", "order_uuid": "6992" });
    bridge.tell_all(&[job_of(7, "collected", &own), job_of(1, "assigned_to_driver", &both)]).await;
    bridge.tell_all(&[announced(0)]).await;
    assert_eq!(bridge.asked(), [PosStatus::OnWay]);
    assert_eq!(bridge.timeline().len(), 3);
    bridge.tell_all(&[job_of(9, "dropped_off", &own)]).await;
    assert_eq!(bridge.asked(), [PosStatus::OnWay, PosStatus::Delivered]);
}

#[tokio::test]
async fn a_waiting_event_told_again_waits_once() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    let event = job_of(5, "collected", &json!({ "partners_unique_internal_order_id": "577" }));
    bridge.tell_all(&[event.clone(), event.clone()]).await;
    let link = bridge.memory.state().links.get(&OrderRef::new("number", "577")).cloned().unwrap();
    assert_eq!((link.value.waiting.len(), link.version), (1, 1));
    bridge.tell_all(&[announced(0), event]).await;
    assert_eq!(bridge.timeline().len(), 2);
    assert_eq!(bridge.asked(), [PosStatus::OnWay]);
}

#[tokio::test]
async fn no_more_than_forty_events_wait_for_one_order() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    let names = json!({ "partners_unique_internal_order_id": "577" });
    let event = |second| job_of(second, "assigned_to_driver", &names);
    for second in 1..=40 {
        assert_eq!(bridge.tell(&event(second)).await.unwrap(), Verdict::Done);
    }
    let Verdict::Dead(reason) = bridge.tell(&event(41)).await.unwrap() else { panic!("it is kept waiting") };
    assert!(reason.contains(&MOST_WAITING.to_string()));
    assert_eq!(bridge.tell(&event(40)).await.unwrap(), Verdict::Done, "one that waits already is no news");
    bridge.tell_all(&[announced(0)]).await;
    assert_eq!(bridge.timeline().len(), 41);
}

#[tokio::test]
async fn what_does_not_fit_into_one_transaction_joins_with_the_next_event() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    let names = [
        json!({ "partners_unique_internal_order_id": "577" }),
        json!({ "order_uuid": "6992" }),
        json!({ "order_description": "577" }),
    ];
    for (n, name) in (1..).zip(&names) {
        for second in 1..=39 {
            bridge.tell_all(&[job_of(100 * n + second, "assigned_to_driver", name)]).await;
        }
    }
    let all = json!({ "partners_unique_internal_order_id": "577", "order_uuid": "6992", "order_description": "577" });
    bridge.tell_all(&[job_of(400, "collected", &all), announced(0)]).await;
    assert_eq!(bridge.timeline().len(), 2 + 39 + 39);
    bridge.tell_all(&[job_of(401, "dropped_off", &all)]).await;
    assert_eq!(bridge.timeline().len(), 3 + 39 + 39 + 39);
    assert_eq!(bridge.asked(), [PosStatus::OnWay, PosStatus::Delivered]);
}

#[tokio::test]
async fn an_event_waits_under_all_its_names() {
    let bridge = Bridge::default();
    let unknown = json!({ "order_uuid": "6992", "order_description": "577" });
    let both = json!({ "order_description": "577", "partners_unique_internal_order_id": ORDER });
    bridge.tell_all(&[job_of(7, "collected", &unknown), announced(0)]).await;
    bridge.tell_all(&[job_of(1, "assigned_to_driver", &both)]).await;
    assert_eq!(bridge.asked(), [PosStatus::OnWay]);
    bridge.tell_all(&[job_of(9, "dropped_off", &json!({ "order_uuid": "6992" }))]).await;
    assert_eq!(bridge.asked(), [PosStatus::OnWay, PosStatus::Delivered]);
}
