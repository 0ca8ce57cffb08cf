//! A shift that was opened or closed in one terminal group. `eventInfo.id` is the employee, not the shift, and the only
//! time there is, is the envelope's. Syrve sends these for all employees, couriers or not.

use courier_domain::ids::DriverId;
use courier_domain::inbound::InboundEvent;
use courier_domain::register::Stamp;
use courier_domain::report::{DriverChange, DriverReport};
use serde_json::Value;

use super::{event_info, time, uuid};
use crate::error::MapError;
use crate::lenient::Fields;

/// Maps a `PersonalShift`. A role that is missing or unreadable is no role: older POS versions do not send one.
pub fn map(event: &InboundEvent) -> Result<DriverReport, MapError> {
    let info = event_info(event)?;
    let id = |name: &str| {
        uuid(info, name).ok_or_else(|| MapError::field(format!("eventInfo.{name}"), "must be a UUID"))
    };
    let at = Fields::of(&event.body).value("eventTime").and_then(Value::as_str).and_then(time::parse_utc);
    let at = at.ok_or_else(|| MapError::field("eventTime", "must be a time as yyyy-MM-dd HH:mm:ss.fff"))?;
    let opened = info.flag("opened");
    Ok(DriverReport {
        driver_id: DriverId::from(id("id")?),
        stamp: Stamp::new(at, event.key.clone()),
        change: DriverChange::Shift {
            terminal_group: id("terminalGroupId")?.into(),
            opened: opened.ok_or_else(|| MapError::field("eventInfo.opened", "must be true or false"))?,
            role: uuid(info, "roleId").map(Into::into),
        },
    })
}

#[cfg(test)]
mod tests {
    use courier_domain::inbound::Sender;
    use serde_json::json;

    use super::*;
    use crate::syrve::webhook::split;
    use crate::testing::{event, fixture, inbound, json, put};

    fn mapped(name: &str) -> DriverReport {
        let raw = split(&fixture(&format!("syrve/{name}"))).unwrap().remove(0).raw;
        map(&inbound(Sender::Syrve, raw)).unwrap()
    }

    #[test]
    fn an_opened_shift_is_told_with_the_envelopes_time_in_utc() {
        let report = mapped("shift_opened");
        assert_eq!(report.driver_id.as_str(), "ffc60000-0000-4000-8000-000000000017");
        assert_eq!(report.stamp.at.to_string(), "2026-06-28T12:35:01Z");
        let terminal_group = "a5561d5e-0000-4000-8000-000000000001".parse().unwrap();
        assert_eq!(report.change, DriverChange::Shift { terminal_group, opened: true, role: None });
    }

    #[test]
    fn a_closed_shift_and_a_role_are_read() {
        assert!(matches!(mapped("shift_closed").change, DriverChange::Shift { opened: false, .. }));
        let role = Some("20e00000-0000-4000-8000-000000000001".parse().unwrap());
        assert!(
            matches!(mapped("shift_opened_with_role").change, DriverChange::Shift { role: r, .. } if r == role)
        );
    }

    #[test]
    fn a_shift_without_its_essentials_names_the_field() {
        for (pointer, value, field) in [
            ("/eventInfo/id", json!("17"), "eventInfo.id"),
            ("/eventInfo/opened", json!("yes"), "eventInfo.opened"),
            ("/eventInfo/terminalGroupId", json!(null), "eventInfo.terminalGroupId"),
            ("/eventTime", json!("today"), "eventTime"),
            ("/eventInfo", json!([]), "eventInfo"),
        ] {
            let mut body = json("syrve/shift_opened")[0].take();
            put(&mut body, pointer, value);
            let MapError::Field { field: named, .. } =
                map(&event(Sender::Syrve, "PersonalShift", body)).unwrap_err();
            assert_eq!(named, field);
        }
    }
}
