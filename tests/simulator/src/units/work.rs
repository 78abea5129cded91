//! What a request asks for: which items it reads or writes by key, or which range it goes through.

use serde_json::Value;

use super::layout::{Index, Layout, in_words};
use super::rates::Consistency;
use super::size::Item;

/// The part of a request that costs units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Work {
    Gets(Consistency, Vec<Item>),
    Range(Range),
    Writes {
        in_transaction: bool,
        writes: Vec<Write>,
    },
    /// Nothing of the data.
    Nothing,
}

/// A query or a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    /// The value of the partition key.
    pub(crate) partition: Option<String>,
    pub(crate) index: Option<String>,
    pub(crate) consistency: Consistency,
    /// A local index is asked for what it does not hold.
    pub(crate) fetches: bool,
}

/// One item to write, or to check a condition of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Write {
    pub(crate) key: Item,
    /// What it is to become, if the request says so as a whole.
    pub(crate) put: Option<Item>,
}

impl Work {
    pub(crate) fn of(operation: &str, request: &Value, layout: &Layout) -> Self {
        match operation {
            "GetItem" => Self::Gets(consistency(request), vec![object(&request["Key"])]),
            "BatchGetItem" => {
                let tables =
                    request["RequestItems"].as_object().into_iter().flat_map(|tables| tables.values());
                let mut found = (Consistency::Eventual, Vec::new());
                for table in tables {
                    found.0 = consistency(table);
                    found.1.extend(list(&table["Keys"]).map(object));
                }
                Self::Gets(found.0, found.1)
            }
            "TransactGetItems" => {
                let keys = list(&request["TransactItems"]).map(|item| object(&item["Get"]["Key"]));
                Self::Gets(Consistency::Transactional, keys.collect())
            }
            "Query" | "Scan" => Self::Range(Range::of(request, layout)),
            "PutItem" | "UpdateItem" | "DeleteItem" => {
                Self::Writes { in_transaction: false, writes: vec![Write::of(request, layout)] }
            }
            "BatchWriteItem" => {
                let tables =
                    request["RequestItems"].as_object().into_iter().flat_map(|tables| tables.values());
                Self::Writes { in_transaction: false, writes: actions(tables.flat_map(list), layout) }
            }
            "TransactWriteItems" => Self::Writes {
                in_transaction: true,
                writes: actions(list(&request["TransactItems"]), layout),
            },
            _ => Self::Nothing,
        }
    }
}

impl Write {
    fn of(action: &Value, layout: &Layout) -> Self {
        match action["Item"].as_object() {
            Some(item) => Self { key: layout.key_of(item), put: Some(item.clone()) },
            None => Self { key: object(&action["Key"]), put: None },
        }
    }
}

impl Range {
    fn of(request: &Value, layout: &Layout) -> Self {
        let index = request["IndexName"].as_str().and_then(|name| layout.index(name));
        let consistency = match index {
            // They are always behind the table.
            Some(index) if !index.is_local => Consistency::Eventual,
            _ => consistency(request),
        };
        let key = index.map_or(&layout.key, |index| &index.key);
        Self {
            partition: key.first().and_then(|name| partition(request, name)),
            index: index.map(|index| index.name.clone()),
            consistency,
            fetches: index.is_some_and(|index| fetches(request, index)),
        }
    }
}

/// The text of `name = :value` in the condition on the key.
fn partition(request: &Value, name: &str) -> Option<String> {
    let condition = request["KeyConditionExpression"].as_str()?;
    let words: Vec<&str> = words(condition).collect();
    let at = words.iter().position(|word| {
        *word == name || word.starts_with('#') && request["ExpressionAttributeNames"][word] == name
    })?;
    Some(in_words(&request["ExpressionAttributeValues"][*words.get(at + 1)?]))
}

/// The names and placeholders of an expression.
pub(crate) fn words(expression: &str) -> impl Iterator<Item = &str> {
    let breaks = |letter: char| !(letter.is_alphanumeric() || matches!(letter, ':' | '#' | '_'));
    expression.split(breaks).filter(|word| !word.is_empty())
}

fn fetches(request: &Value, index: &Index) -> bool {
    if !index.is_local || index.holds_all() {
        return false;
    }
    let asked = request["ProjectionExpression"].as_str().unwrap_or_default();
    request["Select"] == "ALL_ATTRIBUTES"
        || words(asked).any(|word| {
            let name = request["ExpressionAttributeNames"][word].as_str().unwrap_or(word);
            !index.holds(name)
        })
}

fn consistency(request: &Value) -> Consistency {
    if request["ConsistentRead"] == true { Consistency::Strong } else { Consistency::Eventual }
}

/// Each of `actions` is an object with one member: what is to be done.
fn actions<'a>(actions: impl Iterator<Item = &'a Value>, layout: &Layout) -> Vec<Write> {
    let each = actions.filter_map(|action| action.as_object()?.values().next());
    each.map(|action| Write::of(action, layout)).collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn object(value: &Value) -> Item {
    value.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests;
