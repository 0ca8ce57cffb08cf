//! What fleets say of a driver: on duty by their own shifts, and whether they can give orders. Each fleet speaks for itself.

use super::*;

fn said(second: i64, change: DriverChange) -> DriverReport {
    let key = EventKey::hashed([format!("{second}{change:?}").as_str()]);
    DriverReport {
        driver_id: employee(),
        stamp: Stamp::new(Timestamp::from_second(1_772_000_000 + second).unwrap(), key),
        change,
    }
}

fn on_duty(second: i64, provider: Provider, on: bool) -> DriverReport {
    said(second, DriverChange::OnDuty(provider, on))
}

fn available(second: i64, provider: Provider, is: bool) -> DriverReport {
    said(second, DriverChange::Available(provider, is))
}

#[test]
fn each_fleet_has_its_own_newest_word() {
    let driver = after(&[
        on_duty(1, Provider::Bringg, true),
        on_duty(2, Provider::Captain, false),
        available(3, Provider::Bringg, false),
        on_duty(4, Provider::Bringg, false),
    ]);
    let of = |map: &BTreeMap<Provider, Register<bool>>, provider| {
        map.get(&provider).and_then(|r| r.get().copied())
    };
    assert_eq!(of(&driver.on_duty, Provider::Bringg), Some(false));
    assert_eq!(of(&driver.on_duty, Provider::Captain), Some(false));
    assert_eq!(of(&driver.on_duty, Provider::Jelp), None);
    assert_eq!(of(&driver.available, Provider::Bringg), Some(false));
    assert_eq!(of(&driver.available, Provider::Captain), None);
}

#[test]
fn a_late_word_and_the_same_word_again_change_nothing() {
    for newest in [on_duty(5, Provider::Bringg, true), available(5, Provider::Bringg, true)] {
        let mut driver = after(&[]);
        assert!(driver.apply(&newest));
        let before = driver.clone();
        assert!(!driver.apply(&newest));
        let late = if driver.on_duty.is_empty() {
            available(4, Provider::Bringg, false)
        } else {
            on_duty(4, Provider::Bringg, false)
        };
        assert!(!driver.apply(&late));
        assert_eq!(driver, before);
    }
}

#[test]
fn a_shift_at_a_fleet_is_none_in_syrve_and_asks_for_nothing() {
    let story = [
        listed(0, "Ann", true),
        on_duty(1, Provider::Bringg, true),
        available(2, Provider::Bringg, true),
        on_duty(3, Provider::Bringg, false),
    ];
    assert!(!after(&story[..3]).clocked_in());
    assert_eq!(asked(None, &story), [vec![""; 0], vec![], vec![], vec![]]);
    assert_eq!(asked(CAPTAIN, &story)[1..], [vec![""; 0], vec![], vec![]]);
}

#[test]
fn a_driver_stored_before_fleets_spoke_of_shifts_is_read() {
    let driver = after(&[listed(0, "Ann", true)]);
    let mut stored = serde_json::to_value(&driver).unwrap();
    for later in ["on_duty", "available"] {
        stored.as_object_mut().unwrap().remove(later);
    }
    assert_eq!(serde_json::from_value::<Driver>(stored).unwrap(), driver);
}

proptest! {
    #[test]
    fn what_fleets_say_in_any_order_with_any_repeats_ends_in_one_state(
        words in prop::collection::vec((0..4_i64, 0..4_usize, any::<bool>(), any::<bool>()), 1..12)
            .prop_flat_map(|words| (Just(words.clone()), Just([words.clone(), words].concat()).prop_shuffle()))
    ) {
        let reports = |words: &[(i64, usize, bool, bool)]| {
            let report = |(second, fleet, duty, is): &(i64, usize, bool, bool)| {
                let provider = Provider::ALL[*fleet];
                if *duty { on_duty(*second, provider, *is) } else { available(*second, provider, *is) }
            };
            words.iter().map(report).collect::<Vec<_>>()
        };
        let (story, shuffled) = words;
        let driver = after(&reports(&shuffled));
        prop_assert_eq!(&driver, &after(&reports(&story)));
        let text = serde_json::to_string(&driver).unwrap();
        prop_assert_eq!(serde_json::from_str::<Driver>(&text).unwrap(), driver);
    }
}
