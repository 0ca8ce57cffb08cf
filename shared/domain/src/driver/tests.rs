//! What shifts, lists and requests make of a driver, and what follows from them.

mod fleets;

use proptest::prelude::*;

use super::follow::DriverSuperseded;
use super::*;
use crate::account::Account;
use crate::command::{Command, CommandKind};
use crate::ids::EventKey;
use crate::register::Stamp;
use crate::testing::account;

const KITCHEN: &str = "a5561d5e-0000-4000-8000-000000000001";
const BAR: &str = "a5561d5e-0000-4000-8000-000000000002";

fn shift(second: i64, group: &str, opened: bool, role: Option<&str>) -> DriverReport {
    let at = Timestamp::from_second(1_772_000_000 + second).unwrap();
    let key = EventKey::hashed([format!("{second}{group}{opened}").as_str()]);
    DriverReport {
        driver_id: "ffc60000-0000-4000-8000-000000000017".parse().unwrap(),
        stamp: Stamp::new(at, key),
        change: DriverChange::Shift {
            terminal_group: group.parse().unwrap(),
            opened,
            role: role.map(|role| role.parse().unwrap()),
        },
    }
}

fn after(reports: &[DriverReport]) -> Driver {
    let mut driver = Driver::new("ffc60000-0000-4000-8000-000000000017".parse().unwrap());
    for report in reports {
        driver.apply(report);
    }
    driver
}

#[test]
fn a_driver_open_in_two_terminal_groups_stays_in_until_both_are_closed() {
    let mut story =
        vec![shift(0, KITCHEN, true, None), shift(1, BAR, true, None), shift(2, KITCHEN, false, None)];
    assert!(after(&story).clocked_in());
    assert_eq!(after(&story).terminal_group(), Some(BAR.parse().unwrap()));
    story.push(shift(3, BAR, false, None));
    assert!(!after(&story).clocked_in());
}

#[test]
fn a_close_without_an_open_and_a_late_open_leave_the_driver_out() {
    let late = [shift(5, KITCHEN, false, None), shift(4, KITCHEN, true, None)];
    assert!(!after(&late).clocked_in());
    assert!(!after(&late[..1]).clocked_in());
}

#[test]
fn the_role_is_learned_from_the_newest_shift_that_has_one() {
    let role = "11111111-0000-4000-8000-000000000001";
    let story =
        [shift(0, KITCHEN, true, Some(role)), shift(1, BAR, true, None), shift(2, KITCHEN, false, None)];
    assert_eq!(after(&story).role.get(), Some(&role.parse().unwrap()));
}

proptest! {
    #[test]
    fn shifts_in_any_order_with_any_repeats_end_in_one_state(order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(),
                                                             repeats in prop::collection::vec(0usize..6, 0..8)) {
        let story: Vec<_> = (0..6).map(|n| {
            let group = if n % 2 == 0 { KITCHEN } else { BAR };
            shift(i64::from(n / 2), group, n < 3, None)
        }).collect();
        let told: Vec<_> = order.iter().chain(&repeats).map(|n| story[*n].clone()).collect();
        prop_assert_eq!(after(&told), after(&story));
    }
}

fn employee() -> DriverId {
    "ffc60000-0000-4000-8000-000000000017".parse().unwrap()
}

fn listed(second: i64, name: &str, active: bool) -> DriverReport {
    let change = DriverChange::Listed(Courier { name: Some(name.into()), active });
    DriverReport { change, ..shift(second, KITCHEN, true, None) }
}

/// What follows from each of these events, for an account whose orders are written to this fleet.
fn asked(dispatch_to: Option<Provider>, story: &[DriverReport]) -> Vec<Vec<String>> {
    let account = account(dispatch_to);
    let mut driver = Driver::new(employee());
    story
        .iter()
        .map(|report| {
            let before = driver.clone();
            driver.apply(report);
            let follow_up =
                driver.follow(&before, &account, &report.stamp.key, &report.stamp, report.stamp.at);
            follow_up.commands.iter().map(|command| command.kind.label()).collect()
        })
        .collect()
}

const CAPTAIN: Option<Provider> = Some(Provider::Captain);

#[test]
fn a_driver_who_left_is_inactive_and_out_everywhere() {
    let story = [
        listed(0, "Ann", true),
        shift(1, KITCHEN, true, None),
        shift(2, BAR, true, None),
        listed(3, "Ann", false),
    ];
    let driver = after(&story);
    assert!(!driver.active() && !driver.clocked_in());
    assert_eq!(asked(None, &story)[3], ["clockout", "clockout"]);
    let expected = vec!["clockout", "clockout", "clock_out_driver", "upsert_driver"];
    assert_eq!(asked(CAPTAIN, &story)[3], expected);
}

