//! "Somebody other than WeChat makes the callback act; somebody other than its owner reads or changes a reminder."

use std::collections::BTreeMap;

use serde_json::Value;
use simulator::people::Answer;

use super::Violation;

pub(crate) const NAME: &str = "strangers";

/// The table by key, but for the health items, which note refusals.
pub(crate) type Table = BTreeMap<String, Value>;

pub(crate) fn table(items: Vec<Value>) -> Table {
    let key = |item: &Value| {
        let (pk, sk) = (item["pk"]["S"].as_str()?, item["sk"]["S"].as_str()?);
        Some(format!("{pk} {sk}"))
    };
    let keyed = items.into_iter().filter_map(|item| Some((key(&item)?, item)));
    keyed.filter(|(key, _)| !key.starts_with("HEALTH#") && !key.starts_with("TOKEN#")).collect()
}

pub(crate) fn judge(
    what: &str,
    reminder: Option<usize>,
    wanted: u16,
    answer: &Answer,
    before: &Table,
    after: &Table,
) -> Result<(), Violation> {
    if answer.status != wanted {
        let what = format!("{what} was answered {} instead of {wanted}", answer.status);
        return Err(Violation::new(NAME, reminder, what));
    }
    if let Some(key) = before.keys().chain(after.keys()).find(|key| before.get(*key) != after.get(*key)) {
        let kind = key.split('#').next().unwrap_or_default();
        return Err(Violation::new(NAME, reminder, format!("{what} changed an item ({kind})")));
    }
    Ok(())
}
