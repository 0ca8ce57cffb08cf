//! The changes of a login's item, each with the condition that makes it safe without a look beforehand. Times are
//! milliseconds since 1970, as in [`GateState`].

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use courier_domain::gate::{FAILURES, GateState, Rate, Refusal};
use jiff::{SignedDuration, Timestamp};

use super::refusal;
use crate::table::Item;
use crate::table::keys::{n, s};

/// How long an item is kept after its last change: longer than anything that it says lasts, and as long as a refusal is
/// to be seen of a login that nobody uses any more.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// One change of the item.
pub(super) struct Change {
    pub(super) update: String,
    pub(super) condition: Option<String>,
    pub(super) values: HashMap<String, AttributeValue>,
}

impl Change {
    /// A change that keeps the item for another day after `at`.
    fn new(update: impl Into<String>, at: Timestamp) -> Self {
        let expires = at.saturating_add(KEPT).unwrap_or(Timestamp::MAX);
        let update = update.into();
        Self { update, condition: None, values: HashMap::new() }.with(":expires", n(expires.as_second()))
    }

    fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    fn only_if(self, condition: impl Into<String>) -> Self {
        Self { condition: Some(condition.into()), ..self }
    }

    pub(super) fn refuse(refusal: &Refusal) -> Self {
        let update = "SET refused_since = :since, refused_until = :until, refused_words = :words, \
                      expires_at = :expires";
        Self::new(update, refusal.until)
            .with(":since", n(refusal.since.as_millisecond()))
            .with(":until", n(refusal.until.as_millisecond()))
            .with(":words", s(&refusal.words))
    }

    /// Leaves no item where none was.
    pub(super) fn accept() -> Self {
        let update = "REMOVE refused_since, refused_until, refused_words".to_owned();
        let condition = Some("attribute_exists(refused_until)".to_owned());
        Self { update, condition, values: HashMap::new() }
    }
}

/// The attributes of a group of calls. A group's name is a word of letters and `_`, so they can stand in an expression.
pub(super) struct Group {
    next: String,
    failures: String,
    /// Until when the group is held back for its failures, or for the sake of the one try.
    closed_until: String,
    /// What the newest try set `closed_until` to.
    tried_until: String,
    /// Until when the other system asked to be left alone. Apart from `closed_until`, since a call that was under way
    /// already and works out well opens the group, and must not undo this.
    busy_until: String,
}

impl Group {
    pub(super) fn new(group: &'static str) -> Self {
        Self {
            next: format!("next_{group}"),
            failures: format!("failures_{group}"),
            closed_until: format!("closed_until_{group}"),
            tried_until: format!("tried_until_{group}"),
            busy_until: format!("busy_until_{group}"),
        }
    }

    /// What the item says of the group.
    pub(super) fn state(&self, item: &Item) -> GateState {
        let failures = millis(item, &self.failures).unwrap_or_default();
        GateState {
            next: millis(item, &self.next),
            failures: u32::try_from(failures).unwrap_or(u32::MAX),
            closed_until: millis(item, &self.closed_until).max(millis(item, &self.busy_until)),
            tried_until: millis(item, &self.tried_until),
            refusal: refusal(item),
        }
    }

    /// No refusal of the login is on record, and the group is open.
    fn is_open(&self) -> String {
        let [closed, busy] = [&self.closed_until, &self.busy_until].map(|name| is_over(name));
        format!("attribute_not_exists(refused_until) AND {closed} AND {busy}")
    }

    /// The login is accepted, the group is open and no try is due.
    fn is_well(&self) -> String {
        let failures = &self.failures;
        format!("{} AND (attribute_not_exists({failures}) OR {failures} < :most)", self.is_open())
    }

    /// A call that is in time: what [`GateState::decide`] says where nothing is ahead of time.
    pub(super) fn quiet(&self, rate: Rate, now: Timestamp) -> Change {
        let at = now.as_millisecond();
        Change::new(format!("SET {} = :next, expires_at = :expires", self.next), now)
            .only_if(format!("{} AND {}", self.is_well(), is_over(&self.next)))
            .with(":now", n(at))
            .with(":most", n(FAILURES))
            .with(":next", n(at + rate.interval()))
    }

