//! What the three kinds of template message have in common: values by keyword, and a page to open.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::AppId;

/// A page of a mini program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MiniProgramLink {
    /// The mini program; the sending account has to be linked with it.
    pub appid: AppId,
    /// The page with its query, without leading slash; its start page when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagepath: Option<String>,
}

/// `{"thing1": {"value": "…"}, …}`, in the order given.
pub(super) fn serialize<S: Serializer>(data: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Value<'v> {
        value: &'v str,
    }

    let mut map = serializer.serialize_map(Some(data.len()))?;
    for (keyword, value) in data {
        map.serialize_entry(keyword, &Value { value })?;
    }
    map.end()
}
