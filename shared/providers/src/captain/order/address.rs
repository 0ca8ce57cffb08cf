//! Where to: Syrve's parts of an address in Captain.AI's lines. The apartment has a field of its own; what else helps to
//! find the door goes into the second line, in words, since bare numbers would be taken for anything.

use courier_domain::order::Address;
use serde_json::{Value, json};

use super::json::{joined, text};

/// The location, a part that is not known as null; `None` where nothing could stand in the first line, without which there
/// is no address. The country is not among the parts: Syrve has none.
pub(super) fn location(address: &Address) -> Option<Value> {
    let coordinates = coordinates(address);
    let line_1 = line_1(address).or_else(|| coordinates.as_ref().map(|(n, e)| format!("{n}, {e}")))?;
    let (latitude, longitude) = coordinates.unzip();
    Some(json!({
        "line_1": line_1,
        "line_2": line_2(address),
        "apartment_number": text(address.flat.as_ref()),
        "city": text(address.city.as_ref()),
        "state": text(address.region.as_ref()),
        "postcode": text(address.postcode.as_ref()),
        "latitude": latitude,
        "longitude": longitude,
        "address_specific_instructions_to_driver": text(address.comment.as_ref()),
    }))
}

/// The street with its numbers; the free line in restaurants that have no streets in their directory. Then whatever else
/// could lead there: an order with a poor address is better than a refused one.
fn line_1(address: &Address) -> Option<String> {
    let [line1, street, house, building, city, region, postcode, comment] = [
        &address.line1,
        &address.street,
        &address.house,
        &address.building,
        &address.city,
        &address.region,
        &address.postcode,
        &address.comment,
    ]
    .map(|part| text(part.as_ref()));
    street
        .and_then(|street| joined([Some(street), house, building], " "))
        .or_else(|| line1.map(str::to_owned))
        .or_else(|| joined([house, building], " "))
        .or_else(|| joined([city, region, postcode], ", "))
        .or_else(|| comment.map(str::to_owned))
}

fn line_2(address: &Address) -> Option<String> {
    let worded = |word: &str, part: &Option<String>| text(part.as_ref()).map(|part| format!("{word} {part}"));
    let entrance = worded("entrance", &address.entrance);
    let (floor, doorphone) = (worded("floor", &address.floor), worded("doorphone", &address.doorphone));
    joined([entrance.as_deref(), floor.as_deref(), doorphone.as_deref()], ", ")
}

/// In degrees, as texts without an exponent. One without the other is no point.
fn coordinates(address: &Address) -> Option<(String, String)> {
    let (latitude, longitude) = (address.latitude?, address.longitude?);
    (latitude.is_finite() && longitude.is_finite()).then(|| (latitude.to_string(), longitude.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_street_else_the_free_line_else_what_there_is() {
        let mut poor = Address { comment: Some("Opposite the church".into()), ..Address::default() };
        assert_eq!(line_1(&poor).as_deref(), Some("Opposite the church"));
        poor.city = Some("Dublin".into());
        poor.postcode = Some("D00 X000".into());
        assert_eq!(line_1(&poor).as_deref(), Some("Dublin, D00 X000"));
        let mut address =
            Address { house: Some("12".into()), building: Some("B".into()), ..Address::default() };
        assert_eq!(line_1(&address).as_deref(), Some("12 B"));
        address.line1 = Some("12 Example Street, Dublin".into());
        assert_eq!(line_1(&address).as_deref(), Some("12 Example Street, Dublin"));
        address.street = Some("Example Street ".into());
        assert_eq!(line_1(&address).as_deref(), Some("Example Street 12 B"));
        assert_eq!(line_1(&Address::default()), None);
    }

    #[test]
    fn a_place_without_words_is_its_coordinates_and_without_these_it_is_none() {
        let mut address = Address { flat: Some("3".into()), ..Address::default() };
        assert_eq!(location(&address), None);
        (address.latitude, address.longitude) = (Some(53.349_805), Some(-6.260_31));
        assert_eq!(location(&address).unwrap()["line_1"], "53.349805, -6.26031");
    }

    #[test]
    fn the_second_line_names_what_its_numbers_are() {
        let mut address =
            Address { entrance: Some("2".into()), doorphone: Some("3#".into()), ..Address::default() };
        assert_eq!(line_2(&address).as_deref(), Some("entrance 2, doorphone 3#"));
        address.floor = Some("1".into());
        assert_eq!(line_2(&address).as_deref(), Some("entrance 2, floor 1, doorphone 3#"));
    }

    #[test]
    fn coordinates_are_texts_and_come_in_pairs() {
        let at = |latitude, longitude| coordinates(&Address { latitude, longitude, ..Address::default() });
        assert_eq!(at(Some(53.349_805), Some(-1e-7)), Some(("53.349805".into(), "-0.0000001".into())));
        assert_eq!(at(Some(53.0), None), None);
        assert_eq!(at(Some(f64::NAN), Some(1.0)), None);
    }
}
