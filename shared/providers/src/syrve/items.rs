//! The lines of a Syrve order. A deleted line or modifier is not part of the order any more and is left out. A line of a type
//! that this build does not know is kept if it has a name, since somebody has to carry it. A line is known by Syrve's id of
//! its position; where Syrve gives none, by its place among all lines, which deleting another does not change.

use std::collections::BTreeSet;

use courier_domain::order::{Item, ItemKind};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::lenient::Fields;

/// Members of a line that have a name which is not the line's.
const NOT_THE_LINE: [&str; 4] = ["size", "comboInformation", "deleted", "template"];

pub(super) fn read(order: Fields) -> Vec<Item> {
    let mut taken = BTreeSet::new();
    let lines = order.list("items").iter().zip(1_usize..).filter(|(line, _)| is_kept(line));
    let items = lines.filter_map(|(line, place)| {
        let item = item(Fields::of(line))?;
        let names = [position(Fields::of(line)), Some(place.to_string())];
        // No two lines have one id, whatever Syrve says.
        let id = names.into_iter().flatten().find(|id| taken.insert(id.clone()));
        Some(Item { id, ..item })
    });
    items.collect()
}

fn kept(lines: &[Value]) -> impl Iterator<Item = Fields<'_>> {
    lines.iter().filter(|line| is_kept(line)).map(Fields::of)
}

fn is_kept(line: &Value) -> bool {
    let deleted = Fields::of(line).value("deleted").is_some_and(|deleted| *deleted != Value::Bool(false));
    line.is_object() && !deleted
}

fn item(line: Fields) -> Option<Item> {
    let word = line.text("type").unwrap_or_default();
    let (kind, name, sum, modifiers) = match word.as_str() {
        "Product" => (ItemKind::Product, line.object("product").text("name"), own_sum(line), modifiers(line)),
        "Service" => (ItemKind::Service, line.object("service").text("name"), own_sum(line), Vec::new()),
        "Compound" => (ItemKind::Compound, compound_name(line), compound_sum(line), compound_modifiers(line)),
        _ => (ItemKind::Unknown, Some(any_name(line)?), own_sum(line), modifiers(line)),
    };
    Some(Item {
        id: None,
        kind,
        name: name.unwrap_or(word),
        amount: amount(line),
        sum,
        status: line.text("status"),
        comment: line.text("comment"),
        modifiers,
    })
}

fn amount(line: Fields) -> Decimal {
    line.decimal("amount").unwrap_or(Decimal::ONE)
}

/// The line's sum without its modifiers, which have sums of their own.
fn own_sum(line: Fields) -> Option<Decimal> {
    line.decimal("resultSum").or_else(|| line.decimal("cost"))
}

fn modifiers(line: Fields) -> Vec<Item> {
    modifiers_in(line, "modifiers").collect()
}

fn modifiers_in<'a>(line: Fields<'a>, list: &str) -> impl Iterator<Item = Item> + use<'a> {
    kept(line.list(list)).filter_map(|modifier| {
        Some(Item {
            id: None,
            kind: ItemKind::Product,
            name: modifier.object("product").text("name")?,
            amount: amount(modifier),
            sum: own_sum(modifier),
            status: None,
            comment: None,
            modifiers: Vec::new(),
        })
    })
}

/// A pizza of two halves: the line itself has neither name nor sum, its two components have.
fn components(line: Fields<'_>) -> impl Iterator<Item = Fields<'_>> {
    ["primaryComponent", "secondaryComponent"].into_iter().map(move |name| line.object(name))
}

/// Syrve's id of the line; of a line of two halves, which has none, that of its first half.
fn position(line: Fields) -> Option<String> {
    line.name("positionId").or_else(|| components(line).find_map(|half| half.name("positionId")))
}

fn compound_name(line: Fields) -> Option<String> {
    let names: Vec<_> = components(line).filter_map(|half| half.object("product").text("name")).collect();
    if names.is_empty() { line.object("template").text("name") } else { Some(names.join(" + ")) }
}

fn compound_sum(line: Fields) -> Option<Decimal> {
    components(line)
        .filter_map(own_sum)
        .try_fold(None, |sum: Option<Decimal>, half| Some(Some(sum.unwrap_or_default().checked_add(half)?)))?
}

fn compound_modifiers(line: Fields) -> Vec<Item> {
    let of_halves = components(line).flat_map(|half| modifiers_in(half, "modifiers"));
    of_halves.chain(modifiers_in(line, "commonModifiers")).collect()
}

fn any_name(line: Fields) -> Option<String> {
    let parts = line.members().filter(|(member, _)| !NOT_THE_LINE.contains(&member.as_str()));
    line.text("name").or_else(|| parts.map(|(_, part)| Fields::of(part)).find_map(|part| part.text("name")))
}
