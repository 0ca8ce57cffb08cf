//! Names of orders and drivers, which every fleet has in its own fields: how the one that is ours is told from theirs.

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::{FleetDriver, Provider};
use courier_domain::ids::{DriverId, OrderId};
use courier_domain::order::OrderRef;
use uuid::Uuid;

/// In one spelling, where it is a UUID, so that one thing is not two subjects.
pub(crate) fn one_spelling(name: String) -> String {
    Uuid::try_parse(&name).map_or(name, |id| id.to_string())
}

/// The order's id, if the account matches by it and one of our own names is one, and the other names, best first. Where
/// none is one, they are kept as the last names of all, so that whoever looks at what waits for an order sees them.
pub(crate) fn matched(
    ours: impl IntoIterator<Item = String>,
    match_by: MatchOrdersBy,
    theirs: impl IntoIterator<Item = OrderRef>,
) -> (Option<OrderId>, Vec<OrderRef>) {
    let kind = match match_by {
        MatchOrdersBy::OrderId => "order_name",
        MatchOrdersBy::Number => "number",
        MatchOrdersBy::ExternalNumber => "external_number",
    };
    let ours: Vec<_> = ours.into_iter().collect();
    let by_id = match_by == MatchOrdersBy::OrderId;
    let id: Option<OrderId> = ours.iter().filter(|_| by_id).find_map(|name| name.parse().ok());
    let ours = ours.into_iter().filter(|_| id.is_none()).map(|name| OrderRef::new(kind, name));
    let refs = if by_id { theirs.into_iter().chain(ours).collect() } else { ours.chain(theirs).collect() };
    (id, refs)
}

/// A driver, by the name that the restaurant's side may have given them and the fleet's own. The first counts only if it
/// is a Syrve employee's id, a UUID: some events do not carry it, and a driver must not have one id in these and another
/// in those.
pub(crate) fn driver(
    provider: Provider,
    external: Option<String>,
    fleet_id: Option<String>,
) -> Option<FleetDriver> {
    let employee = external.as_deref().and_then(|text| Uuid::try_parse(text).ok()).map(DriverId::from);
    let name = fleet_id.clone().or(external);
    let driver_id = employee.or_else(|| DriverId::of_fleet(provider.as_str(), &name?).ok())?;
    Some(FleetDriver::new(driver_id, fleet_id))
}
