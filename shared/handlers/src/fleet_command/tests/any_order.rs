//! Events of Syrve's in any order, any number of times, with troubles on their way and calls in between: what the fleet has in
//! the end is what Syrve said last, and nothing was given up.

use courier_domain::inbound::InboundEvent;
use proptest::prelude::*;

use super::{Desk, FLEET, desk, with_comment};
use crate::testing::events::{announced, shift, syrve_order};
use crate::testing::{ANN, Fault, Line, ORDER, Trouble, fault, held_back, unavailable};

/// What goes wrong with an event, or with the calls that can be made after it.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Nothing,
    Write(Fault),
    /// Nobody works on the queue for now.
    Idle,
    Call,
    UnheardCall,
    HeldBack,
}

fn wrongs() -> impl Strategy<Value = Wrong> {
    prop_oneof![
        3 => Just(Wrong::Nothing),
        2 => Just(Wrong::Idle),
        1 => prop::sample::select(vec![Fault::Conflict, Fault::Lost, Fault::Unheard]).prop_map(Wrong::Write),
        1 => prop::sample::select(vec![Wrong::Call, Wrong::UnheardCall, Wrong::HeldBack]),
    ]
}

#[derive(Debug, Clone)]
enum Told {
    Event(Box<InboundEvent>),
    Listed(i64, &'static str, bool),
}

fn event(event: InboundEvent) -> Told {
    Told::Event(Box::new(event))
}

/// How an order ends, and the comment with which the fleet is to have it; with none it is to be cancelled there, if it is there.
fn endings() -> impl Strategy<Value = (Vec<InboundEvent>, Option<&'static str>)> {
    let said = with_comment;
    (0..5).prop_map(move |ending| match ending {
        0 => (vec![], Some("Ring twice")),
        1 => (vec![said(5, "CookingCompleted", "Ring thrice")], Some("Ring thrice")),
        2 => (vec![said(5, "Cancelled", "Ring twice")], None),
        3 => (vec![syrve_order(5, "CookingCompleted", "DeliveryByClient")], None),
        _ => {
            let statuses = [(5, "Cancelled"), (6, "CookingCompleted"), (7, "Cancelled")];
            (statuses.map(|(second, status)| said(second, status, "Ring twice")).to_vec(), None)
        }
    })
}

fn order(ending: Vec<InboundEvent>) -> Vec<Told> {
    let beginning = [
        announced(0),
        with_comment(1, "WaitCooking", "Ring once"),
        with_comment(2, "CookingStarted", "Ring once"),
        with_comment(3, "CookingStarted", "Ring twice"),
        with_comment(4, "CookingCompleted", "Ring twice"),
    ];
    beginning.into_iter().chain(ending).map(event).collect()
}

fn driver() -> Vec<Told> {
    vec![
        Told::Listed(0, "Testa Example", true),
        event(shift(1, ANN, true)),
        Told::Listed(2, "Testa Other", true),
        event(shift(3, ANN, false)),
        event(shift(4, ANN, true)),
        Told::Listed(5, "Testa Other", false),
        Told::Listed(6, "Testa Other", true),
        event(shift(7, ANN, true)),
        Told::Listed(8, "Testa Newest", true),
        event(shift(9, ANN, false)),
    ]
}

/// All of them once in any order, and some again, each with what goes wrong.
fn shuffled(story: Vec<Told>) -> impl Strategy<Value = Vec<(Told, Wrong)>> {
    let again = prop::collection::vec(prop::sample::select(story.clone()), 0..6);
    (Just(story).prop_shuffle(), again).prop_flat_map(|(story, again)| {
        let told: Vec<_> = story.into_iter().chain(again).collect();
        let wrongs = prop::collection::vec(wrongs(), told.len());
        wrongs.prop_map(move |wrongs| told.clone().into_iter().zip(wrongs).collect())
    })
}

/// The same events in the order in which they happened, but for what goes wrong.
fn in_order(story: Vec<Told>) -> impl Strategy<Value = Vec<(Told, Wrong)>> {
    let count = story.len();
    (1..=count, prop::collection::vec(wrongs(), count))
        .prop_map(move |(until, wrongs)| story.clone().into_iter().zip(wrongs).take(until).collect())
}

async fn tell(desk: &Desk, told: &Told) {
    loop {
        let result = match told {
            Told::Event(event) => desk.bridge.tell(event).await,
            Told::Listed(second, name, active) => desk.bridge.list(*second, name, *active).await,
        };
        if result.is_ok() {
            return;
        }
    }
}

async fn tell_all(story: &[(Told, Wrong)]) -> Desk {
    let desk = desk();
    let mut line = Line::to(FLEET, &desk.bridge.clock);
    for (told, wrong) in story {
        if let Wrong::Write(fault) = wrong {
            desk.bridge.memory.state().faults = [Some(*fault), None, Some(*fault)].into();
        }
        tell(&desk, told).await;
        match wrong {
            Wrong::Nothing | Wrong::Write(_) => {}
            Wrong::Idle => continue,
            Wrong::Call => drop(desk.fleet.fails(unavailable())),
            Wrong::UnheardCall => drop(desk.fleet.trouble(Trouble::Unheard(fault()))),
            Wrong::HeldBack => drop(desk.fleet.fails(held_back(10))),
        }
        line.take_in(&desk.bridge.commands.items());
        line.work(async |message| desk.commands.handle(&message).await).await;
        desk.bridge.clock.advance(std::time::Duration::from_secs(3));
        desk.bridge.memory.state().faults.clear();
        desk.fleet.script().troubles.clear();
    }
    for _ in 0..1000 {
        line.take_in(&desk.bridge.commands.items());
        line.work(async |message| desk.commands.handle(&message).await).await;
        if line.is_empty() {
            assert_eq!(line.dead, [""; 0]);
            return desk;
        }
        line.wait();
    }
    panic!("the commands never end");
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 500, ..ProptestConfig::default() })]

    #[test]
    fn a_fleet_has_an_order_as_syrve_said_last(
        (story, comment) in endings().prop_flat_map(|(ending, comment)| (shuffled(order(ending)), Just(comment))),
    ) {
        let desk = block_on(tell_all(&story));
        let script = desk.fleet.script();
        prop_assert!(script.made <= 1);
        let kept = script.orders.get(ORDER);
        let status = kept.and_then(|kept| kept.statuses.last()).map(String::as_str);
        match comment {
            Some(comment) => {
                prop_assert_eq!(&kept.unwrap().body["special_instructions"], comment);
                prop_assert_eq!(status, Some("prepared"));
            }
            None => prop_assert!(kept.is_none() || status.is_some_and(|status| status.starts_with("cancelled")), "{status:?}"),
        }
    }

    #[test]
    fn a_fleet_has_a_driver_as_syrve_said_last(
        story in prop_oneof![shuffled(driver()), in_order(driver())],
    ) {
        let desk = block_on(tell_all(&story));
        let driver = desk.bridge.driver();
        let script = desk.fleet.script();
        let known = script.drivers.get(ANN);
        let Some(courier) = driver.courier.get() else {
            prop_assert!(known.is_none());
            return Ok(());
        };
        let known = known.expect("a courier is known to the fleet");
        prop_assert_eq!(&known.body["active"], courier.active);
        let name = format!("{} {}", known.body["first_name"].as_str().unwrap(), known.body["last_name"].as_str().unwrap());
        prop_assert_eq!(Some(name.as_str()), driver.name());
        prop_assert_eq!(known.on_duty, driver.clocked_in() && driver.active());
    }
}
