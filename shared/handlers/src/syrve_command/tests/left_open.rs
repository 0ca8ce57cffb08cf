//! The shift of a courier who left, of whom no open shift is known: Syrve is asked, and what it has open is closed.

use courier_domain::command::CommandState;

use super::{Desk, SUCCESS, desk_of, later};
use crate::queue::Verdict;
use crate::testing::events::shift;
use crate::testing::{ANN, BAR, Bridge, KITCHEN, fault, held_back, login_rejected, rejected, unavailable};

/// Ann has worked here and left, and nobody told of a shift of hers.
async fn left() -> Desk {
    let bridge = Bridge::default();
    bridge.list(0, "Testa Example", true).await.unwrap();
    bridge.list(5, "Testa Example", false).await.unwrap();
    let [command] = bridge.commands.items().try_into().unwrap();
    desk_of(bridge, &command)
}

fn by_default(desk: &Desk, group: &str) {
    desk.bridge.memory.edit_account(|account| {
        account.syrve.as_mut().unwrap().terminal_group_id = Some(group.parse().unwrap());
    });
}

fn is_superseded(desk: &Desk, reason: &str) {
    let command = desk.command();
    assert_eq!((command.state, command.last_error.as_deref()), (CommandState::Superseded, Some(reason)));
    assert!(desk.commands.ledger.bus.items().is_empty(), "nobody need be told");
}

#[tokio::test]
async fn what_is_open_is_closed_where_it_is() {
    let desk = left().await;
    desk.pos.groups(Ok(vec![KITCHEN, BAR])).own_groups(Ok(vec![BAR, KITCHEN]));
    desk.pos.shift(Ok(false)).shift(Ok(true)).update(Ok("c-1")).question(SUCCESS);
    assert_eq!(desk.run().await, (2, Verdict::Done));
    let calls = desk.pos.calls();
    let looks = [format!("is open at {KITCHEN}"), format!("is open at {BAR}"), format!("close at {BAR}")];
    assert_eq!((&calls[..2], &calls[2..5]), (&["where".to_owned(), "own places".to_owned()][..], &looks[..]));
    assert_eq!(desk.state(), CommandState::Confirmed);
}

#[tokio::test]
async fn most_have_none_and_nothing_is_called() {
    let nowhere = left().await;
    nowhere.pos.groups(Ok(vec![]));
    assert_eq!(nowhere.step().await, Verdict::Done);
    is_superseded(&nowhere, "no shift is open");
    assert_eq!(nowhere.pos.calls(), ["where"]);

    let closed = left().await;
    by_default(&closed, KITCHEN);
    closed.pos.groups(Ok(vec![KITCHEN])).shift(Ok(false));
    assert_eq!(closed.step().await, Verdict::Done);
    is_superseded(&closed, "no shift is open");
    assert_eq!(closed.pos.calls(), ["where".to_owned(), format!("is open at {KITCHEN}")]);
}

#[tokio::test]
async fn a_shift_in_another_restaurant_of_the_chain_is_left_open() {
    let desk = left().await;
    desk.pos.groups(Ok(vec![BAR])).own_groups(Ok(vec![KITCHEN]));
    assert_eq!(desk.step().await, Verdict::Done);
    is_superseded(&desk, "no shift is open");
    assert_eq!(desk.pos.calls(), ["where", "own places"]);
}

#[tokio::test]
async fn a_shift_that_syrve_tells_of_meanwhile_needs_no_question() {
    let desk = left().await;
    desk.bridge.tell_all(&[shift(8, ANN, false)]).await;
    assert_eq!(desk.step().await, Verdict::Done);
    is_superseded(&desk, "a newer shift in Syrve");
    assert_eq!(desk.pos.calls(), [""; 0]);
}

#[tokio::test]
async fn a_question_that_syrve_refuses_is_no_alarm() {
    let desk = left().await;
    desk.pos.groups(Err(rejected()));
    assert_eq!(desk.step().await, Verdict::Done);
    let words = "Syrve refused the call with status 400: WrongOrganization";
    is_superseded(&desk, &format!("no shift is known to be open: {words}"));
}

#[tokio::test]
async fn a_question_that_cannot_be_asked_now_is_asked_again() {
    let desk = left().await;
    for error in [unavailable(), fault(), held_back(7)] {
        desk.pos.groups(Err(error));
        assert!(matches!(desk.step().await, Verdict::Later(_)));
        assert_eq!(desk.state(), CommandState::Queued);
    }
    by_default(&desk, KITCHEN);
    desk.pos.groups(Ok(vec![KITCHEN])).shift(Ok(true)).update(Ok("c-1"));
    assert_eq!(desk.step().await, later(1));
}

#[tokio::test]
async fn a_refused_login_is_no_answer() {
    let desk = left().await;
    desk.pos.groups(Err(login_rejected()));
    assert!(matches!(desk.step().await, Verdict::Later(_)));
    assert_eq!(desk.state(), CommandState::Queued);
}

#[tokio::test]
async fn where_it_is_open_is_kept_though_the_call_is_held_back() {
    let desk = left().await;
    by_default(&desk, KITCHEN);
    desk.pos.groups(Err(held_back(7)));
    assert!(matches!(desk.step().await, Verdict::Later(_)));
    desk.pos.groups(Ok(vec![KITCHEN])).shift(Ok(true)).update(Err(held_back(7)));
    assert!(matches!(desk.step().await, Verdict::Later(_)));
    desk.pos.calls();
    desk.pos.update(Ok("c-1"));
    assert_eq!(desk.step().await, later(1));
    assert_eq!(desk.pos.calls(), [format!("close at {KITCHEN}")]);
}

#[tokio::test]
async fn what_syrve_refuses_to_tell_of_one_place_is_no_word_about_another() {
    let desk = left().await;
    desk.pos.groups(Ok(vec![KITCHEN, BAR])).own_groups(Err(rejected()));
    desk.pos.shift(Err(rejected())).shift(Ok(true)).update(Ok("c-1"));
    assert_eq!(desk.step().await, later(1));
    assert_eq!(desk.pos.calls().last(), Some(&format!("close at {BAR}")));

    let nowhere = left().await;
    nowhere.pos.groups(Ok(vec![KITCHEN, BAR])).own_groups(Ok(vec![KITCHEN, BAR]));
    nowhere.pos.shift(Err(rejected())).shift(Ok(false));
    assert_eq!(nowhere.step().await, Verdict::Done);
    let words = "Syrve refused the call with status 400: WrongOrganization";
    is_superseded(&nowhere, &format!("no shift is known to be open: {words}"));
}
