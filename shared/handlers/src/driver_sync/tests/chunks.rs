//! How much goes into one write. The table in memory refuses what is too much for a transaction.

use super::{Desk, List, actives, courier, id, shift_of, write};

fn deleted(count: usize) -> List {
    (1..=count).map(|number| (id(number), courier("Ann", false))).collect()
}

/// Couriers, of whom each has as many shifts open as `open` says.
async fn with_shifts(count: usize, open: impl Fn(usize) -> usize) -> Desk {
    let desk = Desk::dispatching();
    desk.list(actives(1..=count)).run().await;
    let (at, account) = (desk.now(), desk.bridge.account());
    for driver in desk.bridge.memory.state().drivers.values_mut() {
        let number: usize = driver.value.driver_id.to_string().rsplit('-').next().unwrap().parse().unwrap();
        for group in 1..=open(number) {
            write(driver, &shift_of(number, group, true, at), &account);
        }
    }
    desk.forget();
    desk
}

#[tokio::test]
async fn ten_thousand_drivers_cost_no_write_once_they_are_known() {
    let desk = Desk::dispatching();
    desk.list(actives(1..=10_000)).run().await;
    assert_eq!((desk.counts(), desk.asked().len()), ([10_000, 0, 0, 0], 10_000));
    let writes = desk.driver_writes();
    assert_eq!((writes.iter().sum::<usize>(), writes.len()), (10_000, 304));
    desk.run().await;
    assert_eq!((desk.counts(), desk.driver_writes()), ([0, 0, 0, 10_000], vec![]));
    let mut list = actives(1..=10_000);
    list.iter_mut().step_by(100).for_each(|(_, listed)| *listed = courier("Anna", true));
    desk.list(list).run().await;
    assert_eq!((desk.counts(), desk.asked().len()), ([0, 100, 0, 9_900], 100));
    assert_eq!(desk.driver_writes().iter().sum::<usize>(), 100, "and only those");
}

#[tokio::test]
async fn many_drivers_with_many_shifts_are_written_in_parts_that_fit() {
    let desk = with_shifts(60, |number| number % 9).await;
    desk.list(deleted(60)).run().await;
    assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 60, 0]));
    assert!(desk.bridge.memory.state().drivers.values().all(|driver| !driver.value.clocked_in()));
    let asked = desk.asked();
    let of = |kind: &str| asked.iter().filter(|label| label.split(' ').next() == Some(kind)).count();
    let shifts: usize = (1..=60).map(|number| number % 9).sum();
    // Of the six without a shift, Syrve is asked.
    assert_eq!((of("clockout"), of("clock_out_driver"), of("upsert_driver")), (shifts + 6, 54, 60));
}

#[tokio::test]
async fn parts_that_no_longer_fit_because_shifts_were_opened_in_between_are_cut_again() {
    let desk = with_shifts(60, |_| 1).await;
    let (memory, at, account) = (desk.bridge.memory.clone(), desk.now(), desk.bridge.account());
    desk.list(deleted(60)).lists.script().meanwhile = Some(Box::new(move || {
        memory.state().rival = Some(Box::new(move |state| {
            for (number, driver) in state.drivers.values_mut().enumerate() {
                write(driver, &shift_of(number + 1, 2, true, at), &account);
            }
        }));
    }));
    desk.run().await;
    assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 60, 0]));
    let asked = desk.asked();
    assert_eq!(asked.iter().filter(|label| label.starts_with("clockout ")).count(), 120);
    assert!(desk.bridge.memory.state().drivers.values().all(|driver| !driver.value.clocked_in()));
}