    /// A call ahead of its time, but not too far. Whoever is first, each takes one place.
    pub(super) fn in_burst(&self, rate: Rate, now: Timestamp) -> Change {
        let (next, at) = (&self.next, now.as_millisecond());
        Change::new(format!("SET {next} = {next} + :interval, expires_at = :expires"), now)
            .only_if(format!("{} AND {next} > :now AND {next} <= :latest", self.is_well()))
            .with(":now", n(at))
            .with(":most", n(FAILURES))
            .with(":interval", n(rate.interval()))
            .with(":latest", n(at + rate.tolerance()))
    }

    /// The one try, for which the group stays closed to others: of all who saw `state`, one.
    pub(super) fn probe(&self, state: &GateState, next: i64, closed_until: i64, now: Timestamp) -> Change {
        let Self { next: place, closed_until: closed, tried_until: tried, failures, .. } = self;
        let update =
            format!("SET {place} = :next, {closed} = :closed, {tried} = :closed, expires_at = :expires");
        let seen = state
            .next
            .map_or_else(|| format!("attribute_not_exists({place})"), |_| format!("{place} = :seen"));
        // Every try closes the group, so that it is open shows that nobody else tries.
        let change = Change::new(update, now)
            .only_if(format!("{} AND {failures} >= :most AND {seen}", self.is_open()))
            .with(":now", n(now.as_millisecond()))
            .with(":most", n(FAILURES))
            .with(":next", n(next))
            .with(":closed", n(closed_until));
        match state.next {
            Some(next) => change.with(":seen", n(next)),
            None => change,
        }
    }

    /// The one try of a login whose refusal is over, for which it stays refused to others: of all who saw that refusal, one.
    pub(super) fn try_login(&self, state: &GateState, next: i64, until: i64, now: Timestamp) -> Change {
        let seen = state.refusal.as_ref().map_or(0, |refusal| refusal.until.as_millisecond());
        let update = format!("SET {} = :next, refused_until = :until, expires_at = :expires", self.next);
        Change::new(update, now)
            .only_if("refused_until = :seen")
            .with(":next", n(next))
            .with(":until", n(until))
            .with(":seen", n(seen))
    }

    /// Forgets failures, and opens the group. Nothing to forget is no change.
    pub(super) fn works(&self, now: Timestamp) -> Change {
        let Self { failures, closed_until, tried_until, .. } = self;
        let update = format!("REMOVE {failures}, {closed_until}, {tried_until} SET expires_at = :expires");
        Change::new(update, now)
            .only_if(format!("attribute_exists({failures}) OR attribute_exists({closed_until})"))
    }

    /// One failure more, if it counts: the rule of [`courier_domain::gate::counts`].
    pub(super) fn fails(&self, seen: u32, now: Timestamp) -> Change {
        let failures = &self.failures;
        Change::new(format!("ADD {failures} :one SET expires_at = :expires"), now)
            .only_if(format!(
                "attribute_not_exists({failures}) OR {failures} < :most OR {failures} = :passed_after"
            ))
            .with(":one", n(1))
            .with(":most", n(FAILURES))
            .with(":passed_after", n(seen))
    }

    /// Holds the group back because of so many failures, unless one more has been counted, which holds it back longer, or
    /// a call has worked out well since. It replaces what a try has set: the try is over.
    pub(super) fn held(&self, failures: u32, until: Timestamp, now: Timestamp) -> Change {
        Change::new(format!("SET {} = :until, expires_at = :expires", self.closed_until), now)
            .only_if(format!("{} = :counted", self.failures))
            .with(":counted", n(failures))
            .with(":until", n(until.as_millisecond()))
    }

    /// Leaves the other system alone as it asked, unless it asked for longer before.
    pub(super) fn busy(&self, until: Timestamp, now: Timestamp) -> Change {
        let busy_until = &self.busy_until;
        Change::new(format!("SET {busy_until} = :until, expires_at = :expires"), now)
            .only_if(format!("attribute_not_exists({busy_until}) OR {busy_until} < :until"))
            .with(":until", n(until.as_millisecond()))
    }
}

/// That a time is not set, or not after `:now`.
fn is_over(name: &str) -> String {
    format!("(attribute_not_exists({name}) OR {name} <= :now)")
}

pub(super) fn millis(item: &Item, name: &str) -> Option<i64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}