#[test]
fn a_shift_that_was_opened_after_the_list_was_made_stays_open() {
    let story = [listed(0, "Ann", true), shift(5, KITCHEN, true, None), listed(3, "Ann", false)];
    assert!(after(&story).clocked_in());
    assert_eq!(asked(None, &story)[2], [""; 0]);
    let again = listed(6, "Ann", false);
    assert!(after(&story).differs_from(&Courier { name: Some("Ann".into()), active: false }));
    assert_eq!(asked(None, &[&story[..], &[again]].concat())[3], ["clockout"]);
}

#[test]
fn a_shift_that_syrve_closes_itself_is_not_closed_again() {
    let story = [listed(0, "Ann", false), shift(1, KITCHEN, true, None), shift(2, KITCHEN, false, None)];
    assert_eq!(asked(None, &story), [vec![""; 0], vec![], vec![]]);
}

#[test]
fn a_fleet_hears_of_couriers_and_not_of_other_employees() {
    let story = [
        shift(0, KITCHEN, true, None),
        listed(1, "Ann", true),
        shift(2, KITCHEN, false, None),
        listed(3, "Anna", true),
    ];
    let expected =
        [vec![], vec!["upsert_driver", "clock_in_driver"], vec!["clock_out_driver"], vec!["upsert_driver"]];
    assert_eq!(asked(CAPTAIN, &story), expected);
}

#[test]
fn a_fleet_does_not_hear_of_one_who_was_gone_before_but_of_one_who_returns() {
    let story = [listed(0, "Ann", false), listed(1, "Ann", true), listed(2, "Ann", true)];
    assert_eq!(asked(CAPTAIN, &story), [vec![], vec!["upsert_driver"], vec![]]);
}

#[test]
fn a_fleet_that_is_new_to_the_restaurant_hears_of_all_who_work_there() {
    let mut driver = after(&[listed(0, "Ann", true), shift(1, KITCHEN, true, None)]);
    assert!(!driver.is_news_to_fleet(&account(None)));
    assert!(driver.is_news_to_fleet(&account(CAPTAIN)));
    let stamp = listed(2, "Ann", true).stamp;
    let mut told = |account: &Account| {
        let before = driver.clone();
        let follow_up = driver.follow(&before, account, &stamp.key, &stamp, stamp.at);
        let labels: Vec<_> = follow_up.commands.iter().map(|command| command.kind.label()).collect();
        (labels, driver.is_news_to_fleet(account))
    };
    let all = vec!["upsert_driver".to_owned(), "clock_in_driver".to_owned()];
    assert_eq!(told(&account(CAPTAIN)), (all.clone(), false));
    assert_eq!(told(&account(CAPTAIN)), (vec![], false));
    let mut moved = account(CAPTAIN);
    moved.captain.as_mut().unwrap().account_uuid = Some("another".into());
    assert_eq!(told(&moved), (all, false));
}

#[test]
fn a_fleet_that_could_not_be_told_is_told_with_the_next_word_and_not_at_once() {
    let mut driver = Driver::new(employee());
    let account = account(CAPTAIN);
    let mut tell = |change: DriverChange, second: i64| {
        let report = DriverReport { change, ..shift(second, KITCHEN, true, None) };
        let before = driver.clone();
        driver.apply(&report);
        let follow_up = driver.follow(&before, &account, &report.stamp.key, &report.stamp, report.stamp.at);
        let labels: Vec<_> = follow_up.commands.iter().map(|command| command.kind.label()).collect();
        (labels, driver.is_news_to_fleet(&account))
    };
    let ann = |active| DriverChange::Listed(Courier { name: Some("Ann".into()), active });
    let upsert = || vec!["upsert_driver".to_owned()];
    assert_eq!(tell(ann(true), 0), (upsert(), false));
    assert_eq!(tell(DriverChange::NotTold(Provider::Captain), 1), (vec![], true));
    assert_eq!(tell(ann(true), 2), (upsert(), false));
    assert_eq!(tell(ann(false), 3), ([vec!["clockout".to_owned()], upsert()].concat(), false));
    assert_eq!(tell(DriverChange::NotTold(Provider::Captain), 4), (vec![], true));
    assert_eq!(tell(ann(false), 5), (upsert(), false), "one who left as well");
}

/// Ann as a courier whom the fleet knows as `d-1`.
fn known_there(story: &[DriverReport]) -> Driver {
    let mut driver = Driver::new(employee());
    let known = DriverChange::Known(Provider::Captain, "d-1".into());
    for report in story.iter().chain([&DriverReport { change: known, ..listed(0, "Ann", true) }]) {
        told(&mut driver, report);
    }
    driver
}

