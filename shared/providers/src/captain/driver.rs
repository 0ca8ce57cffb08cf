//! A driver as it is written to Captain.AI. Syrve's list has one text for a name and neither phone nor e-mail, so nobody
//! is invited: the restaurant does that in Captain.AI.
//!
//! Captain.AI publishes an example of the body and not which of it is required. A first name is always given; a last
//! name only where there is one, since an empty text may be refused, so one that a driver dropped stays there.

use courier_domain::driver::Driver;
use serde_json::{Value, json};
use uuid::Uuid;

/// The body of `PUT /v1/accounts/{uuid}/external-drivers/upsert`. `None` for a driver whom only a fleet knows, or of whom
/// Syrve's list of couriers says nothing: an open shift alone makes no courier.
pub fn upsert(driver: &Driver) -> Option<Value> {
    let (employee, courier) = (driver.driver_id.employee()?, driver.courier.get()?);
    let (first, last) = courier.name.as_deref().and_then(names).unwrap_or_else(|| (unnamed(employee), None));
    let mut body = json!({
        "first_name": first,
        "active": courier.active,
        "partners_external_identifier": employee.to_string(),
    });
    if let (Some(last), Some(members)) = (last, body.as_object_mut()) {
        members.insert("last_name".to_owned(), json!(last));
    }
    Some(body)
}

/// First and last name, parted at the last space; `None` of a blank name.
fn names(name: &str) -> Option<(String, Option<String>)> {
    let mut words: Vec<_> = name.split_whitespace().collect();
    let last = if words.len() > 1 { words.pop().map(str::to_owned) } else { None };
    (!words.is_empty()).then(|| (words.join(" "), last))
}

/// Two drivers without a name must not look the same.
fn unnamed(employee: Uuid) -> String {
    format!("Driver {}", employee.to_string().chars().take(8).collect::<String>())
}

#[cfg(test)]
mod tests {
    use courier_domain::driver::Courier;
    use courier_domain::ids::DriverId;
    use courier_domain::register::Stamp;

    use super::*;

    const EMPLOYEE: &str = "ffc60000-0000-4000-8000-000000000017";

    fn listed(id: &str, name: Option<&str>, active: bool) -> Driver {
        let mut driver = Driver::new(id.parse::<DriverId>().unwrap());
        let stamp = Stamp::new("2026-06-28T16:00:00Z".parse().unwrap(), "run".parse().unwrap());
        driver.courier.offer(&stamp, Courier { name: name.map(str::to_owned), active });
        driver
    }

    fn written(name: Option<&str>) -> Value {
        upsert(&listed(EMPLOYEE, name, true)).unwrap()
    }

    #[test]
    fn a_courier_is_written_by_name_and_employee_id() {
        assert_eq!(
            written(Some("Testa Middle Example")),
            json!({ "first_name": "Testa Middle", "last_name": "Example", "active": true,
                    "partners_external_identifier": EMPLOYEE })
        );
    }

    #[test]
    fn one_who_left_is_written_as_inactive() {
        assert_eq!(upsert(&listed(EMPLOYEE, Some("Testa"), false)).unwrap()["active"], false);
    }

    #[test]
    fn a_name_of_one_word_is_a_first_name() {
        let body = written(Some("  Testa\u{a0} "));
        assert_eq!((&body["first_name"], body.get("last_name")), (&json!("Testa"), None));
    }

    #[test]
    fn a_driver_without_a_name_gets_one_from_the_id() {
        for name in [None, Some(""), Some(" \t")] {
            let body = written(name);
            assert_eq!((&body["first_name"], body.get("last_name")), (&json!("Driver ffc60000"), None));
        }
    }

    #[test]
    fn an_id_has_one_spelling() {
        let body = upsert(&listed(&EMPLOYEE.to_uppercase(), None, true)).unwrap();
        assert_eq!(body["partners_external_identifier"], EMPLOYEE);
    }

    #[test]
    fn whom_only_a_fleet_or_a_shift_names_is_not_written() {
        assert_eq!(upsert(&listed("captain:7183bb9f1a65", Some("Testa Example"), true)), None);
        assert_eq!(upsert(&Driver::new(EMPLOYEE.parse().unwrap())), None);
    }
}
