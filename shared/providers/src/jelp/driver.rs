//! The driver of a Jelp event: `driver` in a short event, `deliveryMan` in a full order, whose fields Jelp does not document
//! and which is read alike. Where there is none, nothing is said of the driver: another company's may never show there.

use courier_domain::delivery::{FleetDriver, Provider};
use serde_json::Value;

use crate::lenient::{self, Fields};
use crate::names;

/// The `employeeCode` of everybody who drives for another company.
const EXTERNAL: &str = "external_driver";

fn person(body: Fields) -> Option<Fields> {
    ["driver", "deliveryMan"]
        .into_iter()
        .find_map(|name| body.value(name).filter(|value| value.is_object()))
        .map(Fields::of)
}

/// The name of a driver, and the field that has it. `employeeCode` is the restaurant's; those without one have Jelp's own.
fn identity(person: Fields) -> Option<(&'static str, String)> {
    ["employeeCode", "_id", "id"].into_iter().find_map(|field| Some((field, person.name(field)?)))
}

/// The driver, if the event names one. `employeeCode` is Syrve's id where it has that form.
pub(super) fn read(body: Fields) -> Option<FleetDriver> {
    let person = person(body)?;
    let (field, name) = identity(person)?;
    let (employee, own) = if field == "employeeCode" { (Some(name), None) } else { (None, Some(name)) };
    let driver = names::driver(Provider::Jelp, employee, own)?;
    Some(FleetDriver {
        name: person.name("name"),
        phone: phone(person),
        carrier: body.name("provider"),
        ..driver
    })
}

/// A text, as other companies give it, or an object with the country's code apart. Of neither, none.
fn phone(person: Fields) -> Option<String> {
    let parts = person.object("phone");
    match (parts.name("countryCode"), parts.name("phone")) {
        (Some(country), Some(number)) if !number.starts_with('+') => {
            Some(format!("+{}{number}", country.trim_start_matches('+')))
        }
        (_, Some(number)) => Some(number),
        (_, None) => person.name("phone"),
    }
}

/// Who is where.
pub(super) struct Located {
    /// The field that has the driver's name.
    pub(super) field: &'static str,
    pub(super) name: String,
    /// Latitude and longitude.
    pub(super) point: (f64, f64),
}

/// Where a driver is who is always the same person.
pub(super) fn located(body: Fields) -> Option<Located> {
    let person = person(body)?;
    let (field, name) = identity(person).filter(|(_, name)| name != EXTERNAL)?;
    Some(Located { field, name, point: point(person.value("location")?)? })
}