/// What follows from one more event, for an account that is written to Captain.AI.
fn told(driver: &mut Driver, report: &DriverReport) -> Vec<String> {
    let before = driver.clone();
    driver.apply(report);
    let follow_up =
        driver.follow(&before, &account(CAPTAIN), &report.stamp.key, &report.stamp, report.stamp.at);
    follow_up.commands.iter().map(|command| command.kind.label()).collect()
}

fn not_told(second: i64) -> DriverReport {
    DriverReport { change: DriverChange::NotTold(Provider::Captain), ..listed(second, "Ann", true) }
}

#[test]
fn who_is_on_duty_is_told_again_after_it_came_to_nothing_whichever_it_is() {
    let on = [listed(0, "Ann", true), shift(1, KITCHEN, true, None)];
    let off = [&on[..], &[shift(2, KITCHEN, false, None)]].concat();
    for (story, expected) in
        [(&on[..], ["upsert_driver", "clock_in_driver"]), (&off, ["clock_out_driver", "upsert_driver"])]
    {
        let mut driver = known_there(story);
        assert!(!driver.is_news_to_fleet(&account(CAPTAIN)));
        assert_eq!(told(&mut driver, &not_told(5)), [""; 0]);
        assert!(driver.is_news_to_fleet(&account(CAPTAIN)), "the next sync tells");
        assert_eq!(told(&mut driver, &listed(6, "Ann", true)), expected);
        assert!(!driver.is_news_to_fleet(&account(CAPTAIN)));
    }
}

#[test]
fn wherever_a_driver_is_seen_does_not_tell_a_fleet_again() {
    let mut driver = known_there(&[listed(0, "Ann", true), shift(1, KITCHEN, true, None)]);
    told(&mut driver, &not_told(2));
    let seen = listed(3, "Ann", true);
    let position =
        Position { latitude: 1.0, longitude: 2.0, speed_kmh: None, course: None, recorded_at: seen.stamp.at };
    let seen = DriverReport { change: DriverChange::Position(position), ..seen };
    assert_eq!(told(&mut driver, &seen), [""; 0]);
    let in_the_bar = shift(4, BAR, true, None);
    assert_eq!(told(&mut driver, &in_the_bar), ["upsert_driver", "clock_in_driver"]);
}

#[test]
fn one_whom_the_fleet_never_got_to_know_is_not_put_off_duty_there() {
    let mut driver = Driver::new(employee());
    assert_eq!(told(&mut driver, &listed(0, "Ann", true)), ["upsert_driver"]);
    told(&mut driver, &not_told(1));
    assert_eq!(told(&mut driver, &listed(2, "Ann", true)), ["upsert_driver"]);
    assert_eq!(told(&mut driver, &listed(3, "Ann", false)), ["clockout", "upsert_driver"]);
}

#[test]
fn one_who_leaves_goes_off_duty_though_nobody_told_of_a_shift() {
    let mut driver = known_there(&[listed(0, "Ann", true)]);
    let expected = ["clockout", "clock_out_driver", "upsert_driver"];
    assert_eq!(told(&mut driver, &listed(5, "Ann", false)), expected);
    assert_eq!(told(&mut driver, &listed(6, "Anna", false)), ["upsert_driver"], "only once");
}

#[test]
fn only_one_who_worked_here_may_have_left_a_shift_open() {
    let story = [listed(0, "Ann", false), listed(1, "Ann", true), listed(2, "Ann", false)];
    assert_eq!(asked(None, &story), [vec![""; 0], vec![], vec!["clockout"]]);
    let cook = [shift(0, KITCHEN, true, None), shift(1, KITCHEN, false, None), listed(2, "Bob", false)];
    assert_eq!(asked(None, &cook), [vec![""; 0], vec![], vec![]]);
}

#[test]
fn an_older_list_changes_nothing() {
    let story = [listed(5, "Anna", true), listed(4, "Ann", false)];
    assert_eq!((after(&story).name(), after(&story).active()), (Some("Anna"), true));
}

#[test]
fn a_driver_is_written_again_before_being_forgotten() {
    let mut driver = after(&[listed(0, "Ann", true)]);
    let at = |days: i64| Timestamp::from_second(1_772_000_000 + days * 86_400).unwrap();
    assert!(driver.needs_renewal(at(0)), "nobody knows when this was written");
    driver.updated_at = Some(at(0));
    assert!(!driver.needs_renewal(at(45)) && driver.needs_renewal(at(46)));
}

