//! How far the kitchen is with each item: Syrve's words and the fleets' are both told in Captain.AI's three. A line that is
//! new counts as one that is not being prepared, so that a new order does not begin with a word on each of its lines.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};

use super::{Item, Order};
use crate::register::Stamp;

/// The most items that one change tells of: what follows from a change is kept in one row, and no kitchen takes more at
/// once.
const MOST_TOLD: usize = 200;
/// The most characters of an item's name that are told.
const LONGEST_NAME: usize = 200;

/// How far the kitchen is with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the words of the published status list")]
pub enum ItemStatus {
    NotBeingPrepared,
    BeingPrepared,
    Prepared,
}

impl ItemStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::NotBeingPrepared, Self::BeingPrepared, Self::Prepared];

    /// The status as it is written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotBeingPrepared => "not_being_prepared",
            Self::BeingPrepared => "being_prepared",
            Self::Prepared => "prepared",
        }
    }

    /// The status of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// What Syrve's word for an item's status means.
    pub fn of_syrve(word: &str) -> Option<Self> {
        match word {
            "Added" | "PrintedNotCooking" => Some(Self::NotBeingPrepared),
            "CookingStarted" => Some(Self::BeingPrepared),
            "CookingCompleted" | "Served" => Some(Self::Prepared),
            _ => None,
        }
    }
}

impl Item {
    /// How far the kitchen is with it, where Syrve says so in a word that is known.
    pub fn preparation(&self) -> Option<ItemStatus> {
        self.status.as_deref().and_then(ItemStatus::of_syrve)
    }
}

/// A line of the order, where it stands.
struct Line<'a> {
    id: String,
    sequence: usize,
    item: &'a Item,
}

/// A change of one item.
pub(super) struct ItemNews<'a> {
    /// The word that told it.
    pub(super) stamp: Option<&'a Stamp>,
    /// The detail of the event.
    pub(super) detail: Value,
}

impl Order {
    /// The items whose status is another one than before.
    pub(super) fn item_news(&self, before: &Self) -> Vec<ItemNews<'_>> {
        let mut news = self.news_of_lines(before);
        news.extend(self.news_of_fleets(before));
        news.truncate(MOST_TOLD);
        news
    }

    /// By Syrve's newest word that has lines.
    fn news_of_lines(&self, before: &Self) -> Vec<ItemNews<'_>> {
        let known = before.lines();
        let was = |id: &str| match known.iter().find(|line| line.id == id) {
            Some(line) => line.item.preparation(),
            None => Some(ItemStatus::NotBeingPrepared),
        };
        let news = |Line { id, sequence, item }: Line<'_>| {
            let status = item.preparation()?;
            let detail = (was(&id) != Some(status)).then(|| {
                detail(&id, Some(&item.name), status, Some(item.amount), i64::try_from(sequence).ok())
            });
            Some(ItemNews { stamp: self.service.stamp(), detail: detail? })
        };
        self.lines().into_iter().filter_map(news).collect()
    }

    fn news_of_fleets(&self, before: &Self) -> impl Iterator<Item = ItemNews<'_>> {
        self.items.iter().filter_map(|(id, register)| {
            let old = before.items.get(id).and_then(|register| register.get());
            let new = register.get().filter(|new| old.is_none_or(|old| old.status != new.status))?;
            let status = ItemStatus::parse(&new.status)?;
            let detail = detail(id, new.name.as_deref(), status, new.quantity, new.sequence);
            Some(ItemNews { stamp: register.stamp(), detail })
        })
    }

    /// Syrve's lines, each id once.
    fn lines(&self) -> Vec<Line<'_>> {
        let items = self.details.get().map(|details| details.items.as_slice()).unwrap_or_default();
        let mut seen = BTreeSet::new();
        let lines = items.iter().zip(1..).map(|(item, sequence)| {
            let id = item.id.clone().unwrap_or_else(|| sequence.to_string());
            Line { id, sequence, item }
        });
        lines.filter(|line| seen.insert(line.id.clone())).collect()
    }
}

fn detail(
    id: &str,
    name: Option<&str>,
    status: ItemStatus,
    quantity: Option<Decimal>,
    sequence: Option<i64>,
) -> Value {
    let name: Option<String> = name.map(|name| name.chars().take(LONGEST_NAME).collect());
    json!({ "item": id, "name": name, "item_status": status, "quantity": quantity.and_then(number), "sequence": sequence })
}

/// A decimal as a JSON number: how many of something, never money.
fn number(decimal: Decimal) -> Option<Number> {
    decimal.normalize().to_string().parse().ok()
}
