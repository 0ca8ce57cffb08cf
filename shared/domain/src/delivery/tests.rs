//! What is kept of a fleet's news beside its status: the newest of each, the newest remarks, and no text without end.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

fn stamp(second: i64) -> Stamp {
    let key = format!("key-{second}").parse().unwrap();
    Stamp::new(Timestamp::from_second(1_772_000_000 + second).unwrap(), key)
}

/// The delivery after this news by second, in this order of arrival.
fn after(story: impl IntoIterator<Item = (i64, FleetNews)>) -> Delivery {
    let mut delivery = Delivery::default();
    for (second, news) in story {
        delivery.apply(&stamp(second), &news);
    }
    delivery
}

fn note(text: impl Into<String>) -> FleetNews {
    FleetNews { note: Some(text.into()), ..FleetNews::default() }
}

fn texts(delivery: &Delivery) -> Vec<&str> {
    delivery.notes.iter().map(|note| note.text.as_str()).collect()
}

fn confirmation(comment: &str) -> Confirmation {
    Confirmation { confirmed: true, rating: Some("4.5".parse().unwrap()), comment: Some(comment.into()) }
}

/// News that names everything, with one text for all of it.
fn everything(text: &str) -> FleetNews {
    let driver = FleetDriver {
        name: Some(text.into()),
        phone: Some(text.into()),
        carrier: Some(text.into()),
        ..FleetDriver::new("jelp:7".parse().unwrap(), Some("7".into()))
    };
    FleetNews {
        driver: Some(Some(driver)),
        order_status: Some(text.into()),
        tracking_url: Some("https://jelp.test/t".into()),
        eta: Some(stamp(100).at),
        deliver_before: Some(stamp(200).at),
        description: Some(text.into()),
        end_reason: Some(text.into()),
        confirmation: Some(confirmation(text)),
        note: Some(text.into()),
        ..FleetNews::status(DeliveryStatus::Collected)
    }
}

#[test]
fn fleets_are_known_by_their_names() {
    for provider in Provider::ALL {
        assert_eq!(Provider::parse(provider.as_str()), Some(provider));
        assert_eq!(serde_json::to_value(provider).unwrap(), provider.as_str());
    }
    assert_eq!(Provider::parse("syrve"), None);
    let telling: Vec<_> = Provider::ALL.into_iter().filter(|fleet| fleet.tells_every_step()).collect();
    assert_eq!(telling, [Provider::Captain]);
}

#[test]
fn the_ten_newest_remarks_are_kept_oldest_first() {
    let delivery = after((0..14).map(|second| (second, note(second.to_string()))));
    assert_eq!(texts(&delivery), ["4", "5", "6", "7", "8", "9", "10", "11", "12", "13"]);
    assert_eq!(delivery.notes[0].stamp, stamp(4));
}

#[test]
fn a_remark_that_is_known_or_too_old_is_no_news() {
    let mut delivery = after((0..14).map(|second| (second, note(second.to_string()))));
    let before = delivery.clone();
    for second in [0, 3, 4, 13] {
        assert!(!delivery.apply(&stamp(second), &note("again")), "{second}");
    }
    assert_eq!(delivery, before);
    assert!(delivery.apply(&stamp(14), &note("new")));
    assert_eq!(delivery.notes.len(), MOST_NOTES);
}

#[test]
fn texts_are_cut_after_a_thousand_characters_of_whatever_size() {
    for letter in ["a", "ß", "語", "🍕"] {
        let delivery = after([(1, everything(&letter.repeat(LONGEST_TEXT + 1)))]);
        let cut = letter.repeat(LONGEST_TEXT);
        let driver = delivery.current_driver().unwrap();
        let said = delivery.confirmation.get().unwrap();
        let kept = [
            &delivery.notes[0].text,
            delivery.order_status.get().unwrap(),
            delivery.description.get().unwrap(),
            delivery.end_reason.get().unwrap(),
            said.comment.as_ref().unwrap(),
            driver.name.as_ref().unwrap(),
            driver.phone.as_ref().unwrap(),
            driver.carrier.as_ref().unwrap(),
        ];
        assert!(kept.iter().all(|text| **text == cut), "{letter}");
    }
    let short = "語".repeat(LONGEST_TEXT);
    assert_eq!(texts(&after([(1, note(short.as_str()))])), [short]);
}

#[test]
fn what_an_event_does_not_say_is_not_touched() {
    let full = after([(1, everything("a"))]);
    let mut delivery = full.clone();
    assert!(!delivery.apply(&stamp(2), &FleetNews::default()));
    assert_eq!(delivery, full);
    assert!(delivery.apply(&stamp(2), &FleetNews { eta: Some(stamp(300).at), ..FleetNews::default() }));
    assert_eq!(delivery.eta.get(), Some(&stamp(300).at));
    assert_eq!(Delivery { eta: full.eta.clone(), ..delivery }, full);
}

#[test]
fn older_news_of_anything_changes_nothing_that_is_shown() {
    let mut delivery = after([(5, everything("new"))]);
    let before = delivery.clone();
    let old = FleetNews { note: None, status: Some(DeliveryStatus::AssignedToDriver), ..everything("old") };
    assert!(!delivery.apply(&stamp(4), &old));
    assert_eq!(delivery.current(), Some(DeliveryStatus::Collected));
    assert_eq!(Delivery { statuses: before.statuses.clone(), ..delivery }, before);
}

