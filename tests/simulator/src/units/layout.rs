//! The keys of the table and what its indexes hold, as the template says it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::size::Item;

/// The table of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(super) key: Vec<String>,
    pub(super) indexes: Vec<Index>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) name: String,
    /// Local ones can be read strongly consistent, and fetch from the table what they do not hold.
    pub(super) is_local: bool,
    pub(super) key: Vec<String>,
    /// None: every attribute.
    projected: Option<Vec<String>>,
}

impl Layout {
    /// Of the input of `CreateTable`.
    pub(crate) fn of(table: &Map<String, Value>) -> Self {
        let key = names(table.get("KeySchema"), "AttributeName");
        let list = |name: &str| table.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let global = list("GlobalSecondaryIndexes").into_iter().map(|index| (false, index));
        let local = list("LocalSecondaryIndexes").into_iter().map(|index| (true, index));
        let indexes = global.chain(local).map(|(is_local, index)| Index::of(&index, is_local, &key));
        Self { indexes: indexes.collect(), key }
    }

    pub(crate) fn key_of(&self, item: &Item) -> Item {
        of_these(item, &self.key)
    }

    /// Whether the index lies beside the items of its partition, and shares what they may spend.
    pub(crate) fn is_local(&self, index: &str) -> bool {
        self.index(index).is_some_and(|index| index.is_local)
    }

    pub(super) fn index(&self, name: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| index.name == name)
    }

    /// The values of the item's key, in words.
    pub(super) fn key_in_words(&self, item: &Item) -> Vec<String> {
        self.key.iter().filter_map(|name| item.get(name)).map(in_words).collect()
    }
}

impl Index {
    fn of(index: &Value, is_local: bool, table_key: &[String]) -> Self {
        let key = names(index.get("KeySchema"), "AttributeName");
        let projection = &index["Projection"];
        let projected = (projection["ProjectionType"] != "ALL").then(|| {
            let others = projection["NonKeyAttributes"].as_array().into_iter().flatten();
            let others = others.filter_map(Value::as_str).map(str::to_owned);
            table_key.iter().chain(&key).cloned().chain(others).collect()
        });
        let name = index["IndexName"].as_str().unwrap_or_default().to_owned();
        Self { name, is_local, key, projected }
    }

    /// What the index holds of the item: nothing, unless the item has its whole key.
    pub(super) fn entry<'a>(&self, item: &'a Item) -> Option<Cow<'a, Item>> {
        if !self.key.iter().all(|name| item.contains_key(name)) {
            return None;
        }
        Some(match &self.projected {
            None => Cow::Borrowed(item),
            Some(names) => Cow::Owned(of_these(item, names)),
        })
    }

    pub(super) fn key_of(&self, entry: &Item) -> Item {
        of_these(entry, &self.key)
    }

    /// Where the entry lies.
    pub(super) fn partition_of(&self, entry: &Item) -> String {
        self.key.first().and_then(|name| entry.get(name)).map(in_words).unwrap_or_default()
    }

    pub(super) fn holds(&self, attribute: &str) -> bool {
        self.projected.as_ref().is_none_or(|names| names.iter().any(|name| name == attribute))
    }

    pub(super) fn holds_all(&self) -> bool {
        self.projected.is_none()
    }
}

/// The text of a value of a key.
pub(super) fn in_words(value: &Value) -> String {
    let text = value.as_object().and_then(|typed| typed.values().next()).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn names(list: Option<&Value>, field: &str) -> Vec<String> {
    let entries = list.and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| entry[field].as_str()).map(str::to_owned).collect()
}

fn of_these(item: &Item, names: &[String]) -> Item {
    names.iter().filter_map(|name| Some((name.clone(), item.get(name)?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_index_holds_its_projection_of_what_has_its_key() {
        let hash = |name: &str| json!([{"AttributeName": name, "KeyType": "HASH"}]);
        let table = json!({
            "KeySchema": hash("pk"),
            "GlobalSecondaryIndexes": [
                {"IndexName": "keys", "KeySchema": hash("k"), "Projection": {"ProjectionType": "KEYS_ONLY"}},
                {"IndexName": "some", "KeySchema": hash("k"),
                 "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]}},
            ],
            "LocalSecondaryIndexes": [
                {"IndexName": "all", "KeySchema": hash("k"), "Projection": {"ProjectionType": "ALL"}},
            ],
        });
        let layout = Layout::of(table.as_object().expect("a table"));
        let item = json!({"pk": {"S": "1"}, "k": {"S": "2"}, "a": {"S": "3"}, "b": {"S": "4"}});
        let entry = |index: &str, item: &Value| {
            let entry = layout.index(index)?.entry(item.as_object()?)?;
            Some(entry.keys().cloned().collect::<Vec<_>>().join(" "))
        };
        assert_eq!(entry("keys", &item).as_deref(), Some("pk k"));
        assert_eq!(entry("some", &item).as_deref(), Some("pk k a"));
        assert_eq!(entry("all", &item).as_deref(), Some("pk k a b"));
        assert_eq!(entry("all", &json!({"pk": {"S": "1"}, "a": {"S": "3"}})), None, "it is sparse");
        assert_eq!(layout.indexes.iter().filter(|index| index.is_local).count(), 1);
    }
}
