//! Whom and what a Radaro event is about. A job has two names: Radaro's number, which every event carries, and the one it
//! was given when it was created. A driver has only Radaro's number.

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::{FleetDriver, Provider};
use courier_domain::ids::OrderId;
use courier_domain::order::OrderRef;

use crate::lenient::Fields;
use crate::names::{self, one_spelling};

/// A job's names.
pub(super) struct JobNames {
    external: Option<String>,
    radaro: Option<String>,
}

impl JobNames {
    pub(super) fn read(job: Fields) -> Self {
        Self { external: job.name("external_id"), radaro: job.name("order_id") }
    }

    /// The best name, whatever the account matches orders by.
    pub(super) fn best(self) -> Option<String> {
        self.radaro.or(self.external.map(one_spelling))
    }

    /// The order's id, if the account matches by it and the job was given one, and the other names, best first.
    pub(super) fn matched(self, match_by: MatchOrdersBy) -> (Option<OrderId>, Vec<OrderRef>) {
        let radaro = self.radaro.map(|text| OrderRef::new(Provider::Radaro.as_str(), text));
        names::matched(self.external, match_by, radaro)
    }
}

/// The driver: a number where Radaro shows one. Should it be an object, as a job's manager is, it is read like that.
pub(super) fn driver(fields: Fields) -> Option<FleetDriver> {
    let person = fields.object("driver");
    let id = fields.name("driver").or_else(|| person.name("id")).or_else(|| person.name("member_id"));
    let driver = names::driver(Provider::Radaro, None, Some(id?))?;
    let full_name = || {
        let parts = [person.text("first_name"), person.text("last_name")];
        Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" ")).filter(|name| !name.is_empty())
    };
    let name = person.first_text(["full_name", "name"]).or_else(full_name);
    Some(FleetDriver { name, phone: person.text("phone"), ..driver })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ORDER: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f08";

    fn matched(job: &Value, match_by: MatchOrdersBy) -> (Option<OrderId>, Vec<String>) {
        let (id, refs) = JobNames::read(Fields::of(job)).matched(match_by);
        (id, refs.into_iter().map(|name| format!("{}={}", name.kind, name.value)).collect())
    }

    #[test]
    fn a_job_is_matched_by_the_name_it_was_given_and_known_by_radaros() {
        let radaro = || "radaro=731904455".to_owned();
        let job = json!({ "external_id": ORDER, "order_id": 731_904_455 });
        assert_eq!(matched(&job, MatchOrdersBy::OrderId), (Some(ORDER.parse().unwrap()), vec![radaro()]));
        let job = json!({ "external_id": 577, "order_id": " 731904455 " });
        assert_eq!(
            matched(&job, MatchOrdersBy::OrderId),
            (None, vec![radaro(), "order_name=577".to_owned()])
        );
        for (match_by, ours) in
            [(MatchOrdersBy::Number, "number=577"), (MatchOrdersBy::ExternalNumber, "external_number=577")]
        {
            assert_eq!(matched(&job, match_by), (None, vec![ours.to_owned(), radaro()]));
        }
    }

    #[test]
    fn the_best_name_is_one_that_every_event_has() {
        let best = |job: Value| JobNames::read(Fields::of(&job)).best();
        assert_eq!(best(json!({ "external_id": ORDER, "order_id": 7 })).as_deref(), Some("7"));
        assert_eq!(
            best(json!({ "external_id": ORDER.to_uppercase(), "order_id": null })).as_deref(),
            Some(ORDER)
        );
        for odd in [json!(""), json!(null), json!("a".repeat(113)), json!("a\nb"), json!({}), json!(true)] {
            assert_eq!(best(json!({ "external_id": odd, "order_id": odd })), None, "{odd}");
        }
    }

    #[test]
    fn a_driver_is_a_number_or_a_person_with_one() {
        let read = |value: Value| {
            let of = json!({ "driver": value });
            driver(Fields::of(&of)).map(|driver| (driver.driver_id.to_string(), driver.name, driver.phone))
        };
        let id = || "radaro:4410017".to_owned();
        for plain in [
            json!(4_410_017),
            json!("4410017"),
            json!({ "id": 4_410_017 }),
            json!({ "member_id": "4410017" }),
        ] {
            assert_eq!(read(plain.clone()), Some((id(), None, None)), "{plain}");
        }
        let (name, phone) = (Some("Ida Example".to_owned()), Some("+35310000017".to_owned()));
        let person =
            json!({ "id": 4_410_017, "first_name": "Ida", "last_name": "Example", "phone": "+35310000017" });
        assert_eq!(read(person), Some((id(), name.clone(), phone)));
        assert_eq!(read(json!({ "id": 4_410_017, "full_name": "Ida Example" })), Some((id(), name, None)));
        for nobody in
            [json!(null), json!(""), json!([4_410_017]), json!(true), json!({}), json!({ "id": null })]
        {
            assert_eq!(read(nobody.clone()), None, "{nobody}");
        }
    }
}