#[test]
fn every_part_of_the_news_alone_is_news_once() {
    let all = everything("a");
    let none = FleetNews::default();
    let parts = [
        FleetNews { status: all.status, ..none.clone() },
        FleetNews { driver: all.driver.clone(), ..none.clone() },
        FleetNews { driver: Some(None), ..none.clone() },
        FleetNews { order_status: all.order_status.clone(), ..none.clone() },
        FleetNews { tracking_url: all.tracking_url.clone(), ..none.clone() },
        FleetNews { eta: all.eta, ..none.clone() },
        FleetNews { deliver_before: all.deliver_before, ..none.clone() },
        FleetNews { description: all.description.clone(), ..none.clone() },
        FleetNews { end_reason: all.end_reason.clone(), ..none.clone() },
        FleetNews { confirmation: all.confirmation.clone(), ..none.clone() },
        FleetNews { note: all.note.clone(), ..none.clone() },
    ];
    for part in parts {
        let mut delivery = Delivery::default();
        assert!(delivery.apply(&stamp(1), &part), "{part:?}");
        assert!(!delivery.apply(&stamp(1), &part), "{part:?}");
    }
}

#[test]
fn a_delivery_and_news_are_read_as_they_were_written() {
    let news = FleetNews { implied: true, ..everything("a") };
    let text = serde_json::to_string(&news).unwrap();
    assert_eq!(serde_json::from_str::<FleetNews>(&text).unwrap(), news);
    let delivery = after([(1, everything("a")), (2, news)]);
    let text = serde_json::to_string(&delivery).unwrap();
    assert_eq!(serde_json::from_str::<Delivery>(&text).unwrap(), delivery);
    assert_eq!(serde_json::from_str::<Delivery>("{}").unwrap(), Delivery::default());
}

#[test]
fn news_that_say_there_is_no_driver_are_read_as_such() {
    let news = FleetNews { driver: Some(None), ..FleetNews::default() };
    let text = serde_json::to_string(&news).unwrap();
    assert_eq!(serde_json::from_str::<FleetNews>(&text).unwrap(), news, "{text}");
}

proptest! {
    #[test]
    fn remarks_in_any_order_with_any_repeats_are_the_same_ten(
        (story, shuffled) in prop::collection::vec(0..30_i64, 1..40)
            .prop_flat_map(|story| (Just(story.clone()), Just(story).prop_shuffle()))
    ) {
        let told = |seconds: &[i64]| after(seconds.iter().map(|s| (*s, note(s.to_string()))));
        let delivery = told(&shuffled);
        prop_assert_eq!(&delivery, &told(&story));
        let mut newest = story;
        newest.sort_unstable();
        newest.dedup();
        let expected: Vec<_> = newest.iter().rev().take(MOST_NOTES).rev().map(i64::to_string).collect();
        prop_assert_eq!(texts(&delivery), expected);
    }
}

#[test]
fn a_drivers_name_stays_known_when_other_events_give_only_the_id() {
    let by = |id: &str, name: Option<&str>| FleetNews {
        driver: Some(Some(FleetDriver {
            name: name.map(str::to_owned),
            ..FleetDriver::new(DriverId::of_fleet("bringg", id).unwrap(), Some(id.to_owned()))
        })),
        ..FleetNews::default()
    };
    let named = (1, by("7", Some("Ann")));
    for story in [[named.clone(), (2, by("7", None))], [(2, by("7", None)), named.clone()]] {
        assert_eq!(after(story).current_driver().unwrap().name.as_deref(), Some("Ann"));
    }
    let renamed = after([named.clone(), (3, by("7", None)), (2, by("7", Some("Anna")))]);
    assert_eq!(renamed.current_driver().unwrap().name.as_deref(), Some("Anna"));
    assert_eq!(after([named, (2, by("8", None))]).current_driver().unwrap().name, None);
}

#[test]
fn that_a_driver_was_taken_off_counts_only_where_the_event_has_a_time() {
    let ann = FleetDriver::new(DriverId::of_fleet("bringg", "7").unwrap(), Some("7".to_owned()));
    let assigned = FleetNews { driver: Some(Some(ann)), ..FleetNews::default() };
    for (implied, driver) in [(true, true), (false, false)] {
        let off = FleetNews { driver: Some(None), implied, ..FleetNews::default() };
        let delivery = after([(1, assigned.clone()), (2, off)]);
        assert_eq!(delivery.current_driver().is_some(), driver);
    }
}

#[test]
fn drivers_without_an_id_of_the_fleets_are_not_taken_for_one_another() {
    let external = |name: Option<&str>| FleetNews {
        driver: Some(Some(FleetDriver {
            name: name.map(str::to_owned),
            ..FleetDriver::new(DriverId::of_fleet("jelp", "external_driver").unwrap(), None)
        })),
        ..FleetNews::default()
    };
    let delivery = after([(1, external(Some("Ann"))), (2, external(None))]);
    assert_eq!(delivery.current_driver().unwrap().name, None);
}
