//! The API login of many accounts: read once, as long as they name the same one.

use courier_domain::secret::Secret;

use super::Chain;
use crate::queue::Verdict;
use crate::testing::{held_back, login_rejected};

#[tokio::test]
async fn a_login_is_read_of_one_of_its_accounts_and_not_in_every_run() {
    let chain = Chain::of(50);
    chain.name_logins();
    for _ in 0..20 {
        assert_eq!(chain.run().await, Verdict::Done);
    }
    assert_eq!(chain.secret_reads(), 1);
    assert!((0..50).all(|number| chain.error(number).is_none() && chain.counts(number)[3] == 2));
}

#[tokio::test]
async fn an_account_that_names_another_login_is_read_itself() {
    let chain = Chain::of(3);
    chain.name_logins();
    chain.run().await;
    chain.secrets(1, |secrets| {
        secrets.syrve_app_id = Some("app".into());
        secrets.syrve_client_secret = Some(Secret::new("client-secret"));
    });
    chain.name_logins();
    chain.lists.calls();
    chain.run().await;
    let calls = ["organizations of chain", "couriers of 2 for chain"];
    let with_application = calls.map(|call| format!("{} with an application", call.replace(" 2 ", " 1 ")));
    assert_eq!(chain.lists.calls(), [calls.map(str::to_owned), with_application].concat());
    assert_eq!(chain.secret_reads(), 2);
}

#[tokio::test]
async fn what_an_account_does_not_name_is_read_every_time() {
    let chain = Chain::of(3);
    for _ in 0..2 {
        chain.run().await;
    }
    assert_eq!(chain.secret_reads(), 6);
}

#[tokio::test]
async fn a_login_that_is_refused_is_read_again_of_one_of_its_accounts() {
    let chain = Chain::of(50);
    chain.name_logins();
    chain.lists.fail([Some(login_rejected())]);
    assert_eq!(chain.run().await, Verdict::Done);
    assert_eq!(chain.secret_reads(), 2);
    assert!((0..50).all(|number| chain.error(number).unwrap().contains("Login is not known")));
    chain.run().await;
    assert_eq!(chain.secret_reads(), 3);
    assert!((0..50).all(|number| chain.error(number).is_none()));
}

#[tokio::test]
async fn what_a_login_may_see_is_not_asked_again_while_its_lists_are_waited_for() {
    let chain = Chain::of(3);
    let message = chain.message();
    chain.lists.fail([None, Some(held_back(40))]);
    let Verdict::Later(pause) = chain.receive(&message).await else { panic!("not put off") };
    chain.clock.advance(pause);
    assert_eq!(chain.receive(&message).await, Verdict::Done);
    let calls = ["organizations of chain", "couriers of 3 for chain", "couriers of 3 for chain"];
    assert_eq!(chain.lists.calls(), calls);
    chain.run().await;
    assert_eq!(chain.lists.calls()[0], "organizations of chain", "the next run asks again");
}

#[tokio::test]
async fn what_a_login_could_see_is_believed_for_minutes_and_of_the_same_organization() {
    for has_moved in [true, false] {
        let chain = Chain::of(2);
        let message = chain.message();
        chain.lists.fail([None, Some(held_back(40))]);
        chain.receive(&message).await;
        chain.lists.calls();
        if has_moved {
            chain.edit(1, |account| account.syrve.as_mut().unwrap().organization_id = chain.organization(0));
        } else {
            chain.clock.advance(std::time::Duration::from_mins(5));
        }
        assert_eq!(chain.receive(&message).await, Verdict::Done);
        assert_eq!(chain.lists.calls()[0], "organizations of chain");
    }
}
