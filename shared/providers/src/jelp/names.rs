//! By which names Jelp knows an order. Every event has `folio`, Jelp's short code, and `publicId`; only a full order has
//! Jelp's own `_id` and, in `externalId`, what other systems call it. Which of these is ours the account says; the others
//! join the events of one order.

use courier_domain::account::{MatchOrdersBy, OrderReference};
use courier_domain::ids::OrderId;
use courier_domain::order::OrderRef;

use crate::lenient::Fields;
use crate::names::{self, one_spelling};

/// An order's names.
pub(super) struct OrderNames {
    id: Option<String>,
    folio: Option<String>,
    public_id: Option<String>,
    references: Vec<String>,
}

impl OrderNames {
    pub(super) fn read(body: Fields) -> Self {
        let references = body.list("externalId").iter().filter_map(|one| Fields::of(one).name("reference"));
        Self {
            id: body.name("_id"),
            folio: body.name("folio"),
            public_id: body.name("publicId"),
            references: references.collect(),
        }
    }

    /// The name that all events of an order have, whatever the account matches orders by.
    pub(super) fn subject(self) -> Option<String> {
        self.folio.or(self.public_id).or(self.id).map(one_spelling)
    }

    /// The order's id, if the account matches by it and our name is one, and the other names, best first. A number that
    /// is ours comes back, so it is not one of Jelp's own names as well, which do not.
    pub(super) fn matched(
        self,
        reference: OrderReference,
        match_by: MatchOrdersBy,
    ) -> (Option<OrderId>, Vec<OrderRef>) {
        let ours: Vec<_> = match reference {
            OrderReference::PublicId => self.public_id.iter().cloned().collect(),
            OrderReference::Folio => self.folio.iter().cloned().collect(),
            OrderReference::ExternalId => self.references,
        };
        let is_ours = |name: &String| match_by != MatchOrdersBy::OrderId && ours.contains(name);
        let others = [("jelp_folio", self.folio), ("jelp_public_id", self.public_id)]
            .map(|(kind, name)| (kind, name.filter(|name| !is_ours(name))));
        let theirs = [("jelp", self.id)].into_iter().chain(others);
        let theirs: Vec<_> = theirs.filter_map(|(kind, name)| Some(OrderRef::new(kind, name?))).collect();
        names::matched(ours, match_by, theirs)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ORDER: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f08";

    fn matched(
        body: &Value,
        reference: OrderReference,
        match_by: MatchOrdersBy,
    ) -> (Option<OrderId>, Vec<String>) {
        let (id, refs) = OrderNames::read(Fields::of(body)).matched(reference, match_by);
        (id, refs.into_iter().map(|name| format!("{}={}", name.kind, name.value)).collect())
    }

    #[test]
    fn our_name_is_where_the_account_says_and_none_of_theirs_as_well() {
        let body = json!({ "_id": "66a0", "folio": "7K2MRT9", "publicId": 577, "externalId": [{ "reference": "POS-1" }] });
        for (reference, value, theirs) in [
            (OrderReference::PublicId, "577", &["jelp=66a0", "jelp_folio=7K2MRT9"][..]),
            (OrderReference::Folio, "7K2MRT9", &["jelp=66a0", "jelp_public_id=577"]),
            (OrderReference::ExternalId, "POS-1", &["jelp=66a0", "jelp_folio=7K2MRT9", "jelp_public_id=577"]),
        ] {
            for (match_by, kind) in
                [(MatchOrdersBy::Number, "number"), (MatchOrdersBy::ExternalNumber, "external_number")]
            {
                let (id, refs) = matched(&body, reference, match_by);
                assert_eq!(
                    (id, refs[0].clone(), &refs[1..]),
                    (
                        None,
                        format!("{kind}={value}"),
                        theirs.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>().as_slice()
                    )
                );
            }
        }
    }

    #[test]
    fn a_name_that_is_no_order_id_is_shown_last() {
        let body = json!({ "_id": "66a0", "publicId": 577, "externalId": [{ "reference": "POS-1" }] });
        let refs = |reference| matched(&body, reference, MatchOrdersBy::OrderId);
        let theirs = ["jelp=66a0", "jelp_public_id=577"];
        for (reference, name) in
            [(OrderReference::PublicId, "order_name=577"), (OrderReference::ExternalId, "order_name=POS-1")]
        {
            assert_eq!(
                refs(reference),
                (None, theirs.into_iter().chain([name]).map(str::to_owned).collect())
            );
        }
    }

    #[test]
    fn each_reference_is_a_name() {
        let body = json!({ "folio": "7K2MRT9", "externalId": [{ "reference": "POS-1" }, { "reference": null }, { "reference": 577 }] });
        let refs = |match_by| matched(&body, OrderReference::ExternalId, match_by).1;
        assert_eq!(refs(MatchOrdersBy::Number), ["number=POS-1", "number=577", "jelp_folio=7K2MRT9"]);
        assert_eq!(
            refs(MatchOrdersBy::OrderId),
            ["jelp_folio=7K2MRT9", "order_name=POS-1", "order_name=577"]
        );
    }

    #[test]
    fn an_order_id_is_found_in_each_of_the_three_places() {
        let upper = ORDER.to_uppercase();
        let others =
            json!([null, 7, { "reference": null }, { "reference": "POS-1" }, { "reference": upper }]);
        for (reference, body) in [
            (OrderReference::PublicId, json!({ "publicId": upper, "folio": "7K2MRT9" })),
            (OrderReference::Folio, json!({ "folio": upper })),
            (OrderReference::ExternalId, json!({ "externalId": others, "folio": "7K2MRT9" })),
        ] {
            assert_eq!(matched(&body, reference, MatchOrdersBy::OrderId).0, Some(ORDER.parse().unwrap()));
        }
    }

    #[test]
    fn a_short_event_has_only_the_names_that_join_it_to_a_full_order() {
        let (short, full) = (
            json!({ "folio": "7K2MRT9" }),
            json!({ "folio": "7K2MRT9", "externalId": [{ "reference": ORDER }] }),
        );
        let by_reference = |body| matched(body, OrderReference::ExternalId, MatchOrdersBy::OrderId);
        assert_eq!(by_reference(&short), (None, vec!["jelp_folio=7K2MRT9".to_owned()]));
        assert_eq!(
            by_reference(&full),
            (Some(ORDER.parse().unwrap()), vec!["jelp_folio=7K2MRT9".to_owned()])
        );
    }

    #[test]
    fn a_blank_null_overlong_or_broken_name_is_none() {
        for odd in
            [json!(""), json!(null), json!("a".repeat(113)), json!("a\nb"), json!({}), json!(true), json!([])]
        {
            let body = json!({ "_id": odd, "folio": odd, "publicId": odd, "externalId": [{ "reference": odd }, odd] });
            for reference in [OrderReference::PublicId, OrderReference::Folio, OrderReference::ExternalId] {
                assert_eq!(matched(&body, reference, MatchOrdersBy::Number), (None, vec![]), "{odd}");
            }
            assert!(OrderNames::read(Fields::of(&body)).subject().is_none());
        }
    }
}
