//! What a write costs, on the table and in each index.

use serde_json::Value;

use super::layout::{Index, Layout};
use super::rates::{self, Consistency};
use super::share::{Share, Units};
use super::size::{self, Item};
use super::work::Write;

/// A write that was done: what was there before and after it. A condition that was only checked changed nothing, and
/// costs as much.
pub(crate) fn written(
    layout: &Layout,
    in_transaction: bool,
    write: &Write,
    before: Option<&Item>,
    after: Option<&Item>,
) -> Vec<Share> {
    let size = |item: Option<&Item>| item.map_or(0, size::of_item);
    let mut shares = vec![on_table(layout, in_transaction, write, size(before).max(size(after)))];
    for index in &layout.indexes {
        let [before, after] = [before, after].map(|item| item.and_then(|item| index.entry(item)));
        let partition = after.as_deref().or(before.as_deref()).map(|entry| index.partition_of(entry));
        let units = in_index(index, before.as_deref(), after.as_deref());
        if units > Units::default() {
            let (index, partition) = (Some(index.name.clone()), partition.unwrap_or_default());
            shares.push(Share { index, partition, ..share(layout, write, units) });
        }
    }
    shares
}

/// A write whose condition did not hold, or that was cancelled with its transaction.
pub(crate) fn refused(
    layout: &Layout,
    in_transaction: bool,
    write: &Write,
    before: Option<&Item>,
) -> Vec<Share> {
    let size = |item: Option<&Item>| item.map_or(0, size::of_item);
    vec![on_table(layout, in_transaction, write, size(before).max(size(write.put.as_ref())))]
}

/// A write of a transaction that had been done already. By what is there now; AWS goes by what was there then.
pub(crate) fn repeated(layout: &Layout, write: &Write, now: Option<&Item>) -> Vec<Share> {
    let read = rates::read(now.map_or(0, size::of_item), Consistency::Transactional);
    vec![Share { read, ..share(layout, write, Units::default()) }]
}

fn on_table(layout: &Layout, in_transaction: bool, write: &Write, bytes: usize) -> Share {
    let rate = if in_transaction { rates::write_in_transaction } else { rates::write };
    share(layout, write, rate(bytes))
}

fn share(layout: &Layout, write: &Write, units: Units) -> Share {
    Share { write: units, ..Share::on_table(layout.key_in_words(&write.key)) }
}

/// Of one index, by its entry before and after.
fn in_index(index: &Index, before: Option<&Item>, after: Option<&Item>) -> Units {
    let units = |entry: &Item| rates::write(size::of_item(entry));
    match (before, after) {
        (None, None) => Units::default(),
        (Some(entry), None) | (None, Some(entry)) => units(entry),
        (Some(before), Some(after)) if !same_items(&index.key_of(before), &index.key_of(after)) => {
            units(before) + units(after)
        }
        (Some(before), Some(after)) if same_items(before, after) => Units::default(),
        (Some(before), Some(after)) => units(before).max(units(after)),
    }
}

fn same_items(one: &Item, other: &Item) -> bool {
    one.len() == other.len()
        && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| same(value, other)))
}

/// Sets have no order.
fn same(one: &Value, other: &Value) -> bool {
    let Some((kind, members)) = one.as_object().and_then(|typed| typed.iter().next()) else {
        return one == other;
    };
    match (kind.as_str(), members, &other[kind]) {
        ("SS" | "NS" | "BS", Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().all(|member| other.contains(member))
        }
        ("L", Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        ("M", Value::Object(one), Value::Object(other)) => same_items(one, other),
        (_, one, other) => one == other,
    }
}

#[cfg(test)]
mod tests;