/// `{lat, lon}` in a short event and `[longitude, latitude]` everywhere else. Zeros mean that it is not known.
fn point(location: &Value) -> Option<(f64, f64)> {
    let (latitude, longitude) = match location {
        Value::Object(named) => (named.get("lat")?, named.get("lon")?),
        Value::Array(pair) => match pair.as_slice() {
            [longitude, latitude] => (latitude, longitude),
            _ => return None,
        },
        _ => return None,
    };
    lenient::point(latitude, longitude)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn driver(person: &Value) -> Option<FleetDriver> {
        read(Fields::of(&json!({ "driver": person, "provider": "QUICK" })))
    }

    #[test]
    fn a_phone_is_a_text_or_an_object_or_not_there() {
        for (wire, phone) in [
            (json!("+353209100018"), Some("+353209100018")),
            (json!(353_209_100_018_u64), Some("353209100018")),
            (json!({ "countryCode": "+353", "phone": "209100017" }), Some("+353209100017")),
            (json!({ "countryCode": 353, "phone": 209_100_017 }), Some("+353209100017")),
            (json!({ "countryCode": "+353", "phone": "+353209100017" }), Some("+353209100017")),
            (json!({ "countryCode": null, "phone": "0209100017" }), Some("0209100017")),
            (json!({ "countryCode": "+353", "phone": null }), None),
            (json!({}), None),
            (json!(null), None),
            (json!(""), None),
            (json!([1]), None),
            (json!("1".repeat(113)), None),
        ] {
            let driver = driver(&json!({ "employeeCode": "R-17", "phone": wire })).unwrap();
            assert_eq!(driver.phone.as_deref(), phone, "{wire}");
        }
    }

    #[test]
    fn a_driver_is_the_employee_where_the_code_is_an_employees_id() {
        let id =
            |code: Value| driver(&json!({ "employeeCode": code })).map(|driver| driver.driver_id.to_string());
        let employee = "ffc60000-0000-4000-8000-000000000017";
        assert_eq!(id(json!(employee.to_uppercase())).as_deref(), Some(employee));
        assert_eq!(id(json!("R-17")).as_deref(), Some("jelp:R-17"));
        assert_eq!(id(json!(17)).as_deref(), Some("jelp:17"));
        for nobody in [json!(null), json!(""), json!({}), json!("a\nb")] {
            assert_eq!(id(nobody), None);
        }
    }

    #[test]
    fn a_driver_without_a_code_goes_by_jelps_own_id() {
        for person in [
            json!({ "_id": "66a0", "id": "7", "name": "Ann" }),
            json!({ "employeeCode": null, "_id": "", "id": "66a0", "name": "Ann" }),
        ] {
            let driver = driver(&person).unwrap();
            assert_eq!((driver.driver_id.as_str(), driver.fleet_id.as_deref()), ("jelp:66a0", Some("66a0")));
        }
        let both = driver(&json!({ "employeeCode": "R-17", "_id": "66a0" })).unwrap();
        assert_eq!(
            (both.driver_id.as_str(), both.fleet_id),
            ("jelp:R-17", None),
            "short events have the code alone"
        );
    }

    #[test]
    fn a_driver_of_another_company_shows_with_the_company() {
        let external = driver(&json!({ "name": "Ann", "phone": null, "employeeCode": EXTERNAL })).unwrap();
        assert_eq!((external.driver_id.as_str(), external.fleet_id), ("jelp:external_driver", None));
        assert_eq!((external.name.as_deref(), external.carrier.as_deref()), (Some("Ann"), Some("QUICK")));
    }

    #[test]
    fn what_is_no_driver_says_nothing_of_the_driver() {
        for odd in [json!(null), json!("Ann"), json!([]), json!({}), json!(7)] {
            assert_eq!(driver(&odd), None, "{odd}");
        }
    }

    #[test]
    fn a_location_is_read_in_both_orders_and_unknown_ones_are_none() {
        let at = |location: &Value| {
            let body = json!({ "deliveryMan": { "employeeCode": "R-17", "location": location } });
            located(Fields::of(&body)).map(|located| located.point)
        };
        let here = Some((53.349_805, -6.260_31));
        assert_eq!(at(&json!({ "lat": 53.349_805, "lon": -6.260_31 })), here);
        assert_eq!(at(&json!([-6.260_31, 53.349_805])), here);
        assert_eq!(at(&json!(["-6.26031", "53.349805"])), here);
        for unknown in [
            json!([0, 0]),
            json!({ "lat": 0, "lon": 0 }),
            json!({ "lat": 53.3 }),
            json!([53.3]),
            json!([1, 2, 3]),
            json!([null, null]),
            json!([53.3, 120.5]),
            json!("53.3,-6.2"),
            json!(null),
        ] {
            assert_eq!(at(&unknown), None, "{unknown}");
        }
    }

    #[test]
    fn nobody_knows_who_of_another_company_is_where() {
        let of = |code: &str| json!({ "driver": { "employeeCode": code, "location": { "lat": 53.3, "lon": -6.2 } } });
        assert!(located(Fields::of(&of("R-17"))).is_some());
        assert!(located(Fields::of(&of(EXTERNAL))).is_none());
    }
}
