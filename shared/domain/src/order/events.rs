//! The domain events of an order, worked out from the state before and after a change. Only an announced order has any:
//! nobody has heard of the others. Once it is announced, all that was known of it before is told as well.

use serde_json::{Value, json};

use super::Order;
use crate::delivery::{FleetDriver, Provider};
use crate::event::{About, Cause, DomainEvent};
use crate::register::Stamp;

/// One event before it has a cause: its name, the word that tells it, and what there is to say.
type News<'a> = (&'static str, Option<&'a Stamp>, Value);

impl Order {
    /// The domain events of the change `before` → `self`.
    pub(super) fn events_since(&self, before: &Self, cause: Cause<'_>) -> Vec<DomainEvent> {
        if !self.announced {
            return Vec::new();
        }
        let unheard_of = Self::new(self.order_id);
        let before = if before.announced { before } else { &unheard_of };
        let mut news = self.syrve_news(before);
        news.extend(self.driver_news(before));
        news.extend(self.delivery_news(before));
        if let Some((status, stamp)) = self.standing().filter(|(status, _)| before.status() != Some(*status))
        {
            news.push(("order_status_updated", stamp, json!({ "order_status": status })));
        }
        let items = self.item_news(before).into_iter();
        news.extend(items.map(|item| ("item_status_updated", item.stamp, item.detail)));
        let event = |(name, stamp, detail): News<'_>| {
            let at = stamp.map_or(cause.now, |stamp| stamp.at);
            DomainEvent::new(name, About::Order(self.order_id), at, cause, detail)
        };
        news.into_iter().map(event).collect()
    }

    /// What Syrve made of it.
    fn syrve_news(&self, before: &Self) -> Vec<News<'_>> {
        let (mut news, details) = (Vec::new(), self.details.get());
        if !before.announced {
            let detail = json!({ "number": details.and_then(|details| details.number) });
            news.push(("order_created", self.details.stamp(), detail));
        }
        let status = details.map(|details| &details.status);
        if before.details.get().map(|details| &details.status) != status {
            let detail = json!({ "syrve_status": status });
            news.push(("syrve_order_status_updated", self.details.stamp(), detail));
        }
        // Announced by a late event, it may be off delivery from the first.
        if (before.on_delivery() || !before.announced) && !self.on_delivery() {
            news.push(("order_taken_off_delivery", self.service.stamp(), json!({})));
        }
        news
    }

    /// Who has it. Of one who has it no more, it is said in the name of the fleet that had them.
    fn driver_news(&self, before: &Self) -> Option<News<'_>> {
        let driver_of = |order: &Self| order.delivery().current_driver();
        let (old, new) = (driver_of(before), driver_of(self));
        if old.as_ref().map(|driver| &driver.driver_id) == new.as_ref().map(|driver| &driver.driver_id) {
            return None;
        }
        let (name, fleet, driver) = match new {
            Some(driver) => ("order_assigned", self.carrier(), Some(driver)),
            None => ("order_unassigned", before.carrier(), old),
        };
        let mut detail = json!({ "provider": fleet });
        name_driver(&mut detail, driver.as_ref());
        Some((name, self.delivery().driver.stamp().or(self.evidence()), detail))
    }

    /// How the delivery goes. Where another fleet takes over at once, the end of the one before is told first.
    fn delivery_news(&self, before: &Self) -> Vec<News<'_>> {
        let (mut news, mut heard) = (Vec::new(), before.delivery().current());
        let fleets: [Option<Provider>; 2] = [before.carrier(), self.carrier()];
        for provider in fleets.into_iter().flatten() {
            let Some(delivery) = self.deliveries.get(&provider) else { continue };
            if delivery.current() != heard {
                heard = delivery.current();
                let mut detail = json!({ "provider": provider, "job_delivery_status": heard });
                name_driver(&mut detail, delivery.current_driver().as_ref());
                news.push(("job_delivery_status_updated", delivery.status_stamp(), detail));
            }
        }
        news
    }
}

/// Says who the driver is, by our id and the fleet's.
fn name_driver(detail: &mut Value, driver: Option<&FleetDriver>) {
    if let Value::Object(members) = detail {
        members.insert("driver_id".to_owned(), json!(driver.map(|driver| &driver.driver_id)));
        members.insert("fleet_id".to_owned(), json!(driver.and_then(|driver| driver.fleet_id.as_ref())));
    }
}
