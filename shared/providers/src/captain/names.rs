//! Whom and what a Captain.AI event is about. An order has up to three names there: the one the restaurant's side gave it
//! (`partners_unique_internal_order_id`), Captain.AI's own, and the short one people use. A driver has two.

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::{FleetDriver, Provider};
use courier_domain::ids::OrderId;
use courier_domain::order::OrderRef;

use crate::lenient::Fields;
use crate::names::{self, one_spelling};

/// An order's names.
pub(super) struct OrderNames {
    partners: Option<String>,
    captain: Option<String>,
    description: Option<String>,
}

impl OrderNames {
    /// Item events do not always carry the order's id; their tracking link ends in it.
    pub(super) fn read(data: Fields) -> Self {
        Self {
            partners: data.name("partners_unique_internal_order_id"),
            captain: data.name("order_uuid").or_else(|| tail(&data.text("tracking_link")?)),
            description: data.name("order_description"),
        }
    }

    /// The best name, whatever the account matches orders by.
    pub(super) fn subject(self) -> Option<String> {
        self.partners.map(one_spelling).or(self.captain).or(self.description)
    }

    /// The order's id, if the account matches by it and this is one, and the other names, best first. The short name is
    /// used again after some days, so it is the last.
    pub(super) fn matched(self, match_by: MatchOrdersBy) -> (Option<OrderId>, Vec<OrderRef>) {
        let captain = self.captain.map(|text| OrderRef::new("captain", text));
        let description = self.description.map(|text| OrderRef::new("captain_description", text));
        names::matched(self.partners, match_by, captain.into_iter().chain(description))
    }
}

/// The last part of a link's path, if it looks like an id.
fn tail(link: &str) -> Option<String> {
    let (_, rest) = link.split_once("://")?;
    let (_, path) = rest.split(['?', '#']).next()?.split_once('/')?;
    let tail = path.trim_end_matches('/').rsplit('/').next()?;
    let ok = (1..=64).contains(&tail.len())
        && tail.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_');
    ok.then(|| tail.to_owned())
}

/// A driver, by the two fields that name one.
pub(super) fn driver(data: Fields, external: &str, agent: &str) -> Option<FleetDriver> {
    names::driver(Provider::Captain, data.name(external), data.name(agent))
}

/// The driver of an event about a driver.
pub(super) fn agent(data: Fields) -> Option<FleetDriver> {
    driver(data, "agent_partners_external_identifier", "agent_uuid")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ORDER: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f08";

    fn matched(data: &Value, match_by: MatchOrdersBy) -> (Option<OrderId>, Vec<String>) {
        let (id, refs) = OrderNames::read(Fields::of(data)).matched(match_by);
        (id, refs.into_iter().map(|name| format!("{}={}", name.kind, name.value)).collect())
    }

    #[test]
    fn an_order_is_matched_by_the_name_the_account_says() {
        let data = json!({ "partners_unique_internal_order_id": ORDER, "order_uuid": "6992", "order_description": 577 });
        let rest = vec!["captain=6992".to_owned(), "captain_description=577".to_owned()];
        assert_eq!(matched(&data, MatchOrdersBy::OrderId), (Some(ORDER.parse().unwrap()), rest.clone()));
        let data = json!({ "partners_unique_internal_order_id": 577, "order_uuid": "6992", "order_description": "577" });
        let unknown = vec!["order_name=577".to_owned()];
        assert_eq!(matched(&data, MatchOrdersBy::OrderId), (None, [rest.clone(), unknown].concat()));
        for (match_by, first) in
            [(MatchOrdersBy::Number, "number=577"), (MatchOrdersBy::ExternalNumber, "external_number=577")]
        {
            assert_eq!(matched(&data, match_by), (None, [vec![first.to_owned()], rest.clone()].concat()));
        }
    }

    #[test]
    fn a_tracking_link_names_the_order_where_nothing_else_does() {
        for (link, id) in [
            ("https://tracking.example/t/6992dc85d681", Some("captain=6992dc85d681")),
            ("https://tracking.example/t/6992dc85d681/?lang=en#map", Some("captain=6992dc85d681")),
            ("https://tracking.example", None),
            ("https://tracking.example/", None),
            ("6992dc85d681", None),
            ("https://tracking.example/t/%2e%2e", None),
            ("https://tracking.example/t/a b", None),
        ] {
            let refs = matched(&json!({ "tracking_link": link, "order_uuid": "" }), MatchOrdersBy::OrderId).1;
            assert_eq!(refs.first().map(String::as_str), id, "{link}");
        }
    }

    #[test]
    fn a_blank_null_overlong_or_broken_name_is_none() {
        for odd in [json!(""), json!(null), json!("a".repeat(113)), json!("a\nb"), json!({}), json!(true)] {
            let data = json!({ "partners_unique_internal_order_id": odd, "order_uuid": odd, "order_description": odd });
            assert_eq!(matched(&data, MatchOrdersBy::Number), (None, vec![]));
            assert!(OrderNames::read(Fields::of(&data)).subject().is_none());
        }
    }

    #[test]
    fn a_driver_is_the_syrve_employee_where_the_fleet_knows_one() {
        let driver = |external: Value, agent_uuid: Value| {
            let data = json!({ "agent_partners_external_identifier": external, "agent_uuid": agent_uuid });
            agent(Fields::of(&data)).map(|driver| (driver.driver_id.to_string(), driver.fleet_id))
        };
        let employee = "ffc60000-0000-4000-8000-000000000017";
        let fleet_id = Some("7183".to_owned());
        let upper = json!(employee.to_uppercase());
        assert_eq!(driver(upper, json!("7183")), Some((employee.to_owned(), fleet_id.clone())));
        assert_eq!(
            driver(json!("driver-1"), json!("7183")),
            Some(("captain:7183".to_owned(), fleet_id.clone()))
        );
        assert_eq!(driver(json!(""), json!("7183")), Some(("captain:7183".to_owned(), fleet_id)));
        assert_eq!(driver(json!("driver-1"), json!(null)), Some(("captain:driver-1".to_owned(), None)));
        assert_eq!(driver(json!(null), json!("")), None);
    }
}
