//! An event that comes again, because its sender repeats it or because a function died half-way.

use courier_domain::delivery::PosStatus;

use crate::queue::Verdict;
use crate::testing::events::{announced, job};
use crate::testing::{Bridge, Fault};

#[tokio::test]
async fn an_event_told_twice_is_written_once_and_what_follows_is_handed_on_again() {
    let bridge = Bridge::default();
    let event = job(1, "collected");
    bridge.tell_all(&[announced(0), event.clone()]).await;
    let (order, timeline) = (bridge.order(), bridge.timeline());
    let first = bridge.commands.items();
    bridge.tell_all(&[event]).await;
    assert_eq!((bridge.order(), bridge.timeline()), (order, timeline));
    assert_eq!(bridge.commands.items(), [first.clone(), first].concat());
}

#[tokio::test]
async fn a_command_that_was_written_and_not_sent_is_sent_by_the_redelivery_with_the_same_id() {
    let bridge = Bridge::default();
    bridge.tell_all(&[announced(0)]).await;
    bridge.commands.sent().to_fail = 1;
    assert!(bridge.tell(&job(1, "collected")).await.is_err());
    let written: Vec<_> = bridge.memory.state().commands.keys().map(|(_, id)| id.clone()).collect();
    assert_eq!(bridge.asked(), []);
    bridge.tell_all(&[job(1, "collected")]).await;
    let sent: Vec<_> = bridge.commands.items().into_iter().map(|command| command.id).collect();
    assert_eq!((sent.len(), sent), (1, written));
}

#[tokio::test]
async fn events_that_the_bus_refused_are_published_by_the_redelivery_with_the_same_ids() {
    let bridge = Bridge::default();
    bridge.tell_all(&[announced(0)]).await;
    bridge.bus.sent().to_fail = 1;
    assert!(bridge.tell(&job(1, "collected")).await.is_err());
    assert_eq!(bridge.asked(), [PosStatus::OnWay], "one failing does not keep the other");
    bridge.tell_all(&[job(1, "collected"), job(1, "collected")]).await;
    let told = bridge.bus.items();
    let again: Vec<_> = told.iter().filter(|event| event.name == "job_delivery_status_updated").collect();
    assert!(matches!(again.as_slice(), [one, two] if one == two));
}

#[tokio::test]
async fn an_answer_of_the_table_that_was_lost_is_found_out_by_the_redelivery() {
    for fault in [Fault::Lost, Fault::Unheard] {
        let bridge = Bridge::default();
        bridge.tell_all(&[announced(0)]).await;
        bridge.memory.state().faults = [Some(fault)].into();
        assert!(bridge.tell(&job(1, "collected")).await.is_err());
        assert_eq!(bridge.tell(&job(1, "collected")).await.unwrap(), Verdict::Done);
        assert_eq!(bridge.asked(), [PosStatus::OnWay], "{fault:?}");
        assert_eq!(bridge.timeline().len(), 2);
    }
}
