//! Several accounts in one message: those that share an API login are fetched in one call, and none suffers for another.

mod asked;
mod logins;
mod restaurants;

use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::secret::Secret;
use courier_domain::sync::SyncState;

use self::restaurants::Chain;
use super::{actives, courier, id};
use crate::queue::Verdict;
use crate::testing::{fault, held_back, rejected};

#[tokio::test]
async fn accounts_of_one_login_cost_two_calls_in_all() {
    let chain = Chain::of(50);
    for number in 0..50 {
        chain.list(number, actives(number * 10..number * 10 + 3));
    }
    assert_eq!(chain.run().await, Verdict::Done);
    assert_eq!(chain.lists.calls(), ["organizations of chain", "couriers of 50 for chain"]);
    for number in 0..50 {
        assert_eq!((chain.counts(number), chain.error(number)), ([3, 0, 0, 0], None));
        let drivers: Vec<_> = chain.drivers(number);
        assert_eq!(
            drivers,
            actives(number * 10..number * 10 + 3).into_iter().map(|(id, _)| id).collect::<Vec<_>>()
        );
    }
    chain.run().await;
    assert_eq!((chain.counts(7), chain.writes(7)), ([0, 0, 0, 3], vec![3]));
}

#[tokio::test]
async fn an_organization_that_is_hidden_or_left_out_does_not_keep_the_others() {
    let chain = Chain::of(4);
    chain.sees("chain", &[0, 2, 3]);
    chain.lists.leave_out(chain.organization(3));
    assert_eq!(chain.run().await, Verdict::Done);
    assert_eq!(chain.lists.calls(), ["organizations of chain", "couriers of 3 for chain"]);
    let errors: Vec<_> = (0..4).map(|number| chain.error(number)).collect();
    assert!(
        errors[1].as_ref().unwrap().contains("may see") && errors[3].as_ref().unwrap().contains("leaves")
    );
    assert_eq!([&errors[0], &errors[2]], [&None; 2]);
    assert_eq!((chain.counts(0), chain.counts(1), chain.counts(2)), ([2, 0, 0, 0], [0; 4], [2, 0, 0, 0]));
}

#[tokio::test]
async fn where_no_organization_is_visible_no_list_is_asked_for() {
    let chain = Chain::of(2);
    chain.sees("chain", &[]);
    chain.run().await;
    assert_eq!(chain.lists.calls(), ["organizations of chain"]);
    assert!(chain.error(0).is_some() && chain.error(1).is_some());
}

#[tokio::test]
async fn an_implausible_list_of_one_does_not_keep_the_others() {
    let chain = Chain::of(2);
    chain.run().await;
    chain.list(0, Vec::new());
    chain.list(1, vec![(id(10), courier("Anna", true)), (id(11), courier("Ann", true))]);
    chain.run().await;
    assert_eq!((chain.counts(0), chain.counts(1)), ([0; 4], [0, 1, 0, 1]));
    assert_eq!((chain.error(0).is_some(), chain.error(1)), (true, None));
}

#[tokio::test]
async fn a_failed_call_is_told_to_all_and_made_good_for_all() {
    let chain = Chain::of(3);
    chain.lists.fail([None, Some(fault())]);
    let message = chain.message();
    let Verdict::Later(pause) = chain.receive(&message).await else { panic!("given up") };
    assert!((0..3).all(|number| chain.error(number).unwrap() == "Syrve failed with status 500: broken"));
    chain.clock.advance(pause);
    assert_eq!(chain.receive(&message).await, Verdict::Done);
    assert!((0..3).all(|number| chain.error(number).is_none() && chain.counts(number) == [2, 0, 0, 0]));
}

#[tokio::test]
async fn two_accounts_of_one_organization_both_get_its_list() {
    let chain = Chain::of(2);
    chain.edit(1, |account| account.syrve.as_mut().unwrap().organization_id = chain.organization(0));
    chain.run().await;
    assert_eq!(chain.lists.calls(), ["organizations of chain", "couriers of 1 for chain"]);
    assert_eq!((chain.counts(0), chain.counts(1)), ([2, 0, 0, 0], [2, 0, 0, 0]));
}

#[tokio::test]
async fn an_organization_that_is_in_the_answer_twice_has_all_couriers_of_both() {
    let chain = Chain::of(2);
    chain.lists.script().in_halves = true;
    chain.run().await;
    assert_eq!((chain.counts(0), chain.counts(1)), ([2, 0, 0, 0], [2, 0, 0, 0]));
    chain.run().await;
    assert_eq!((chain.counts(0), chain.error(1)), ([0, 0, 0, 2], None));
}

#[tokio::test]
async fn a_disabled_account_is_left_out_of_the_call() {
    let chain = Chain::of(3);
    chain.edit(1, |account| account.enabled = false);
    chain.run().await;
    assert_eq!(chain.lists.calls(), ["organizations of chain", "couriers of 2 for chain"]);
    assert!(chain.stored(1).is_none());
}

#[tokio::test]
async fn an_account_whose_login_changed_since_it_was_queued_is_fetched_with_its_own() {
    let chain = Chain::of(3);
    let message = chain.message();
    chain.edit(1, |account| account.syrve.as_mut().unwrap().login_key = Some("another".into()));
    chain.give_login(1, "another");
    chain.sees("another", &[1]);
    chain.sees("chain", &[0, 2]);
    assert_eq!(chain.receive(&message).await, Verdict::Done);
    let calls = chain.lists.calls();
    assert_eq!(calls[..2], ["organizations of chain", "couriers of 2 for chain"]);
    assert_eq!(calls[2..], ["organizations of another", "couriers of 1 for another"]);
    assert!((0..3).all(|number| chain.error(number).is_none() && chain.counts(number) == [2, 0, 0, 0]));
}