#[test]
fn a_request_is_pointless_after_a_newer_one_or_a_newer_shift() {
    let command = |kind, second: i64| {
        let stamp = shift(second, KITCHEN, true, None).stamp;
        Command::new("demo".parse().unwrap(), kind, stamp.clone(), &"cause".parse().unwrap(), stamp.at)
    };
    let clock_in = CommandKind::ClockIn { driver_id: employee(), terminal_group_id: None, role_id: None };
    let driver = after(&[listed(0, "Ann", true), shift(5, KITCHEN, false, None)]);
    assert_eq!(driver.superseded(&command(clock_in.clone(), 6)), None);
    assert_eq!(driver.superseded(&command(clock_in.clone(), 4)), Some(DriverSuperseded::NewerShift));
    let newer = command(clock_in.clone(), 8);
    let request = ClockRequest { opened: false, stamp: newer.stamp, behind: false };
    let driver = Driver { clock_request: Some(request), ..driver };
    assert_eq!(driver.superseded(&command(clock_in, 6)), Some(DriverSuperseded::NewerRequest));
}

#[test]
fn a_request_behind_another_is_pointless_only_once_things_are_as_it_wants_them() {
    for opens in [true, false] {
        let stamp = shift(4, KITCHEN, true, None).stamp;
        let (driver_id, terminal_group_id) = (employee(), None);
        let kind = if opens {
            CommandKind::ClockIn { driver_id, terminal_group_id, role_id: None }
        } else {
            CommandKind::ClockOut { driver_id, terminal_group_id }
        };
        let cause = "cause".parse().unwrap();
        let command = Command::new("demo".parse().unwrap(), kind, stamp.clone(), &cause, stamp.at);
        let after = |opened: bool, behind: bool| {
            let request = ClockRequest { opened: opens, stamp: stamp.clone(), behind };
            Driver { clock_request: Some(request), ..after(&[shift(6, KITCHEN, opened, None)]) }
        };
        let newer = Some(DriverSuperseded::NewerShift);
        assert_eq!(after(!opens, true).superseded(&command), None, "the other request's echo");
        assert_eq!(after(opens, true).superseded(&command), newer);
        assert_eq!(after(!opens, false).superseded(&command), newer);
    }
}

#[test]
fn a_shift_elsewhere_does_not_make_a_request_pointless() {
    let stamp = shift(4, KITCHEN, true, None).stamp;
    let clock_out = |group: Option<&str>| {
        let terminal_group_id = group.map(|group| group.parse().unwrap());
        let kind = CommandKind::ClockOut { driver_id: employee(), terminal_group_id };
        Command::new("demo".parse().unwrap(), kind, stamp.clone(), &"cause".parse().unwrap(), stamp.at)
    };
    let driver = after(&[shift(0, KITCHEN, true, None), shift(5, BAR, false, None)]);
    assert_eq!(driver.superseded(&clock_out(Some(KITCHEN))), None);
    assert_eq!(driver.superseded(&clock_out(Some(BAR))), Some(DriverSuperseded::NewerShift));
    assert_eq!(driver.superseded(&clock_out(None)), Some(DriverSuperseded::NewerShift));
}

#[test]
fn a_fleet_is_told_the_newest_state_only() {
    let command = |kind, second: i64| {
        let stamp = shift(second, KITCHEN, true, None).stamp;
        Command::new("demo".parse().unwrap(), kind, stamp.clone(), &"cause".parse().unwrap(), stamp.at)
    };
    let clock_in = command(CommandKind::ClockInDriver { driver_id: employee() }, 1);
    let clock_out = command(CommandKind::ClockOutDriver { driver_id: employee() }, 1);
    let on = after(&[listed(0, "Ann", true), shift(1, KITCHEN, true, None)]);
    let off = after(&[listed(2, "Anna", true), shift(1, KITCHEN, false, None)]);
    let why = |driver: &Driver| [&clock_in, &clock_out].map(|command| driver.superseded(command).is_some());
    assert_eq!(why(&on), [false, true]);
    assert_eq!(why(&off), [true, false]);
}

#[test]
fn a_request_is_newer_than_all_that_was_known_of_shifts_before_it() {
    let now = Timestamp::from_second(1_772_000_000).unwrap();
    let mut driver = after(&[listed(0, "Ann", true)]);
    assert_eq!(driver.time_of_request(now), now);
    driver.apply(&shift(0, KITCHEN, false, None));
    let shift_at = driver.shifts.values().next().and_then(Register::stamp).map(|stamp| stamp.at).unwrap();
    let behind = shift_at - SignedDuration::from_secs(3);
    let first = driver.time_of_request(behind);
    assert_eq!(first, shift_at + SignedDuration::from_millis(1));
    let stamp = Stamp::new(first, "key".parse().unwrap());
    driver.clock_request = Some(ClockRequest { opened: true, stamp, behind: false });
    assert_eq!(driver.time_of_request(behind), first + SignedDuration::from_millis(1));
}
