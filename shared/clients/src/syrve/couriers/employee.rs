//! One employee of the list, made into a courier while the list is read.

use std::fmt;

use courier_domain::driver::Courier;
use courier_domain::ids::DriverId;
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

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

impl Employee<'_> {
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

/// The couriers of one organization.
pub(super) struct Listed(pub(super) Vec<(DriverId, Courier)>);

impl<'de> Deserialize<'de> for Listed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Employees)
    }
}

struct Employees;

impl<'de> Visitor<'de> for Employees {
    type Value = Listed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of employees")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut employees: A) -> Result<Listed, A::Error> {
        let mut listed = Vec::new();
        while let Some(employee) = employees.next_element::<Employee<'de>>()? {
            let id = employee.id.as_str().parse::<DriverId>().ok().and_then(|id| id.employee());
            let id = id.ok_or_else(|| A::Error::custom("an employee id is not a UUID"))?;
            let name = employee.name();
            if !name.as_deref().is_some_and(is_system_account) {
                let active = !employee.is_deleted.unwrap_or_default();
                listed.push((DriverId::from(id), Courier { name, active }));
            }
        }
        Ok(Listed(listed))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ID: &str = "ffc60000-0000-4000-8000-000000000017";

    fn listed(employee: &Value) -> Result<Vec<(DriverId, Courier)>, serde_json::Error> {
        serde_json::from_str(&json!([employee]).to_string()).map(|Listed(couriers)| couriers)
    }

    fn name(fields: Value) -> Option<String> {
        let mut employee = fields;
        employee["id"] = ID.into();
        listed(&employee).unwrap().remove(0).1.name
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
        let active = |deleted| listed(&json!({"id": ID, "isDeleted": deleted})).unwrap().remove(0).1.active;
        assert!(active(json!(false)));
        assert!(!active(json!(true)));
        assert!(active(json!(null)));
    }

    #[test]
    fn system_accounts_are_left_out_whatever_case_they_are_written_in() {
        for name in ["iikoTransport", "IIKOTRANSPORT (api)", "Central Delivery 2", "API - DO NOT DELETE!"] {
            assert_eq!(listed(&json!({"id": ID, "displayName": name})).unwrap(), [], "{name}");
            assert_eq!(listed(&json!({"id": ID, "firstName": name})).unwrap(), [], "{name}");
        }
        assert_eq!(listed(&json!({"id": ID, "displayName": "Deleto Centrale"})).unwrap().len(), 1);
    }

    #[test]
    fn an_id_is_a_uuid_in_any_spelling() {
        let id = |id: &str| listed(&json!({"id": id})).map(|mut list| list.remove(0).0.to_string());
        assert_eq!(id(&ID.to_uppercase()).unwrap(), ID);
        for bad in ["", "17", "captain:7183bb9f1a65"] {
            assert!(id(bad).unwrap_err().is_data(), "{bad}");
        }
        assert!(listed(&json!({"displayName": "Bob"})).is_err());
    }
}
