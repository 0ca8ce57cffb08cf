//! One employee of the list, made into a courier while the list is read. An entry that is no employee is left out and
//! counted: the list is of many restaurants, and one odd entry of one of them must not cost the others theirs.

use std::fmt;

use courier_domain::driver::Courier;
use courier_domain::ids::DriverId;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};

use super::CourierList;
use crate::text::Text;

/// What the names of Syrve's own accounts contain, which are listed among the couriers.
const SYSTEM_ACCOUNTS: [&str; 3] = ["iikotransport", "central delivery", "do not delete"];

/// An employee as Syrve lists one; no text is copied.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Employee<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow, default)]
    display_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    first_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    middle_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    last_name: Option<Text<'a>>,
    #[serde(default)]
    is_deleted: Option<bool>,
}

/// Anything that the list may hold.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry<'a> {
    #[serde(borrow)]
    Employee(Employee<'a>),
    Other(IgnoredAny),
}

impl Employee<'_> {
    /// Only a UUID is Syrve's id of an employee.
    fn id(&self) -> Option<DriverId> {
        let id = self.id.as_str().parse::<DriverId>().ok()?;
        id.employee().map(DriverId::from)
    }

    /// The name that is shown, else the one that its parts make; never a blank one.
    fn name(&self) -> Option<String> {
        if let Some(name) = filled(self.display_name.as_ref()) {
            return Some(name.to_owned());
        }
        let parts = [&self.first_name, &self.middle_name, &self.last_name];
        let parts: Vec<_> = parts.into_iter().filter_map(|part| filled(part.as_ref())).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

fn filled<'a>(text: Option<&'a Text<'_>>) -> Option<&'a str> {
    text.map(|text| text.as_str().trim()).filter(|text| !text.is_empty())
}

fn is_system_account(name: &str) -> bool {
    let name = name.to_lowercase();
    SYSTEM_ACCOUNTS.iter().any(|part| name.contains(part))
}

impl<'de> Deserialize<'de> for CourierList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Employees)
    }
}

struct Employees;

impl<'de> Visitor<'de> for Employees {
    type Value = CourierList;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of employees")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<CourierList, A::Error> {
        let mut list = CourierList::default();
        while let Some(entry) = entries.next_element::<Entry<'de>>()? {
            let known = match entry {
                Entry::Employee(employee) => employee.id().map(|id| (id, employee)),
                Entry::Other(_) => None,
            };
            let Some((id, employee)) = known else {
                list.unreadable += 1;
                continue;
            };
            let name = employee.name();
            if !name.as_deref().is_some_and(is_system_account) {
                let active = !employee.is_deleted.unwrap_or_default();
                list.couriers.push((id, Courier { name, active }));
            }
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ID: &str = "ffc60000-0000-4000-8000-000000000017";

    fn list(entries: &Value) -> CourierList {
        serde_json::from_str(&entries.to_string()).unwrap()
    }

    fn listed(employee: &Value) -> Vec<(DriverId, Courier)> {
        list(&json!([employee])).couriers
    }

    fn name(fields: Value) -> Option<String> {
        let mut employee = fields;
        employee["id"] = ID.into();
        listed(&employee).remove(0).1.name
    }

    #[test]
    fn a_courier_has_the_name_that_is_shown_or_the_one_its_parts_make() {
        let parts =
            json!({"firstName": "Bob", "middleName": "B.", "lastName": "Lee", "displayName": "Bobby"});
        assert_eq!(name(parts).as_deref(), Some("Bobby"));
        let blank = json!({"firstName": "Bob ", "middleName": null, "lastName": "Lee", "displayName": " "});
        assert_eq!(name(blank).as_deref(), Some("Bob Lee"));
        assert_eq!(name(json!({"lastName": "O'Néill \"Ó\""})).as_deref(), Some("O'Néill \"Ó\""));
        assert_eq!(name(json!({"firstName": "", "lastName": "\t", "displayName": null})), None);
        assert_eq!(name(json!({})), None);
    }

    #[test]
    fn a_courier_is_active_unless_deleted() {
        let active = |deleted| listed(&json!({"id": ID, "isDeleted": deleted})).remove(0).1.active;
        assert!(active(json!(false)));
        assert!(!active(json!(true)));
        assert!(active(json!(null)));
    }

    #[test]
    fn system_accounts_are_left_out_whatever_case_they_are_written_in() {
        for name in ["iikoTransport", "IIKOTRANSPORT (api)", "Central Delivery 2", "API - DO NOT DELETE!"] {
            for field in ["displayName", "firstName"] {
                let list = list(&json!([{"id": ID, field: name}]));
                assert_eq!(list, CourierList::default(), "{name}");
            }
        }
        assert_eq!(listed(&json!({"id": ID, "displayName": "Deleto Centrale"})).len(), 1);
    }

    #[test]
    fn an_id_is_a_uuid_in_any_spelling() {
        let [(id, _)] = listed(&json!({"id": ID.to_uppercase()})).try_into().unwrap();
        assert_eq!(id.to_string(), ID);
    }

    #[test]
    fn an_entry_that_is_no_employee_is_left_out_alone_and_counted() {
        let odd = [
            json!({"id": "", "displayName": "Ann"}),
            json!({"id": "17", "displayName": "iikoTransport"}),
            json!({"id": "captain:7183bb9f1a65"}),
            json!({"id": 17}),
            json!({"id": null}),
            json!({"displayName": "Ann"}),
            json!({"id": ID, "displayName": ["Ann"]}),
            json!({"id": ID, "isDeleted": "no"}),
            json!([]),
            json!("Ann"),
            json!(null),
        ];
        for entry in odd {
            let bob = json!({"id": ID, "displayName": "Bob"});
            let list = list(&json!([entry, bob, entry]));
            let names: Vec<_> = list.couriers.iter().map(|(_, courier)| courier.name.as_deref()).collect();
            assert_eq!((names, list.unreadable), (vec![Some("Bob")], 2), "{entry}");
        }
        assert!(serde_json::from_str::<CourierList>(r#"[{"id": "17"}, {"id":"#).is_err(), "cut off");
    }
}
