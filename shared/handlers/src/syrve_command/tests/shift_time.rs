//! For how long shifts are tried: a guest waits for a driver who comes, and nobody for one who goes.

use courier_domain::command::CommandState;

use super::{Desk, IN_PROGRESS, asked, later};
use crate::queue::Verdict;
use crate::testing::events::shift;
use crate::testing::{ANN, Bridge, fault, unavailable};

async fn desk(open: bool) -> Desk {
    let bridge = Bridge::default();
    bridge.tell_all(&[shift(1, ANN, !open)]).await;
    asked(bridge, 10, open).await
}

#[tokio::test]
async fn a_clock_in_is_given_up_after_a_quarter_of_an_hour_and_a_clock_out_after_an_hour() {
    for (open, minutes, words) in [(true, 15, "15 minutes"), (false, 60, "1 hour")] {
        let early = desk(open).await;
        early.age(minutes - 1);
        early.pos.update(Err(unavailable()));
        assert_eq!((early.step().await, early.state()), (later(2), CommandState::Queued));
        let late = desk(open).await;
        late.age(minutes + 1);
        late.pos.update(Err(unavailable()));
        let reason = format!("given up after {words}: Syrve is unavailable (status 503): down");
        assert_eq!((late.step().await, late.state()), (Verdict::Dead(reason), CommandState::Failed));
        assert_eq!(late.bridge.driver().clocked_in(), !open);
    }
}

#[tokio::test]
async fn a_shift_that_stays_in_progress_is_asked_about_and_looked_at_until_then_and_called_once() {
    for (open, words) in [(true, "15 minutes: the shift is closed"), (false, "1 hour: the shift is open")] {
        let desk = desk(open).await;
        desk.pos.update(Ok("c-1"));
        for _ in 0..200 {
            desk.pos.question(IN_PROGRESS).shift(Ok(!open));
        }
        let (receives, Verdict::Dead(reason)) = desk.run().await else { panic!("it is not given up") };
        assert_eq!(reason, format!("given up after {words} in Syrve"));
        assert!(receives <= if open { 25 } else { 75 }, "{receives} receives");
        assert_eq!(
            desk.pos
                .calls()
                .iter()
                .filter(|call| !call.starts_with("ask") && !call.starts_with("is"))
                .count(),
            1
        );
    }
}

#[tokio::test]
async fn a_shift_in_doubt_that_is_not_so_by_then_is_not_called_again() {
    let desk = desk(false).await;
    desk.pos.update(Err(fault()));
    assert_eq!(desk.step().await, later(2));
    desk.age(61);
    desk.pos.shift(Ok(true));
    assert_eq!(desk.step().await, Verdict::Dead("given up after 1 hour: the shift is open in Syrve".into()));
    assert_eq!(desk.pos.calls().len(), 2);
}