#[tokio::test]
async fn what_counts_is_the_login_that_is_used_and_not_its_key_on_the_account() {
    let chain = Chain::of(2);
    // The secret was written, and the account, which is read from a copy up to a minute old, does not say so yet.
    chain.give_login(0, "another");
    chain.sees("another", &[0]);
    chain.sees("chain", &[1]);
    chain.run().await;
    assert_eq!(chain.lists.calls().len(), 4);
    assert!((0..2).all(|number| chain.error(number).is_none() && chain.counts(number) == [2, 0, 0, 0]));
}

#[tokio::test]
async fn of_two_logins_one_may_be_held_back_and_the_other_is_done() {
    let chain = Chain::of(2);
    chain.edit(1, |account| account.syrve.as_mut().unwrap().login_key = Some("another".into()));
    chain.give_login(1, "another");
    chain.sees("another", &[1]);
    chain.lists.fail([Some(held_back(40))]);
    let message = chain.message();
    assert_eq!(chain.receive(&message).await, Verdict::Later(Duration::from_secs(41)));
    assert_eq!((chain.counts(1), chain.lists.calls().len()), ([2, 0, 0, 0], 3));
    chain.clock.advance(Duration::from_secs(41));
    assert_eq!(chain.receive(&message).await, Verdict::Done);
    assert_eq!((chain.counts(0), chain.lists.calls().len()), ([2, 0, 0, 0], 2), "only the one that waited");
}

#[tokio::test]
async fn an_account_that_an_older_run_works_on_is_waited_for_and_the_others_are_done() {
    let chain = Chain::of(3);
    let message = chain.message();
    chain.is_at_work_on(1);
    let Verdict::Later(pause) = chain.receive(&message).await else { panic!("not waited for") };
    assert_eq!(chain.lists.calls(), ["organizations of chain", "couriers of 2 for chain"]);
    assert_eq!(pause, Duration::from_secs(15));
    chain.clock.advance(Duration::from_secs(91));
    assert_eq!(chain.receive(&message).await, Verdict::Done);
    assert_eq!(chain.lists.calls(), ["organizations of chain", "couriers of 1 for chain"]);
    assert!((0..3).all(|number| chain.counts(number) == [2, 0, 0, 0]));
}

#[tokio::test]
async fn an_account_whose_record_cannot_be_read_or_written_does_not_keep_the_others() {
    for (number, damage) in (0..3).flat_map(|number| [(number, true), (number, false)]) {
        let chain = Chain::of(3);
        chain.run().await;
        chain.clock.advance(super::INTERVAL);
        let message = chain.message();
        for other in 0..3 {
            chain.list(
                other,
                vec![(id(other * 10), courier("Anna", true)), (id(other * 10 + 1), courier("Ann", true))],
            );
        }
        if damage {
            chain.damage(number);
        } else {
            chain.refuse_drivers(number);
        }
        chain.try_to_receive(&message).await.unwrap_err();
        for other in (0..3).filter(|other| *other != number) {
            assert_eq!((chain.counts(other), chain.error(other)), ([0, 1, 0, 1], None), "{number} {damage}");
        }
    }
}

#[tokio::test]
async fn what_is_damaged_or_refused_for_good_is_shown_and_not_asked_for_again_before_the_next_run() {
    let chain = Chain::of(2);
    chain.run().await;
    chain.list(0, actives(0..3));
    for is_damage in [true, false] {
        chain.clock.advance(super::INTERVAL);
        let message = chain.message();
        let words = if is_damage { chain.damage_drivers(0) } else { chain.refuse_drivers(0) };
        let told = chain.try_to_receive(&message).await;
        assert_eq!(told.is_ok(), is_damage, "{told:?}");
        assert_eq!(chain.error(0).unwrap(), format!("the bridge could not go on: {words}"));
        assert_eq!(chain.stored(0).unwrap().state, SyncState::Failed);
        assert_eq!(chain.error(1), None);
        chain.mend();
    }
    chain.run().await;
    assert_eq!((chain.error(0), chain.counts(0)), (None, [1, 0, 0, 2]));
}

#[tokio::test]
async fn an_account_whose_end_cannot_be_written_is_free_at_once_and_so_are_the_others() {
    // The login sees the organization of none of them, or refuses the call.
    for sees in [&[][..], &[0, 1, 2]] {
        let chain = Chain::of(3);
        chain.sees("chain", sees);
        if !sees.is_empty() {
            chain.lists.fail([Some(rejected())]);
        }
        let message = chain.message();
        chain.lose_write(1, 1);
        chain.try_to_receive(&message).await.unwrap_err();
        let held = (0..3).filter(|number| {
            let sync = chain.stored(*number).unwrap();
            sync.state == SyncState::Running && sync.leased_until > chain.clock.now()
        });
        assert_eq!(held.count(), 0);
        assert!((0..3).all(|number| chain.error(number).is_some()));
    }
}

#[tokio::test]
async fn a_login_is_used_as_it_is_stored_with_the_account() {
    let chain = Chain::of(1);
    chain.secrets(0, |secrets| {
        secrets.syrve_app_id = Some("app".into());
        secrets.syrve_client_secret = Some(Secret::new("client-secret"));
    });
    chain.run().await;
    assert_eq!(chain.lists.calls()[0], "organizations of chain with an application");
}
